"""Where the time goes: the line in this process, with a clock around each of its calls."""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from rich.console import Console
from rich.table import Table
from sqlalchemy import event

from bench.mails import RECIPIENT, Mail, mails
from bench.postgres import postgres
from bench.serve import write_config
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
# The calls that are timed: (stage, where the name is looked up, the name). Indented stages are part of the one above.
_STAGES: tuple[tuple[str, Any, str], ...] = (
    ("claim", journal, "claim"),
    ("parse", pipeline, "parse"),
    ("classify", pipeline, "classify"),
    ("same mail?", journal, "first_of"),
    ("gather", pipeline, "gather"),
    ("decide", pipeline, "decide"),
    ("save", pipeline, "save"),
    ("  letters written", save, "write"),
    ("finish", journal, "finish"),
)


@dataclass(slots=True)
class Clock:
    """Seconds by stage, one entry for each call."""

    spent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @contextmanager
    def over(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.spent[stage].append(time.perf_counter() - began)

    def around(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def timed(*arguments: Any, **named: Any) -> Any:
            with self.over(stage):
                return call(*arguments, **named)

        return timed


def main(count: int, on_postgres: bool, console: Console) -> int:
    """Sends `count` mails of the mix down the line and prints what each stage cost."""
    watch, statements = Clock(), [0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mailtix-bench-")))
        url = stack.enter_context(postgres(folder))[0] if on_postgres else f"sqlite:///{folder}/mailtix.db"
        log = stack.enter_context((folder / "log").open("w"))
        config = read_config(write_config(folder, url, f"{{maildir: {folder}/sent}}", 2525), dict(os.environ))
        app = open_app(config, open_log("json", "info", log))
        stack.callback(app.close)
        event.listen(app.engine, "before_cursor_execute", _counting(statements, watch))
        event.listen(app.engine, "after_cursor_execute", _counted(watch))
        for stage, module, name in _STAGES:
            stack.enter_context(patch.object(module, name, watch.around(stage, getattr(module, name))))
        written = mails(count, _SEED)
        _accept(app, written, watch)
        accepted, statements[0] = statements[0], 0
        _process(app, watch)
    _show(watch, count, (accepted, statements[0]), console)
    return 0


def _accept(app: App, written: list[Mail], watch: Clock) -> None:
    for at in range(0, len(written), _GROUP):
        parcels = [
            Parcel(mail.raw, Envelope(mail.sender, (RECIPIENT,), clock(), "smtp", "127.0.0.1", "bench.example", False))
            for mail in written[at : at + _GROUP]
        ]
        with watch.over("accept, with its commit"):
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
    def before(_connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        statements[0] += 1
        context.bench_began = time.perf_counter()

    return before


def _counted(watch: Clock) -> Callable[..., None]:
    def after(_connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        watch.spent["inside the database driver"].append(time.perf_counter() - context.bench_began)

    return after


def _show(watch: Clock, count: int, statements: tuple[int, int], console: Console) -> None:
    table = Table(title=f"{count} mails, one after the other in one process")
    for name in ("stage", "ms a mail", "median call ms", "p99 call ms"):
        table.add_column(name, justify="left" if name == "stage" else "right")
    inner = [stage for stage, _, _ in _STAGES]
    whole = sum(watch.spent["process"])
    rest = whole - sum(sum(watch.spent[stage]) for stage in inner if not stage.startswith(" "))
    for stage in ("accept, with its commit", *inner):
        table.add_row(stage, *_row(watch.spent[stage], count))
    table.add_row("savepoints and the rest", f"{rest / count * 1e3:.3f}")
    table.add_row("commit", *_row(watch.spent["commit"], count))
    table.add_section()
    table.add_row("inside the database driver", *_row(watch.spent["inside the database driver"], count))
    console.print(table)
    console.print(
        f"statements a mail: {statements[0] / count:.1f} to accept it, {statements[1] / count:.1f} to process"
    )


def _row(calls: list[float], count: int) -> tuple[str, str, str]:
    ordered = sorted(calls)
    return (
        f"{sum(calls) / count * 1e3:.3f}",
        f"{statistics.median(ordered) * 1e3:.3f}",
        f"{ordered[len(ordered) * 99 // 100] * 1e3:.3f}",
    )
