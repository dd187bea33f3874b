"""What bends first when there are more processes: a small model of queues, fed with what the stages cost here.

Every process works through mails one after the other. A mail needs a processor for what its stages cost, one of the
database's for what its server does meanwhile, and for its commits the one log to which all are written. The model is
a closed network without think times, solved exactly (mean value analysis; Reiser and Lavenberg, JACM 27, 1980):
processors and the database's processors are stations with several servers (each taken as one that is as fast as all of
them, and a fixed delay: Seidmann et al., 1987), the log is a station with one.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from bench.stages import Costs, measure

_PROCESSES = (1, 2, 4, 8, 16, 32, 64)
_MAILS = 400
# Milliseconds that a commit holds the log: one sync of a solid-state disk, shared by the ten mails of a batch, once to
# accept a mail and once to process it; booking and recording each delivery sync by themselves.
_SYNC = 0.5


@dataclass(frozen=True, slots=True)
class Demand:
    """Milliseconds that one mail needs of each: the processors of mailtix, those of the database, the log."""

    line: float
    database: float
    log: float


@dataclass(frozen=True, slots=True)
class Point:
    """So many processes, the mails a second they do, and how busy each station is (1 = it is the limit)."""

    processes: int
    rate: float
    busy: dict[str, float]

    @property
    def bound(self) -> str:
        """The station that bends first."""
        return max(self.busy, key=lambda name: self.busy[name])


def demand(costs: Costs) -> Demand:
    """What the stages need, from their measured costs: accept and process. Dialogues and deliveries come on top."""
    stages = costs.by_stage
    whole = sum(cost for stage, cost in stages.items() if not stage.startswith(" "))
    return Demand(whole, costs.server / costs.count * 1e3, 2 * _SYNC / 10)


def model(need: Demand, processes: int, cores: int, database_cores: int) -> Point:
    """That many processes on `cores` processors, beside a database with its own."""
    stations = {"processors": (need.line, cores), "database": (need.database, database_cores), "log": (need.log, 1)}
    fast = {name: cost / servers for name, (cost, servers) in stations.items()}
    fixed = sum(cost * (servers - 1) / servers for cost, servers in stations.values())
    queue = dict.fromkeys(fast, 0.0)
    rate = 0.0
    for population in range(1, processes + 1):
        waits = {name: cost * (1 + queue[name]) for name, cost in fast.items()}
        rate = population / (fixed + sum(waits.values()))
        queue = {name: rate * wait for name, wait in waits.items()}
    return Point(processes, rate * 1e3, {name: rate * cost for name, cost in fast.items()})


def main(console: Console) -> None:
    """Prints what the model says for some machines, with the costs of this one."""
    need = demand(measure(_MAILS, on_postgres=True))
    console.print(
        f"a mail needs {need.line:.2f} ms of the line, {need.database:.2f} ms of PostgreSQL, {need.log:.2f} of its log"
    )
    table = Table(
        "processes",
        "cores + cores of the database",
        "mails/s",
        "bends first",
        "busy",
        title="A model, not a measurement",
    )
    for cores, database_cores in ((2, 2), (8, 4), (32, 8), (64, 16)):
        for processes in _PROCESSES:
            point = model(need, processes, cores, database_cores)
            row = (str(processes), f"{cores} + {database_cores}", f"{point.rate:,.0f}")
            table.add_row(*row, point.bound, f"{point.busy[point.bound]:.0%}")
        table.add_section()
    console.print(table)
