"""rules: looking at routing rules before, and after, they meet a customer's mail."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from mailtix.config import Config, load
from mailtix.rules import BadRules, json_schema
from mailtix.rules import load as load_rules
from mailtix.terms import known_to_rules
from mailtix.yamltext import Mistake

# Each is imported only when it is asked for, as the verbs are: `check` needs neither the line nor the database.
_ELSEWHERE = {
    "test": ("rules_test", "test"),
    "explain": ("rules_explain", "explain_mail"),
    "backtest": ("rules_backtest", "backtest"),
    "reload": ("rules_reload", "reload"),
    "stats": ("rules_stats", "stats"),
    "shadow": ("rules_stats", "shadow"),
}


def rules(arguments: argparse.Namespace) -> int:
    """Does the action that was asked for."""
    if arguments.action in _ELSEWHERE:
        module, name = _ELSEWHERE[arguments.action]
        code: int = getattr(import_module(f"mailtix.verbs.{module}"), name)(arguments)
        return code
    return {"check": _check, "schema": _schema}[arguments.action](arguments)


def rule_mistakes(config: Config, files: Sequence[Path]) -> tuple[Mistake, ...]:
    """Every mistake in these rule files, judged by those settings."""
    return _judged(config, files)[0]


def rule_warnings(config: Config, files: Sequence[Path]) -> tuple[Mistake, ...]:
    """What these rule files may not mean, though it can be used; nothing when there are mistakes."""
    return _judged(config, files)[1]


def _judged(config: Config, files: Sequence[Path]) -> tuple[tuple[Mistake, ...], tuple[Mistake, ...]]:
    texts = [(str(file), file.read_bytes()) for file in files]
    try:
        return (), load_rules(texts, known_to_rules(config)).warnings
    except BadRules as bad:
        return bad.mistakes, ()


def _schema(_: argparse.Namespace) -> int:
    """The JSON Schema of rule files, for editors."""
    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    config = load(Path(arguments.config), os.environ)
    files = tuple(Path(name) for name in arguments.files) or config.rule_files()
    mistakes, warnings = _judged(config, files)
    if arguments.json:
        found = [{"severity": "mistake", **asdict(mistake)} for mistake in mistakes]
        found += [{"severity": "warning", **asdict(warning)} for warning in warnings]
        print(json.dumps(found, ensure_ascii=False))
    elif mistakes:
        print("\n".join(str(mistake) for mistake in mistakes), file=sys.stderr)
    else:
        for warning in warnings:
            print(f"warning: {warning}", file=sys.stderr)
        doubts = f", {len(warnings)} warning{'s' if len(warnings) != 1 else ''}" if warnings else ""
        print(f"{len(files)} file{'s' if len(files) != 1 else ''}, no mistakes{doubts}")
    return 2 if mistakes else 0
