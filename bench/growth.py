"""What a mail costs when there is more of everything: tickets, messages in its ticket, rules.

It is the CPU time of the line in one process, so that the rest of the machine does not matter.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from bench import multiply
from bench.mails import RECIPIENT, Mail, mails
from bench.parts import Bench
from bench.rules import rule, word
from bench.serve import write_config
from bench.stages import accept
from mailtix import pipeline
from mailtix.app import App, open_app
from mailtix.log import open_log
from mailtix.terms import read_config

_TICKETS = (1_000, 10_000, 100_000)
_RULES = (1, 10, 100, 1_000)
_MESSAGES = (10, 100, 1_000, 10_000)
_BEGUN = 10  # messages of a ticket that went down the line; the others are copies of them
_LAST = 50  # replies whose cost is taken for that of a ticket of so many messages
_MEASURED = 300  # mails of the mix, after as many that are not counted
_WARM = 50  # mails before the first that is measured: it meets no cold caches
_GROUP = 10  # mails in one transaction, as the workers do it
_FLAT = 1.25
# What rules of bench.rules name.
_NAMED_BY_RULES = """\
fields: [{name: plan, type: text}]
calendars: [{name: office, hours: {mon-fri: "09:00-17:00"}}]
"""


@dataclass(frozen=True, slots=True)
class Curve:
    """CPU milliseconds of a mail, by how much there was of `what`."""

    what: str
    points: tuple[tuple[int, float], ...]

    @property
    def is_flat(self) -> bool:
        """Whether ten times as much never costs a quarter more."""
        return all(after <= before * _FLAT for (_, before), (_, after) in pairwise(self.points))


def measure(bench: Bench) -> dict[str, Curve]:
    """The three curves. A quick bench goes less far."""
    quick = bench.tickets < _TICKETS[1]
    curves = (
        _by_tickets(bench, _TICKETS[:1] if quick else _TICKETS),
        _by_messages(bench, _MESSAGES[:2] if quick else _MESSAGES),
        _by_rules(bench, _RULES[:2] if quick else _RULES),
    )
    return {curve.what: curve for curve in curves}


def show(curves: Mapping[str, Curve], console: Console) -> None:
    """Prints the curves as a table."""
    if not curves:
        return
    table = Table("what there is more of", "CPU ms a mail", "flat?", title="The cost of a mail as things grow")
    for curve in curves.values():
        points = ", ".join(f"{count:,}: {cost:.2f}" for count, cost in curve.points)
        table.add_row(curve.what, points, "yes" if curve.is_flat else "no")
    console.print(table)


def _by_tickets(bench: Bench, sizes: Sequence[int]) -> Curve:
    points = []
    for size in dict.fromkeys((*sizes, bench.tickets)):
        bench.tell(f"growth: {size:,} tickets")
        path = multiply.database(bench.keep or bench.folder, size, bench.tell)
        points.append((size, _cost(path, min(_MEASURED, bench.mails))))
    return Curve("tickets", tuple(points))


def _by_rules(bench: Bench, counts: Sequence[int]) -> Curve:
    points = []
    for count in counts:
        bench.tell(f"growth: {count:,} rules")
        path = bench.new("rules").with_suffix(".db")
        points.append((count, _cost(path, min(_MEASURED, bench.mails), _rules(count))))
    return Curve("rules", tuple(points))


def _by_messages(bench: Bench, counts: Sequence[int]) -> Curve:
    """A customer's mails to one ticket that has so many already."""
    points = []
    for count in counts:
        bench.tell(f"growth: {count:,} messages in one ticket")
        path = bench.new("messages").with_suffix(".db")
        with _app(path) as app:
            _process(app, [_reply(n) for n in range(_BEGUN)])
        multiply.lengthen(path, count, bench.seconds)
        with _app(path) as app:
            _process(app, mails(_WARM, 5))
            spent = _process(app, [_reply(n) for n in range(_BEGUN, _BEGUN + _LAST)])
            points.append((count, sum(spent) / len(spent) * 1e3))
    return Curve("messages in one ticket", tuple(points))


def _cost(path: Path, count: int, rules: str | None = None) -> float:
    """CPU milliseconds of a mail of the mix with that database and these rules."""
    with _app(path, rules) as app:
        # a database that is kept must not have the same mails already
        seed = time.time_ns() // 1_000_000
        _process(app, mails(count, seed))
        spent = _process(app, mails(count, seed + 1))
        return sum(spent) / len(spent) * 1e3


def _process(app: App, written: list[Mail]) -> list[float]:
    """Takes these mails down the line; the CPU seconds of each with its commit."""
    accept(app, written)
    spent: list[float] = []
    while len(spent) < len(written):
        begin = time.thread_time()
        with app.sessions.begin() as session:
            done = len(pipeline.process_mails(session, app.house, _GROUP, app.clock()))
        spent += [(time.thread_time() - begin) / done] * done
    return spent


@contextmanager
def _app(database: Path, rules: str | None = None) -> Iterator[App]:
    with TemporaryDirectory(prefix="mailtix-bench-") as folder, StringIO() as log:
        config = write_config(Path(folder), f"sqlite:///{database}", f"{{maildir: {folder}/sent}}", 2525)
        if rules is not None:
            (Path(folder) / "rules.yaml").write_text(rules)
            config.write_text(config.read_text() + _NAMED_BY_RULES)
        app = open_app(read_config(config, os.environ), open_log("json", "error", log))
        try:
            yield app
        finally:
            app.close()


def _rules(count: int) -> str:
    chance = random.Random(5)
    words = [word(chance) for _ in range(3000)]
    phrases = [f"{chance.choice(words)} {chance.choice(words)}" for _ in range(2000)]
    return "\n".join(rule(number, chance, phrases) for number in range(count))


def _reply(number: int) -> Mail:
    """The first mail of a conversation, or one that goes on with it."""
    answers = "In-Reply-To: <0.growth@cust.example>\r\nReferences: <0.growth@cust.example>\r\n" if number else ""
    raw = (
        f"From: Ann <ann@cust.example>\r\nTo: {RECIPIENT}\r\nSubject: {'Re: ' * bool(number)}The printer\r\n"
        f"Message-ID: <{number}.growth@cust.example>\r\n{answers}\r\nWhat happened this time: {number}.\r\n"
    ).encode()
    return Mail("reply", "ann@cust.example", raw, raw)
