"""python -m bench: the load and its figures. python -m bench profile: where the time goes.
python -m bench read: what reading one mail costs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bench import postfix, read, runs, stages
from bench.children import Failed
from bench.postgres import postgres
from bench.report import show
from bench.runs import Figures, Load, Setting

_WIDTH = 140  # of what is written into a file: no figure is cut off


def main(argv: Sequence[str] | None = None) -> int:
    """0 when everything was measured, 1 when a run gave no figures."""
    arguments = _parser().parse_args(argv)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    try:
        if arguments.what == "profile":
            return stages.main(arguments.mails, arguments.postgres, console)
        if arguments.what == "read":
            read.main(arguments.mails)
            return 0
        figures = _measure(arguments, console)
    except Failed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    show(figures, console)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(run) for run in figures], indent=1) + "\n")
    return 0


def _measure(arguments: argparse.Namespace, console: Console) -> list[Figures]:
    """The servers take turns, so that whatever else the machine does meets all of them alike."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mailtix-bench-")))
        setting = Setting(arguments.database, arguments.maildir)
        if arguments.postgres:
            url, pid = stack.enter_context(postgres(folder))
            setting = replace(setting, database=url, helpers=(pid,))
        daemons = postfix.daemons(arguments.postfix)
        if isinstance(daemons, str):
            console.print(daemons)
        figures: list[Figures] = []
        for connections, each in arguments.grid:
            rounds: list[list[Figures]] = []
            for number in range(arguments.runs):
                name = f"{connections}x{each}-{number}"
                seed = len(figures) * arguments.runs + number + 1
                load = Load(arguments.mails, connections, each, arguments.drivers, seed, arguments.seconds)
                console.print(f"{name}: {load.mails} mails", style="dim")
                row = [runs.against_sink(load)]
                if isinstance(daemons, Path):
                    row.append(runs.against_postfix(load, folder / f"postfix-{name}", daemons))
                row.append(runs.against_mailtix(load, folder / f"mailtix-{name}", setting))
                rounds.append(row)
            figures += [runs.median(column) for column in zip(*rounds, strict=True)]
    return figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="How fast mailtix is, on loopback only.")
    parser.add_argument("what", nargs="?", choices=("load", "profile", "read"), default="load")
    parser.add_argument("--mails", type=int, default=2000, metavar="N", help="mails of a run (default: 2000)")
    parser.add_argument(
        "--grid",
        type=_grid,
        default=_grid("50x10,50x1"),
        metavar="CxM,…",
        help="connections x mails in each (default: 50x10,50x1)",
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median is shown (default: 3)")
    parser.add_argument("--drivers", type=int, default=1, help="driver processes that share the load (default: 1)")
    parser.add_argument("--seconds", type=float, default=300.0, help="time limit of a run (default: 300)")
    parser.add_argument("--database", metavar="URL", help="default: SQLite in a temporary folder")
    parser.add_argument("--postgres", action="store_true", help="start a PostgreSQL of its own and use that")
    parser.add_argument("--maildir", action="store_true", help="deliver into a Maildir instead of to a sink by SMTP")
    parser.add_argument("--postfix", type=Path, metavar="DIR", help="where Postfix's daemons are, if not installed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser


def _grid(text: str) -> list[tuple[int, int]]:
    cells = (cell.split("x") for cell in text.split(","))
    return [(int(connections), int(each)) for connections, each in cells]


if __name__ == "__main__":
    sys.exit(main())
