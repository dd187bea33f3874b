"""Passwords: never shown, and kept from the eyes of others on the same machine."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BaseModel, SecretStr

from mailtix.config import Config
from mailtix.health.finding import Finding, doubtful, fine

# A shorter one is blotted out only where it stands alone: "a" is in every word.
_LONG_ENOUGH = 4
_IN_QUERY = ("password", "sslpassword")


def without_secrets(findings: Iterable[Finding], config: Config | None) -> list[Finding]:
    """The findings with stars for every password of the settings: what servers and libraries say is quoted in them."""
    secrets = sorted(set(secrets_of(config)) if config else (), key=len, reverse=True)
    parts = [re.escape(s) if len(s) >= _LONG_ENOUGH else rf"\b{re.escape(s)}\b" for s in secrets]
    if not parts:
        return list(findings)
    pattern = re.compile("|".join(parts))
    return [replace(f, text=pattern.sub("***", f.text), advice=pattern.sub("***", f.advice)) for f in findings]


def secrets_of(config: Config) -> Iterator[str]:
    """Every password and secret of the settings, also as they stand in URLs."""
    yield from filter(None, _within(config))
    for url in filter(None, (config.database, config.redis)):
        parts = urlsplit(url)
        password = parts.netloc.rpartition("@")[0].partition(":")[2]
        queried = [value for key, value in parse_qsl(parts.query) if key in _IN_QUERY]
        yield from filter(None, (password, unquote(password), *queried))


def _within(value: Any) -> Iterator[str]:
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case BaseModel():
            for name in type(value).model_fields:
                yield from _within(getattr(value, name))
        case tuple() | list():
            for item in value:
                yield from _within(item)


def file_modes(files: Iterable[tuple[Path, str]]) -> Iterator[Finding]:
    """Whether others on this machine can read what is secret: files, each with what it holds."""
    exposed = False
    for path, holds in files:
        if others_can_read(path):
            exposed = True
            text = f"everybody on this machine can read {path}, which holds {holds}"
            log = path.with_name(f"{path.name}-wal")  # SQLite's, beside its database
            yield doubtful("file modes", text, f"chmod o-rwx {path}{'*' if log.exists() else ''}")
    if not exposed:
        yield fine("file modes", "what is secret can be read by its owner only, or by his group")


def others_can_read(path: Path) -> bool:
    """Whether users who are neither its owner nor of its group can get at the file."""
    try:
        if not path.stat().st_mode & stat.S_IROTH:
            return False
        return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.absolute().parents)
    except OSError:
        return False
