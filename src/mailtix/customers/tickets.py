"""What a customer asks about his tickets, and does with them. Pure."""

from __future__ import annotations

from mailtix import surveys
from mailtix.commands.grammar import Command
from mailtix.customers.service import Handlers, Service
from mailtix.model.change import StatusChanged
from mailtix.model.decision import AskQuery, Phrase, Row, Table, Tap
from mailtix.model.ticket import Status, Ticket
from mailtix.rating import rate
from mailtix.ruling import follow_rating
from mailtix.tickets.moves import refusal


def _status(service: Service, command: Command) -> None:
    """How the ticket stands, as far as it concerns him."""
    ticket = service.ticket
    if ticket is None:
        _which(service)
        return
    service.say("status", number=ticket.number, subject=ticket.subject, status=ticket.status)
    moments = {"opened": ticket.created_at, "changed": ticket.updated_at}
    if not ticket.status.is_done and ticket.first_response_at is None:
        moments["expected"] = ticket.first_response_due
    service.phrases += [Phrase(key, (("moment", at),)) for key, at in moments.items() if at is not None]


def _close(service: Service, command: Command) -> None:
    ticket = service.ticket
    if ticket is None:
        _which(service)
    elif ticket.status is Status.CLOSED:
        service.say("closed_already", number=ticket.number)
    elif _move(service, command, ticket, Status.CLOSED):
        service.say("closed", number=ticket.number)


def _reopen(service: Service, command: Command) -> None:
    ticket = service.ticket
    if ticket is None:
        _which(service)
    elif not ticket.status.is_done:
        service.say("open_already", number=ticket.number, status=ticket.status)
    elif _move(service, command, ticket, Status.REOPENED):
        service.say("reopened", number=ticket.number)


def _move(service: Service, command: Command, ticket: Ticket, to: Status) -> bool:
    """Whether the ticket may go there, and does."""
    if refusal(ticket.status, to):
        service.say("cannot", number=ticket.number, status=ticket.status)
        return False
    service.draft.change(StatusChanged(to), service.customer.email, service.why(command))
    service.acts.append(f"status: {ticket.status} → {to}")
    return True


def _rate(service: Service, command: Command) -> None:
    """A mark with words, as if he had been asked."""
    ticket, rated = service.ticket, surveys.answer(command.argument)
    if rated is None:
        service.say("rate_how")
    elif ticket is None:
        _which(service)
    elif not ticket.status.is_done:
        service.say("rate_later", number=ticket.number)
    else:
        rate(service.facts, service.policy, service.draft, rated, service.why(command))
        follow_rating(service.facts, service.policy, service.draft)
        service.say("rated", rating=str(rated.rating))


def _tickets(service: Service, command: Command) -> None:
    """All of his tickets, from whichever of his addresses, the newest first."""
    found: dict[int, Ticket] = {}
    total = 0
    for person in service.addresses:
        ask = AskQuery("", requester=person.id)
        hits = service.facts.hits.get(ask)
        if hits is None:
            service.draft.ask(ask)
            continue
        total += hits.total
        found |= {ticket.id: ticket for ticket in hits.tickets}
    if not found:
        service.say("no_tickets")
        return
    newest = sorted(found.values(), key=lambda ticket: -ticket.id)[:_MOST]
    if len(newest) < total:
        service.say("more", count=str(len(newest)), total=str(total))
    else:
        service.say("tickets", count=str(total))
    heads = tuple(Phrase(f"head_{name}") for name in ("number", "subject", "status", "opened"))
    service.tables.append(Table("", heads, tuple(map(_row, newest))))


# A mail that holds more is not read.
_MOST = 50


def _row(ticket: Ticket) -> Row:
    what = "reopen" if ticket.status.is_done else "close"
    taps = tuple(Tap(f"#{word}", f"#{word}", ticket.id, ticket.number, ticket.subject) for word in ("status", what))
    status = Phrase("word", (("status", ticket.status),))
    return Row((ticket.number, ticket.subject, status, f"{ticket.created_at:%Y-%m-%d}"), taps)


def _which(service: Service) -> None:
    """The mail is about no ticket, so he is shown them all."""
    service.say("which")
    if not service.tables:
        _tickets(service, Command("tickets", "", "#tickets"))


HANDLERS: Handlers = {"status": _status, "close": _close, "reopen": _reopen, "rate": _rate, "tickets": _tickets}
