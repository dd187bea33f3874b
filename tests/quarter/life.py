"""A ticket as somebody sees it who watches over the desk, and how its time is counted. Times are whole seconds since
1970, spans are seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from quarter.tables import Promise, moment, promise, table

Plan = tuple[int, str]  # when, what
DONE = ("resolved", "closed", "cancelled")
TARGETS = ("first_response", "next_response", "resolution")
_STANDING = (*DONE, "waiting_customer", "waiting_internal")


@dataclass(frozen=True)
class Line:
    """Something that must stand in a ticket's history."""

    ticket: int
    what: str
    at: int


@dataclass(frozen=True)
class Letter:
    """A mail that must have been written; `ticket` 0: about several."""

    ticket: int
    template: str
    to: str
    at: int


@dataclass(frozen=True)
class Kept:
    """A promise that was kept or not: when its time began, was over, and when it was reached after how much work."""

    ticket: int
    target: str
    began: int
    due: int | None
    missed: bool
    met: int | None = None
    worked: int | None = None


@dataclass
class Life:
    """A ticket, as he sees it."""

    number: int
    requester: str
    created: int
    priority: str
    category: str
    team: str
    status: str = "open"
    assignee: str = ""
    status_since: int = 0
    owner_since: int = 0
    answered: int | None = None
    waits_since: int | None = None
    begun: int = 0
    solved: int | None = None
    closed: int | None = None
    warned: int | None = None
    sleeps_until: int | None = None
    promised: int | None = None
    level: int = 0
    rated: bool = False
    pauses: list[tuple[int, int | None]] = field(default_factory=list)
    gone_by: set[Plan] = field(default_factory=set)
    plans: set[Plan] = field(default_factory=set)
    story: list[str] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Nobody is expected to work on it any more."""
        return self.status in DONE

    def tell(self, at: int, what: str) -> None:
        """Goes on with its story, for whoever has to find out what went wrong."""
        self.story.append(f"{moment(at):%Y-%m-%d %H:%M:%S} {what}")

    # what happens to it

    def change(self, now: int, what: str, value: str, until: int) -> None:
        """Somebody does something with it."""
        match what:
            case "customer writes":
                self.waits_since = now if self.waits_since is None else self.waits_since
                if self.is_done:
                    self.move(now, "reopened")
                elif self.status == "waiting_customer":
                    self.move(now, "waiting_support")
            case "agent answers":
                if self.status == "waiting_customer":
                    self.status_since, self.warned = now, None
                self.waits_since = None
                self.answered = now if self.answered is None else self.answered
                if not self.assignee:
                    self.give(now, value)
                if not self.is_done:
                    self.move(now, "waiting_customer")
            case "answer came back":
                self.answered = None
                self.waits_since = now if self.waits_since is None else self.waits_since
                if self.status == "waiting_customer":
                    self.move(now, "waiting_support")
            case "status":
                self.move(now, value)
            case "priority":
                self.priority = value
            case "category":
                self.category = value
            case "team":
                self.team = value
            case "assignee":
                self.give(now, value)
            case "snooze":
                self.sleeps_until = until
            case "wake":
                self.sleeps_until, self.status_since, self.warned = None, now, None
            case "promise":
                self.promised = until
            case "rate":
                self.rated = True
            case "machine writes" | "note":
                pass
            case _:
                raise ValueError(what)

    def give(self, now: int, to: str) -> None:
        """It is somebody's from now on, or nobody's."""
        if to != self.assignee:
            self.assignee, self.owner_since = to, now
        if to and self.status == "open":
            self.move(now, "assigned")

    def move(self, now: int, status: str) -> None:
        """It has that status from now on."""
        if status == self.status:
            return
        if self.is_done and status not in DONE:
            self.level = 0
        if status == "resolved":
            self.solved, self.closed = now, None
        elif status == "closed":
            self.solved, self.closed = (now if self.solved is None else self.solved), now
        elif status != "cancelled":
            self.solved = self.closed = None
        self.status, self.status_since, self.warned = status, now, None

    @property
    def stands(self) -> str:
        """Why the clock stands, "" when it does not."""
        return self.status if self.status in _STANDING else "snoozed" if self.sleeps_until is not None else ""

    # its clocks

    def counted(self) -> Iterator[tuple[int, int | None]]:
        """The times in which no pause was, from the table's beginning."""
        here = 0
        for begin, end in sorted(self.pauses, key=lambda pause: pause[0]):
            if end is not None and end <= begin:
                continue  # the clock was put back meanwhile: there was no such time
            if begin > here:
                yield here, begin
            if end is None:
                return
            here = max(here, end)
        yield here, None

    def over(self, begin: int, amount: int) -> int | None:
        """When that much has been counted since `begin`; None while it stands."""
        passed = table(self.promise.calendar)
        for first, last in self.counted():
            first = max(first, begin)
            if last is not None:
                if last <= first:
                    continue
                worked = passed.passed(last) - passed.passed(first)
                if worked < amount:
                    amount -= worked
                    continue
            return passed.after(first, amount)
        return None

    def worked(self, begin: int, end: int) -> int:
        """The working time between two moments, pauses aside."""
        passed = table(self.promise.calendar)
        total = 0
        for first, last in self.counted():
            first, last = max(first, begin), min(end if last is None else last, end)
            total += passed.passed(last) - passed.passed(first) if first < last else 0
        return total

    @property
    def promise(self) -> Promise:
        """What it is promised as it stands."""
        return promise(self.requester, self.category, self.priority)

    def began(self, target: str) -> int | None:
        """When the time of a target began, None when there is nothing (more) to reach."""
        match target:
            case "first_response":
                waits = self.created if self.waits_since is None else self.waits_since
                return min(self.created, waits) if self.answered is None else None
            case "next_response":
                return self.waits_since if self.answered is not None else None
            case _:
                return None if self.is_done else self.begun

    def allowed(self, target: str) -> int | None:
        """How long a target may take, None when nothing is promised."""
        allowed: int | None = getattr(self.promise, target)
        return allowed

    def ended(self, now: int) -> Life:
        """The ticket with no pause after now."""
        pauses = [(b, now if e is None else min(e, now)) for b, e in self.pauses if b < now]
        return Life(self.number, self.requester, self.created, self.priority, self.category, self.team, pauses=pauses)
