"""Deliveries: book → send → record. No transaction is open while the network is used."""

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
    """Delivers what is due in the outbox. `chance` gives numbers from 0 to 1 for the jitter.

    `unrecorded` are attempts that were made and are not written down yet.
    """

    sessions: Sessions
    courier: Courier
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    failed: Failed
    ring: Callable[[int], None]
    log: DeliveryLog
    unrecorded: deque[tuple[Booked, DeliveryOutcome]] = field(default_factory=deque)

    def deliver(self, most: int, goes_on: Callable[[], bool]) -> int:
        """Tries to deliver what is due, the longest due first, as long as `goes_on` says so, up to `most` mails.
        Returns how many were tried."""
        tried, booked = 0, self._first()
        while booked is not None:
            outcome = self.courier.deliver(booked.mail)
            tried += 1
            booked = self._settle(booked, outcome, further=tried < most and goes_on())
        return tried

    def settle(self) -> None:
        """Records what could not be recorded when it happened, because the database was away."""
        for _ in range(len(self.unrecorded)):
            booked, outcome = self.unrecorded.popleft()
            if self.clock() < booked.until:  # from then on somebody else may have made another attempt
                self._settle(booked, outcome, further=False)

    def _first(self) -> Booked | None:
        with self.sessions.begin() as session:
            booked = self._book(session)
        self._tell_of_unknown(booked)
        return booked

    def _settle(self, booked: Booked, outcome: DeliveryOutcome, *, further: bool) -> Booked | None:
        """Records what came of an attempt, and books the next one in the same transaction if there is to be one."""
        now = self.clock()
        again = next_attempt(booked.attempts, now, self.chance())
        try:
            with self.sessions.begin() as session:
                left = self._record(session, booked, (outcome, again), now)
                following = self._book(session) if further else None
        except DatabaseError:
            self.unrecorded.append((booked, outcome))
            raise
        self._tell(booked, outcome, again)
        for number in left:
            self.ring(number)
        self._tell_of_unknown(following)
        return following

    def _record(
        self, session: Session, booked: Booked, came: tuple[DeliveryOutcome, datetime | None], now: datetime
    ) -> tuple[int, ...]:
        outcome, again = came
        state, next_at = _state(outcome, again)
        if not outbox.record(session, booked, state, outcome.reply, now, next_at):
            return ()
        if isinstance(outcome, Deferred) and outcome.unknown:
            outbox.note_unknown(session, booked.id, now)
            _note_unknown(session, booked, outcome.reply, now)
        return self.failed(session, booked, outcome.reply, now) if state == "failed" else ()

    def _book(self, session: Session) -> Booked | None:
        now = self.clock()
        booked = outbox.book(session, now, now + _BOOKED)
        if booked is not None and booked.unknown:
            _note_unknown(session, booked, _never_recorded(booked), now)
        return booked

    def _tell_of_unknown(self, booked: Booked | None) -> None:
        if booked is not None and booked.unknown:
            self.log.outcome_unknown(booked.id, booked.mail.rcpt_to, _never_recorded(booked))

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
