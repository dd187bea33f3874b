"""Files that stand in a text as uuencode (POSIX uuencode): taken out of it."""

from __future__ import annotations

import re

from mailtix.parsing.transfer import decode_uuencode

_BEGIN = re.compile(r"^begin [0-7]{3,4} (.{1,255})\n(?=[ -`]{1,90}\n)", re.MULTILINE)


def take_files(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """(`text` without the encoded files, (name, content) of each). One that does not end stays text."""
    if "begin " not in text:
        return text, []
    kept: list[str] = []
    files: list[tuple[str, bytes]] = []
    position = 0
    while begin := _BEGIN.search(text, position):
        end = text.find("\nend", begin.end() - 1)
        if end < 0:
            break
        content = decode_uuencode(text[begin.start() : end + 4].encode("latin-1", "replace"))
        kept.append(text[position : begin.start() if content else end + 4])
        if content:
            files.append((begin[1].strip(), content))
        position = end + len("\nend\n")
    kept.append(text[position:])
    return "".join(kept), files
