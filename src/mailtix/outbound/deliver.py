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
from mailtix.store import outbox
from mailtix.store.engine import DatabaseError, Session, Sessions
from mailtix.store.outbox import Booked

# Nobody else tries the mail meanwhile: longer than the slowest dialogue may last (dialogue.py: 600 s for the last reply
# alone, RFC 5321 section 4.5.3.2.6). After a crash it is the longest that the mail waits for its next attempt.
_BOOKED = timedelta(minutes=20)


class DeliveryLog(Protocol):
    """What a delivery tells the log."""

    def sent(self, outbox: int, rcpt: str, reply: str) -> None: ...

    def deferred(self, outbox: int, rcpt: str, reply: str, next_at: object) -> None: ...

    def rejected(self, outbox: int, rcpt: str, reply: str) -> None: ...


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
        with self.sessions.begin() as session:
            match outcome:
                case Delivered(reply=reply):
                    outbox.record(session, booked.id, "sent", reply, now)
                case Deferred(reply=reply) if again is not None:
                    outbox.record(session, booked.id, "queued", reply, now, again)
                case Deferred(reply=reply) | Rejected(reply=reply):
                    outbox.record(session, booked.id, "failed", reply, now)
                    return self.failed(session, booked, reply, now)
        return ()

    def _book(self, number: int, until: datetime) -> Booked | None:
        with self.sessions.begin() as session:
            return outbox.book(session, number, self.clock(), until)

    def _tell(self, booked: Booked, outcome: DeliveryOutcome, again: datetime | None) -> None:
        rcpt = booked.mail.rcpt_to
        if isinstance(outcome, Delivered):
            self.log.sent(booked.id, rcpt, outcome.reply)
        elif isinstance(outcome, Deferred) and again is not None:
            self.log.deferred(booked.id, rcpt, outcome.reply, again)
        else:
            self.log.rejected(booked.id, rcpt, outcome.reply)
