"""Somebody who watches over the desk and knows what is due when. He shares nothing with mailtix but words.

He is told of everything that happens to a ticket, and at which moments somebody looked after what is due; he writes
down what must have been done then. All times are whole seconds since 1970.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush

from quarter.tables import (
    BEFORE,
    DAY,
    HOUR,
    MINUTE,
    SHARES,
    STEPS,
    Promise,
    above,
    desk,
    lead,
    moment,
    promise,
    silence,
    table,
)

Plan = tuple[int, str]  # when, what
LATE = 15 * MINUTE
DONE = ("resolved", "closed", "cancelled")
_STANDING = (*DONE, "waiting_customer", "waiting_internal")
TARGETS = ("first_response", "next_response", "resolution")


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
        return self.status in DONE

    def tell(self, at: int, what: str) -> None:
        self.story.append(f"{moment(at):%Y-%m-%d %H:%M:%S} {what}")


class Oracle:
    """`restart`: whoever opens a ticket again begins with the whole time for its solution."""

    def __init__(self, *, restart: bool) -> None:
        self.restart = restart
        self.lives: dict[int, Life] = {}
        self.lines: Counter[Line] = Counter()
        self.letters: Counter[Letter] = Counter()
        self.kept: dict[tuple[int, str, int], Kept] = {}
        self.asked: dict[str, int] = {}
        self._late: list[Letter] = []
        self._queue: list[tuple[int, int, str]] = []

    # what happens

    def opened(self, life: Life, now: int) -> None:
        """A customer has written for the first time."""
        life.status_since = life.owner_since = life.begun = life.waits_since = now
        if life.assignee:
            self._move(life, now, "assigned")
        self.lives[life.number] = life
        life.tell(now, f"opened: {life.priority} {life.category} {life.team} {life.assignee} {life.requester}")
        self._plan(life)

    def happened(self, number: int, now: int, what: str, value: str = "", until: int = 0) -> None:
        """Something was done with a ticket."""
        life = self.lives[number]
        life.tell(now, f"{what} {value} {moment(until) if until else ''}")
        was_done, stood = life.is_done, self._stands(life)
        before = {target: self._began(life, target) for target in TARGETS}
        self._change(life, now, what, value, until)
        self._reached(life, now, before, was_done=was_done)
        self._settle(life, now, stood, was_done=was_done)

    def _change(self, life: Life, now: int, what: str, value: str, until: int) -> None:
        match what:
            case "customer writes":
                life.waits_since = now if life.waits_since is None else life.waits_since
                if life.is_done:
                    self._move(life, now, "reopened")
                elif life.status == "waiting_customer":
                    self._move(life, now, "waiting_support")
            case "agent answers":
                if life.status == "waiting_customer":
                    life.status_since, life.warned = now, None
                life.waits_since = None
                life.answered = now if life.answered is None else life.answered
                if not life.assignee:
                    self._give(life, now, value)
                if not life.is_done:
                    self._move(life, now, "waiting_customer")
            case "answer came back":
                life.answered = None
                life.waits_since = now if life.waits_since is None else life.waits_since
                self._not_kept(life)
                if life.status == "waiting_customer":
                    self._move(life, now, "waiting_support")
            case "status":
                self._move(life, now, value)
            case "priority":
                life.priority = value
            case "category":
                life.category = value
            case "team":
                life.team = value
            case "assignee":
                self._give(life, now, value)
            case "snooze":
                life.sleeps_until = until
            case "wake":
                life.sleeps_until, life.status_since, life.warned = None, now, None
            case "promise":
                life.promised = until
            case "rate":
                life.rated = True
            case "machine writes" | "note":
                pass
            case _:
                raise ValueError(what)

    def _give(self, life: Life, now: int, to: str) -> None:
        if to != life.assignee:
            life.assignee, life.owner_since = to, now
        if to and life.status == "open":
            self._move(life, now, "assigned")

    def _move(self, life: Life, now: int, status: str) -> None:
        if status == life.status:
            return
        if life.is_done and status not in DONE:
            life.level = 0
        if status == "resolved":
            life.solved, life.closed = now, None
        elif status == "closed":
            life.solved, life.closed = (now if life.solved is None else life.solved), now
        elif status != "cancelled":
            life.solved = life.closed = None
        life.status, life.status_since, life.warned = status, now, None

    # clocks

    def _stands(self, life: Life) -> str:
        """Why the clock stands, "" when it does not."""
        return life.status if life.status in _STANDING else "snoozed" if life.sleeps_until is not None else ""

    def _settle(self, life: Life, now: int, stood: str, *, was_done: bool) -> None:
        """The clock stands from now on, or goes on; a new beginning; and what is planned after all that."""
        stands = self._stands(life)
        if stood and stands != stood:
            life.pauses = [(begin, now if end is None else end) for begin, end in life.pauses]
        if stands and stands != stood:
            life.pauses.append((now, None))
        if was_done and not life.is_done and self.restart:
            life.begun = now
        self._plan(life)

    def _counted(self, life: Life) -> Iterator[tuple[int, int | None]]:
        """The times in which no pause was, from the table's beginning."""
        here = 0
        for begin, end in sorted(life.pauses, key=lambda pause: pause[0]):
            if end is not None and end <= begin:
                continue  # the clock was put back meanwhile: there was no such time
            if begin > here:
                yield here, begin
            if end is None:
                return
            here = max(here, end)
        yield here, None

    def _over(self, life: Life, begin: int, amount: int) -> int | None:
        """When that much has been counted since `begin`; None while it stands."""
        passed = table(self._promise(life).calendar)
        for first, last in self._counted(life):
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

    def _worked(self, life: Life, begin: int, end: int) -> int:
        passed = table(self._promise(life).calendar)
        total = 0
        for first, last in self._counted(life):
            first, last = max(first, begin), min(end if last is None else last, end)
            total += passed.passed(last) - passed.passed(first) if first < last else 0
        return total

    def _promise(self, life: Life) -> Promise:
        return promise(life.requester, life.category, life.priority)

    def _began(self, life: Life, target: str) -> int | None:
        """When the time of a target began, None when there is nothing (more) to reach."""
        match target:
            case "first_response":
                waits = life.created if life.waits_since is None else life.waits_since
                return min(life.created, waits) if life.answered is None else None
            case "next_response":
                return life.waits_since if life.answered is not None else None
            case _:
                return None if life.is_done else life.begun

    def _allowed(self, life: Life, target: str) -> int | None:
        allowed: int | None = getattr(self._promise(life), target)
        return allowed

    def _reached(self, life: Life, now: int, before: dict[str, int | None], *, was_done: bool) -> None:
        for target, began in before.items():
            if began is None:
                continue
            if target == "first_response":
                reached = life.answered == now
            elif target == "next_response":
                reached = life.waits_since is None
            else:
                reached = not was_done and life.is_done and life.solved is not None
            if reached:
                allowed = self._allowed(life, target)
                due = None if allowed is None else self._over(self._ended(life, now), began, allowed)
                worked = self._worked(self._ended(life, now), began, now)
                missed = due is not None and now > due
                self.kept[life.number, target, began] = Kept(life.number, target, began, due, missed, now, worked)

    def _not_kept(self, life: Life) -> None:
        """The answer that had kept promises has not arrived; what is waited for was not reached."""
        for target in TARGETS:
            key = (life.number, target, self._began(life, target) or 0)
            if key in self.kept:
                self.kept[key] = replace(self.kept[key], met=None, worked=None)

    def _ended(self, life: Life, now: int) -> Life:
        """The ticket with no pause after now."""
        pauses = [(b, now if e is None else min(e, now)) for b, e in life.pauses if b < now]
        return Life(life.number, life.requester, life.created, life.priority, life.category, life.team, pauses=pauses)

    # what is due

    def _plan(self, life: Life) -> None:
        wanted = set(self._waiting_for(life))
        for when, what in wanted - life.plans:
            if (when, what) not in life.gone_by:
                heappush(self._queue, (when, life.number, what))
        life.plans = wanted

    def _waiting_for(self, life: Life) -> Iterator[Plan]:
        warn, close, solved = silence(life.category)
        if life.status == "resolved" and solved is not None and life.solved is not None:
            yield life.solved + solved, "close"
        if life.status == "closed" and life.closed is not None and not life.rated:
            yield life.closed + DAY, "survey"
        if life.is_done:
            return
        for target in TARGETS:
            yield from self._targets(life, target)
        if life.promised is not None:
            yield life.promised, "promise"
            yield life.promised - HOUR, "promise_soon"
        if life.sleeps_until is not None:
            yield life.sleeps_until, "wake"
            return
        passed = table(self._promise(life).calendar)
        if life.waits_since is not None:
            yield passed.after(life.waits_since, 24 * HOUR), "pending"
        if life.status != "waiting_customer":
            if not life.assignee:
                yield passed.after(max(life.status_since, life.owner_since), 30 * MINUTE), "unassigned"
        elif warn is None:
            yield life.status_since + close, "close"
        elif life.warned is None:
            yield life.status_since + warn, "close_warning"
        else:
            yield life.warned + close - warn, "close"

    def _targets(self, life: Life, target: str) -> Iterator[Plan]:
        began, allowed = self._began(life, target), self._allowed(life, target)
        if began is None or allowed is None:
            return
        due = self._over(life, began, allowed)
        if due is None:
            return
        yield due, f"{target}_breach"
        for early in (*(allowed * share // 100 for share in SHARES), allowed - BEFORE):
            warned = self._over(life, began, early) if early > 0 else None
            if warned is not None and began < warned < due:
                yield warned, f"{target}_warning"
        passed = table(self._promise(life).calendar)
        for level in range(life.level + 1, STEPS + 1):
            yield (passed.after(due, (level - 1) * HOUR) if level > 1 else due), f"{target}_escalation_{level}"

    def next_due(self) -> int | None:
        """When there is something to do next."""
        while self._queue:
            when, number, what = self._queue[0]
            if (when, what) in self._open(self.lives[number]):
                return when
            heappop(self._queue)
        return None

    def waiting(self) -> set[tuple[int, str, int]]:
        """Everything that is still to come: (ticket, what, when)."""
        return {(life.number, what, when) for life in self.lives.values() for when, what in self._open(life)}

    def _open(self, life: Life) -> set[Plan]:
        return life.plans - life.gone_by

    # what is done about it

    def looked(self, now: int) -> list[tuple[int, str]]:
        """Somebody does all that is due. Returns what, with the ticket."""
        done = []
        while (due := self.next_due()) is not None and due <= now:
            _, number, what = heappop(self._queue)
            life = self.lives[number]
            life.gone_by.add((due, what))
            life.tell(now, f"  {what} of {moment(due):%Y-%m-%d %H:%M:%S}")
            was_done, stood = life.is_done, self._stands(life)
            before = {target: self._began(life, target) for target in TARGETS}
            self._act(life, what, due, now)
            self._reached(life, now, before, was_done=was_done)
            self._settle(life, now, stood, was_done=was_done)
            done.append((number, what))
        return done

    def told(self, now: int) -> None:
        """Whoever was to hear of things that came late hears of them: of many in one mail."""
        due = self.next_due()
        if due is not None and due < now - LATE:
            return
        readers = Counter(letter.to for letter in self._late)
        for letter in self._late:
            if readers[letter.to] <= 20:
                self.letters[Letter(letter.ticket, letter.template, letter.to, now)] += 1
        self.letters.update(Letter(0, "caught_up", to, now) for to, count in readers.items() if count > 20)
        self._late.clear()

    def _act(self, life: Life, what: str, due: int, now: int) -> None:
        target = next((name for name in TARGETS if what.startswith(name)), "")
        match what.removeprefix(f"{target}_").rstrip("1234"):
            case "warning":
                self._line(life, "sla_warning", now)
                self._tell(life, "sla_warning", desk(life.assignee, life.team), due, now)
            case "breach":
                self._breach(life, target, due, now)
            case "escalation_":
                self._escalate(life, int(what[-1]), due, now)
            case "promise_soon" if now - due > LATE:
                pass
            case "promise" | "promise_soon":
                self._remind(life, "reminder", desk(life.assignee, life.team), due, now)
            case "pending":
                self._remind(life, "pending", desk(life.assignee, life.team), due, now)
            case "unassigned":
                readers = dict.fromkeys((*desk(life.assignee, life.team), *lead(life.team)))
                self._remind(life, "left", tuple(readers), due, now)
            case "wake":
                self._line(life, "awake", now)
                self._tell(life, "awake", desk(life.assignee, life.team), due, now)
                life.sleeps_until, life.status_since, life.warned = None, now, None
            case "close_warning":
                self._line(life, "close warning", now)
                self._write(life, "closing", now)
                life.warned = now if now - due > LATE else due
            case "close":
                self._line(life, "closed", now)
                if life.status == "waiting_customer":
                    self._write(life, "closed", now)
                self._move(life, now, "closed")
            case "survey":
                self._survey(life, due, now)
            case _:
                raise ValueError(what)

    def _breach(self, life: Life, target: str, due: int, now: int) -> None:
        self._line(life, f"{target} missed", now)
        self._tell(
            life, "sla_breach", tuple(dict.fromkeys((*desk(life.assignee, life.team), *lead(life.team)))), due, now
        )
        began = self._began(life, target)
        assert began is not None
        self.kept[life.number, target, began] = Kept(life.number, target, began, due, True)
        if now - due <= LATE:
            self._write(life, "late", now)

    def _escalate(self, life: Life, level: int, due: int, now: int) -> None:
        steps = above(life.team, life.requester)
        if level <= len(steps):
            reader, template = steps[level - 1]
            self._line(life, f"level {level}", now)
            self._tell(life, template, (reader,), due, now)
            life.level = level

    def _survey(self, life: Life, due: int, now: int) -> None:
        if now - due >= 14 * DAY:
            return
        asked = self.asked.get(life.requester)
        if asked is not None and now - asked < 14 * DAY:
            self._line(life, "not asked", now)
            return
        self.asked[life.requester] = now
        self._line(life, "asked", now)
        self._write(life, "survey", now)

    def _remind(self, life: Life, template: str, readers: tuple[str, ...], due: int, now: int) -> None:
        self._line(life, "reminder", now)
        self._tell(life, template, readers, due, now)

    def _line(self, life: Life, what: str, now: int) -> None:
        self.lines[Line(life.number, what, now)] += 1

    def _write(self, life: Life, template: str, now: int) -> None:
        self.letters[Letter(life.number, template, life.requester, now)] += 1

    def _tell(self, life: Life, template: str, readers: tuple[str, ...], due: int, now: int) -> None:
        letters = [Letter(life.number, template, reader, now) for reader in readers]
        if now - due > LATE:
            self._late += letters
        else:
            self.letters.update(letters)
