"""The addresses of a customer: which are his, and what comes to them by itself. Pure."""

from __future__ import annotations

from datetime import datetime

from mailtix.commands.grammar import Command
from mailtix.confirming import MOST, WITHIN
from mailtix.customers.order import NOT, added, address_in, order_of
from mailtix.customers.service import Handlers, Service
from mailtix.facts import Facts
from mailtix.model.decision import AskConfirmations, Decision, Notice, Outcome, Phrase, Said
from mailtix.model.personal import Preferred
from mailtix.model.standing import ConfirmationAsked, Joined, Parted
from mailtix.notify.preferences import AUTOMATIC

_SURVEYS = "surveys"  # whoever wants automatic mail again wants to be asked again, too


def _me(service: Service, command: Command) -> None:
    """#me shows his addresses, #me also ADDRESS adds one, #me not ADDRESS takes one away."""
    words = command.words
    email = address_in(words[1]) if len(words) == 2 else ""
    known = [person.email for person in service.addresses]
    if not words:
        service.say("mine", emails=", ".join(known))
    elif not email:
        service.say("me_how")
    elif words[0].lower() in NOT:
        _not(service, email, known)
    elif email in known:
        service.say("me_already", email=email)
    else:
        _ask(service, email)


def _not(service: Service, email: str, known: list[str]) -> None:
    if email not in known or len(known) == 1:
        service.say("me_unknown", email=email)
        return
    service.draft.mark(Parted(email))
    service.say("me_parted", email=email)


def _ask(service: Service, email: str) -> None:
    """The other address is asked, in a mail that tells nothing of any ticket. He hears the same whoever owns it."""
    facts, draft = service.facts, service.draft
    service.say("me_asked", email=email)
    if any(decision.outcome is Outcome.HELD for decision in draft.others):
        return  # one mail asks one address
    if facts.company.agent(email) is not None or facts.company.mailbox(email) is not None:
        return
    if facts.confirmations is None:
        draft.ask(AskConfirmations(email, draft.now - WITHIN))
    if facts.confirmations is None or facts.confirmations >= MOST:
        return
    phrase = Phrase("join", (("email", email), ("other", service.customer.email)))
    because = f"{service.customer.email} says that it is his as well"
    told = Notice("join", email, "", False, because, service.customer.language, Said(phrases=(phrase,)))
    mark = ConfirmationAsked(email, draft.now + WITHIN)
    draft.also(Decision(Outcome.HELD, because, notices=(told,), marks=(mark,)))


def joined(facts: Facts, now: datetime) -> Decision | None:
    """What a mail does that was confirmed from another address than its own: the two are one customer's. None for all
    other mail. Nobody was asked there before it was certain who wrote the mail."""
    sender, email = facts.sender, facts.confirmed
    if email in ("", facts.mail.from_.addr.lower()):
        return None
    first = facts.asked.facts if facts.asked is not None else None  # his yes may have made the mail ask the other
    if email not in map(added, order_of(first or facts).commands):
        return Decision(Outcome.REFUSED, f"nobody has asked {email} for anything")
    because = f"{email} has confirmed that it is an address of {sender.email}"
    said = Said(phrases=(Phrase("me_joined", (("email", sender.email), ("other", email))),))
    told = tuple(Notice("told", to, "", False, because, sender.language, said) for to in (sender.email, email))
    return Decision(Outcome.COMMANDED, because, notices=told, marks=(Joined(sender.email, email),))


def _stop(service: Service, command: Command) -> None:
    """No more mail that makes itself; people's answers still come."""
    service.draft.set(Preferred(service.customer.email, AUTOMATIC, "off"))
    service.say("stopped", email=service.customer.email, company=service.facts.company.name)


def _start(service: Service, command: Command) -> None:
    for key in (AUTOMATIC, _SURVEYS):
        service.draft.set(Preferred(service.customer.email, key, ""))
    service.say("started", email=service.customer.email, company=service.facts.company.name)


HANDLERS: Handlers = {"me": _me, "stop": _stop, "start": _start}
