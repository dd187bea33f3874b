"""change → history line: which field, from what, to what, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from mailtix.model.change import (
    AddressFailed,
    AddressWorks,
    Assigned,
    CategoryChanged,
    Change,
    MessageAdded,
    MessageReleased,
    Noted,
    Opened,
    ParticipantJoined,
    PriorityChanged,
    Rated,
    RequesterChanged,
    Responded,
    StatusChanged,
    Tagged,
    TargetsSet,
    TeamChanged,
    Unanswered,
    Untagged,
)
from mailtix.model.ticket import Ticket, Visibility


@dataclass(frozen=True, slots=True)
class Line:
    """One line of history. `field` names what changed; `old` and `new` are its values as text."""

    field: str
    old: str
    new: str
    text: str


def describe(before: Ticket | None, change: Change) -> Line:
    """The history line of a change made to `before`."""
    match change:
        case Opened(subject=subject, requester=requester):
            return Line("ticket", "", "open", f"opened by {requester.email or 'an unknown sender'}: {subject}")
        case MessageAdded():
            return _message(change)
        case MessageReleased(message=message, sender=sender):
            return Line("message", "held", "public", f"message {message} of {sender} was let in")
        case ParticipantJoined(email=email):
            return Line("participants", "", email, f"{email} takes part")
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
        case TargetsSet(first_response_due=first, resolution_due=resolution):
            new = f"first response {_moment(first)}, resolution {_moment(resolution)}"
            return Line("sla", "", new, f"due: {new}")
        case Rated(rating=rating, feedback=feedback):
            return Line(
                "rating", _text(before and before.rating), str(rating), f"rated {rating} of 5. {feedback}".strip()
            )
        case Noted(kind=kind, text=text):
            return Line(kind, "", "", text)
        case Tagged(tag=tag):
            return Line("tags", "", tag, f"tag {tag}")
        case Untagged(tag=tag):
            return Line("tags", tag, "", f"tag {tag} taken off")
        case StatusChanged(to=to):
            return _value("status", before and before.status, to)
        case PriorityChanged(to=to):
            return _value("priority", before and before.priority, to)
        case CategoryChanged(to=to):
            return _value("category", before and before.category, to)
        case Assigned(to=to):
            return _value("assignee", before and before.assignee, to)
        case TeamChanged(to=to):
            return _value("team", before and before.team, to)
        case _:
            assert_never(change)


def _message(change: MessageAdded) -> Line:
    what = {Visibility.PUBLIC: "message", Visibility.INTERNAL: "note", Visibility.HELD: "held message"}
    return Line("message", "", change.visibility, f"{what[change.visibility]} of {change.sender or 'nobody'}")


def _value(field: str, old: object, new: object) -> Line:
    return Line(field, _text(old), _text(new), f"{field}: {_text(old) or 'none'} → {_text(new) or 'none'}")


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "none"
