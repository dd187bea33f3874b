"""What a file is by its first bytes, beside what the mail says it is."""

from __future__ import annotations

from functools import lru_cache

import puremagic

SAMPLE = 2_048
"""Bytes looked at; every signature that matters stands in the first few hundred."""

# Programs: puremagic knows them, but gives no media type for them.
_PROGRAMS = (
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/x-mach-binary"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"L\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut"),
    (b"#!/", "text/x-shellscript"),
)
# Containers many formats share: the declared type says more than the bytes, if it is one of theirs.
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ZIP_WORDS = ("zip", "openxmlformats", "opendocument", "epub", "java-archive", "apk", "vnd.android", "iwork", "xps")
_OLE_WORDS = ("msword", "vnd.ms-", "visio", "x-ole-storage", "x-msi")


def type_by_content(content: bytes, declared: str) -> str:
    """The media type that the first bytes tell; the declared one where they tell nothing better."""
    for start, mime in _PROGRAMS:
        # a table may begin with an article number such as MZ-1204; the header of a program holds zeros
        if content.startswith(start) and (start != b"MZ" or b"\0" in content[:64]):
            return mime
    if content.startswith(_ZIP):
        return declared if any(word in declared for word in _ZIP_WORDS) else "application/zip"
    if content.startswith(_OLE):
        return declared if any(word in declared for word in _OLE_WORDS) else "application/x-ole-storage"
    found = _signature(content[:SAMPLE])
    if not found or found == "application/octet-stream":
        return declared
    if declared.startswith(("text/", "message/")) and found.startswith(("text/", "message/")):
        return declared  # one text is much like another
    return found


@lru_cache(maxsize=256)  # the logo in somebody's signature comes with each of his mails
def _signature(sample: bytes) -> str:
    """The media type that puremagic knows by such a beginning; "" for none."""
    try:
        return puremagic.from_string(sample, mime=True)
    except (puremagic.PureError, ValueError):
        return ""
