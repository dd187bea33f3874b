"""Settings, rules and templates: whether they can be used, and whether their secrets are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from mailtix.config import Config
from mailtix.config.load import Partly
from mailtix.health.finding import Finding, bad, counted, doubtful, fine
from mailtix.health.secrets import file_modes
from mailtix.render import Templates
from mailtix.render import load as load_templates
from mailtix.rules import BadRules
from mailtix.store.condition import sqlite_file
from mailtix.terms import read_rules
from mailtix.yamltext import Mistake

# More would be a copy of what `mailtix check` says.
_SHOWN = 3


def settings(path: Path, partly: Partly) -> Iterator[Finding]:
    """Whether the settings can be used."""
    if not partly.mistakes:
        yield fine("settings", f"{path} can be used")
        return
    yield bad(
        "settings",
        f"{counted(len(partly.mistakes), 'mistake')} in the settings: {_shown(partly.mistakes)}",
        "mend them; `mailtix check` shows each with its line",
    )
    if partly.wrong and partly.config is not None:
        sections = ", ".join(f"`{name}`" for name in sorted(partly.wrong) if name)
        text = f"what stands under {sections} cannot be read, and was not looked at"
        yield doubtful("settings", text, "ask again when the settings are right")


def secret_files(path: Path, partly: Partly) -> Iterator[Finding]:
    """Whether others on this machine can read passwords, keys or customers' mail."""
    files = [(path, "passwords")] if partly.has_secrets else []
    files += [(file, "a secret") for file in partly.secret_files]
    config = partly.config
    if config is not None and config.listen.tls is not None:
        files.append((config.listen.tls.key, "the key of our certificate"))
    if config is not None and "database" not in partly.wrong and (database := sqlite_file(config.database)):
        files.append((database, "all mail and the secret that reply addresses are signed with"))
    return file_modes(files)


def rules(config: Config) -> Iterator[Finding]:
    """Whether the rule files can be used."""
    try:
        found = read_rules(config)
    except BadRules as wrong:
        text = f"{counted(len(wrong.mistakes), 'mistake')} in the rules: {_shown(wrong.mistakes)}"
        yield bad("rules", f"{text}; a running daemon goes on with the last that were right", _RULES)
    except OSError as error:
        yield bad("rules", f"{error.filename} cannot be read: {error.strerror}", "let mailtix's user read it")
    else:
        warnings = f", {counted(len(found.warnings), 'warning')}" if found.warnings else ""
        yield fine("rules", f"{counted(len(found.files), 'file')} without mistakes{warnings}")


_RULES = "mend them (`mailtix rules check` shows each with its line); they are read again by themselves"


def templates(config: Config) -> Iterator[Finding]:
    """Whether the mail templates can be used."""
    found = load_templates(config.templates)
    if isinstance(found, Templates):
        yield fine("templates", "all can be used")
    else:
        text = f"{counted(len(found), 'mistake')} in the templates: {found[0]}".partition("\n")[0]
        yield bad("templates", text, "mend them; `mailtix check` shows each with its line")


def _shown(mistakes: Iterable[Mistake]) -> str:
    """The first of them, each in a line without its source: that is for `mailtix check`."""
    lines = [str(mistake).partition("\n")[0] for mistake in mistakes]
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return "; ".join(lines[:_SHOWN] + more)
