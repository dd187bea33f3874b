"""#token: numbers for visits are issued, given to colleagues, closed and listed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from mailtix.commands.grammar import Command
from mailtix.commands.people import called, is_address
from mailtix.commands.wrong import Wrong, one_of
from mailtix.desk import tokens
from mailtix.desk.errand import Errand, Handlers
from mailtix.desk.listed import span
from mailtix.model.decision import Row, Table, Tap
from mailtix.model.desk import Agent, AgentRole
from mailtix.model.ticket import Ticket
from mailtix.model.token import (
    AskNewToken,
    AskOpenTokens,
    AskToken,
    Token,
    TokenAssigned,
    TokenClosed,
    TokenIssued,
)
from mailtix.tokens import evolve, read, refusal

_MOST_LISTED = 50
_LONGEST_CATEGORY = 100
_UNKNOWN = "is still to be looked up"


def token(errand: Errand, command: Command) -> str | Wrong:
    """#token [ADDRESS] [CATEGORY], #token assign NUMBER WHO, #token close NUMBER …, #token list"""
    words = command.words
    match words[0].lower() if words else "":
        case "list" if len(words) == 1:
            return _list(errand)
        case "close":
            return _close(errand, command, words[1:])
        case "assign":
            return _assign(errand, command, words[1:])
        case _:
            return _issue(errand, command, words)


def _issue(errand: Errand, command: Command, words: Sequence[str]) -> str | Wrong:
    """For the ticket's customer, or for whom is named."""
    ticket = errand.ticket if errand.draft.before is not None else None
    named = bool(words) and "@" in words[0]
    email = _person(errand, words[0] if named else "", ticket)
    if isinstance(email, Wrong):
        return email
    category = _category(errand, " ".join(words[1:] if named else words), ticket)
    if isinstance(category, Wrong):
        return category
    drafted = errand.draft
    place = sum(isinstance(step.change, TokenIssued) for step in drafted.tokens)
    place += sum(isinstance(ask, AskNewToken) for ask in drafted.asks)
    ask = AskNewToken(place, email)
    new = errand.facts.tokens.new.get(ask)
    if new is None:
        drafted.ask(ask)
        return _UNKNOWN
    company = errand.facts.company
    owner = company.agent(ticket.assignee) if ticket else None
    issued = tokens.issue(drafted, company, new, (category, owner), _doer(errand, command))
    why = tokens.untold(new.person, ticket)
    yourself = f"; tell it yourself, for {why}" if why else ""
    return f"the number is {issued.number}, for {email}{f' ({category})' if category else ''}{yourself}"


def _person(errand: Errand, named: str, ticket: Ticket | None) -> str:
    """The address that the token is for. A Wrong says why there is none."""
    company, email = errand.facts.company, named.strip("<>").lower()
    if not named:
        if ticket is None:
            return Wrong("#token needs an address here, such as #token ann@example.org")
        return ticket.requester.email or Wrong("the customer of this ticket has no address; name one")
    if not is_address(email):
        return Wrong(f"{named!r} is no address; write it as #token ann@example.org")
    if company.mailbox(email) is not None:
        return Wrong(f"{email} is one of our own mailboxes; nobody there could come")
    if agent := company.agent(email):
        return Wrong(f"{agent.name} is a colleague; tokens are for customers")
    if ticket is not None and email not in (ticket.requester.email, *ticket.participants):
        return Wrong(f"{email} takes no part in this ticket; #cc {email} first, or write that to the desk address")
    return email


def _category(errand: Errand, named: str, ticket: Ticket | None) -> str:
    """What the visit is about: as named, else as the ticket is. A Wrong says what there is."""
    company, agent = errand.facts.company, errand.agent
    if not named:
        found = ticket.category if ticket else ""
    elif len(named) > _LONGEST_CATEGORY:
        return Wrong(f"a category has at most {_LONGEST_CATEGORY} characters")
    elif company.categories:
        found = one_of(named, company.categories, "category", parts=True)
    else:
        found = named.lower()
    if isinstance(found, Wrong) or agent.works_on(found) or (ticket is not None and found == ticket.category):
        return found
    return Wrong(f"yours are the categories {', '.join(agent.categories)}")


def _close(errand: Errand, command: Command, numbers: Sequence[str]) -> str | Wrong:
    if not numbers:
        return Wrong("#token close needs a number, such as #token close TK000123")
    said = []
    for number in numbers:
        found = _known(errand, number.strip(",;"))
        if found is None:
            said.append(_UNKNOWN)
            continue
        if isinstance(found, Wrong):
            return found
        if no := refusal(TokenClosed(found)):
            return Wrong(no)
        tokens.close(errand.draft, found, _doer(errand, command))
        said.append(f"{found.number} of {found.person.email} is closed")
    return "; ".join(said)


def _assign(errand: Errand, command: Command, words: Sequence[str]) -> str | Wrong:
    if len(words) < 2:
        return Wrong("#token assign needs a number and a person, such as #token assign TK000123 bob")
    company = errand.facts.company
    owner = called(" ".join(words[1:]), company, errand.agent)
    if not isinstance(owner, Agent):
        return Wrong(owner)
    found = _known(errand, words[0])
    if found is None:
        return _UNKNOWN
    if isinstance(found, Wrong):
        return found
    if no := refusal(TokenAssigned(found, owner.key)):
        return Wrong(no)
    tokens.assign(errand.draft, company, found, owner, _doer(errand, command))
    return f"{found.number} of {found.person.email} is looked after by {owner.name}"


def _known(errand: Errand, text: str) -> Token | Wrong | None:
    """The token with that number, as the commands so far have left it; None while it is still to be looked up."""
    number = read(text)
    if not number:
        return Wrong(f"{text!r} is no number of a token; it looks like TK000123")
    if number not in errand.facts.tokens.by_number:
        errand.draft.ask(AskToken(number))
        return None
    found = errand.facts.tokens.by_number[number]
    if found is None:
        return Wrong(f"there is no token {number}; #token list shows those that are open")
    for step in errand.draft.tokens:
        if step.change.token.number == number:
            found = evolve(step.change, step.actor, errand.draft.now)
    agent = errand.agent
    if not (agent.works_on(found.category) or found.assignee == agent.key):
        return Wrong(f"{number} is about {found.category}, and yours are: {', '.join(agent.categories)}")
    return found


def _list(errand: Errand) -> str:
    """Those that are open, as far as they are his to see."""
    known, agent = errand.facts.tokens, errand.agent
    if known.open is None:
        limited = agent.categories and agent.role is AgentRole.AGENT
        errand.draft.ask(AskOpenTokens(_MOST_LISTED, ("", *agent.categories) if limited else None))
        return _UNKNOWN
    if not known.open:
        return "no token is open"
    heads = ("Number", "For", "Category", "With", "Ticket", "Age")
    errand.tables.append(Table("Open tokens", heads, tuple(_row(errand, found) for found in known.open)))
    more = f", the oldest {len(known.open)} of them are listed" if known.open_count > len(known.open) else ""
    return f"{known.open_count} {'token is' if known.open_count == 1 else 'tokens are'} open{more}"


def _row(errand: Errand, found: Token) -> Row:
    owner = errand.facts.company.agent(found.assignee)
    cells = (
        found.number,
        found.person.name or found.person.email,
        found.category,
        owner.name if owner else found.assignee,
        found.ticket_number,
        span(errand.draft.now - found.issued_at),
    )
    return Row(cells, (Tap("Close", f"#token close {found.number}"),))


def _doer(errand: Errand, command: Command) -> tokens.Doer:
    return tokens.Doer(errand.agent.key, errand.because(command))


HANDLERS: Handlers = {"token": token}
