"""What was counted, as it comes from the store, by the key of its row ("" where tickets have none)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Key = str


@dataclass(frozen=True, slots=True)
class Created:
    """Tickets that were opened, and how many of them are resolved or closed today."""

    new: int = 0
    done: int = 0


@dataclass(frozen=True, slots=True)
class Moves:
    """Tickets that were resolved (of which `one_touch` with a single answer) or reopened. `left` and `back` count every
    passage out of the open tickets and back among them, cancelled ones too."""

    resolved: int = 0
    one_touch: int = 0
    reopened: int = 0
    left: int = 0
    back: int = 0


@dataclass(frozen=True, slots=True)
class Spread:
    """How times lie: (median, mean, 90 %) in whole seconds, on the wall clock and in working hours."""

    count: int
    wall: tuple[int, int, int]
    working: tuple[int, int, int]

    @classmethod
    def of(cls, walls: Iterable[int], workings: Iterable[int]) -> Spread:
        """Of these times, one at least: the mean of the two in the middle, the mean of all, and the smallest that nine
        of ten do not exceed."""
        wall, working = sorted(walls), sorted(workings)
        return cls(len(wall), _lie(wall), _lie(working))


@dataclass(frozen=True, slots=True)
class Kept:
    """Promised targets that were reached in time, and that were not."""

    met: int = 0
    missed: int = 0

    @property
    def share(self) -> float | None:
        """The share that was met; None when nothing was promised."""
        return ratio(self.met, self.met + self.missed)


@dataclass(frozen=True, slots=True)
class Marks:
    """Surveys sent, and the answers by mark: `by_mark[0]` is how often 1 was given."""

    asked: int = 0
    by_mark: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)

    @property
    def answers(self) -> int:
        return sum(self.by_mark)

    @property
    def mean(self) -> float | None:
        """The mean mark; None without answers."""
        return ratio(sum(mark * count for mark, count in enumerate(self.by_mark, 1)), self.answers)

    @property
    def good(self) -> float | None:
        """The share of 4 and 5; None without answers."""
        return ratio(self.by_mark[3] + self.by_mark[4], self.answers)


@dataclass(frozen=True, slots=True)
class Counts:
    """All that a table is made of. Each mapping goes from the row's key; `spreads` and `kept` from (key, target)."""

    created: Mapping[Key, Created] = field(default_factory=dict)
    handled: Mapping[Key, int] = field(default_factory=dict)
    moves: Mapping[Key, Moves] = field(default_factory=dict)
    backlog: Mapping[Key, int] = field(default_factory=dict)
    open: Mapping[Key, int] = field(default_factory=dict)
    spreads: Mapping[tuple[Key, str], Spread] = field(default_factory=dict)
    kept: Mapping[tuple[Key, str], Kept] = field(default_factory=dict)
    marks: Mapping[Key, Marks] = field(default_factory=dict)

    @property
    def keys(self) -> frozenset[Key]:
        """Every key that something was counted for; a backlog or workload of 0 is nothing."""
        stocks = (key for stock in (self.backlog, self.open) for key, number in stock.items() if number)
        flows = (*self.created, *self.handled, *self.moves, *self.marks)
        return frozenset((*stocks, *flows, *(key for key, _ in (*self.spreads, *self.kept))))


def _lie(times: Sequence[int]) -> tuple[int, int, int]:
    number = len(times)
    median = (times[(number - 1) // 2] + times[number // 2]) / 2
    return round(median), round(sum(times) / number), times[(9 * number + 9) // 10 - 1]


def ratio(part: float, whole: float) -> float | None:
    """part / whole, None when there is no whole."""
    return part / whole if whole else None


def backlog(
    open_now: int, labels: Iterable[Key], created: Mapping[Key, Created], moves: Mapping[Key, Moves], since: int = 0
) -> dict[Key, int]:
    """The open tickets at the end of each period (`labels` in their order), counted back from those that are open now.

    `since` is how many more there are now than when the last period ended.
    """
    found: dict[Key, int] = {}
    count = open_now - since
    for label in reversed(list(labels)):
        found[label] = count
        move = moves.get(label, Moves())
        count -= created.get(label, Created()).new - move.left + move.back
    return found
