"""The address fields that need no parser: addresses, alone or behind a name of plain words, as nearly all are."""

from __future__ import annotations

import re

# No comment, group, route, escape or encoded word can be among them, so whoever reads RFC 5322 section 3.4 finds the
# same in such a field. Possessive: no backtracking.
_ADDRESS = r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*+"
_NAME = r"""("[\w .,&/'-]*+"|\w[\w .&/'-]*+|)"""
_MAILBOX = re.compile(rf"(?:{_NAME} *<({_ADDRESS})>|({_ADDRESS})) *(?:, *(?=\S)|\Z)")


def plain_addresses(field: str) -> list[tuple[str, str]]:
    """(name as it is written, address) of each mailbox of a field that holds nothing but plain ones; [] of others."""
    found: list[tuple[str, str]] = []
    position = 0
    while match := _MAILBOX.match(field, position):
        found.append((match[1] or "", match[2] or match[3]))
        position = match.end()
    return found if position == len(field) else []
