"""#show and #full of a ticket that is named, from the desk address or from another ticket's mail. Pure."""

from __future__ import annotations

from mailtix.authorise.permissions import no_ticket
from mailtix.commands.grammar import Command
from mailtix.commands.wrong import Wrong
from mailtix.desk import show
from mailtix.desk.errand import Errand, Handler, Handlers
from mailtix.draft import Draft
from mailtix.model.copies import replace
from mailtix.model.ticket import Ticket


def _there(handler: Handler) -> Handler:
    """The handler, about the ticket whose number comes first; without one about the ticket of the mail."""

    def handle(errand: Errand, command: Command) -> str | Wrong:
        ticket = _named(errand, command)
        if isinstance(ticket, Wrong):
            return ticket
        if ticket is None:
            return handler(errand, command)
        draft = Draft(ticket, errand.facts.company.name, errand.draft.now)
        there = replace(errand, draft=draft)  # what it shows, it shows in the same mail
        said = handler(there, replace(command, argument=command.argument.partition(" ")[2].strip()))
        errand.original = there.original
        for ask in draft.asks:
            errand.draft.ask(ask)
        return said

    return handle


def _named(errand: Errand, command: Command) -> Ticket | Wrong | None:
    """The ticket of another number than the mail's own, None where none is named."""
    number = (command.words or ("",))[0].strip("[](){}<>\"',.;:").upper()
    named, has_own = errand.facts.named, errand.draft.before is not None
    if has_own and number.isdecimal():  # a message of this ticket, as #show counts them
        return None
    ticket = named.tickets.get(number)
    if ticket is None:
        if has_own and number not in named.near:
            return None
        if not number:
            return Wrong(f"#{command.word} needs the number of a ticket here")
        near = named.near.get(number, "")
        return Wrong(f"there is no ticket {number}{f', did you mean {near}?' if near else ''}")
    if no := no_ticket(errand.agent, ticket, errand.facts.company):
        return Wrong(f"you may not read {ticket.number}: {no}")
    return ticket


HANDLERS: Handlers = {word: _there(handler) for word, handler in show.HANDLERS.items()}
