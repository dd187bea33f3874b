"""doctor: what is wrong, and what to do about it."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.text import Text

from mailtix.clock import clock
from mailtix.health import Finding, State, examine

_COLOURS = {State.OK: "green", State.WARN: "yellow", State.BAD: "bold red"}


def doctor(arguments: argparse.Namespace) -> int:
    """Looks at everything and changes nothing. Exit 1 when something does not work."""
    findings = examine(Path(arguments.config), os.environ, clock())
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        _print(findings)
    return 1 if any(finding.state is State.BAD for finding in findings) else 0


def _print(findings: Sequence[Finding]) -> None:
    console = Console(soft_wrap=True)
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        line = Text(f"{finding.state:<5}", style=_COLOURS[finding.state])
        console.print(line.append(f"{finding.name:<{width}}  {finding.text}", style="default not bold"))
        if finding.advice:
            console.print(Text(f"{'':<{5 + width}}  → {finding.advice}"))
    counts = {state: sum(finding.state is state for finding in findings) for state in State}
    console.print(f"{counts[State.OK]} ok, {counts[State.WARN]} to look at, {counts[State.BAD]} bad")
