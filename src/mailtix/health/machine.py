"""The machine: room on its disks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from mailtix.config import Config
from mailtix.health.finding import Finding, bad, doubtful, fine
from mailtix.store.condition import sqlite_file

# How much is free, and how much there is, in bytes.
Room = Callable[[Path], tuple[int, int]]

# A mail needs its size once in the write-ahead log and once in the file, and its answer some more.
_ONE_MAIL = 3
# So many of the largest mails that are taken: with the default of 50 MB this is one GB.
_SOME_MAILS = 20
_SHARE = 0.05


def room(path: Path) -> tuple[int, int]:
    """Free and total bytes of the disk that path is on."""
    usage = shutil.disk_usage(path)
    return usage.free, usage.total


def disks(config: Config, measure: Room = room) -> Iterator[Finding]:
    """Whether there is room where mail is kept: the database's disk (unless it is on a server) and the Maildir's."""
    database = sqlite_file(config.database)
    places = [("the database", database)] if database else []
    places += [("outgoing mail", config.outbound.maildir)] if config.outbound.maildir else []
    for what, path in places:
        folder = existing(path)
        free, total = measure(folder)
        text = f"{_size(free)} of {_size(total)} are free for {what} in {folder}"
        advice = "make room, or move it to a larger disk; mail is refused with 452 while there is none, and sent again"
        if free < _ONE_MAIL * config.listen.size_limit:
            yield bad("disk", f"{text}: the next large mail has no room", advice)
        elif free < max(_SHARE * total, _SOME_MAILS * config.listen.size_limit):
            yield doubtful("disk", text, advice)
        else:
            yield fine("disk", text)


def maildir(config: Config) -> Iterator[Finding]:
    """Whether outgoing mail can be written where there is no smarthost."""
    if config.outbound.maildir is None:
        return
    folder = existing(config.outbound.maildir)
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        text = f"nothing can be written to {folder}: {error.strerror}"
        yield bad("outgoing mail", text, "let mailtix's user write there, or change `outbound.maildir`")
    else:
        yield doubtful(
            "outgoing mail",
            f"it is put into {config.outbound.maildir} and leaves to nobody",
            "that is for trying out; `outbound: {smtp: {host: …}}` sends it",
        )


def existing(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    return next(place for place in (path, *path.absolute().parents) if place.is_dir())


def _size(number: int) -> str:
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number / 1000:.0f} kB"
