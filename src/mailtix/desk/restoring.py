"""From lines of history back to the fields of a ticket: what they were before some of its changes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from mailtix.model.conversation import Trace
from mailtix.model.ticket import Priority, Status, Ticket

Read = Callable[[str], object]


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# Fields of a ticket that hold one value: their names in the history, in the ticket, and what their text means.
_VALUES: dict[str, tuple[str, Read]] = {
    "category": ("category", str),
    "team": ("team", str),
    "assignee": ("assignee", str),
    "priority": ("priority", Priority),
    "status": ("status", Status),
    "snoozed_until": ("snoozed_until", _moment),
    "due_at": ("due_at", _moment),
    "escalation": ("escalation", int),
    "sla_policy": ("sla_asked", str),
}
_SETS = ("tags", "participants", "watchers")


def restored(ticket: Ticket, history: Sequence[Trace], lines: Sequence[Trace], stays: list[str]) -> dict[str, object]:
    """The fields as they were before `lines` (all of one mail), where they still have the value that these gave them.
    Of the others `stays` is told who has changed them since."""
    values = dict(_single(ticket, history, lines, stays))
    values |= dict(_several(ticket, lines))
    values |= dict(_custom(ticket, history, lines, stays))
    if "status" in values:
        values |= _ends(history, lines)
    if values.get("assignee") == "" and values.get("status", ticket.status) is Status.ASSIGNED:
        values["status"] = Status.OPEN  # who is given an open ticket makes it assigned without a line (evolve.py)
    return {name: value for name, value in values.items() if value != getattr(ticket, name)}


def _single(
    ticket: Ticket, history: Sequence[Trace], lines: Sequence[Trace], stays: list[str]
) -> Iterator[tuple[str, object]]:
    for name, (field, read) in _VALUES.items():
        own = [line for line in lines if line.field == name]
        now = getattr(ticket, field)
        if not own or own[0].old == own[-1].new:
            continue
        if ("" if now is None else str(now)) == own[-1].new:
            yield field, read(own[0].old)
        else:
            stays.append(_since(name, history, own[-1]))


def _since(name: str, history: Sequence[Trace], last: Trace) -> str:
    """Who has changed a field after that line."""
    after = history[history.index(last) + 1 :]
    who = next((line.actor for line in reversed(after) if line.field == name), "somebody else")
    return f"{name} stays: {who} has changed it since"


def _several(ticket: Ticket, lines: Sequence[Trace]) -> Iterator[tuple[str, object]]:
    """Fields of many values: what was added goes, what was taken off comes back."""
    for name in _SETS:
        own = [line for line in lines if line.field == name]
        there = list(getattr(ticket, name))
        for line in reversed(own):
            if line.new and line.new in there:
                there.remove(line.new)
            if line.old and line.old not in there:
                there.append(line.old)
        if own and set(there) != set(getattr(ticket, name)):
            yield name, frozenset(there) if name == "tags" else tuple(there)


def _custom(
    ticket: Ticket, history: Sequence[Trace], lines: Sequence[Trace], stays: list[str]
) -> Iterator[tuple[str, object]]:
    fields = dict(ticket.fields)
    for name in dict.fromkeys(line.field for line in lines if line.field.startswith("field.")):
        own, key = [line for line in lines if line.field == name], name.removeprefix("field.")
        if fields.get(key, "") != own[-1].new:
            stays.append(_since(name, history, own[-1]))
        elif own[0].old:
            fields[key] = own[0].old
        else:
            fields.pop(key, None)
    if fields != dict(ticket.fields):
        yield "fields", fields


def _ends(history: Sequence[Trace], lines: Sequence[Trace]) -> dict[str, object]:
    """Since when the ticket was resolved and closed before these lines; as tickets.evolve counts it."""
    resolved: datetime | None = None
    closed: datetime | None = None
    for line in history[: history.index(lines[0])]:
        if line.field == "status" and line.new == Status.RESOLVED:
            resolved, closed = line.at, None
        elif line.field == "status" and line.new == Status.CLOSED:
            resolved, closed = resolved or line.at, line.at
        elif line.field == "status" and line.new != Status.CANCELLED:
            resolved = closed = None
    return {"resolved_at": resolved, "closed_at": closed}
