"""The parts of the bench. Each measures one thing by itself, within its time, and gives its rows of the table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import multiply, queued, runs
from bench.children import Failed
from bench.compiled import Program
from bench.mails import with_large
from bench.postgres import databases
from bench.runs import Figures, Load, Setting
from bench.targets import Row, against_postfix, below
from bench.usage import resident, tree, usage
from bench.watch import Watch

_GRID = ((50, 10), (50, 1))
_QUARTERS = 4
# Different mails in the load for memory: each is sent again and again under a new number. 10 % of them have 1 MB.
_STOCK = 100
_FLAT = 1.05  # of the memory that is held: the last quarter of the mails may add so much to the one before


@dataclass(frozen=True, slots=True)
class Measured:
    """What a part found: its rows of the table, and every figure for the JSON."""

    rows: tuple[Row, ...]
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bench:
    """How it is measured: in which folder, with which driver, beside which Postfix, how often and how much."""

    folder: Path
    console: Console
    program: Program | None
    postfix: Path | None
    runs: int = 5
    mails: int = 2000
    seconds: float = 300.0
    memory: int = 20_000
    tickets: int = 1_000_000
    keep: Path | None = None
    counter: list[int] = field(default_factory=lambda: [0])

    def new(self, name: str) -> Path:
        """A folder that is not there yet."""
        self.counter[0] += 1
        return self.folder / f"{name}-{self.counter[0]}"

    def load(self, connections: int, each: int, mails: int | None = None) -> Load:
        """That many mails over so many connections; other mails each time."""
        self.counter[0] += 1
        seed = self.counter[0]
        return Load(mails or self.mails, connections, each, 1, seed, self.seconds, self.program)

    def tell(self, text: str) -> None:
        """A line for who waits."""
        self.console.print(text, style="dim")

    def turns(self, load: Callable[[], Load]) -> dict[str, Figures]:
        """Sink, Postfix and mailtix under the same load in turns, so that whatever else the machine does meets all
        of them alike; of each the median."""
        rounds: dict[str, list[Figures]] = {}
        for _ in range(self.runs):
            this = load()
            self.tell(f"{this.name}: {this.mails} mails")
            rounds.setdefault("sink", []).append(runs.against_sink(this))
            if self.postfix:
                rounds.setdefault("postfix", []).append(runs.against_postfix(this, self.new("postfix"), self.postfix))
            rounds.setdefault("mailtix", []).append(runs.against_mailtix(this, self.new("mailtix"), Setting()))
        return {name: runs.median(figures) for name, figures in rounds.items()}


def throughput(bench: Bench) -> Measured:
    """How many mails are accepted and ticketed at 50 connections, and how long the slowest wait for their 250."""
    rows: list[Row] = []
    figures: dict[str, Any] = {}
    for connections, each in _GRID:
        found = bench.turns(lambda c=connections, e=each: bench.load(c, e))  # type: ignore[misc]
        mailtix, name = found["mailtix"], found["mailtix"].load
        anchor = found["postfix"].accepted if "postfix" in found else None
        assert mailtix.ticketed is not None
        rows += [
            against_postfix(f"accepted durably, {name}, the line at work", mailtix.accepted, anchor, (1.5, 2.5)),
            against_postfix(f"ticketed, sustained, {name}", mailtix.ticketed, anchor, (0.75, 1.5)),
            below(f"p99 from DATA to its 250, {name}", mailtix.p99, 150, "ms"),
        ]
        figures |= {f"{server} {name}": asdict(run) for server, run in found.items()}
    return Measured(tuple(rows), figures)


def latency(bench: Bench) -> Measured:
    """How long one mail takes when nobody else sends."""
    found = bench.turns(lambda: bench.load(1, 200, min(200, bench.mails)))
    beside = f" (Postfix {found['postfix'].whole_p50:.1f})" if "postfix" in found else ""
    row = below("one connection: p50 from MAIL FROM to 250", found["mailtix"].whole_p50, 2, "ms", beside)
    return Measured((row,), {f"{server} 1x200": asdict(run) for server, run in found.items()})


def nodes(bench: Bench) -> Measured:
    """Two processes on one port over PostgreSQL, beside one that does everything, and one with its line apart."""
    kinds = {
        "one": Setting(line="thread"),
        "line apart": Setting(line="process"),
        "two": Setting(line="thread", nodes=2),
    }
    found: dict[str, list[Figures]] = {name: [] for name in kinds}
    with databases(bench.new("postgres")) as server:
        for _ in range(bench.runs):
            for name, kind in kinds.items():
                bench.tell(f"PostgreSQL, {name}: {bench.mails} mails")
                setting = replace(kind, database=server.new(), helpers=(server.pid,))
                found[name].append(runs.against_mailtix(bench.load(*_GRID[0]), bench.new("nodes"), setting))
    medians = {name: runs.median(figures) for name, figures in found.items()}
    rates = {name: median.ticketed or 0.0 for name, median in medians.items()}
    rows = []
    for name, what in (("two", "two processes"), ("line apart", "the line in a process of its own")):
        times = rates[name] / rates["one"]
        measured = f"{times:.2f} x ({rates[name]:,.0f}/s to {rates['one']:,.0f}/s)"
        rows.append(Row(f"ticketed on PostgreSQL, {what}, to one", "1.3 x one", "", measured, None, times >= 1.3))
    return Measured(tuple(rows), {name: asdict(median) for name, median in medians.items()})


def memory(bench: Bench) -> Measured:
    """What `serve` holds after many mails of which a tenth have 1 MB, looked at after each quarter of them."""
    if bench.program is None:
        raise Failed("the part `memory` needs a C compiler: its mails are numbered by the driver")
    stock = tuple(with_large(_STOCK, 77))
    load = replace(bench.load(10, 10, bench.memory // _QUARTERS), stock=stock)
    held, sent = [], 0
    with runs.mailtix(bench.new("memory"), Setting()) as daemon:
        for quarter in range(_QUARTERS):
            bench.tell(f"memory: quarter {quarter + 1}, {load.mails} mails")
            with Watch(daemon.url, 4 * load.seconds) as watch:
                sent += runs.sent(runs.drive(daemon.port, replace(load, seed=load.seed + quarter, first=sent)))
                watch.until_done()
            held.append(resident(*daemon.pids) / 1e6)
        peak, processes = usage(*daemon.pids).memory / 1e6, len(tree(*daemon.pids))
    flat = held[-1] <= held[-2] * _FLAT
    quarters = ", ".join(f"{value:.0f}" for value in held)
    many = f"; {processes} processes, what they share once" if processes > 1 else ""
    what = f"memory after {sent:,} mails, 10 % of 1 MB{many}"
    measured = f"{peak:.0f} MB at most; after each quarter {quarters}"
    row = Row(what, "under 250 MB, flat", "", measured, None, peak < 250 and flat)
    return Measured((row,), {"peak": peak, "held": held, "mails": sent})


def full(bench: Bench) -> Measured:
    """The same load into an empty database and into one that holds many tickets already."""
    begin = multiply.database(bench.keep or bench.folder, bench.tickets, bench.tell)
    found: dict[str, list[Figures]] = {"empty": [], "full": []}
    for _ in range(min(bench.runs, 3)):
        for name, figures in found.items():
            bench.tell(f"{name} database: {bench.mails} mails")
            setting = Setting(database=f"sqlite:///{begin}" if name == "full" else None)
            # The full one stays as it is for the next time: no mail may come that it has already.
            load = replace(bench.load(*_GRID[0]), seed=time.time_ns() // 1_000_000)
            figures.append(runs.against_mailtix(load, bench.new(name), setting))
    empty, filled = (runs.median(found[name]) for name in ("empty", "full"))
    slower = {
        "ticketed": (empty.ticketed or 0) / (filled.ticketed or 1) - 1,
        "cpu": (filled.server_cpu or 0) / (empty.server_cpu or 1) - 1,
    }
    measured = f"{slower['ticketed']:+.0%} time, {slower['cpu']:+.0%} CPU a mail"
    what, met = f"{bench.tickets:,} tickets there already", slower["ticketed"] <= 0.15
    row = Row(what, "at most +15 %", "", measured, None, met)
    return Measured((row,), {"empty": asdict(empty), "full": asdict(filled), **slower})


def delivery(bench: Bench) -> Measured:
    """Mails that leave through one worker to a sink on this machine."""
    rates, mails_of_a_connection = [], []
    for _ in range(bench.runs):
        bench.tell(f"delivery: the letters of {bench.mails // 2} mails")
        rate, connections, letters = queued.delivered(bench.new("delivery"), bench.mails // 2, bench.seconds)
        rates.append(rate)
        mails_of_a_connection.append(letters / connections)
    rate, reused = statistics.median(rates), statistics.median(mails_of_a_connection)
    measured = f"{rate:,.0f}/s, {reused:,.0f} mails a connection"
    row = Row("delivered by one worker", "300/s, connection reused", "", measured, None, rate >= 300 and reused > 1)
    return Measured((row,), {"rates": rates, "mails of a connection": mails_of_a_connection})


PARTS: dict[str, Callable[[Bench], Measured]] = {
    "throughput": throughput,
    "latency": latency,
    "delivery": delivery,
    "nodes": nodes,
    "memory": memory,
    "full": full,
}
