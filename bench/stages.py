"""Where the time goes: the line in this process, with a clock around each of its calls."""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, event

from bench.mails import RECIPIENT, Mail, mails
from bench.postgres import postgres
from bench.serve import write_config
from bench.usage import usage
from mailtix import pipeline, save
from mailtix.app import App, open_app
from mailtix.clock import clock
from mailtix.ingest.accept import Parcel
from mailtix.log import open_log
from mailtix.model.mail import Envelope
from mailtix.store import journal
from mailtix.terms import read_config

# As the daemon does it: mails that share a commit when they are accepted, and when they are processed.
_GROUP = 50
_SEED = 77
_ACCEPT = "accept, with its commit"
_INSIDE = "inside the database driver"
# The calls that are timed: (stage, where the name is looked up, the name). Indented stages are part of the one above.
_STAGES: tuple[tuple[str, Any, str], ...] = (
    ("claim", journal, "claim"),
    ("parse", pipeline, "parse_with_files"),
    ("classify", pipeline, "classify"),
    ("same mail?", journal, "firsts_of"),
    ("gather", pipeline, "gather"),
    ("decide", pipeline, "decide"),
    ("save", pipeline, "save"),
    ("  letters written", save, "write"),
    ("finish", journal, "finish"),
)


@dataclass(slots=True)
class Clock:
    """Seconds of a processor by stage, one entry for each call: what else the machine does is not counted."""

    spent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @contextmanager
    def over(self, stage: str) -> Iterator[None]:
        began = time.thread_time()
        try:
            yield
        finally:
            self.spent[stage].append(time.thread_time() - began)

    def around(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def timed(*arguments: Any, **named: Any) -> Any:
            with self.over(stage):
                return call(*arguments, **named)

        return timed


@dataclass(frozen=True, slots=True)
class Costs:
    """What the stages cost of so many mails, how many statements accepting and processing them took, and the CPU
    seconds of a database server's processes."""

    count: int
    watch: Clock
    statements: tuple[int, int]
    server: float

    @property
    def by_stage(self) -> dict[str, float]:
        """Milliseconds of a processor that a mail takes in each stage; all of them together are what it takes."""
        spent = {name: sum(calls) / self.count * 1e3 for name, calls in self.watch.spent.items()}
        inner = {stage: spent.get(stage, 0.0) for stage, _, _ in _STAGES}
        rest = spent["process"] - sum(cost for stage, cost in inner.items() if not stage.startswith(" "))
        return {_ACCEPT: spent[_ACCEPT], **inner, "savepoints and the rest": rest, "commit": spent["commit"]}

    def show(self, console: Console) -> None:
        """Prints the table."""
        table = Table(title=f"The cost of each stage: {self.count} mails, one after the other in one process")
        for name in ("stage", "CPU ms a mail", "median call ms", "p99 call ms"):
            table.add_column(name, justify="left" if name == "stage" else "right")
        for stage, cost in self.by_stage.items():
            table.add_row(stage, f"{cost:.3f}", *_spread(self.watch.spent.get(stage, [])))
        table.add_section()
        inside = self.watch.spent[_INSIDE]
        table.add_row(f"{_INSIDE} (of these)", f"{sum(inside) / self.count * 1e3:.3f}", *_spread(inside))
        console.print(table)
        accepted, processed = (number / self.count for number in self.statements)
        console.print(f"statements a mail: {accepted:.1f} to accept it, {processed:.1f} to process")
        if self.server:
            console.print(f"the database server besides: {self.server / self.count * 1e3:.2f} CPU ms a mail")


def main(count: int, on_postgres: bool, console: Console) -> int:
    """Prints what each stage costs."""
    measure(count, on_postgres).show(console)
    return 0


def measure(count: int, on_postgres: bool) -> Costs:
    """Sends `count` mails of the mix down the line, with a clock around each stage."""
    watch, statements = Clock(), [0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mailtix-bench-")))
        url, *pids = stack.enter_context(postgres(folder)) if on_postgres else (f"sqlite:///{folder}/mailtix.db",)
        log = stack.enter_context((folder / "log").open("w"))
        config = read_config(write_config(folder, url, f"{{maildir: {folder}/sent}}", 2525), dict(os.environ))
        app = open_app(config, open_log("json", "info", log))
        stack.callback(app.close)
        event.listen(app.engine, "before_cursor_execute", _counting(statements, watch))
        event.listen(app.engine, "after_cursor_execute", _counted(watch))
        for stage, module, name in _STAGES:
            stack.enter_context(patch.object(module, name, watch.around(stage, getattr(module, name))))
        written = mails(count, _SEED)
        before = usage(*pids).cpu
        accept(app, written, watch)
        accepted, statements[0] = statements[0], 0
        _process(app, watch)
        server = usage(*pids).cpu - before
    return Costs(count, watch, (accepted, statements[0]), server)


def accept(app: App, written: list[Mail], watch: Clock | None = None) -> None:
    """Writes these mails to the journal, many in one commit, as the listener does under load."""
    for at in range(0, len(written), _GROUP):
        parcels = [
            Parcel(mail.raw, Envelope(mail.sender, (RECIPIENT,), clock(), "smtp", "127.0.0.1", "bench.example", False))
            for mail in written[at : at + _GROUP]
        ]
        with watch.over(_ACCEPT) if watch else nullcontext():
            app.commit(parcels)


def _process(app: App, watch: Clock) -> None:
    """As workers.py does it, with the commit apart."""
    results = [None] * _GROUP
    while len(results) == _GROUP:
        with app.sessions() as session:
            with watch.over("process"):
                results = pipeline.process_mails(session, app.house, _GROUP, clock())  # type: ignore[assignment]
            with watch.over("commit"):
                session.commit()


def _counting(statements: list[int], watch: Clock) -> Callable[..., None]:
    def before(connection: Connection, *_: Any) -> None:
        statements[0] += 1
        connection.info[_INSIDE] = time.thread_time()

    return before


def _counted(watch: Clock) -> Callable[..., None]:
    def after(connection: Connection, *_: Any) -> None:
        watch.spent[_INSIDE].append(time.thread_time() - connection.info[_INSIDE])

    return after


def _spread(calls: list[float]) -> tuple[str, str]:
    """The median and the 99th percentile of the calls, in ms."""
    if not calls:
        return "", ""
    ordered = sorted(calls)
    return f"{statistics.median(ordered) * 1e3:.3f}", f"{ordered[len(ordered) * 99 // 100] * 1e3:.3f}"
