"""Content transfer encodings (RFC 2045 section 6), decoded as forgivingly as mail clients do."""

from __future__ import annotations

import binascii
import re

from mailtix.parsing import front

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")
_UU_BEGIN = re.compile(rb"begin(?:-base64)? [0-7]{3,4} [^\r\n]{1,255}\r?\n")


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """The bytes a part stands for. An unknown encoding leaves them as they are (RFC 2045 section 6.4)."""
    match "".join(c for c in encoding.lower() if c.isalpha() or c.isdigit()):
        case "base64":
            return _decode_declared_base64(data)
        case "quotedprintable":
            return binascii.a2b_qp(data)
        case "xuuencode" | "uuencode" | "xuue" | "uue":
            return decode_uuencode(data)
        case _:
            return data


def _decode_declared_base64(data: bytes) -> bytes:
    head = data[:2000]
    # A body that says base64 and is prose: some gateways add a footer or forget to encode. Keep what was written.
    if b" " in head.strip() and len(_NOT_BASE64.findall(head)) * 20 > len(head):
        return data
    return decode_base64(data)


def decode_base64(data: bytes) -> bytes:
    """Bytes of base64 text; wrong padding and foreign characters are forgiven (RFC 2045 section 6.8)."""
    try:
        return binascii.a2b_base64(data)
    except ValueError:
        return front.damaged_base64(data.decode("latin-1"))


def decode_uuencode(data: bytes) -> bytes:
    """Bytes of a uuencoded text (POSIX uuencode); lines that are not part of it are skipped."""
    begin = _UU_BEGIN.search(data)
    lines = data[begin.end() if begin else 0 :].splitlines()
    out = bytearray()
    for line in lines:
        if line.strip() in (b"end", b"`", b""):
            if line.strip() == b"end":
                break
            continue
        out += _uu_line(line)
    return bytes(out)


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except ValueError:
        # Encoders that pad the last group with garbage: take the length the line itself declares.
        length = ((line[0] - 32) & 63) * 4 // 3 + 5
        try:
            return binascii.a2b_uu(line[:length])
        except ValueError:
            return b""
