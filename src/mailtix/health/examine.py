"""The whole examination: every question that the settings give reason to ask, all at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from mailtix.config import Config
from mailtix.config.load import Partly, load_partly
from mailtix.health import certificate, database, machine, outside, running
from mailtix.health import settings as own
from mailtix.health.ask import Question, ask
from mailtix.health.finding import Finding
from mailtix.health.secrets import without_secrets

# Longer than any single step takes that gives up by itself.
SECONDS = 15.0


def examine(path: Path, environ: Mapping[str, str], now: datetime, seconds: float = SECONDS) -> list[Finding]:
    """What is well and what is not. Takes no longer than about `seconds`, and shows no password."""
    partly = load_partly(path, environ)
    questions: dict[str, Question] = {
        "settings": lambda: own.settings(path, partly),
        "file modes": lambda: own.secret_files(path, partly),
    }
    if partly.config is not None:
        questions |= _questions(partly.config, partly, now)
    return without_secrets(ask(questions, seconds), partly.config)


def _questions(config: Config, partly: Partly, now: datetime) -> dict[str, Question]:
    """Those whose section of the settings is right. Rules and templates may name anything that stands there."""
    all_right = not partly.mistakes
    asked: Iterable[tuple[str, bool, Question]] = (
        ("rules", all_right, lambda: own.rules(config)),
        ("templates", all_right, lambda: own.templates(config)),
        ("database", _right(partly, "database"), lambda: database.database(config, now)),
        ("integrity", _right(partly, "database"), lambda: database.integrity(config)),
        ("disk", _right(partly, "database", "outbound", "listen"), lambda: machine.disks(config)),
        ("daemon", _right(partly, "database", "companies"), lambda: running.daemon(config, now)),
        ("listeners", _right(partly, "listen"), lambda: running.listeners(config)),
        ("certificate", _right(partly, "listen"), lambda: certificate.ours(config, now)),
        ("smarthost", _right(partly, "outbound"), lambda: outside.outgoing(config, now)),
        ("outgoing mail", _right(partly, "outbound"), lambda: machine.maildir(config)),
        ("redis", _right(partly, "redis"), lambda: outside.redis(config)),
        ("dns", _right(partly, "security", "companies"), lambda: outside.names(config)),
        ("clamd", _right(partly, "attachments"), lambda: outside.viruses(config)),
    )
    return {name: question for name, wanted, question in asked if wanted}


def _right(partly: Partly, *sections: str) -> bool:
    return not partly.wrong.intersection(sections)
