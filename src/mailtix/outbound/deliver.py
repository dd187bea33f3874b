"""One delivery: book → send → record. No transaction is open while the network is used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from mailtix.model.outgoing import Deferred, Delivered, DeliveryOutcome, Rejected
from mailtix.outbound.backoff import next_attempt
from mailtix.outbound.courier import Courier
from mailtix.store import kinship, outbox, tickets
from mailtix.store.engine import DatabaseError, Session, Sessions
from mailtix.store.outbox import Booked
from mailtix.store.tickets import HistoryRow

# Nobody else tries the mail meanwhile: longer than the slowest dialogue may last (dialogue.py: 600 s for the last reply
# alone, RFC 5321 section 4.5.3.2.6). After a crash it is the longest that the mail waits for its next attempt.
_BOOKED = timedelta(minutes=20)


class DeliveryLog(Protocol):
    """What a delivery tells the log."""

    def sent(self, outbox: int, rcpt: str, reply: str) -> None: ...

    def deferred(self, outbox: int, rcpt: str, reply: str, next_at: object) -> None: ...

    def rejected(self, outbox: int, rcpt: str, reply: str) -> None: ...

    def outcome_unknown(self, outbox: int, rcpt: str, because: str) -> None: ...


Failed = Callable[[Session, Booked, str, datetime], tuple[int, ...]]
"""Told, inside the recording transaction, that a mail will never arrive: (session, mail, the reply, now). Returns the
numbers of the mails that are to leave because of it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivers mails of the outbox by their number. `chance` gives numbers from 0 to 1 for the jitter.

    `unrecorded` are attempts that were made and are not written down yet, with the time until which that makes sense.
    """

    sessions: Sessions
    courier: Courier
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    failed: Failed
    ring: Callable[[int], None]
    log: DeliveryLog
    unrecorded: deque[tuple[Booked, DeliveryOutcome, datetime]] = field(default_factory=deque)

    def deliver(self, number: int) -> bool:
        """Tries to deliver one mail, if it is due and nobody else has booked it. Returns whether it was tried."""
        until = self.clock() + _BOOKED
        booked = self._book(number, until)
        if booked is None:
            return False
        self._settle(booked, self.courier.deliver(booked.mail), until)
        return True

    def settle(self) -> None:
        """Records what could not be recorded when it happened, because the database was away."""
        for _ in range(len(self.unrecorded)):
            booked, outcome, until = self.unrecorded.popleft()
            if self.clock() < until:  # from then on somebody else may have made another attempt
                self._settle(booked, outcome, until)

    def _settle(self, booked: Booked, outcome: DeliveryOutcome, until: datetime) -> None:
        now = self.clock()
        again = next_attempt(booked.attempts, now, self.chance())
        try:
            further = self._record(booked, outcome, again, now)
        except DatabaseError:
            self.unrecorded.append((booked, outcome, until))
            raise
        self._tell(booked, outcome, again)
        for number in further:
            self.ring(number)

    def _record(
        self, booked: Booked, outcome: DeliveryOutcome, again: datetime | None, now: datetime
    ) -> tuple[int, ...]:
        state, next_at = _state(outcome, again)
        with self.sessions.begin() as session:
            if not outbox.record(session, booked, state, outcome.reply, now, next_at):
                return ()
            if isinstance(outcome, Deferred) and outcome.unknown:
                outbox.note_unknown(session, booked.id, now)
                _note_unknown(session, booked, outcome.reply, now)
            return self.failed(session, booked, outcome.reply, now) if state == "failed" else ()

    def _book(self, number: int, until: datetime) -> Booked | None:
        now = self.clock()
        with self.sessions.begin() as session:
            booked = outbox.book(session, number, now, until)
            if booked is not None and booked.unknown:
                _note_unknown(session, booked, _never_recorded(booked), now)
        if booked is not None and booked.unknown:
            self.log.outcome_unknown(booked.id, booked.mail.rcpt_to, _never_recorded(booked))
        return booked

    def _tell(self, booked: Booked, outcome: DeliveryOutcome, again: datetime | None) -> None:
        rcpt = booked.mail.rcpt_to
        if isinstance(outcome, Deferred) and outcome.unknown:
            self.log.outcome_unknown(booked.id, rcpt, outcome.reply)
        if isinstance(outcome, Delivered):
            self.log.sent(booked.id, rcpt, outcome.reply)
        elif isinstance(outcome, Deferred) and again is not None:
            self.log.deferred(booked.id, rcpt, outcome.reply, again)
        else:
            self.log.rejected(booked.id, rcpt, outcome.reply)


def _state(outcome: DeliveryOutcome, again: datetime | None) -> tuple[str, datetime | None]:
    """What the mail is after that outcome, and when it is tried again."""
    match outcome:
        case Delivered():
            return "sent", None
        case Deferred() if again is not None:
            return "queued", again
        case Deferred() | Rejected():
            return "failed", None


def _never_recorded(booked: Booked) -> str:
    """Whoever made the attempt has ended, or lost the database, between sending and writing down what came of it."""
    return f"outcome unknown: attempt {booked.attempts - 1} was begun and never recorded"


def _note_unknown(session: Session, booked: Booked, because: str, now: datetime) -> None:
    """The ticket's history says that the mail may come twice: each repeat is the same mail, by its Message-ID."""
    if booked.ticket_id is None:
        return
    merged = kinship.followed(session, booked.company_id, [booked.ticket_id])
    text = f"it is not known whether the mail to {booked.mail.rcpt_to} arrived; it is sent again as the same mail"
    line = HistoryRow(now, "mailtix", "outcome_unknown", "", "", text, because, f"O{booked.id}")
    tickets.add_history(session, merged.get(booked.ticket_id, booked.ticket_id), [line])
