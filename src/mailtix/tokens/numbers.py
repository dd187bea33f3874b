"""Numbers of tokens: TK and six digits, counted from 1 in each company. The millionth simply has seven."""

from __future__ import annotations

import re

# As long as the store's column.
LONGEST = 16
_DIGITS = 6
# People say the number without its zeros, and put a space or a dash in.
_NUMBER = re.compile(r"#?\s*(?:TK)?[\s-]*([0-9]{1,12})", re.IGNORECASE)


def render(sequence: int) -> str:
    """The number with that place in the sequence: 123 → TK000123."""
    return f"TK{sequence:0{_DIGITS}}"


def read(text: str) -> str:
    """The number that a text means (TK000123, tk-123, 123), "" when it means none."""
    found = _NUMBER.fullmatch(text.strip())
    return render(int(found[1])) if found and int(found[1]) else ""
