"""winmail.dat opened: files and text that Outlook packs into application/ms-tnef (MS-OXTNEF, MS-OXCDATA 2.11.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from mailtix.parsing.charset import decode

SIGNATURE = b"\x78\x9f\x3e\x22"
MAX_ATTRIBUTES = 5_000
"""Attributes and properties read of one file; Outlook writes some fifty for each attachment."""

MAX_FILES = 200
"""Files taken out of one winmail.dat; Outlook itself allows some hundred."""

_ATTRIBUTE = struct.Struct("<BII")
_MESSAGE_BODY, _MESSAGE_PROPERTIES, _CODEPAGE = 0x0002800C, 0x00069003, 0x00069007
_ATTACH_BEGIN, _ATTACH_TITLE, _ATTACH_DATA, _ATTACH_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_PR_BODY, _PR_BODY_HTML, _PR_DATA, _PR_FILENAME = 0x1000, 0x1013, 0x3701, 0x3704
_PR_LONG_FILENAME, _PR_MIME, _PR_CONTENT_ID = 0x3707, 0x370E, 0x3712
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = frozenset({0x0D, 0x1E, 0x1F, 0x102})
_OBJECT_ID = 16  # an embedded object begins with the id of its interface


@dataclass(slots=True)
class TnefFile:
    """One attached file."""

    name: str = ""
    mime: str = ""
    content_id: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Tnef:
    """What was found; `html` and `text` are "" where Outlook kept the body as RTF only."""

    text: str = ""
    html: str = ""
    files: list[TnefFile] = field(default_factory=list)


def open_tnef(data: bytes) -> Tnef | None:
    """The content of a TNEF stream, as far as it can be read; None if it is none. Never raises."""
    if not data.startswith(SIGNATURE):
        return None
    found = Tnef()
    codepage = ""
    position = 6  # signature and key
    for _ in range(MAX_ATTRIBUTES):
        if position + _ATTRIBUTE.size > len(data):
            break
        _, attribute, length = _ATTRIBUTE.unpack_from(data, position)
        position += _ATTRIBUTE.size
        value = data[position : position + length]
        position += length + 2  # and the checksum
        if attribute == _CODEPAGE and len(value) >= 4:
            codepage = f"cp{struct.unpack_from('<I', value)[0]}"
        else:
            _take(found, attribute, value, codepage)
    return found


def _take(found: Tnef, attribute: int, value: bytes, codepage: str) -> None:
    if attribute == _MESSAGE_BODY:
        found.text = found.text or _string(value, codepage)
    elif attribute == _MESSAGE_PROPERTIES:
        values = _properties(value, codepage)
        found.text = found.text or _as_text(values.get(_PR_BODY), codepage)
        found.html = found.html or _as_text(values.get(_PR_BODY_HTML), "utf-8")
    elif attribute == _ATTACH_BEGIN and len(found.files) < MAX_FILES:
        found.files.append(TnefFile())
    elif found.files and attribute in (_ATTACH_TITLE, _ATTACH_DATA, _ATTACH_PROPERTIES):
        _take_file(found.files[-1], attribute, value, codepage)


def _take_file(file: TnefFile, attribute: int, value: bytes, codepage: str) -> None:
    if attribute == _ATTACH_TITLE:
        file.name = file.name or _string(value, codepage)
    elif attribute == _ATTACH_DATA:
        file.content = value
    else:
        values = _properties(value, codepage)
        file.name = _as_text(values.get(_PR_LONG_FILENAME) or values.get(_PR_FILENAME), codepage) or file.name
        file.mime = _as_text(values.get(_PR_MIME), codepage).lower()
        file.content_id = _as_text(values.get(_PR_CONTENT_ID), codepage).strip("<>")
        embedded = values.get(_PR_DATA)
        if not file.content and isinstance(embedded, bytes):
            file.content = embedded[_OBJECT_ID:]


def _properties(data: bytes, codepage: str) -> dict[int, bytes | str]:
    """Property id → value of its strings and binaries; numbers are passed over."""
    values: dict[int, bytes | str] = {}
    try:
        (count,) = struct.unpack_from("<I", data, 0)
        position = 4
        for _ in range(min(count, MAX_ATTRIBUTES)):
            kind, ident = struct.unpack_from("<HH", data, position)
            position = _after_name(data, position + 4) if ident >= 0x8000 else position + 4
            position = _read_value(data, position, kind, ident, codepage, values)
    except (struct.error, KeyError):
        pass  # damaged from here on; what was read before is kept
    return values


def _after_name(data: bytes, position: int) -> int:
    """Past the GUID and the number or name of a named property."""
    (by_name,) = struct.unpack_from("<I", data, position + 16)
    (value,) = struct.unpack_from("<I", data, position + 20)
    return position + 24 + (_padded(value) if by_name else 0)


def _read_value(
    data: bytes, position: int, kind: int, ident: int, codepage: str, values: dict[int, bytes | str]
) -> int:
    """Stores a string or binary value; gives the position behind the property."""
    many, kind = bool(kind & 0x1000), kind & 0x0FFF
    count = 1
    if many or kind in _VARIABLE:
        (count,) = struct.unpack_from("<I", data, position)
        position += 4
    if kind not in _VARIABLE:
        return position + min(count, MAX_ATTRIBUTES) * _FIXED[kind]
    for _ in range(min(count, MAX_ATTRIBUTES)):
        (length,) = struct.unpack_from("<I", data, position)
        value = data[position + 4 : position + 4 + length]
        position += 4 + _padded(length)
        values.setdefault(
            ident, value.decode("utf-16-le", "replace") if kind == 0x1F else _typed(value, kind, codepage)
        )
    return position


def _typed(value: bytes, kind: int, codepage: str) -> bytes | str:
    return _string(value, codepage) if kind == 0x1E else value


def _padded(length: int) -> int:
    return (length + 3) & ~3


def _string(value: bytes, codepage: str) -> str:
    return decode(value.split(b"\0", 1)[0], codepage).text


def _as_text(value: bytes | str | None, codepage: str) -> str:
    if isinstance(value, bytes):
        return decode(value, codepage).text.rstrip("\0")
    return (value or "").rstrip("\0")
