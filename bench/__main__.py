"""python -m bench: every target beside what is reached today. python -m bench PART…: only these parts of it.
python -m bench load: any load and its figures. python -m bench profile: where the time goes. python -m bench read: what
reading one mail costs. python -m bench growth, python -m bench scale: what more costs, and what bends first."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bench import compiled, growth, pictures, postfix, read, runs, scale, stages, targets
from bench.children import Failed
from bench.parts import PARTS, Bench, Measured
from bench.postgres import postgres
from bench.report import show
from bench.runs import Figures, Load, Setting

_WIDTH = 140  # of what is written into a file: no figure is cut off
_OTHERS = ("load", "profile", "read", "growth", "scale")
# `--quick` is for seeing that everything works: its figures say little.
_QUICK = {"runs": 1, "mails": 200, "memory": 400, "tickets": 5_000}


def main(argv: Sequence[str] | None = None) -> int:
    """0 when everything was measured, 1 when a part gave no figures. A target that is missed is a figure, too."""
    arguments = _parser().parse_args(argv)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    try:
        with TemporaryDirectory(prefix="mailtix-bench-") as folder:
            return _do(arguments, Path(folder), console)
    except Failed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1


def _do(arguments: argparse.Namespace, folder: Path, console: Console) -> int:
    what = arguments.what
    if "profile" in what:
        return stages.main(arguments.mails or 600, arguments.postgres, console)
    if "read" in what:
        read.main(arguments.mails or 2000)
        return 0
    if "load" in what:
        return _load(arguments, folder, console)
    bench = _bench(arguments, folder, console)
    parts = [part for part in what if part in PARTS] or ([] if what else list(PARTS))
    measured, failed = _parts(bench, parts)
    costs = stages.measure(min(bench.mails, 1000), False) if not what else None
    grown = growth.measure(bench) if not what or "growth" in what else {}
    if parts:
        targets.show([row for found in measured.values() for row in found.rows], console)
    if costs:
        costs.show(console)
    growth.show(grown, console)
    if "scale" in what:
        scale.main(console)
    _write(arguments, measured, grown, console)
    for part, reason in failed.items():
        print(f"bench: {part}: {reason}", file=sys.stderr)
    return 1 if failed else 0


def _parts(bench: Bench, names: Sequence[str]) -> tuple[dict[str, Measured], dict[str, str]]:
    """What the parts found; of those that could not be measured, why. One that fails does not keep the next from it."""
    measured: dict[str, Measured] = {}
    failed: dict[str, str] = {}
    for name in names:
        begin = time.monotonic()
        try:
            measured[name] = PARTS[name](bench)
        except Failed as failure:
            failed[name] = str(failure)
        bench.tell(f"{name}: {time.monotonic() - begin:.0f} s")
    return measured, failed


def _bench(arguments: argparse.Namespace, folder: Path, console: Console) -> Bench:
    daemons = postfix.daemons(arguments.postfix)
    program = None if arguments.python else compiled.program(folder)
    for lack in (daemons if isinstance(daemons, str) else "", "" if program else compiled.NO_COMPILER):
        if lack:
            console.print(lack)
    anchor = daemons if isinstance(daemons, Path) else None
    bench = Bench(folder, console, program, anchor, seconds=arguments.seconds, keep=arguments.keep)
    asked = {name: getattr(arguments, name) for name in _QUICK if getattr(arguments, name) is not None}
    return replace(bench, **((_QUICK if arguments.quick else {}) | asked))


def _write(
    arguments: argparse.Namespace, measured: dict[str, Measured], grown: dict[str, growth.Curve], console: Console
) -> None:
    """Figures as JSON and pictures as SVG, into the folder of --out."""
    if not measured and not grown:
        return
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    found = {
        "targets": [asdict(row) for part in measured.values() for row in part.rows],
        "figures": {name: part.figures for name, part in measured.items()},
        "growth": {name: asdict(curve) for name, curve in grown.items()},
    }
    (out / "figures.json").write_text(json.dumps(found, indent=1) + "\n")
    drawn = pictures.draw(out, [row for part in measured.values() for row in part.rows], grown)
    console.print(f"written: {', '.join(str(path) for path in (out / 'figures.json', *drawn))}", style="dim")


def _load(arguments: argparse.Namespace, folder: Path, console: Console) -> int:
    """The servers take turns, so that whatever else the machine does meets all of them alike."""
    mails, times = arguments.mails or 2000, arguments.runs or 3
    with ExitStack() as stack:
        setting = Setting(arguments.database, arguments.maildir)
        if arguments.postgres:
            url, pid = stack.enter_context(postgres(folder))
            setting = replace(setting, database=url, helpers=(pid,))
        daemons = postfix.daemons(arguments.postfix)
        program = None if arguments.python else compiled.program(folder)
        if isinstance(daemons, str):
            console.print(daemons)
        figures: list[Figures] = []
        for connections, each in arguments.grid:
            rounds: list[list[Figures]] = []
            for number in range(times):
                name = f"{connections}x{each}-{number}"
                seed = len(figures) * times + number + 1
                load = Load(mails, connections, each, arguments.drivers, seed, arguments.seconds, program)
                console.print(f"{name}: {load.mails} mails", style="dim")
                row = [runs.against_sink(load)]
                if isinstance(daemons, Path):
                    row.append(runs.against_postfix(load, folder / f"postfix-{name}", daemons))
                row.append(runs.against_mailtix(load, folder / f"mailtix-{name}", setting))
                rounds.append(row)
            figures += [runs.median(column) for column in zip(*rounds, strict=True)]
    show(figures, console)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(run) for run in figures], indent=1) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="How fast mailtix is, on loopback only.")
    known = ", ".join((*PARTS, *_OTHERS))
    parser.add_argument(
        "what", nargs="*", type=_part, metavar="PART", help=f"only these: {known} (default: the targets)"
    )
    parser.add_argument("--quick", action="store_true", help="a few mails of everything, to see that it works")
    parser.add_argument("--mails", type=int, metavar="N", help="mails of a run (default: 2000)")
    parser.add_argument("--runs", type=int, help="runs of which the median is shown (default: 5)")
    parser.add_argument("--memory", type=int, metavar="N", help="mails of the part `memory` (default: 20000)")
    parser.add_argument("--tickets", type=int, metavar="N", help="tickets of the part `full` (default: 1000000)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the filled database there for the next time")
    parser.add_argument("--out", type=Path, default=Path("bench-results"), metavar="DIR",
                        help="where figures.json and the pictures are written (default: bench-results)")  # fmt: skip
    parser.add_argument("--python", action="store_true", help="send with the driver in Python, not the one in C")
    parser.add_argument("--seconds", type=float, default=300.0, help="time limit of a run (default: 300)")
    parser.add_argument("--postfix", type=Path, metavar="DIR", help="where Postfix's daemons are, if not installed")
    load = parser.add_argument_group("for load")
    load.add_argument("--grid", type=_grid, default=_grid("50x10,50x1"), metavar="CxM,…",
                      help="connections x mails in each (default: 50x10,50x1)")  # fmt: skip
    load.add_argument("--drivers", type=int, default=1, help="driver processes that share the load (default: 1)")
    load.add_argument("--database", metavar="URL", help="default: SQLite in a temporary folder")
    load.add_argument("--postgres", action="store_true", help="start a PostgreSQL of its own and use that")
    load.add_argument("--maildir", action="store_true", help="deliver into a Maildir instead of to a sink by SMTP")
    load.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser


def _part(text: str) -> str:
    if text not in (*PARTS, *_OTHERS):
        raise argparse.ArgumentTypeError(f"there is no part {text!r}; take some of {', '.join((*PARTS, *_OTHERS))}")
    return text


def _grid(text: str) -> list[tuple[int, int]]:
    cells = (cell.split("x") for cell in text.split(","))
    return [(int(connections), int(each)) for connections, each in cells]


if __name__ == "__main__":
    sys.exit(main())
