"""init and check: before anything runs."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from mailtix.config import EXAMPLE, BadConfig, Config, effective, load
from mailtix.render import Mistake as TemplateMistake
from mailtix.render import Templates
from mailtix.render import load as load_templates
from mailtix.rules import EXAMPLE_RULES
from mailtix.verbs.rules import rule_mistakes, rule_warnings
from mailtix.verbs.sla_fetch import missing
from mailtix.yamltext import Mistake


def init(arguments: argparse.Namespace) -> int:
    """Writes the settings and a first rule file. Never touches a file that is there."""
    path = Path(arguments.config)
    if path.exists():
        if arguments.if_missing:
            return 0
        print(f"{path} is there already; nothing was written. Edit it, or move it away and try again.", file=sys.stderr)
        return 1
    path.parent.mkdir(parents=True, exist_ok=True)
    rules = path.parent / "rules" / "10-first.yaml"
    with path.open("x", encoding="utf-8") as file:
        file.write(EXAMPLE)
    if not rules.exists():
        rules.parent.mkdir(exist_ok=True)
        rules.write_text(EXAMPLE_RULES, encoding="utf-8")
    print(f"Wrote {path} and {rules}. Next: mailtix check, then mailtix serve")
    return 0


def check(arguments: argparse.Namespace) -> int:
    """All mistakes at once, or the effective settings. Exit 2 when there are mistakes."""
    mistakes, config = _everything_wrong(Path(arguments.config))
    if arguments.json:
        print(json.dumps([asdict(m) for m in mistakes], ensure_ascii=False, default=str))
    elif mistakes or config is None:
        print("\n".join(str(m) for m in mistakes), file=sys.stderr)
        print(f"{len(mistakes)} mistake{'s' if len(mistakes) != 1 else ''}; nothing was changed", file=sys.stderr)
    else:
        print(effective(config), end="")
        for warning in (*rule_warnings(config, config.rule_files()), *missing(config)):
            print(f"warning: {warning}", file=sys.stderr)
    return 2 if mistakes else 0


def _everything_wrong(path: Path) -> tuple[list[Mistake | TemplateMistake], Config | None]:
    try:
        config = load(path, os.environ)
    except BadConfig as bad:
        return list(bad.mistakes), None
    wrong: list[Mistake | TemplateMistake] = list(rule_mistakes(config, config.rule_files()))
    templates = load_templates(config.templates)
    if not isinstance(templates, Templates):
        wrong += templates
    return wrong, config
