"""rules reload: every running daemon reads its rules again."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from mailtix.clock import clock
from mailtix.store import migrations, rulesets
from mailtix.store.engine import open_engine, sessions
from mailtix.terms import read_config, read_rules


def reload(arguments: argparse.Namespace) -> int:
    """Asks every node, through the database. When the rules here have mistakes these are told, and nobody is asked."""
    config = read_config(Path(arguments.config), os.environ)
    rules = read_rules(config)
    engine = open_engine(config.database)
    try:
        migrations.upgrade(engine)
        with sessions(engine).begin() as session:
            rulesets.wish(session, clock())
    finally:
        engine.dispose()
    if arguments.json:
        print(json.dumps({"version": rules.version, "rules": len(rules.rules)}))
    else:
        print(f"Every running daemon reads its rules within seconds. Those here: {rules.version[:12]}")
    return 0
