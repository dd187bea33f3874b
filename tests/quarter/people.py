"""What customers and agents do with their tickets, by chance: each ticket has dice of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from quarter.life import Life
from quarter.tables import BEGIN, DAY, END, HOUR, MINUTE, team_of

# Something breaks at many customers; an hour later nobody can be reached for days.
INCIDENT = BEGIN + 54 * DAY
AGENTS = ("bob@desk.example", "carla@desk.example", "dora@desk.example", "tom@desk.example")


@dataclass(frozen=True)
class Deed:
    """Somebody does something with a ticket at that moment, and then it is seen what he does next."""

    at: int
    ticket: int
    who: str  # customer | agent
    what: str = ""


@dataclass(frozen=True)
class Done:
    """What was done: the name of it, with what goes with it."""

    what: str
    value: str = ""
    until: int = 0


class People:
    """The lives of so many tickets, from a seed."""

    def __init__(self, seed: int, tickets: int) -> None:
        dice = Random(f"{seed} people")
        self._dice = [Random(f"{seed} {number}") for number in range(tickets + 1)]
        customers = max(10, tickets // 3)
        # One in three comes when many come: on the days of the year on which clocks and calendars are odd.
        odd = [BEGIN + day * DAY for day in (9, 23, 24, 30, 31, 40, 55, 56, 83, 84, 85, 88, 91)]
        moments = [INCIDENT - 1 - dice.randrange(HOUR) for _ in range(tickets // 20)]
        moments += [
            dice.choice(odd) + dice.randrange(DAY) if dice.random() < 0.33 else dice.randrange(BEGIN, END)
            for _ in range(tickets - len(moments))
        ]
        self._begin = sorted(moments)
        self._who = [dice.randrange(customers) for _ in range(tickets)]

    def openings(self) -> Iterator[Deed]:
        """The first mail of each ticket."""
        return (Deed(at, number, "customer", "opens") for number, at in enumerate(self._begin, 1))

    def opened(self, number: int, now: int) -> Life:
        """A ticket as it is opened, and sorted by a rule."""
        dice, who = self._dice[number], self._who[number - 1]
        requester = f"c{who}@{'big.example' if who % 9 == 0 else 'example.org'}"
        priority = dice.choices(("critical", "urgent", "high", "medium", "low"), (5, 8, 20, 45, 22))[0]
        category = dice.choices(("billing", "refunds", "technical", ""), (35, 15, 40, 10))[0]
        team = {"billing": "billing", "refunds": "billing", "technical": "technical", "": ""}[category]
        assignee = dice.choice(team_of(team)) if team and dice.random() < 0.7 else ""
        return Life(number, requester, now, priority, category, team, assignee=assignee)

    def next(self, life: Life, now: int, after: str) -> Iterator[Deed]:
        """Who looks at a ticket next after that was done, if anybody does."""
        dice = self._dice[life.number]
        if after == "agent answers" and dice.random() < 0.5:
            yield self._deed(life, now, dice.lognormvariate(1.0, 1.5) * 8 * HOUR, "customer")
        elif after == "resolved" and dice.random() < 0.12:
            yield self._deed(life, now, dice.uniform(0.1, 90) * HOUR, "customer")
        elif after == "asked" and dice.random() < 0.3:
            yield Deed(now + dice.randrange(MINUTE, 3 * DAY), life.number, "customer", "rate")
        elif after in ("agent answers", "resolved", "asked", "ended", "machine writes"):
            return
        else:
            # Most are looked at within some hours, some are forgotten.
            hours = dice.lognormvariate(-0.5, 1.3) if dice.random() < 0.95 else dice.uniform(10, 150)
            yield self._deed(life, now, hours * HOUR, "agent")
            if after in ("opened", "customer writes") and dice.random() < 0.1:
                what = dice.choice(("customer writes", "machine writes"))
                yield self._deed(life, now, dice.uniform(0.1, 20) * HOUR, "customer", what)

    def _deed(self, life: Life, now: int, seconds: float, who: str, what: str = "") -> Deed:
        return Deed(now + max(1, int(seconds)), life.number, who, what)

    def does(self, deed: Deed, life: Life, now: int) -> list[Done]:
        """What he does with the ticket as it stands; nothing when there is nothing to do."""
        dice = self._dice[life.number]
        if deed.who == "customer":
            return self._customer(deed, life)
        if life.is_done:
            return []
        if life.answered is not None and life.status == "waiting_customer" and dice.random() < 0.05:
            return [Done("answer came back")]
        return list(self._agent(dice, life, now))

    def _customer(self, deed: Deed, life: Life) -> list[Done]:
        if deed.what == "rate":
            return [Done("rate")] if life.status == "closed" else []
        return [Done(deed.what or "customer writes")]

    def _agent(self, dice: Random, life: Life, now: int) -> Iterator[Done]:
        agent = dice.choice(AGENTS)
        what = dice.choices(
            ("answer", "resolve", "solve", "close", "cancel", "snooze", "give", "priority", "sort", "promise", "status",
             "note"),
            (36, 28, 12, 2, 2, 5, 5, 5, 3, 4, 4, 1),
        )[0]  # fmt: skip
        match what:
            case "answer":
                yield Done("agent answers", agent)
            case "resolve":
                yield Done("status", "resolved")
            case "solve":  # with words for the customer
                yield Done("status", "resolved")
                yield Done("agent answers", agent)
            case "close":
                yield Done("status", "closed")
            case "cancel":
                yield Done("status", "cancelled")
            case "snooze" if life.sleeps_until is not None:
                yield Done("wake")
            case "snooze":
                yield Done("snooze", until=now + dice.choice((HOUR, 8 * HOUR, DAY, 3 * DAY, dice.randrange(10 * DAY))))
            case "give":
                yield Done("assignee", dice.choice((*AGENTS, "")))
            case "priority":
                yield Done("priority", dice.choice(("critical", "urgent", "high", "medium", "low")))
            case "sort":
                category = dice.choice(("billing", "technical"))
                yield Done("category", category)
                yield Done("team", category)
            case "promise":
                yield Done("promise", until=now + dice.randrange(10 * MINUTE, 4 * DAY))
            case "status":
                yield Done("status", dice.choice(("waiting_internal", "in_progress", "waiting_customer")))
            case "note":
                yield Done("note", agent)
