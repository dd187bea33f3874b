"""rules: looking at routing rules before, and after, they meet a customer's mail."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from mailtix.config import Config, load
from mailtix.rules import BadRules, Known
from mailtix.rules import load as load_rules
from mailtix.verbs import rules_backtest, rules_explain, rules_test
from mailtix.yamltext import Mistake


def rules(arguments: argparse.Namespace) -> int:
    """rules check, test, explain or backtest."""
    actions = {
        "check": _check,
        "test": rules_test.test,
        "explain": rules_explain.explain_mail,
        "backtest": rules_backtest.backtest,
    }
    return actions[arguments.action](arguments)


def rule_mistakes(config: Config, files: Sequence[Path]) -> tuple[Mistake, ...]:
    """Every mistake in these rule files, judged by those settings."""
    try:
        load_rules([(str(file), file.read_bytes()) for file in files], Known.of(config.companies_as_model()))
    except BadRules as bad:
        return bad.mistakes
    return ()


def _check(arguments: argparse.Namespace) -> int:
    config = load(Path(arguments.config), os.environ)
    files = tuple(Path(name) for name in arguments.files) or config.rule_files()
    mistakes = rule_mistakes(config, files)
    if arguments.json:
        print(json.dumps([asdict(mistake) for mistake in mistakes], ensure_ascii=False))
    elif mistakes:
        print("\n".join(str(mistake) for mistake in mistakes), file=sys.stderr)
    else:
        print(f"{len(files)} file{'s' if len(files) != 1 else ''}, no mistakes")
    return 2 if mistakes else 0
