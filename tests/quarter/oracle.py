"""Somebody who watches over the desk and knows what is due when. He shares nothing with mailtix but words.

He is told of everything that happens to a ticket, and at which moments somebody looked after what is due; he writes
down what must have been done then. All times are whole seconds since 1970.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from heapq import heappop, heappush

from quarter.life import TARGETS, Kept, Letter, Life, Line, Plan
from quarter.plans import waiting_for
from quarter.tables import DAY, MINUTE, above, desk, lead, moment

LATE = 15 * MINUTE


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
            life.move(now, "assigned")
        self.lives[life.number] = life
        life.tell(now, f"opened: {life.priority} {life.category} {life.team} {life.assignee} {life.requester}")
        self._plan(life)

    def happened(self, number: int, now: int, what: str, value: str = "", until: int = 0) -> None:
        """Something was done with a ticket."""
        life = self.lives[number]
        life.tell(now, f"{what} {value} {moment(until) if until else ''}")
        was_done, stood = life.is_done, life.stands
        before = {target: life.began(target) for target in TARGETS}
        life.change(now, what, value, until)
        if what == "answer came back":
            self._not_kept(life)
        self._reached(life, now, before, was_done=was_done)
        self._settle(life, now, stood, was_done=was_done)

    def _settle(self, life: Life, now: int, stood: str, *, was_done: bool) -> None:
        """The clock stands from now on, or goes on; a new beginning; and what is planned after all that."""
        stands = life.stands
        if stood and stands != stood:
            life.pauses = [(begin, now if end is None else end) for begin, end in life.pauses]
        if stands and stands != stood:
            life.pauses.append((now, None))
        if was_done and not life.is_done and self.restart:
            life.begun = now
        self._plan(life)

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
                allowed = life.allowed(target)
                due = None if allowed is None else life.ended(now).over(began, allowed)
                worked = life.ended(now).worked(began, now)
                missed = due is not None and now > due
                self.kept[life.number, target, began] = Kept(life.number, target, began, due, missed, now, worked)

    def _not_kept(self, life: Life) -> None:
        """The answer that had kept promises has not arrived; what is waited for was not reached."""
        for target in TARGETS:
            key = (life.number, target, life.began(target) or 0)
            if key in self.kept:
                self.kept[key] = replace(self.kept[key], met=None, worked=None)

    def _plan(self, life: Life) -> None:
        wanted = set(waiting_for(life))
        for when, what in wanted - life.plans:
            if (when, what) not in life.gone_by:
                heappush(self._queue, (when, life.number, what))
        life.plans = wanted

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
            was_done, stood = life.is_done, life.stands
            before = {target: life.began(target) for target in TARGETS}
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
                life.move(now, "closed")
            case "survey":
                self._survey(life, due, now)
            case _:
                raise ValueError(what)

    def _breach(self, life: Life, target: str, due: int, now: int) -> None:
        self._line(life, f"{target} missed", now)
        self._tell(
            life, "sla_breach", tuple(dict.fromkeys((*desk(life.assignee, life.team), *lead(life.team)))), due, now
        )
        began = life.began(target)
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
