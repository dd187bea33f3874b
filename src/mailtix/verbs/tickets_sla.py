"""tickets sla: which promise a ticket has and why, and where every minute of it went."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from mailtix.model.ticket import Ticket
from mailtix.sla import Calendar, Choice, Story, Terms, choose, stories
from mailtix.store import promises
from mailtix.store import tickets as store
from mailtix.store.engine import Session
from mailtix.store.promises import Logged
from mailtix.store.tickets import HistoryRow

# Lines of the history that tell of clocks and due times.
_FIELDS = ("sla", "clock", "sla_policy", "sla_met", "sla_missed")


def show(session: Session, ticket: Ticket, terms: Terms, now: datetime, *, as_json: bool) -> int:
    """Tells everything about the targets of one ticket."""
    choice, told = choose(ticket, terms), stories(ticket, terms, now)
    log = promises.logged(session, [ticket.id])
    lines = [line for line in store.history_of(session, ticket.id) if line.field in _FIELDS]
    if as_json:
        print(json.dumps(_as_json(ticket, choice, told, log, lines), ensure_ascii=False))
        return 0
    _print(ticket, choice, told, log, lines)
    return 0


def _as_json(
    ticket: Ticket, choice: Choice, told: Sequence[Story], log: Sequence[Logged], lines: Sequence[HistoryRow]
) -> dict[str, Any]:
    calendar = choice.policy.calendar(ticket.priority)
    return {
        "number": ticket.number,
        "priority": ticket.priority,
        "policy": choice.policy.name,
        "because": choice.because,
        "refused": [{"policy": name, "because": why} for name, why in choice.refused],
        "calendar": {"name": calendar.name, "zone": str(calendar.zone)},
        "targets": [_story(story) for story in told],
        "log": [
            {
                "target": row.target,
                "policy": row.policy,
                "agent": row.agent or None,
                "started_at": row.started_at.isoformat(),
                "due_at": _iso(row.due_at),
                "met_at": _iso(row.met_at),
                "missed": row.missed,
                "working_seconds": row.working_seconds,
            }
            for row in log
        ],
        "history": [{"at": line.at.isoformat(), "text": line.text, "because": line.because} for line in lines],
    }


def _story(story: Story) -> dict[str, Any]:
    return {
        "target": story.target,
        "state": story.state,
        "started_at": story.started_at.isoformat(),
        "stopped_at": _iso(story.stopped_at),
        "due_at": _iso(story.due_at),
        "allowed_seconds": story.allowed.total_seconds() if story.allowed is not None else None,
        "used_seconds": story.used.total_seconds(),
        "stretches": [
            {
                "begin": stretch.begin.isoformat(),
                "end": stretch.end.isoformat(),
                "paused_because": stretch.because or None,
                "working_seconds": stretch.working.total_seconds(),
            }
            for stretch in story.stretches
        ],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _print(
    ticket: Ticket, choice: Choice, told: Sequence[Story], log: Sequence[Logged], lines: Sequence[HistoryRow]
) -> None:
    console, calendar = Console(highlight=False), choice.policy.calendar(ticket.priority)
    zone = calendar.zone
    console.print(f"[bold]{escape(ticket.number)}[/bold] {escape(ticket.subject)}")
    console.print(escape(f"Policy {choice.policy.name} ({choice.because}), priority {ticket.priority}"))
    for name, why in choice.refused:
        console.print(escape(f"  not {name}: {why}"))
    console.print(escape(_described(calendar)))
    for story in told:
        console.print()
        console.print(_headed(story, zone))
    if log:
        console.print()
        console.print(_log(log, zone))
    if lines:
        table = Table("When", "What", "Why", title="History")
        for line in lines:
            table.add_row(_at(line.at, zone), escape(line.text), escape(line.because))
        console.print()
        console.print(table)


def _described(calendar: Calendar) -> str:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    hours = [", ".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in day) or "closed" for day in calendar.week]
    if len(set(hours)) == 1 and not calendar.holidays and not calendar.exceptions:
        return f"Calendar {calendar.name}: every day {hours[0]}; times are {calendar.zone}"
    week = "; ".join(f"{day} {text}" for day, text in zip(days, hours, strict=True))
    return f"Calendar {calendar.name}: {week}; times are {calendar.zone}"


def _clock(since_midnight: timedelta) -> str:
    minutes = since_midnight // timedelta(minutes=1)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _headed(story: Story, zone: tzinfo) -> Table:
    """One row for each stretch, and their sum below."""
    promised = f" of {span(story.allowed)}" if story.allowed is not None else ""
    due = f", due {_at(story.due_at, zone)}" if story.due_at else ""
    table = Table(
        "From", "Until", Column("Working time", justify="right", footer=f"{span(story.used)}{promised}"), "",
        title=f"{story.target.words}: {story.state}{due}", title_justify="left", show_footer=True,
    )  # fmt: skip
    for stretch in story.stretches:
        row = (_at(stretch.begin, zone), _at(stretch.end, zone), span(stretch.working))
        table.add_row(*row, escape(f"left out: {stretch.because}") if stretch.because else "counts")
    return table


def _log(log: Sequence[Logged], zone: tzinfo) -> Table:
    table = Table(
        "Target", "Policy", "Began", "Due", "Reached", "Working time", "", title="What was reached and missed"
    )
    for row in log:
        working = span(timedelta(seconds=row.working_seconds)) if row.working_seconds is not None else ""
        state = "missed" if row.missed else "met" if row.due_at else "not promised"
        times = (_at(at, zone) for at in (row.started_at, row.due_at, row.met_at))
        table.add_row(row.target.replace("_", " "), escape(row.policy), *times, working, state)
    return table


def _at(at: datetime | None, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if at else ""


def span(time: timedelta) -> str:
    """Working time as people say it: 7h 30m. Days are left out, for a day of work has not 24 hours."""
    seconds = round(time.total_seconds())
    parts = (f"{seconds // 3600}h", f"{seconds % 3600 // 60}m", f"{seconds % 60}s")
    return " ".join(part for part in parts if not part.startswith("0")) or "0m"
