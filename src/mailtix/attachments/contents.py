"""What a file is by its bytes: the extension of what it really is, and the names of the files inside it. Total."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote_to_bytes

MOST_NAMES = 10_000
"""Names that are read from one archive; no customer sends more, and a file whose insides cannot be seen is held."""

_LONGEST_NAME = 1024
"""Bytes of a name that are read, from its end: a header may claim 65,535, and 10,000 headers the same ones."""

_MARKS = (
    (b"\x7fELF", "elf"),
    (b"\xcf\xfa\xed\xfe", "app"),
    (b"\xce\xfa\xed\xfe", "app"),
    (b"\xca\xfe\xba\xbe", "app"),  # Mach-O for several processors; a Java class begins alike and is no better
    (b"L\0\0\0\x01\x14\x02\0", "lnk"),  # [MS-SHLLINK] 2.1: HeaderSize and the begin of LinkCLSID
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB] 2.2
# The directory entry of the stream that every VBA project has ([MS-OVBA] 2.3.4.1), as the file holds it.
_VBA_STREAM = "_VBA_PROJECT".encode("utf-16-le")
_VBA_PART = "vbaproject.bin"  # [MS-OFFMACRO2] 2.2.1
_OLE_KINDS = (("WordDocument", "docm"), ("Workbook", "xlsm"), ("PowerPoint Document", "pptm"))
_ZIP_KINDS = (("word/", "docm"), ("xl/", "xlsm"), ("ppt/", "pptm"))
# APPNOTE.TXT 4.3.7 and 4.3.12: the marks of the two headers that name a file, with the places in them of the flags,
# of the name's length and of the name.
_HEADERS = re.compile(rb"PK(?:\x03\x04|\x01\x02)")
_LOCAL = (6, 26, 30)
_CENTRAL = (8, 28, 46)
_UTF8_FLAG = 0x0800  # APPNOTE.TXT 4.4.4, bit 11
# name= and filename= of the parts of an attached mail (RFC 2045 section 5.1, RFC 2183 section 2.3, RFC 2231).
_PARAMETER = re.compile(rb"name(?:\*\d{0,3}){0,2}\s{0,8}=\s{0,8}\"?([^\"\r\n;]{1,300})", re.IGNORECASE)


def true_extension(content: bytes, inside: tuple[str, ...]) -> str:
    """The extension that goes with the bytes, where they are a program or a document with macros; else ""."""
    if content.startswith(b"MZ") and b"\0" in content[:64]:  # text may begin with these letters too
        return "exe"
    if any(name.lower().endswith(_VBA_PART) for name in inside):
        return next((ext for folder, ext in _ZIP_KINDS if any(n.startswith(folder) for n in inside)), "docm")
    if content.startswith(_OLE) and _VBA_STREAM in content:
        return next((ext for name, ext in _OLE_KINDS if name.encode("utf-16-le") in content), "docm")
    return next((extension for mark, extension in _MARKS if content.startswith(mark)), "")


def names_inside(content: bytes, mime: str) -> tuple[str, ...]:
    """The names of the files in a zip archive or an attached mail, at most MOST_NAMES + 1; () for any other file.

    What is packed once more inside is not unpacked: its own name is all that is seen of it.
    """
    if content.startswith(b"PK"):
        return tuple(islice(_zip_names(content), MOST_NAMES + 1))
    if mime in ("message/rfc822", "message/global"):
        return tuple(islice(_mail_names(content), MOST_NAMES + 1))
    return ()


def _zip_names(content: bytes) -> Iterator[str]:
    """Names of both headers of each file, wherever they stand: unpackers do not agree on which of them they believe,
    and a file made to deceive says different things in each."""
    for found in _HEADERS.finditer(content):
        flags, length, name = _LOCAL if found[0].endswith(b"\x04") else _CENTRAL
        start = found.start()
        size = int.from_bytes(content[start + length : start + length + 2], "little")
        raw = content[start + name + max(0, size - _LONGEST_NAME) : start + name + size]
        is_utf8 = int.from_bytes(content[start + flags : start + flags + 2], "little") & _UTF8_FLAG
        yield raw.decode("utf-8" if is_utf8 else "cp437", "replace")


def _mail_names(content: bytes) -> Iterator[str]:
    for found in _PARAMETER.finditer(content):
        yield unquote_to_bytes(found[1]).decode("utf-8", "replace").strip()
