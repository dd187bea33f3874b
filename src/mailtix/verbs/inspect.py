"""inspect: what mailtix makes of mails. Needs no settings and no database."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import islice

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from mailtix.ingest.files import read_mails

# Below that, starting processes costs more than they save.
_PARALLEL_FROM = 200
_CHUNK = 50
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # inspect has no envelope, and its answer does not depend on the hour

Mail = tuple[str, bytes]


def inspect(arguments: argparse.Namespace) -> int:
    """One JSON object a line, or something for people to read."""
    mails = read_mails(arguments.files, sys.stdin.buffer)
    console = Console(highlight=False)
    for row in _described(mails, show=sys.stderr.isatty()):
        if arguments.json:
            print(json.dumps(row, ensure_ascii=False, default=str).encode("utf-8", "replace").decode())
        else:
            _show(row, console)
    return 0


def _described(mails: Iterator[Mail], *, show: bool) -> Iterator[dict[str, object]]:
    """Every mail's description in order; many of them in parallel, a bounded number at a time."""
    first = list(islice(mails, _PARALLEL_FROM))
    if len(first) < _PARALLEL_FROM:
        yield from map(_describe, first)
        return
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        rows = _in_chunks(_chained(first, mails), pool)
        yield from track(rows, "Reading mail", console=Console(stderr=True), transient=True, disable=not show)


def _in_chunks(mails: Iterator[Mail], pool: ProcessPoolExecutor) -> Iterator[dict[str, object]]:
    from collections import deque
    from concurrent.futures import Future

    waiting: deque[Future[list[dict[str, object]]]] = deque()
    ahead = 4 * (os.cpu_count() or 1)
    while chunk := list(islice(mails, _CHUNK)):
        waiting.append(pool.submit(_describe_all, chunk))
        if len(waiting) >= ahead:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


def _chained(first: Iterable[Mail], rest: Iterator[Mail]) -> Iterator[Mail]:
    yield from first
    yield from rest


def _describe_all(mails: list[Mail]) -> list[dict[str, object]]:
    return [_describe(mail) for mail in mails]


def _describe(mail: Mail) -> dict[str, object]:
    from mailtix.inspect import describe

    name, raw = mail
    return {"file": name} | describe(raw, _NO_TIME)


def _show(row: dict[str, object], console: Console) -> None:
    """One mail for people: its facts as a table, then the visible reply."""
    table = Table(title=escape(str(row["file"])), show_header=False, title_justify="left")
    for key, value in row.items():
        if value in (None, "", [], False) or key in ("file", "body_text", "body_html", "reply_text"):
            continue
        shown = "\n".join(map(_words, value)) if isinstance(value, list) else _words(value)
        table.add_row(key, escape(shown))
    console.print(table)
    console.print(escape(str(row["reply_text"])))
    console.print()


def _words(value: object) -> str:
    """A value on one line; of what has several fields, those that say something."""
    if isinstance(value, dict):
        return "  ".join(str(item) for item in value.values() if item not in (None, "", False))
    return str(value)
