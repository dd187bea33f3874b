"""The address fields that need no parser: addresses, alone or behind a name of plain words or of one encoded word, as
nearly all are."""

from __future__ import annotations

import binascii
import re

# No comment, group, route or escape can be among them, so whoever reads RFC 5322 section 3.4 finds the same in such a
# field. Possessive: no backtracking.
_ADDRESS = r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*+"
# RFC 2047 section 2, without what is legal and rare.
_Q = r"[Qq]\?(?:[A-Za-z0-9_.!*+/-]|=[0-9A-Fa-f]{2})++"
_B = r"[Bb]\?(?:[A-Za-z0-9+/]{4})*+[A-Za-z0-9+/]{2}[A-Za-z0-9+/=]{2}"
_ENCODED = rf"=\?[Uu][Tt][Ff]-8\?(?:{_Q}|{_B})\?="
_NAME = rf"""("[\w .,&/'-]*+"|\w[\w .&/'-]*+|{_ENCODED}|)"""
_MAILBOX = re.compile(rf"(?:{_NAME} *<({_ADDRESS})>|({_ADDRESS})) *(?:, *(?=\S)|\Z)")


def plain_addresses(field: str) -> list[tuple[str, str]]:
    """(name, its encoded word decoded, and address) of each mailbox of a field that holds nothing but plain ones; [] of
    others."""
    found: list[tuple[str, str]] = []
    position = 0
    while match := _MAILBOX.match(field, position):
        name = match[1] or ""
        if name.startswith("=?"):
            name = _decoded(name)
            if not name:
                return []
        found.append((name, match[2] or match[3]))
        position = match.end()
    return found if position == len(field) else []


def _decoded(word: str) -> str:
    """What such an encoded word says; "" where it says nothing, or something that is no name."""
    _, _, encoding, text, _ = word.split("?")
    try:
        raw = binascii.a2b_qp(text, header=True) if encoding in "Qq" else binascii.a2b_base64(text, strict_mode=True)
        name = raw.decode("utf-8")
    except ValueError:
        return ""
    return name if name.isprintable() and "=?" not in name else ""
