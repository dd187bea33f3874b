"""When work is done: weekly hours in a time zone, without holidays. Adding working time, and measuring it. Pure.

A moment is working time when the clock on the wall then shows an hour of work. So the hour that is lived twice when
summer time ends counts twice, and the hour that is left out in spring does not count. All sums are made of UTC instants
in whole microseconds; nothing is rounded.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

# Hours of one day: stretches from and to, in time since midnight, in order and apart. The end is not part of it.
Hours = tuple[tuple[timedelta, timedelta], ...]

DAY = timedelta(days=1)
ALL_DAY: Hours = ((timedelta(0), DAY),)
CLOSED: Hours = ()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
# A target that needs more calendar than this is a mistake in the calendar (all of its days are holidays).
_FARTHEST_YEARS = 100
# What is nearer than that, and begins before that year, is within these years and those that there are at all.
_NEAR, _LATEST_YEAR = timedelta(days=99 * 365), 9800


@dataclass(frozen=True, slots=True)
class Calendar:
    """`week` holds the hours of Monday to Sunday on the clock of `zone`. `holidays` are days without work, by name;
    `exceptions` days with other hours (CLOSED for none), which go before both."""

    name: str
    zone: tzinfo
    week: tuple[Hours, ...]
    holidays: Mapping[date, str] = field(default_factory=dict)
    exceptions: Mapping[date, Hours] = field(default_factory=dict)
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    def hours(self, day: date) -> Hours:
        """The hours of work on that day of the calendar's zone."""
        own = self.exceptions.get(day)
        if own is not None:
            return own
        return CLOSED if day in self.holidays else self.week[day.weekday()]

    def open_at(self, at: datetime) -> bool:
        """Whether `at` (aware) is working time: the moment of opening is, that of closing is not."""
        tick = _ticks(at)
        year = self._year(_year_of(tick))
        index = bisect_right(year.begins, tick) - 1
        return index >= 0 and tick < year.ends[index]

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself in working time, else when it begins next, in UTC. Raises OverflowError when it never does."""
        tick = _ticks(at)
        first = _year_of(tick)
        for year in self._years_from(first):
            index = bisect_right(year.ends, tick)
            if index < len(year.begins):
                return _moment(max(tick, year.begins[index]))
        raise OverflowError(f"the calendar {self.name} is never open after {at}")

    def working_between(self, begin: datetime, end: datetime) -> timedelta:
        """The working time from `begin` to `end` (aware); negative when `end` is before `begin`."""
        if self is ALWAYS:
            return end.astimezone(UTC) - begin.astimezone(UTC)
        first, last = _ticks(begin), _ticks(end)
        one, other = _year_of(first), _year_of(last)
        if one > other:
            return -self.working_between(end, begin)
        between = sum(self._year(year).total for year in range(one, other))
        return (between + self._year(other).until(last) - self._year(one).until(first)) * _TICK

    def add_working(self, start: datetime, amount: timedelta) -> datetime:
        """The first moment, in UTC, at which `amount` of working time has passed since `start` (aware). What ends with
        the day is due at its end, not in the next morning. Raises OverflowError when that is more than 100 years ahead.
        """
        if self is ALWAYS and timedelta(0) < amount < _NEAR and start.year < _LATEST_YEAR:
            return start.astimezone(UTC) + amount
        tick, left = _ticks(start), amount // _TICK
        if left <= 0:
            return _moment(tick)
        first = _year_of(tick)
        left += self._year(first).until(tick)
        for year in self._years_from(first):
            if left <= year.total:
                index = bisect_left(year.before, left) - 1
                return _moment(year.begins[index] + left - year.before[index])
            left -= year.total
        raise OverflowError(f"{amount} of the calendar {self.name} after {start} lies too far ahead")

    def _years_from(self, first: int) -> Iterator[_Year]:
        return (self._year(year) for year in range(first, min(first + _FARTHEST_YEARS, date.max.year)))

    def _year(self, year: int) -> _Year:
        """The working time of a year of UTC. It is worked out once: some 2 ms, and then each question takes some µs."""
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = _Year.of(self, year)
        return found


@dataclass(frozen=True, slots=True)
class _Year:
    """The stretches of working time in one year of UTC, in ticks since 1970, and how much lies before each."""

    begins: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    total: int

    @classmethod
    def of(cls, calendar: Calendar, year: int) -> _Year:
        stretches = list(_joined(_stretches(calendar, year)))
        before = [0]
        for begin, end in stretches:
            before.append(before[-1] + end - begin)
        begins, ends = (tuple(stretch[side] for stretch in stretches) for side in (0, 1))
        return cls(begins, ends, tuple(before[:-1]), before[-1])

    def until(self, tick: int) -> int:
        """The working time from the year's beginning to `tick`."""
        index = bisect_right(self.begins, tick) - 1
        if index < 0:
            return 0
        return self.before[index] + min(tick, self.ends[index]) - self.begins[index]


def _stretches(calendar: Calendar, year: int) -> Iterator[tuple[int, int]]:
    """Working time within a year of UTC, in order. Where the zone's offset stays, wall time is UTC plus the offset; so
    the year is cut where the offset changes, and each piece is asked by itself."""
    for begin, end in pairwise(_cuts(calendar.zone, year)):
        offset = _offset(calendar.zone, begin)
        day = (_EPOCH + begin * _TICK + offset).date()
        while (midnight := _ticks(datetime.combine(day, time(), UTC)) - offset // _TICK) < end:
            for opening, closing in calendar.hours(day):
                first, last = max(begin, midnight + opening // _TICK), min(end, midnight + closing // _TICK)
                if first < last:
                    yield first, last
            day += DAY


def _joined(stretches: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The stretches with those made one that touch each other."""
    held: tuple[int, int] | None = None
    for begin, end in stretches:
        if held is not None and held[1] == begin:
            held = (held[0], end)
            continue
        if held is not None:
            yield held
        held = (begin, end)
    if held is not None:
        yield held


def _cuts(zone: tzinfo, year: int) -> list[int]:
    """The beginning and the end of a year, and between them each moment at which the zone's offset changes."""
    end = _ticks(datetime(year + 1, 1, 1, tzinfo=UTC))
    here = _ticks(datetime(year, 1, 1, tzinfo=UTC))
    cuts, day = [here], DAY // _TICK
    while here < end:
        there = min(here + day, end)
        if _offset(zone, here) != _offset(zone, there):
            cuts.append(_change(zone, here, there))
        here = there
    return list(dict.fromkeys([*cuts, end]))


def _change(zone: tzinfo, low: int, high: int) -> int:
    """The first moment after `low` with the offset of `high`."""
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


def _offset(zone: tzinfo, tick: int) -> timedelta:
    return (_EPOCH + tick * _TICK).astimezone(zone).utcoffset() or timedelta(0)


def _ticks(at: datetime) -> int:
    return (at - _EPOCH) // _TICK


def _moment(tick: int) -> datetime:
    return _EPOCH + tick * _TICK


def _year_of(tick: int) -> int:
    return _moment(tick).year


ALWAYS = Calendar("24/7", UTC, (ALL_DAY,) * 7)
"""Every moment is working time."""
