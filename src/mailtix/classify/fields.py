"""Header-like fields inside reports: the groups of RFC 3464 section 2.1, and the header section of a returned mail."""

from __future__ import annotations

import re

# A report about more recipients than this is an attack or a mistake; the rest would not be shown either.
_LINES = 5_000
_FIELD = re.compile(r"[ \t]{0,8}([A-Za-z][A-Za-z0-9-]{0,60})[ \t]*:[ \t]*(.*)")
_ID = re.compile(r"<([^<>\s]{1,990})>")

Group = dict[str, str]


def fields_of(text: str) -> list[Group]:
    """The groups of fields that blank lines divide, names in lower case, folded lines joined; other lines are skipped.

    A group in which a recipient is named for a second time is divided there: some MTAs forget the blank line.
    """
    groups: list[Group] = [{}]
    last = ""
    for line in text.replace("\r\n", "\n").split("\n", _LINES)[:_LINES]:
        if not line.strip():
            groups.append({})
            last = ""
        elif line[0] in " \t" and last and not (_FIELD.match(line) and not groups[-1]):
            groups[-1][last] = f"{groups[-1][last]} {line.strip()}"[:2_000]
        elif match := _FIELD.match(line):
            last = match[1].lower()
            if last == "final-recipient" and last in groups[-1]:
                groups.append({})
            groups[-1].setdefault(last, match[2].strip())
    return [group for group in groups if group]


def field(groups: list[Group], name: str) -> str:
    """The first value of that field in any group, or ""."""
    return next((group[name] for group in groups if group.get(name)), "")


def message_id(value: str) -> str:
    """The id between the angle brackets (RFC 5322 section 3.6.4), or a bare word with an @, or ""."""
    if match := _ID.search(value):
        return match[1]
    word = value.strip()
    return word if "@" in word and not any(c.isspace() for c in word) else ""
