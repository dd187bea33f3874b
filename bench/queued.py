"""Letters that wait in the outbox, and how fast one worker sends them."""

from __future__ import annotations

import os
import time
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import runs
from bench.children import Failed
from bench.mails import mails
from bench.runs import Setting
from bench.serve import write_config
from bench.stages import accept
from bench.watch import Watch
from mailtix import pipeline
from mailtix.app import open_app
from mailtix.log import open_log
from mailtix.terms import read_config

_GROUP = 50
# Letters that have left before the clock starts: the daemon has opened its connection, and the sweep is at work.
_BEFORE = 20


def delivered(folder: Path, count: int, seconds: float) -> tuple[float, int, int]:
    """The letters of `count` mails a second, the connections that the sink had, and how many letters there were."""
    begin = folder.with_name(f"{folder.name}-begin.db")
    write(begin, count, seconds)
    with runs.mailtix(folder, Setting(begin=begin, threads=1)) as daemon, Watch(daemon.url, seconds) as watch:
        first, began = _reached(watch, _BEFORE, seconds)
        _, ended = watch.until_done()
        letters = watch.left()
        daemon.sink.send("count")
        connections, taken = daemon.sink.recv()
        if taken < letters:
            raise Failed(f"the outbox says that {letters} mails have left, the sink has {taken}")
        return (letters - first) / (ended - began), connections, letters


def write(database: Path, count: int, seconds: float, seed: int = 77) -> None:
    """A database in which so many mails of the mix have become tickets whose letters have not left yet."""
    end = time.monotonic() + seconds
    with TemporaryDirectory(prefix="mailtix-bench-") as folder, StringIO() as log:
        outbound = f"{{maildir: {folder}/sent}}"
        config = read_config(write_config(Path(folder), f"sqlite:///{database}", outbound, 2525), os.environ)
        app = open_app(config, open_log("json", "error", log))
        try:
            accept(app, mails(count, seed))
            results: list[pipeline.Result] = [pipeline.Result("", "", "")] * _GROUP
            while len(results) == _GROUP:
                with app.sessions.begin() as session:
                    results = pipeline.process_mails(session, app.house, _GROUP, app.clock())
                if time.monotonic() > end:
                    raise Failed(f"after {seconds:.0f} s the {count} mails are not tickets yet")
        finally:
            app.close()


def _reached(watch: Watch, letters: int, seconds: float) -> tuple[int, float]:
    """How many have left, and when, as soon as they are so many."""
    end = time.monotonic() + seconds
    while (left := watch.left()) < letters:
        if time.monotonic() > end:
            raise Failed(f"after {seconds:.0f} s only {left} letters have left")
        time.sleep(0.02)
    return left, time.monotonic()
