"""ISO-2022-JP as phones and Windows write it: with NEC and IBM characters that the standard lacks (ISO-2022-JP-MS)."""

from __future__ import annotations

import re

_SEGMENT = re.compile(rb"\x1b(\$[@B]|\$\(D|\([BJI])")


def vendor_jis(data: bytes) -> str | None:
    """The text, read by way of windows-31j, which has the vendors' rows; None if it is no ISO-2022-JP at all."""
    pieces = _SEGMENT.split(data)
    if len(pieces) == 1:
        return None
    out = [pieces[0].decode("ascii", "replace")]
    for escape, content in zip(pieces[1::2], pieces[2::2], strict=True):
        if escape in (b"$@", b"$B"):
            out.append(_shifted(content).decode("cp932", "replace"))
        elif escape == b"(I":
            out.append(bytes(byte | 0x80 for byte in content).decode("cp932", "replace"))
        else:
            out.append(content.decode("ascii", "replace"))
    return "".join(out)


def _shifted(content: bytes) -> bytes:
    """JIS X 0208 rows and cells as Shift_JIS bytes (JIS X 0208:1997 annex 1)."""
    out = bytearray()
    position = 0
    while position < len(content):
        row = content[position]
        cell = content[position + 1] if position + 1 < len(content) else 0
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):  # a line end in the middle of the Kanji, or damage
            out.append(row)
            position += 1
            continue
        out.append((row + 1) // 2 + (0x70 if row < 0x5F else 0xB0))
        out.append(cell + ((0x20 if cell > 0x5F else 0x1F) if row % 2 else 0x7E))
        position += 2
    return bytes(out)
