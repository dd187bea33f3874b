"""The signed content inside application/pkcs7-mime (RFC 8551 section 3.5.2, CMS of RFC 5652), without checking it."""

from __future__ import annotations

_ID_DATA = bytes.fromhex("06092a864886f70d010701")  # OBJECT IDENTIFIER id-data
_MAX_CHUNKS = 100_000  # pieces of a constructed octet string; writers use 1 KB to 16 KB each


def signed_content(data: bytes) -> bytes:
    """The MIME entity that was signed, b"" if there is none (a detached signature, an encrypted mail, damage)."""
    found = data.find(_ID_DATA)
    if found < 0:
        return b""
    position = found + len(_ID_DATA)
    tag, start, end = _element(data, position)
    if tag != 0xA0:  # [0] EXPLICIT: encapsulated content is there
        return b""
    tag, start, end = _element(data, start)
    if tag == 0x04:
        return data[start:end]
    return _chunks(data, start, end) if tag == 0x24 else b""


def _chunks(data: bytes, position: int, end: int) -> bytes:
    """BER lets an octet string be cut into pieces (X.690 section 8.7)."""
    out = bytearray()
    for _ in range(_MAX_CHUNKS):
        if position >= end:
            break
        tag, start, stop = _element(data, position)
        if tag != 0x04:
            break
        out += data[start:stop]
        position = stop
    return bytes(out)


def _element(data: bytes, position: int) -> tuple[int, int, int]:
    """(tag, begin, end of the content); tag -1 beyond the end. An indefinite length reaches to the end of the data."""
    head = data[position : position + 6]
    if len(head) < 2:
        return -1, len(data), len(data)
    length, begin = head[1], position + 2
    if length == 0x80:
        return head[0], begin, len(data)
    if length > 0x80:
        size = length & 0x7F
        if size > 4:
            return -1, len(data), len(data)
        length = int.from_bytes(head[2 : 2 + size], "big")
        begin += size
    return head[0], begin, min(len(data), begin + length)
