"""What somebody would write down who watches over the desk: its settings, and beside them his own tables of them.

Nothing here comes from mailtix: the calendars are walked minute by minute, once, over days off, hours and offsets from
UTC that were looked up by hand. All times are whole seconds since 1970.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate

SETTINGS = """
companies:
  - name: Example
    mailboxes: [{address: support@desk.example, name: Example Support}]
    categories: [billing, refunds, technical]
    zone: Europe/Berlin
agents:
  - {name: Bob Miller, email: bob@desk.example, teams: [billing]}
  - {name: Carla Reyes, email: carla@desk.example, teams: [billing]}
  - {name: Dora Lang, email: dora@desk.example, teams: [technical]}
  - {name: Tom Berg, email: tom@desk.example, teams: [technical]}
  - {name: Lea Roth, email: lea@desk.example}
  - {name: Mona Frey, email: mona@desk.example, role: manager}
teams:
  - {name: billing, lead: lea@desk.example}
  - {name: technical, lead: tom@desk.example}
accounts:
  - {name: Big Corp, match: "*@big.example", vip: true, account_manager: ina@sales.example}
calendars:
  - name: office
    zone: Europe/Berlin
    hours: {mon-thu: "09:00-12:30, 13:30-17:30", fri: "09:00-15:00"}
    holidays: {country: DE, region: BY}
    exceptions: {2026-12-24: "09:00-12:00", 2026-12-31: closed}
  - name: east
    zone: America/New_York
    hours: {mon-fri: "08:30-18:00"}
    holidays: {country: US}
    exceptions: {2026-11-27: "09:00-13:00"}
  - name: nights
    zone: Europe/Berlin
    hours: {mon-sun: "00:00-06:00, 21:30-24:00"}
  - name: weekends
    zone: America/New_York
    hours: {sat-sun: "00:00-10:00"}
sla:
  preset: standard
  warn_at: [75%, 20m]
  calendar: {high: nights, medium: office, low: east}
  on_reopen: ON_REOPEN
  pauses: [waiting_customer, waiting_internal, snoozed]
  targets:
    critical: {next_response: 30m}
    urgent: {next_response: 1h}
    high: {next_response: 4h}
    medium: {next_response: 8h}
    low: {next_response: 16h}
  policies:
    - {name: gold, when: {requester: "*@big.example"}, preset: strict, calendar: {high: 24/7, medium: east}}
    - {name: invoices, when: {category: billing, priority: [low, medium]}, targets: {low: {first_response: 4h}},
       calendar: {low: weekends}}
escalation: {every: 1h, chain: [lead, manager, admin, account_manager], tell_customer: true}
remind: {unassigned: 30m, pending: 24h, due: 1h}
close:
  warn: 5d
  after: 7d
  resolved: 48h
  categories:
    - {name: refunds, warn: 12d, after: 14d, resolved: null}
    - {name: technical, warn: null, after: 10d}
survey: {after: 24h, every: 14d}
notify: {unassigned: false}
security: {verify: never}
log: {level: error}
"""

MINUTE, HOUR, DAY = 60, 3600, 86400


def at(text: str) -> int:
    """A moment of UTC, given as 2026-10-01T00:00."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


BEGIN, END = at("2026-10-01T00:00"), at("2027-01-01T00:00")
_1970 = date(1970, 1, 1).toordinal()
_FIRST, _LAST = at("2026-09-30T00:00"), at("2027-06-30T00:00")

# Since when clocks are how far ahead of UTC, in minutes.
_BERLIN = ((_FIRST, 120), (at("2026-10-25T01:00"), 60), (at("2027-03-28T01:00"), 120))
_NEW_YORK = ((_FIRST, -240), (at("2026-11-01T06:00"), -300), (at("2027-03-14T07:00"), -240))

_BAVARIA = ("2026-10-03", "2026-11-01", "2026-12-25", "2026-12-26", "2027-01-01", "2027-01-06", "2027-03-26",
            "2027-03-29", "2027-05-01", "2027-05-06", "2027-05-17", "2027-05-27")  # fmt: skip
_AMERICA = ("2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25", "2027-01-01", "2027-01-18", "2027-02-15",
            "2027-05-31", "2027-06-18", "2027-06-19")  # fmt: skip

_Hours = tuple[tuple[int, int], ...]  # minutes since midnight


def _clock(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def _hours(text: str) -> _Hours:
    return tuple((_clock(one[:5]), _clock(one[6:])) for one in text.split())


@cache
def _hour(hours: _Hours, wall: int) -> tuple[bool, ...]:
    """Of each of the 60 minutes from that one of the day on, whether somebody works."""
    return tuple(any(begin <= minute < end for begin, end in hours) for minute in range(wall, wall + 60))


class Table:
    """How much working time has passed at each minute of the year, as somebody has counted who lived through all."""

    def __init__(self, offsets: Sequence[tuple[int, int]], week: Sequence[str], other: Mapping[str, str]) -> None:
        hours = [_hours(text) for text in week]
        days = {date.fromisoformat(day): _hours(text) for day, text in other.items()}
        opened: list[bool] = []
        for hour in range(_FIRST, _LAST, HOUR):  # clocks are changed at full hours
            offset = [ahead for since, ahead in offsets if since <= hour][-1]
            days_since, second = divmod(hour + offset * MINUTE, DAY)
            day = date.fromordinal(_1970 + days_since)
            today = days.get(day, hours[day.weekday()])
            opened += _hour(today, second // MINUTE)
        self._open = opened
        self._passed = [0, *accumulate(MINUTE * is_open for is_open in opened)]

    def passed(self, moment: int) -> int:
        """The working time since the table begins."""
        minute, second = divmod(moment - _FIRST, MINUTE)
        return self._passed[minute] + second * self._open[minute]

    def after(self, begin: int, amount: int) -> int:
        """When that much has passed since `begin`, the first moment of that."""
        wanted = self.passed(begin) + amount
        minute = bisect_left(self._passed, wanted) - 1
        assert minute + 1 < len(self._passed), "later than the table goes"
        return _FIRST + minute * MINUTE + wanted - self._passed[minute]


@cache
def table(name: str) -> Table:
    """The table of the calendar with that name."""
    match name:
        case "24/7":
            return Table(((_FIRST, 0),), ["00:00-24:00"] * 7, {})
        case "office":
            other = dict.fromkeys(_BAVARIA, "") | {"2026-12-24": "09:00-12:00", "2026-12-31": ""}
            week = ["09:00-12:30 13:30-17:30"] * 4 + ["09:00-15:00", "", ""]
            return Table(_BERLIN, week, other)
        case "east":
            other = dict.fromkeys(_AMERICA, "") | {"2026-11-27": "09:00-13:00"}
            return Table(_NEW_YORK, ["08:30-18:00"] * 5 + ["", ""], other)
        case "nights":
            return Table(_BERLIN, ["00:00-06:00 21:30-24:00"] * 7, {})
        case "weekends":
            return Table(_NEW_YORK, [""] * 5 + ["00:00-10:00"] * 2, {})
        case _:
            raise KeyError(name)


@dataclass(frozen=True)
class Promise:
    """What a ticket was promised, in seconds of the calendar."""

    calendar: str
    first_response: int
    resolution: int
    next_response: int | None


_NEXT = {"critical": 30 * MINUTE, "urgent": HOUR, "high": 4 * HOUR, "medium": 8 * HOUR, "low": 16 * HOUR}
_STANDARD = {
    "critical": (15 * MINUTE, 2 * HOUR),
    "urgent": (15 * MINUTE, 4 * HOUR),
    "high": (HOUR, 8 * HOUR),
    "medium": (4 * HOUR, 24 * HOUR),
    "low": (8 * HOUR, 48 * HOUR),
}
_STRICT = {
    "critical": (15 * MINUTE, 2 * HOUR),
    "urgent": (15 * MINUTE, 2 * HOUR),
    "high": (30 * MINUTE, 4 * HOUR),
    "medium": (HOUR, 8 * HOUR),
    "low": (2 * HOUR, 24 * HOUR),
}
_CALENDARS = {"critical": "24/7", "urgent": "24/7", "high": "nights", "medium": "office", "low": "east"}


def promise(requester: str, category: str, priority: str) -> Promise:
    """What the settings promise to that ticket."""
    calendar, (first, solved), following = _CALENDARS[priority], _STANDARD[priority], _NEXT.get(priority)
    if requester.endswith("@big.example"):
        (first, solved), following = _STRICT[priority], None  # it begins with the preset, which promises none
        calendar = {"high": "24/7", "medium": "east"}.get(priority, calendar)
    elif category == "billing" and priority == "low":
        calendar, first = "weekends", 4 * HOUR
    return Promise(calendar, first, solved, following)


# Shares of the time after which there is a warning, and the time before its end.
SHARES = (75,)
BEFORE = 20 * MINUTE

# Of the customer who is waited for: when he is warned, and when it is closed; and when what is resolved is.
Silence = tuple[int | None, int, int | None]
_SILENCE: dict[str, Silence] = {"refunds": (12 * DAY, 14 * DAY, None), "technical": (None, 10 * DAY, 48 * HOUR)}


def silence(category: str) -> Silence:
    """The times of that category."""
    return _SILENCE.get(category, (5 * DAY, 7 * DAY, 48 * HOUR))


_TEAMS = {
    "billing": ("bob@desk.example", "carla@desk.example"),
    "technical": ("dora@desk.example", "tom@desk.example"),
    "": (),
}
_LEADS = {"billing": ("lea@desk.example",), "technical": ("tom@desk.example",), "": ()}
STEPS = 4


def team_of(name: str) -> tuple[str, ...]:
    """Who is in that team."""
    return _TEAMS[name]


def desk(assignee: str, team: str) -> tuple[str, ...]:
    """Who looks after such a ticket."""
    return (assignee,) if assignee else _TEAMS[team]


def lead(team: str) -> tuple[str, ...]:
    """Who leads that team."""
    return _LEADS[team]


def above(team: str, requester: str) -> list[tuple[str, str]]:
    """Who stands above such a ticket, step by step, and the template he is written with."""
    steps = [(one, "escalated") for one in (*_LEADS[team], "mona@desk.example")]
    return steps + ([("ina@sales.example", "informed")] if requester.endswith("@big.example") else [])


def moment(seconds: int) -> datetime:
    """The same as aware UTC."""
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
