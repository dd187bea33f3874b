"""When work is done: calendars with weekly hours, holidays and exceptions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PrivateAttr, model_validator

from mailtix.config import holidays
from mailtix.config.scalars import AnyPath
from mailtix.config.staff import DAYS, Name, Zone, days_of
from mailtix.sla import ALWAYS, CLOSED, Calendar, Hours
from mailtix.yamltext import Section, did_you_mean, wrong

_CLOCK = r"([01]?\d|2[0-4]):([0-5]\d)"
_STRETCH = re.compile(rf"{_CLOCK}\s*-\s*{_CLOCK}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# A year with more days off than this has none left for work; most likely a rule in a calendar file is wrong.
_MOST_DAYS_OFF = 300


def _hours(value: Any) -> Any:
    """The stretches of a day, in order and as people write them: 09:00-12:30, 13:30-17:30; closed."""
    items = value if isinstance(value, list) else [value]
    parts = [part.strip() for item in items for part in str(item).split(",")]
    if parts in (["closed"], []):
        return "closed"
    stretches = sorted(_stretch(part) for part in parts)
    for (_, end), (begin, _) in pairwise(stretches):
        if begin < end:
            raise wrong("two of these hours overlap", "write what begins before the other ends as one: 09:00-17:30")
    return ", ".join(f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}" for begin, end in stretches)


def _stretch(text: str) -> tuple[int, int]:
    """Begin and end in minutes since midnight."""
    found = _STRETCH.fullmatch(text)
    begin, end = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, 0)
    if found is None or max(begin, end) > 24 * 60:
        hint = "write them as 09:00-12:30, 13:30-17:30; or closed; 00:00-24:00 is the whole day"
        raise wrong(f"'{text[:40]}' are no hours", hint)
    if begin >= end:
        hint = f"let it end at 24:00, and the next day begin at 00:00: {text[:5]}-24:00"
        raise wrong(f"'{text}' goes past midnight", hint)
    return begin, end


def _days(value: Any) -> Any:
    """Days of the week as a key: mon, mon-fri, or sat,sun."""
    return ",".join(sorted({day for item in str(value).split(",") for day in days_of(item)}, key=DAYS.index))


def _day(value: Any) -> Any:
    text = value.isoformat() if isinstance(value, date) else str(value).strip()
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else _no_date(text)
    except ValueError:
        return _no_date(text)


def _no_date(text: str) -> date:
    raise wrong(f"'{text[:40]}' is no date", "write it as 2026-12-24")


def _as_hours(text: str) -> Hours:
    if text == "closed":
        return CLOSED
    stretches = (_stretch(part) for part in text.split(", "))
    return tuple((timedelta(minutes=begin), timedelta(minutes=end)) for begin, end in stretches)


HoursText = Annotated[str, BeforeValidator(_hours)]
DaysText = Annotated[str, BeforeValidator(_days)]
_iso: Callable[[date], str] = date.isoformat
Day = Annotated[date, BeforeValidator(_day), PlainSerializer(_iso, str)]


def _url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
        raise wrong("this is not the address of a calendar", "write it as https://example.com/holidays.ics")
    return value


class FeedConfig(Section):
    """A calendar file. With a url it is fetched from there, and may not be there yet."""

    file: AnyPath
    url: Annotated[str, AfterValidator(_url)] | None = None
    _off: dict[date, str] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _readable(self) -> Self:
        try:
            self._off.update(holidays.of_file(_content(self.file)))
        except FileNotFoundError:
            if self.url is None:
                hint = "relative paths begin at the folder of the settings file"
                raise wrong(f"there is no file {self.file}", hint) from None
        except (OSError, holidays.NoHolidays) as error:
            raise wrong(f"the calendar {self.file} cannot be read: {error}") from None
        return self

    def days(self) -> Mapping[date, str]:
        """The days off that stand in it."""
        return self._off


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(holidays.MAX_SIZE + 1)


def feed(value: Any) -> Any:
    """A calendar file that is only named."""
    return {"file": value} if isinstance(value, str | Path) else value


class HolidaysConfig(Section):
    country: str | None = None
    region: str | None = None
    ics: tuple[Annotated[FeedConfig, BeforeValidator(feed)], ...] = ()
    _off: dict[date, str] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.region is not None and self.country is None:
            raise wrong("a region needs its country", "write {country: DE, region: BY}")
        if self.country is not None:
            self._check(self.country)
            self._off.update(holidays.of_country(self.country, self.region))
        for file in self.ics:
            self._off.update(file.days())
        return self

    def _check(self, country: str) -> None:
        known = holidays.countries()
        if country not in known:
            hint = did_you_mean(country, sorted(code for code in known if len(code) == 2))
            raise wrong(f"no holidays are known of the country '{country[:40]}'", f"write its code, such as DE; {hint}")
        if self.region is not None and self.region not in known[country]:
            hint = did_you_mean(self.region, known[country]) or "leave the region out"
            raise wrong(f"{country} has no region '{self.region[:40]}'", hint)

    def days(self) -> Mapping[date, str]:
        """All days off, with their names."""
        return self._off


def _nothing() -> Any:
    """What an absent section is validated as."""
    return {}


class CalendarConfig(Section):
    name: Name
    zone: Zone = "UTC"
    hours: dict[DaysText, HoursText]
    holidays: HolidaysConfig = Field(default_factory=_nothing)
    exceptions: dict[Day, HoursText] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _sometimes_open(self) -> Self:
        days = [day for key in self.hours for day in key.split(",")]
        if twice := [day for day in DAYS if days.count(day) > 1]:
            raise wrong(f"the hours of {twice[0]} stand twice", "let each day of the week stand in one line only")
        if all(hours == "closed" for hours in self.hours.values()):
            raise wrong("this calendar is never open", "write `hours: {mon-fri: 09:00-17:30}`")
        if self.name == ALWAYS.name:
            raise wrong(f"the calendar {ALWAYS.name} is there already", "it is always open; give yours another name")
        years = [day.year for day in self.holidays.days()]
        if full := [year for year in sorted(set(years)) if years.count(year) > _MOST_DAYS_OFF]:
            raise wrong(f"its holidays leave no days of work in {full[0]}", "look into the files of `holidays: ics`")
        return self

    def weekly(self) -> timedelta:
        """The working time of a week without holidays."""
        return sum((end - begin for hours in self._week() for begin, end in hours), timedelta(0))

    def as_model(self) -> Calendar:
        """The calendar as the rest of the program knows it."""
        exceptions = {day: _as_hours(text) for day, text in self.exceptions.items()}
        return Calendar(self.name, ZoneInfo(self.zone), tuple(self._week()), self.holidays.days(), exceptions)

    def _week(self) -> Iterator[Hours]:
        by_day = {day: _as_hours(text) for key, text in self.hours.items() for day in key.split(",")}
        return (by_day.get(day, CLOSED) for day in DAYS)
