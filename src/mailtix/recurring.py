"""Which recurring mail is due, and for whom. Pure: the store remembers what was sent.

Of what was missed only the newest is due: after ten days of downtime there is one digest, not ten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from mailtix.model.desk import Agent, Company


class Job(StrEnum):
    """What comes again and again: each agent's digest, the report about targets, each agent's week, and the month."""

    DIGEST = "digest"
    SLA = "sla_report"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something comes: at that time of these days of the week (0 is Monday) or, if it is set, of that day of the
    month."""

    at: time
    days: frozenset[int] = frozenset(range(7))
    day_of_month: int = 0

    def newest(self, now: datetime, zone: tzinfo) -> datetime | None:
        """The last moment (aware UTC) that it was due, not after `now`; None when it has no days. A time that the clock
        leaves out in spring is taken as if it had not been put forward."""
        today = now.astimezone(zone).date()
        for back in range(32):
            day = today - timedelta(days=back)
            moment = datetime.combine(day, self.at, zone).astimezone(UTC)
            if self._is_day(day) and moment <= now:
                return moment
        return None

    def day_before(self, day: date) -> date:
        """The last day before `day` on which it came; a week before when it has no days."""
        days = (day - timedelta(days=back) for back in range(1, 32))
        return next((earlier for earlier in days if self._is_day(earlier)), day - timedelta(days=7))

    def _is_day(self, day: date) -> bool:
        return day.day == self.day_of_month if self.day_of_month else day.weekday() in self.days


@dataclass(frozen=True, slots=True)
class Terms:
    """What comes when; a job that is not named never does. `managers` are the addresses that reports go to, beside the
    leads of teams."""

    schedules: Mapping[Job, Schedule] = field(default_factory=dict)
    managers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is written to. `agent` None: a manager who answers no tickets."""

    email: str
    name: str = ""
    agent: Agent | None = None

    @property
    def key(self) -> str:
        """The address in lower case."""
        return self.email.lower()


@dataclass(frozen=True, slots=True)
class Due:
    """One mail that is due. `period` names the time it was due within, once for each reader: a day, a week, a month.
    `begin` and `end` are the whole days that it tells of: since it came last, or the week or month before."""

    job: Job
    reader: Reader
    period: str
    due_at: datetime
    begin: datetime
    end: datetime
    zone: tzinfo


def due(terms: Terms, company: Company, now: datetime) -> tuple[Due, ...]:
    """The newest of each recurring mail, for everybody of a company who is to have it; whether it was sent already is
    not known here."""
    found = []
    for job, schedule in terms.schedules.items():
        for reader in readers(job, company, terms.managers):
            zone = _zone(reader, job, company)
            moment = schedule.newest(now, zone)
            if moment is not None:
                day = moment.astimezone(zone).date()
                begin, end = _told_of(job, day, schedule)
                span = (_midnight(begin, zone), _midnight(end, zone))
                found.append(Due(job, reader, _period(job, day), moment, *span, zone))
    return tuple(found)


def readers(job: Job, company: Company, managers: tuple[str, ...]) -> tuple[Reader, ...]:
    """Who gets it: what is about one's own work, each agent; reports, the managers, and that about targets also the
    leads of teams. Nobody twice."""
    if job in (Job.DIGEST, Job.WEEKLY):
        return tuple(_reader(agent.email, company) for agent in company.agents)
    leads = (team.lead for team in company.team_terms if job is Job.SLA and company.agent(team.lead))
    everybody = {address.lower(): address for address in (*leads, *managers)}
    return tuple(_reader(address, company) for address in everybody.values())


def _reader(address: str, company: Company) -> Reader:
    agent = company.agent(address)
    return Reader(agent.email, agent.name, agent) if agent else Reader(address)


def _zone(reader: Reader, job: Job, company: Company) -> tzinfo:
    """One's own work is told of on one's own clock, the company's on the company's."""
    shift = reader.agent.shift if reader.agent and job in (Job.DIGEST, Job.WEEKLY) else None
    return shift.zone if shift else company.zone


def _told_of(job: Job, day: date, schedule: Schedule) -> tuple[date, date]:
    """The first day that is told of, and the day after the last."""
    match job:
        case Job.DIGEST | Job.SLA:
            return schedule.day_before(day), day  # on a Monday the weekend too
        case Job.WEEKLY:
            monday = day - timedelta(days=day.weekday())
            return monday - timedelta(days=7), monday
        case Job.MONTHLY:
            first = day.replace(day=1)
            return (first - timedelta(days=1)).replace(day=1), first


def _period(job: Job, day: date) -> str:
    if job is Job.MONTHLY:
        return f"{day:%Y-%m}"
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}" if job is Job.WEEKLY else day.isoformat()


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
