"""The work behind the doors: Dramatiq actors that are rung, and a sweep that finds what no bell has told.

The database is the queue; a message is a doorbell with a number in it. Losing one loses nothing.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import dramatiq
from dramatiq.brokers.stub import StubBroker

from mailtix import pipeline
from mailtix.bulletins import Bulletins
from mailtix.evidence.asking import Authenticating
from mailtix.evidence.scan import Scans
from mailtix.house import House
from mailtix.log import MailLog
from mailtix.outbound.deliver import Delivery
from mailtix.outbound.webhook import Hooks
from mailtix.pipeline import Result
from mailtix.store.engine import Session, Sessions, is_passing

# Mails that share a transaction: enough to make the commit cheap, few enough to hold the lock only for some 100 ms. On
# SQLite whoever accepts mail waits for it (docs/performance.md: with 50 the slowest 250 took twice as long).
_BATCH = 10
# Batches of timers after which one round of the sweep looks at everything else again, however many are due.
_ROUND = 20
# Mails that one round of the sweep delivers before it looks at the journal and the timers again.
_DUE = 200
# Found by the sweep, that many make it wake the other threads, too.
_FEW = 10
# How long the line gives way to mail that is pouring in before it does one batch after all, and how often it looks
# whether that is still so, both in seconds. Who accepts mail has somebody waiting for the answer; the line has not.
_PATIENCE = 0.25
_GLANCE = 0.005
# A burst has its tickets afterwards. A load that leaves the line behind for longer than that many seconds is no burst:
# from then on the line only takes a breath between its bites, or it would not keep up with what it could do.
_BURST = 5.0
_BREATH = 0.01
# What shares a transaction then: whoever accepts mail waits for its end.
_CROWDED = 3
_SWEEP_SECONDS = 1.0
# Looking whether a calendar file is a day old costs next to nothing; fetching has its own times.
_FETCH_SECONDS = 60.0
# How often it is asked whether somebody can take what nobody could.
_QUEUES = timedelta(seconds=10)
_DEAF_SECONDS = 10.0
# Bells for deliveries that wait unheard in one process. Each that is heard wakes one more thread to deliver.
_UNHEARD = 4
# A deadlock or a lost connection may happen once or twice; thrice in a row is something else.
_TRIES = 3


class Work:
    """What there is to do, as plain calls. Safe to call from any thread; none of them raises."""

    def __init__(
        self,
        sessions: Sessions,
        house: Callable[[], House],
        line: Callable[[int], list[Result]],
        delivery: Delivery,
        clock: Callable[[], datetime],
        log: MailLog,
    ) -> None:
        self._sessions = sessions
        self._house = house
        self._line = line
        self._delivery = delivery
        self._clock = clock
        self._log = log
        self._wanted = False
        self._busy = threading.Lock()
        self._ended = threading.Event()
        self.more_timers = False
        self.crowded: Callable[[], bool] = lambda: False  # whether mail is pouring in right now
        self._behind: float | None = None  # since when mail is left over because the line gave way
        self._lining: float | None = None  # since when the line has had more to do than one batch
        self.carriers = threading.Semaphore(1)  # how many threads deliver, beside the sweep
        self._leaving = False
        self.ring_delivery: Callable[[int], None] = lambda number: None
        self.look: Callable[[], None] = lambda: None
        self.beat: Callable[[], None] = lambda: None  # says that this process is there
        self.scans: Scans | None = None
        self.bulletins: Bulletins | None = None
        self.hooks: Hooks | None = None
        self.fetch: Callable[[], None] | None = None  # calendars that are older than a day
        self._queued: datetime | None = None
        self._scanning = threading.Lock()
        self.authenticating: Authenticating | None = None
        self._asking = threading.Lock()

    def mails(self) -> None:
        """Processes what is due in the journal. One thread of a process does it; who comes meanwhile only says that
        there is more to do."""
        self._wanted = True
        while self._wanted and not self._stopping and self._busy.acquire(blocking=False):
            try:
                while self._wanted and not self._stopping:
                    self._wanted = False
                    if not self._drain("process mails", self._mails_in_line):
                        self._behind = None
            finally:
                self._lining = None
                self._busy.release()

    def _mails_in_line(self, limit: int) -> list[Result]:
        results = self._line(limit)
        if len(results) < limit:
            self._lining = None
        elif self._lining is None:
            self._lining = time.monotonic()
        return results

    def mail(self, number: int) -> None:
        """The bell of an accepted mail. Which one it was does not matter: whatever is due is done, oldest first."""
        self.mails()
        self.authenticate()
        self.scan()

    def scan(self) -> None:
        """Has the virus scanner asked about the mails that wait for it, and processes them."""
        self._gather(self.scans, self._scanning, "having mail scanned")

    def authenticate(self) -> None:
        """Has the DNS asked about the mails whose decision rests on who wrote them, and processes them."""
        self._gather(self.authenticating, self._asking, "finding out who wrote mail")

    def _gather(self, evidence: Scans | Authenticating | None, busy: threading.Lock, doing: str) -> None:
        """Round after round until no mail waits. One thread of a process does it, and the others go on with mail that
        waits for nothing."""
        if evidence is None or not busy.acquire(blocking=False):
            return
        try:
            while not self._stopping and evidence.round():
                self.mails()
        except Exception as error:  # what was booked comes back when its time is over
            self._log.trouble(doing, error)
        finally:
            busy.release()

    def timers(self) -> None:
        """Does what is due at this moment, as far as one round goes: `more_timers` says whether more is due."""
        self.more_timers = self._drain("process timers", self._batch(pipeline.process_timers), _ROUND)
        # One reader may have to be told of thousands of moments.
        self._drain("process late", self._batch(pipeline.process_late), batch=1)
        self.queues()

    def queues(self) -> None:
        """Gives tickets away that nobody could take, from time to time: people come back at any moment. Tells of what
        is parked, too."""
        now = self._clock()
        if self._queued is None or not self._queued <= now < self._queued + _QUEUES:
            self._queued = now
            self._drain("process queues", self._batch(pipeline.process_queues))
            self._drain("process parked", self._batch(pipeline.process_parked))

    def recur(self) -> None:
        """Sends the digests and reports that are due."""
        try:
            for sent in self.bulletins.round() if self.bulletins else ():
                outbox = () if sent.outbox is None else (sent.outbox,)
                self._tell(Result(sent.cause, "failed" if sent.failed else "recurring", sent.because, outbox=outbox))
                if self._stopping:
                    return
        except Exception as error:  # what is not claimed is still due
            self._log.trouble("sending recurring mail", error)

    def call(self) -> int:
        """Tells other programs what they are to be told. Returns how many calls were made."""
        try:
            return self.hooks.round() if self.hooks and not self._stopping else 0
        except Exception as error:  # what is booked comes back when its time is over
            self._log.trouble("calling other programs", error)
            return 0

    def fetch_calendars(self) -> None:
        """Fetches the calendar files whose time has come."""
        try:
            if self.fetch is not None and not self._stopping:
                self.fetch()
        except Exception as error:  # the files stay as they are
            self._log.trouble("fetching calendars", error)

    def deliver(self, number: int) -> None:
        """The bell of a mail that is to leave. Which one it was does not matter: whatever is due is sent, the longest
        due first."""
        self._leaving = True
        while self._leaving and not self._stopping and self.carriers.acquire(blocking=False):
            try:
                self._leaving = False
                self._leave_to_line()
                if self._deliver(sys.maxsize) and self._is_pressed():
                    self._leaving = True  # it was not the end of what is due
            finally:
                self.carriers.release()

    def _deliver(self, most: int) -> int:
        try:
            return 0 if self._stopping else self._delivery.deliver(most, self._goes_on)
        except Exception as error:  # an attempt that was booked comes back when its time is over
            self._log.trouble("delivering mail", error)
            return 0

    def unheard(self) -> int:
        """Everything that is due, although nobody has rung for it. Returns how many mails it was tried to deliver."""
        try:
            self.beat()
        except Exception as error:  # the next round says it
            self._log.trouble("giving a sign of life", error)
        try:
            self.look()  # whether the rules have changed
        except Exception as error:  # the rules stay as they are
            self._log.trouble("looking for changed rules", error)
        self.mails()
        self.authenticate()
        self.scan()
        self.timers()
        self.recur()
        try:
            self._delivery.settle()
        except Exception as error:  # it is kept until the database is back
            self._log.trouble("recording deliveries", error)
            return 0
        tried = self._deliver(_FEW)
        if tried < _FEW:
            return tried
        for _ in range(_UNHEARD):  # so much that nobody has rung for is not for one thread
            self.ring_delivery(0)
        return tried + self._deliver(_DUE)

    def everything(self) -> None:
        """All that is due now, to the end: for one who works once and goes."""
        while self.unheard() or (self.more_timers and not self._stopping) or self.call():
            pass

    def leave_off(self) -> None:
        """Begins no other batch and no other delivery; what is left is in the tables."""
        self._ended.set()

    @property
    def _stopping(self) -> bool:
        return self._ended.is_set()

    def _goes_on(self) -> bool:
        return not self._stopping and (self._is_late() or not self._is_pressed())

    def _is_pressed(self) -> bool:
        """Whether mail is pouring in, or has and the line is still making tickets of it."""
        since = self._lining
        return self.crowded() or (since is not None and time.monotonic() - since < _BURST)

    def _leave_to_line(self) -> None:
        """Lets mail that is pouring in, and the line, go first for a while: an answer may leave a moment later."""
        begun = time.monotonic()
        while self._is_pressed() and not self._is_late() and time.monotonic() < begun + _PATIENCE:
            if self._ended.wait(_GLANCE):
                break

    def _give_way(self) -> bool:
        """Lets mail that is pouring in go first, for a while. Returns whether it still is."""
        begun = time.monotonic()
        while crowded := self.crowded():
            if self._behind is None:
                self._behind = begun
            patience = _BREATH if self._is_late() else _PATIENCE
            if time.monotonic() >= begun + patience or self._ended.wait(_GLANCE):
                break
        return crowded

    def _is_late(self) -> bool:
        since = self._behind
        return since is not None and time.monotonic() - since > _BURST

    def _batch(self, process: Callable[[Session, House, int, datetime], list[Result]]) -> Callable[[int], list[Result]]:
        def batch(limit: int) -> list[Result]:
            with self._sessions.begin() as session:
                return process(session, self._house(), limit, self._clock())

        return batch

    def _drain(self, doing: str, do: Callable[[int], list[Result]], most: int = 0, batch: int = _BATCH) -> bool:
        """Batch after batch until nothing is due, or `most` of them. Bells are rung after the commit. Returns whether
        there may be more."""
        tries, limit, done = _TRIES, batch, 0
        while tries and not self._stopping:
            if most and done == most:
                return True
            done += 1
            limit = min(limit, _CROWDED) if self._give_way() else limit
            try:
                results = do(limit)
            except Exception as error:  # nothing was changed; a deadlock is gone at once, all else is left to the sweep
                # Two batches that lock tickets in different order are a deadlock, and each costs PostgreSQL's second to
                # see it; a batch of one cannot be part of it.
                tries, limit = (tries - 1 if is_passing(error) else 0), 1
                if not tries:
                    self._log.trouble(doing, error)
                continue
            for result in results:
                self._tell(result)
            if len(results) < limit:
                return False
            tries, limit = _TRIES, min(2 * limit, batch)
        return False

    def _tell(self, result: Result) -> None:
        self._log.done(result)
        for number in result.outbox:
            self._log.queued(number, result.cause)
            self.ring_delivery(number)


class Bells:
    """Rings for work through Dramatiq: in this process, or through Redis to any worker.

    Retries live in the tables, so the broker has no middleware for them: Dramatiq's default would be 20 over days,
    unseen by anybody.
    """

    def __init__(self, broker: dramatiq.Broker, work: Work, log: MailLog) -> None:
        self._log = log
        # Who hears a bell does all that is due. In one process it is known which were not heard yet; few are enough.
        here = isinstance(broker, StubBroker)
        self._mail = _Bell(broker, "mail", "mails", work.mail, 1 if here else 0)
        self._deliver = _Bell(broker, "deliver", "deliveries", work.deliver, _UNHEARD if here else 0)
        self._deaf_until = 0.0

    def ring_mail(self, number: int) -> None:
        """A mail was accepted."""
        self._ring(self._mail, number)

    def ring_delivery(self, number: int) -> None:
        """A mail is to leave."""
        self._ring(self._deliver, number)

    def _ring(self, bell: _Bell, number: int) -> None:
        """A bell that does not sound is not tried again at once: whoever rings must not wait for a broker that hangs.
        The sweep does the work all the same."""
        if time.monotonic() < self._deaf_until:
            return
        try:
            bell.ring(number)
        except Exception as error:
            self._deaf_until = time.monotonic() + _DEAF_SECONDS
            self._log.trouble("the broker cannot be reached; the sweep goes on without it", error)


class _Bell:
    """One kind of bell. With `most` no more than that many wait unheard; 0 knows no limit."""

    def __init__(
        self, broker: dramatiq.Broker, name: str, queue: str, answer: Callable[[int], None], most: int
    ) -> None:
        self._answer = answer
        self._most = most
        self._unheard = 0
        self._gate = threading.Lock()
        self._actor = dramatiq.actor(broker=broker, actor_name=name, queue_name=queue)(self._heard)

    def ring(self, number: int) -> None:
        """Raises what the broker raises."""
        with self._gate:
            if self._most and self._unheard >= self._most:
                return
            self._unheard += 1
        try:
            self._actor.send(number)
        except BaseException:
            self._forget()
            raise

    def _heard(self, number: int) -> None:
        self._forget()
        self._answer(number)

    def _forget(self) -> None:
        with self._gate:
            self._unheard = max(0, self._unheard - 1)  # with Redis others hear what is rung here


class Sweep:
    """A thread that looks every second for what is due: retries, timers, and bells that were lost."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._stop = threading.Event()
        # A daemon thread: a smarthost that does not answer must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)
        # A thread of its own: who is called may take his time, and nothing else must wait for him.
        self._calls = threading.Thread(target=self._call, name="calls", daemon=True)
        self._fetches = threading.Thread(target=self._fetch, name="fetches", daemon=True)

    def start(self) -> None:
        self._thread.start()
        if self._work.hooks is not None:
            self._calls.start()
        if self._work.fetch is not None:
            self._fetches.start()

    def stop(self, seconds: float) -> None:
        """Returns when the sweep has finished what it was doing, or when the time is over."""
        self._stop.set()
        self._thread.join(seconds)
        if self._calls.is_alive():
            self._calls.join(seconds)

    def _fetch(self) -> None:
        self._work.fetch_calendars()
        while not self._stop.wait(_FETCH_SECONDS):
            self._work.fetch_calendars()

    def _call(self) -> None:
        while not self._stop.wait(_SWEEP_SECONDS):
            self._work.call()

    def _run(self) -> None:
        self._work.unheard()  # what a crash or a stop has left
        while not self._stop.wait(0 if self._work.more_timers else _SWEEP_SECONDS):
            self._work.unheard()
