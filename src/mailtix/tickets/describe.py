"""change → history line: which field, from what, to what, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from mailtix.model.change import (
    Absorbed,
    AddressFailed,
    AddressWorks,
    Assigned,
    CannedUsed,
    CategoryChanged,
    Change,
    CloseWarned,
    DueSet,
    Escalated,
    FieldSet,
    Linked,
    Merged,
    MessageAdded,
    MessageDiscarded,
    MessageReleased,
    MessageTaken,
    Noted,
    Opened,
    ParticipantJoined,
    ParticipantLeft,
    Paused,
    PolicyAsked,
    PriorityChanged,
    Rated,
    RequesterChanged,
    Responded,
    Restored,
    Resumed,
    Snoozed,
    StatusChanged,
    Tagged,
    TargetMet,
    TargetMissed,
    TargetsSet,
    TeamChanged,
    Unanswered,
    Untagged,
    Unwatched,
    Watched,
)
from mailtix.model.making import quickly_made
from mailtix.model.ticket import Ticket, Visibility


@quickly_made
@dataclass(frozen=True, slots=True)
class Line:
    """One line of history. `field` names what changed; `old` and `new` are its values as text."""

    field: str
    old: str
    new: str
    text: str


def describe(before: Ticket | None, change: Change) -> Line:
    """The history line of a change made to `before`."""
    match change:  # what comes with every mail is asked first
        case Opened(subject=subject, requester=requester):
            return Line("ticket", "", "open", f"opened by {requester.email or 'an unknown sender'}: {subject}")
        case MessageAdded():
            return _message(change)
        case Noted(kind=kind, text=text):
            return Line(kind, "", "", text)
        case TargetsSet():
            return _targets(change)
        case StatusChanged(to=to):
            return _value("status", before and before.status, to)
        case TeamChanged(to=to):
            return _value("team", before and before.team, to)
        case MessageReleased(message=message, sender=sender):
            return Line("message", "held", "public", f"message {message} of {sender} was let in")
        case MessageDiscarded(message=message, sender=sender, was=was):
            return Line("message", "", "discarded", f"message {message} of {sender or 'nobody'} {was}")
        case MessageTaken(message=message, sender=sender, number=number):
            return Line("message", number, "", f"message {message} of {sender or 'nobody'} came from {number}")
        case ParticipantJoined(email=email):
            return Line("participants", "", email, f"{email} takes part")
        case ParticipantLeft(email=email):
            return Line("participants", email, "", f"{email} takes no part any more")
        case Watched(agent=agent):
            return Line("watchers", "", agent, f"{agent} watches it")
        case Unwatched(agent=agent):
            return Line("watchers", agent, "", f"{agent} watches it no more")
        case FieldSet(name=name, value=value):
            return _value(f"field.{name}"[:32], before and before.fields.get(name), value)
        case Snoozed(until=until):
            new = f"asleep until {_moment(until)}" if until else "awake"
            return Line("snoozed_until", _text(before and before.snoozed_until), _text(until), new)
        case DueSet(at=at):
            return Line("due_at", _text(before and before.due_at), _text(at), f"promised for {_moment(at)}")
        case Escalated(level=level, to=to, reason=reason):
            text = f"escalated to level {level}{f', {to}' if to else ''}{f': {reason}' if reason else ''}"
            return Line("escalation", _text(before and before.escalation), str(level), text)
        case CloseWarned():
            return Line("closing", "", "", "the customer is told that it will be closed")
        case Merged() | Absorbed() | Linked():
            return _kinship(change)
        case Restored(values=values):
            return Line("restored", "", "", "; ".join(_restored(before, name, value) for name, value in values))
        case Paused(because=because):
            return Line("clock", "running", "paused", f"the clock stands: {because}")
        case Resumed(because=because):
            return Line("clock", "paused", "running", f"the clock runs: {because}")
        case PolicyAsked(policy=policy):
            return _value("sla_policy", before and before.sla_asked, policy)
        case TargetMet(target=target, at=at, due_at=due):
            promised = f", promised for {_moment(due)}" if due else ", nothing was promised"
            return Line("sla_met", target, _moment(at), f"{target.replace('_', ' ')} at {_moment(at)}{promised}")
        case TargetMissed(target=target, due_at=due):
            return Line("sla_missed", target, _moment(due), f"{target.replace('_', ' ')} missed, due {_moment(due)}")
        case Responded(at=at):
            return Line("first_response_at", "", at.isoformat(), "first answer to the customer")
        case Unanswered():
            return Line(
                "first_response_at", _text(before and before.first_response_at), "", "the answer did not arrive"
            )
        case AddressFailed(email=email, reason=reason):
            return Line("undeliverable", "", reason, f"mail to {email} fails: {reason}")
        case AddressWorks(email=email):
            return Line("undeliverable", "", "", f"{email} is in use again")
        case RequesterChanged(email=email):
            return _value("requester", before and before.requester.email, email)
        case Rated(rating=rating, feedback=feedback):
            return Line(
                "rating", _text(before and before.rating), str(rating), f"rated {rating} of 5. {feedback}".strip()
            )
        case CannedUsed(name=name):
            return Line("canned", "", name, f"the canned response {name} was sent")
        case Tagged(tag=tag):
            return Line("tags", "", tag, f"tag {tag}")
        case Untagged(tag=tag):
            return Line("tags", tag, "", f"tag {tag} taken off")
        case PriorityChanged(to=to):
            return _value("priority", before and before.priority, to)
        case CategoryChanged(to=to):
            return _value("category", before and before.category, to)
        case Assigned(to=to):
            return _value("assignee", before and before.assignee, to)
        case _:
            assert_never(change)


def retell(before: Ticket, after: Ticket, change: Change) -> list[Line]:
    """The lines of a change. One that moves several fields at once has a line for each as well, as if they were changed
    one by one: whoever reads a history back, or counts its lines, finds them there."""
    if isinstance(change, Restored):
        rest = tuple((name, value) for name, value in change.values if name not in _RETOLD)
        own = [describe(before, Restored(rest))] if rest else []
        return own + [describe(before, one) for one in _one_by_one(before, after)]
    own = [describe(before, change)]
    if before.status.is_done is not after.status.is_done and own[0].field != "status":
        own.append(describe(before, StatusChanged(after.status)))  # figures count every end and new beginning by it
    return own


def _one_by_one(before: Ticket, after: Ticket) -> Iterator[Change]:
    if after.status is not before.status:
        yield StatusChanged(after.status)
    if after.priority is not before.priority:
        yield PriorityChanged(after.priority)
    if after.category != before.category:
        yield CategoryChanged(after.category)
    if after.team != before.team:
        yield TeamChanged(after.team)
    if after.assignee != before.assignee:
        yield Assigned(after.assignee)
    yield from map(Tagged, sorted(after.tags - before.tags))
    yield from map(Untagged, sorted(before.tags - after.tags))


_RETOLD = frozenset({"status", "priority", "category", "team", "assignee", "tags"})


def _kinship(change: Merged | Absorbed | Linked) -> Line:
    match change:
        case Merged(number=number):
            return Line("merged_into", "", number, f"merged into {number}")
        case Absorbed(number=number):
            return Line("absorbed", "", number, f"{number} was merged into this one")
        case Linked(number=number, kind=kind):
            return Line("link", "", number, f"{kind}: {number}")


def _restored(before: Ticket | None, name: str, value: object) -> str:
    return f"{name}: {_plain(getattr(before, name, None))} → {_plain(value)}"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, tuple | frozenset):
        return ", ".join(sorted(map(str, value))) or "none"
    return _text(value) or "none"


def _targets(change: TargetsSet) -> Line:
    due = [f"first response {_moment(change.first_response_due)}"]
    due += [f"next response {_moment(change.next_response_due)}"] if change.next_response_due else []
    new = ", ".join([*due, f"resolution {_moment(change.resolution_due)}"])
    return Line("sla", "", new, f"due: {new}")


def _message(change: MessageAdded) -> Line:
    what = {Visibility.PUBLIC: "message", Visibility.INTERNAL: "note"}.get(change.visibility, "held message")
    return Line("message", "", change.visibility, f"{what} of {change.sender or 'nobody'}")


def _value(field: str, old: object, new: object) -> Line:
    return Line(field, _text(old), _text(new), f"{field}: {_text(old) or 'none'} → {_text(new) or 'none'}")


def _text(value: object) -> str:
    return "" if value is None else str(value)


# What ISO 8601 has of a moment before its zone. It takes a fifth of what strftime does.
_SECONDS = len("2026-03-01 09:00:00")


def _moment(at: datetime | None) -> str:
    return f"{at.isoformat(' ', 'seconds')[:_SECONDS]} UTC" if at else "none"
