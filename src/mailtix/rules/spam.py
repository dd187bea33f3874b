"""How much spam a mail is said to be, as the mail server in front of us has written it down."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = r"(-?\d{1,6}(?:\.\d{1,6})?)"
# SpamAssassin writes X-Spam-Score or, within X-Spam-Status, score=; Rspamd X-Spamd-Result with [score / threshold], or
# X-Rspamd-Score. X-Spam-Level is a row of stars and rounds.
_FIELDS = {
    "x-spam-score": re.compile(rf"\s*{_NUMBER}(?:\s|/|$)", re.ASCII),
    "x-rspamd-score": re.compile(rf"\s*{_NUMBER}(?:\s|/|$)", re.ASCII),
    "x-spam-status": re.compile(rf"[^=]*\bscore={_NUMBER}\b", re.ASCII),
    "x-spamd-result": re.compile(rf"[^\[]*\[\s*{_NUMBER}\s*/", re.ASCII),
}


def score_of(headers: Iterable[tuple[str, str]]) -> float | None:
    """The score of the first field that tells one, None where none does. New fields are written above those that are
    there (RFC 5321 section 4.4), so the first is of the server that is nearest to us."""
    for name, value in headers:
        pattern = _FIELDS.get(name.lower())
        if pattern is not None and (found := pattern.match(value)):
            return float(found[1])
    return None
