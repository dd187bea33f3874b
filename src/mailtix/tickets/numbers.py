"""Ticket numbers by pattern: {year} {month} {date} {epoch} and {seq} or {seq:06}."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

# Of a mail's command lines; nobody names more tickets in one mail, nor longer numbers (tables.py: 64 characters).
_MOST_WORDS = 20
_LONGEST = 64
_FIELD = re.compile(r"\{(year|month|date|epoch|seq)(?::(0\d{1,2}))?\}")
_DATES = {"year": "%Y", "month": "%m", "date": "%Y%m%d"}


def mistake(form: str) -> str:
    """What is wrong with a number format, "" if nothing is."""
    if len(re.findall(r"\{seq(?::0\d{1,2})?\}", form)) != 1:
        return "needs {seq} exactly once (such as {seq:06}), else numbers would not be unique"
    rest = _FIELD.sub("", form)
    if re.search(r"[^A-Za-z0-9._/#-]", rest):
        return "may hold letters, digits, . _ / # - and the fields {year} {month} {date} {epoch} {seq}"
    return ""


def render(form: str, seq: int, now: datetime) -> str:
    """The number with that sequence: TKT-{year}-{seq:06} → TKT-2026-000123. Dates are those of UTC."""

    def value(match: re.Match[str]) -> str:
        name, width = match[1], match[2]
        if name == "seq":
            return f"{seq:{width or ''}d}"
        return str(int(now.timestamp())) if name == "epoch" else now.strftime(_DATES[name])

    return _FIELD.sub(value, form)


def period(form: str, now: datetime) -> str:
    """The stretch of time within which the sequence counts; it starts at 1 again in the next.

    A date in the format starts it anew each day, a month each month, a year each year; {epoch} does not (a second is
    no period: two numbers of one second must differ by their sequence).
    """
    pattern = _period(form)
    return now.strftime(pattern) if pattern else ""


@lru_cache(maxsize=16)
def _period(form: str) -> str:
    """What a moment's period is called, as a pattern for strftime; "" where there is none."""
    names = {match[1] for match in _FIELD.finditer(form)}
    if "date" in names:
        return "%Y%m%d"
    if {"year", "month"} <= names:
        return "%Y%m"
    return "%Y" if "year" in names else ""


def mentioned(text: str) -> tuple[str, ...]:
    """The words of a text's command lines (`#merge TKT-2026-000012`) that may be ticket numbers, in upper case."""
    lines = (line.split()[1:] for line in text.splitlines() if line.lstrip().startswith(("#", "\uff03")))
    words = (word.strip("[](){}<>\"',.;:").upper() for line in lines for word in line)
    found = dict.fromkeys(word for word in words if len(word) <= _LONGEST and any(c.isdigit() for c in word))
    return tuple(found)[:_MOST_WORDS]


def near(word: str, form: str, now: datetime) -> tuple[str, ...]:
    """Numbers of that format that may have been meant by a word that is none, the likeliest first, in upper case: with
    the same sequence (12 and TKT-12 for TKT-2026-000012), or with two digits swapped."""
    digits = re.search(r"(\d{1,12})$", word)
    if digits is None:
        return ()
    swapped = [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(digits.start(), len(word) - 1)]
    same = render(form, int(digits[1]), now)
    return tuple(dict.fromkeys(guess.upper() for guess in (same, *swapped) if guess.upper() != word))


def sequence(form: str, number: str) -> int | None:
    """The sequence in a number of that format; None when it is of another."""
    found = pattern(form).fullmatch(number)
    return int(found["seq"]) if found else None


@lru_cache(maxsize=8)  # each mail's subject is asked for numbers of the one format
def pattern(form: str) -> re.Pattern[str]:
    """What a number of that format looks like in a subject, wherever it stands and in any case."""
    shapes = {"year": r"\d{4}", "month": r"\d{2}", "date": r"\d{8}", "epoch": r"\d{9,11}"}
    out, at = [], 0
    for match in _FIELD.finditer(form):
        out.append(re.escape(form[at : match.start()]))
        width = match[2]
        seq = rf"\d{{{int(width)},12}}" if width else r"\d{1,12}"
        out.append(f"(?P<seq>{seq})" if match[1] == "seq" else shapes[match[1]])
        at = match.end()
    out.append(re.escape(form[at:]))
    return re.compile(rf"(?<![A-Za-z0-9]){''.join(out)}(?![A-Za-z0-9])", re.IGNORECASE)
