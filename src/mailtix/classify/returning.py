"""When is the absent person back? The date of an out-of-office, in the common forms of many languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from mailtix.classify.phrases import absence, fold, words
from mailtix.model.mail import InboundMail

# Absences are announced in the first screen; an absence of more than a year and a half is a misread date.
_HEAD = 2_000
_LONGEST = timedelta(days=550)
# "until", then at most a weekday and an article before the date.
_BETWEEN = 28
_ISO = re.compile(r"(?<!\d)(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(?<![\d.,/-])(\d{1,2})([./-])\s?(\d{1,2})(?:\2\s?(\d{4}|\d{2})(?!\d)|(?=[.,;!)\s]|$))")
_CJK = re.compile(r"(?:(20\d\d)\s?[年년]\s?)?(?<!\d)(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日号號일]")

Day = tuple[int, int, int]  # year (0 = not given), month, day


def return_date(mail: InboundMail) -> datetime | None:
    """The day named as the end of the absence, at midnight in the zone of the mail's date; None when none is sure.

    A date without a year is the next such day from the date of the mail. Of several the latest counts, for what
    precedes it is the beginning; but a clear "until" or "back on" comes before words that stand before any date.
    """
    written = mail.date or mail.envelope.received_at
    text = fold(f"{mail.subject[:300]} . {mail.text[:_HEAD]}")
    found = [(clear, _date(day, written)) for clear, day in _named(text)]
    dates = [(clear, date) for clear, date in found if date is not None]
    return max(dates, default=(False, None))[1]


def _named(text: str) -> Iterator[tuple[bool, Day]]:
    """The dates that a word for "until" stands before, and whether it is a clear one; in Japanese, Chinese and Korean
    any date."""
    for match in _CJK.finditer(text):
        yield True, (int(match[1] or 0), int(match[2]), int(match[3]))
    for pattern, read in ((_ISO, _iso), (_NUMBERS, _numbers), (_words(), _worded)):
        for match in pattern.finditer(text):
            if (clear := _announced(text, match.start(), match.end())) is not None:
                yield from ((clear, day) for day in read(match))


def _iso(match: re.Match[str]) -> list[Day]:
    return [(int(match[1]), int(match[2]), int(match[3]))]


def _worded(match: re.Match[str]) -> list[Day]:
    groups = match.groupdict()
    day, month = (groups["d1"], groups["m1"]) if groups["d1"] else (groups["d2"], groups["m2"])
    return [(_year(groups["y1"] or groups["y2"]), absence().months[month], int(day))]


def _numbers(match: re.Match[str]) -> list[Day]:
    """Day and month of 14.05.2026 or 5/14/26. 5/6/26 is two days, depending on the country: no date then."""
    first, second = int(match[1]), int(match[3])
    year = _year(match[4])
    if match[2] == "." or first > 12:
        return [(year, second, first)]
    return [(year, first, second)] if second > 12 or first == second else []


def _year(digits: str | None) -> int:
    year = int(digits or 0)
    return year + 2000 if 0 < year < 100 else year


def _announced(text: str, start: int, end: int) -> bool | None:
    """True when a clear word for "until" announces the date, False for a vague one, None for none."""
    before = text[max(0, start - _BETWEEN) : start]
    if _before(clear=True).search(before) or _after().match(text, end):
        return True
    return False if _before(clear=False).search(before) else None


@cache
def _before(clear: bool) -> re.Pattern[str]:
    """One of the words, then up to three words such as a weekday and an article, then the date."""
    vague = words("automatic", "absence", "vague_until")
    alternatives = "|".join(re.escape(word) for word in absence().until if (word not in vague) is clear)
    return re.compile(rf"(?:^|[^\w])(?:{alternatives})[\s:]*(?:[^\W\d]+[.,]?\s+){{0,3}}(?:\w{{1,4}}\s)?$")


@cache
def _after() -> re.Pattern[str]:
    """Languages that say "until" behind the date: Hungarian, Finnish, Turkish, Japanese."""
    return re.compile(r"[.]?\s?(?:-?ig\b|saakka|asti|tarihine kadar|['’]?\w{0,2} kadar|まで|까지)")


@cache
def _words() -> re.Pattern[str]:
    """14 May 2026, 14. Mai, 14 de mayo de 2026, May 14th, 2026."""
    months = "|".join(sorted((re.escape(m) for m in absence().months), key=len, reverse=True))
    day = r"(?<!\d)(?P<d{n}>\d{{1,2}})(?:st|nd|rd|th|er|ο|η)?\.?"
    year = r"(?:[,.]?\s?(?:de |del |of )?(?P<y{n}>20\d\d)(?!\d))?"
    month = rf"(?P<m{{n}}>{months})\b\.?"
    forwards = f"{day.format(n=1)} ?(?:de |of |d')?{month.format(n=1)}{year.format(n=1)}"
    backwards = f"\\b{month.format(n=2)} {day.format(n=2)}(?!\\d){year.format(n=2)}"
    return re.compile(f"{forwards}|{backwards}")


def _date(day: Day, written: datetime) -> datetime | None:
    """That day, if it exists and lies in the absence's possible future."""
    year, month, number = day
    midnight = written.replace(hour=0, minute=0, second=0, microsecond=0)
    for candidate in (year,) if year else (written.year, written.year + 1):
        try:
            found = midnight.replace(year=candidate, month=month, day=number)
        except ValueError:
            continue
        if timedelta(0) <= found - midnight <= _LONGEST:
            return found
    return None
