"""What an agent's mail speaks of besides its own ticket: other tickets by their numbers, and the notice it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailtix.house import House
from mailtix.model.conversation import Named, Spoken
from mailtix.model.mail import InboundMail
from mailtix.model.making import quickly_made
from mailtix.model.ticket import Ticket
from mailtix.store import conversations, outbox, tickets
from mailtix.store.engine import Session
from mailtix.store.outbox import SentMail
from mailtix.tickets import numbers

# The mail that is answered is named first or last; a thread of a hundred mails is not looked up for it.
_MOST_IDS = 4


@quickly_made
@dataclass(frozen=True, slots=True)
class Mentions:
    """The ids of the tickets whose numbers stand in command lines, by number in upper case; for numbers that there are
    not, one that may have been meant; and our mail to this agent that he answers."""

    ids: Mapping[str, int] = field(default_factory=dict)
    near: Mapping[str, str] = field(default_factory=dict)
    copy: SentMail | None = None


def mentions(session: Session, house: House, company_id: int, mail: InboundMail, now: datetime) -> Mentions:
    """What is mentioned, within the company. From is believed here: it is only looked up, and not told to anybody."""
    if house.companies[company_id].agent(mail.from_.addr) is None:
        return _NOTHING
    words = numbers.mentioned(mail.reply)
    guesses = {word: numbers.near(word, house.number_format, now) for word in words}
    there = tickets.by_numbers(session, company_id, [*words, *(guess for some in guesses.values() for guess in some)])
    near = {word: next((guess for guess in some if guess in there), "") for word, some in guesses.items()}
    return Mentions(
        {word: there[word] for word in words if word in there},
        {word: guess for word, guess in near.items() if guess and word not in there},
        _copy(session, company_id, mail),
    )


_NOTHING = Mentions()


def named(found: Mentions, known: Mapping[int, Ticket], merged: Mapping[int, int]) -> Named:
    """The tickets that are spoken of; of a merged one that in which it is now."""
    return Named({word: known[merged.get(id_, id_)] for word, id_ in found.ids.items()}, found.near)


def overtaken(session: Session, found: Mentions, merged: Mapping[int, int], agent: str) -> tuple[Spoken, ...]:
    """What other agents have answered to the customer since the notice was written that this one (a key) answers."""
    if found.copy is None or found.copy.ticket_id is None:
        return ()
    there = merged.get(found.copy.ticket_id, found.copy.ticket_id)
    return conversations.answers_since(session, (there,), found.copy.created_at, agent)


def _copy(session: Session, company_id: int, mail: InboundMail) -> SentMail | None:
    for message_id in list(dict.fromkeys((*mail.in_reply_to, *reversed(mail.references))))[:_MOST_IDS]:
        sent = outbox.of_message(session, company_id, message_id)
        if sent is not None and sent.rcpt_to.lower() == mail.from_.addr.lower():
            return sent
    return None
