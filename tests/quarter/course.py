"""How a quarter goes by: people and troubles in the order of time, and the oracle is told what the nodes are told."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from random import Random

from quarter.nodes import Node, Nodes
from quarter.oracle import Oracle
from quarter.people import INCIDENT, Deed, People
from quarter.tables import BEGIN, DAY, END, HOUR, MINUTE

# What goes wrong, and how often in the quarter.
TROUBLES = {
    "restart": 5,
    "down": 6,
    "dark": 7,
    "ahead": 8,
    "jump": 5,
    "back": 8,
    "killed before commit": 4,
    "killed after commit": 3,
}


class Quarter:
    """The whole of it. `true` is the time that no clock knows; nodes and the oracle are told the same things."""

    def __init__(self, seed: str, tickets: int, nodes: Nodes, oracle: Oracle) -> None:
        self.nodes, self.oracle = nodes, oracle
        self.people = People(seed, tickets)
        self.dice = Random(f"{seed} troubles")
        self.deeds: list[tuple[int, int, Deed]] = []
        self.troubles: list[tuple[int, int, str, tuple[Node, ...]]] = []
        self.held: list[Deed] = []
        self.kill = ""
        self._count = 0
        for deed in self.people.openings():
            self._later(deed)
        for what, often in TROUBLES.items():
            for _ in range(often):
                self._trouble(self.dice.randrange(BEGIN, END), what)
        # So much comes late after an incident and three days that people hear of it in one mail.
        self._trouble(INCIDENT, "standstill")

    def _later(self, deed: Deed) -> None:
        self._count += 1
        heappush(self.deeds, (deed.at, self._count, deed))

    def _trouble(self, at: int, what: str, *nodes: Node) -> None:
        self._count += 1
        heappush(self.troubles, (at, self._count, what, nodes))

    def run(self, until: int) -> None:
        """Everything that happens until then, in order."""
        for node in self.nodes.both:
            self.nodes.start(node)
        while (step := self._next())[0] < until:
            at, what = step
            self.nodes.true = max(self.nodes.true, at)
            if what == "trouble":
                _, _, trouble, which = heappop(self.troubles)
                self._go_wrong(trouble, which)
            elif what == "due":
                self._look()
            else:
                self._do(heappop(self.deeds)[2])
        self._up(*self.nodes.both)

    def _next(self) -> tuple[int, str]:
        """When the next thing happens, and what that is."""
        steps = [(heap[0][0], what) for heap, what in ((self.troubles, "trouble"), (self.deeds, "deed")) if heap]
        due = self.oracle.next_due()
        if due is not None and self.nodes.up:
            steps.append((due - max(node.ahead for node in self.nodes.up), "due"))
        return min(steps, default=(2**60, "end"))

    # what people do

    def _do(self, deed: Deed) -> None:
        if not self.nodes.up:
            self.held.append(deed)
            return
        node = self.dice.choice(self.nodes.up)
        now, true = self.nodes.now(node), self.nodes.true
        if deed.what == "opens":
            life = self.people.opened(deed.ticket, now)
            self.nodes.opens(node, life)
            self.oracle.opened(life, now)
            self._go_on(deed.ticket, true, "opened")
            return
        life = self.oracle.lives[deed.ticket]
        done = self.people.does(deed, life, now)
        if not done:
            return
        self.nodes.does(node, deed.ticket, done)
        for one in done:
            self.oracle.happened(deed.ticket, now, one.what, one.value, one.until)
        self._go_on(deed.ticket, true, done[0].value if life.is_done else done[-1].what)

    def _go_on(self, ticket: int, true: int, after: str) -> None:
        after = "ended" if after in ("closed", "cancelled", "rate") else after
        for deed in self.people.next(self.oracle.lives[ticket], true, after):
            self._later(deed)

    # what the nodes do

    def _look(self) -> None:
        """What is due is done: by the node whose clock is ahead, or by both at the same time."""
        fast = max(self.nodes.up, key=lambda node: node.ahead)
        now = self.nodes.now(fast)
        if self.kill:
            self._killed(fast, now)
            return
        equal = [node for node in self.nodes.up if node.ahead == fast.ahead]
        self.nodes.look(equal if self.dice.random() < 0.1 else [fast])
        self._seen(now)

    def _killed(self, node: Node, now: int) -> None:
        kill, self.kill = self.kill, ""
        if kill == "killed before commit":
            self.nodes.killed_before_commit(node)
        else:
            self.nodes.killed_after_commit(node)
            self._went_on(self.oracle.looked(now))
        self._trouble(self.nodes.true + self.dice.randrange(1, 20 * MINUTE), "up", node)

    def _seen(self, now: int) -> None:
        acts = self.oracle.looked(now)
        self.oracle.told(now)
        self._went_on(acts)

    def _went_on(self, acts: Iterable[tuple[int, str]]) -> None:
        for ticket, what in acts:
            if what == "survey":
                self._go_on(ticket, self.nodes.true, "asked")

    # what goes wrong

    def _go_wrong(self, what: str, nodes: tuple[Node, ...]) -> None:
        dice, both = self.dice, self.nodes.both
        match what:
            case "restart" if self.nodes.up:
                one = dice.choice(self.nodes.up)
                self.nodes.stop(one)
                self.nodes.start(one)
            case "down" if len(self.nodes.up) == 2:
                one = dice.choice(both)
                self.nodes.stop(one)
                self._trouble(self.nodes.true + dice.randrange(2 * DAY), "up", one)
            case "dark" | "standstill":
                for one in self.nodes.up:
                    self.nodes.stop(one)
                hours = dice.choice((dice.randrange(HOUR), dice.randrange(40 * HOUR)))
                back = self.nodes.true + (3 * DAY if what == "standstill" else hours)
                if what == "standstill" or dice.random() < 0.5:  # both come back in the same second, to the same work
                    self._trouble(back, "up", *both)
                    return
                first, second = dice.sample(both, 2)
                self._trouble(back, "up", first)
                self._trouble(back + dice.randrange(HOUR), "up", second)
            case "up":
                self._up(*nodes)
            case "ahead":
                dice.choice(both).ahead += dice.randrange(-10 * MINUTE, 10 * MINUTE)
            case "jump":
                hours = dice.randrange(5 * HOUR)
                for one in both:
                    one.ahead += hours
            case "back":
                minutes, to = dice.randrange(45 * MINUTE), max(one.ahead for one in both)
                for one in both:  # and they agree again
                    one.ahead = to - minutes
            case "killed before commit" | "killed after commit":
                self.kill = what
            case _:
                pass

    def _up(self, *nodes: Node) -> None:
        """Nodes come back: first they do what is due, or they take the mails that have waited outside."""
        nodes = tuple(node for node in nodes if not node.is_up)
        if not nodes:
            return
        ahead = max(node.ahead for node in nodes)
        for node in nodes:
            node.ahead = ahead
            self.nodes.start(node)
        outside, self.held = self.held, []
        mails_first = self.dice.random() < 0.5
        if mails_first:
            self._take(outside)
        self.nodes.look(nodes)
        self._seen(self.nodes.now(nodes[0]))
        if not mails_first:
            self._take(outside)

    def _take(self, outside: Iterable[Deed]) -> None:
        for deed in outside:
            self._do(deed)
