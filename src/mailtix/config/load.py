"""Loads the settings: the file, the environment over it, secrets fetched, everything checked at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mailtix.config.crosscheck import crosscheck
from mailtix.config.environment import PREFIX, fetch_secrets, override
from mailtix.config.schema import Config
from mailtix.yamltext import BadText, Document, Mistake, read, validate

# A mistake shows its line, and lines reach logs, so secrets are blotted out of it, column for column.
_IN_LINE = re.compile(r"""((?:password|secrets?|refresh_token)["']?\s*:\s*)(?!null|[\[\s]*\{)(.+)""", re.IGNORECASE)
_IN_URL = re.compile(r"(://[^:/@\s]*:)([^@\s]+)(?=@)")
_SECRET_KEYS = frozenset({"password", "secrets", "secret", "client_secret", "refresh_token"})


class BadConfig(BadText):
    """Settings that cannot be used, with all their mistakes."""


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The settings in the file at `path`, with MAILTIX_* of `environ` over them. Raises BadConfig with all mistakes."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        hint = "`mailtix init` writes one" if isinstance(error, FileNotFoundError) else ""
        text = f"the settings cannot be read: {error.strerror or error}"
        raise BadConfig([Mistake(str(path), 0, 0, text, hint)]) from error
    document = read(raw, str(path))
    if not document.readable:
        raise BadConfig(replace(m, source=_IN_LINE.sub(_stars, _blotted(m.source, ()))) for m in document.mistakes)
    secrets = tuple(_secrets(document.data))
    folder = path.absolute().parent
    document = fetch_secrets(override(document, environ, Config), environ, folder)
    config, mistakes = validate(document, Config, {"folder": folder})
    mistakes += crosscheck(document)
    if config is None or mistakes:
        in_order = sorted(dict.fromkeys(mistakes), key=lambda m: (m.line, m.column, m.file))
        raise BadConfig(replace(mistake, source=_blotted(mistake.source, secrets)) for mistake in in_order)
    return config


@dataclass(frozen=True, slots=True)
class Partly:
    """Settings of which a part may be wrong: as if the sections of `wrong` were not there. `config` is None when even
    the rest makes no sense; without `mistakes` all is right. `has_secrets`: some stand in the file itself;
    `secret_files` are those that {file: PATH} names."""

    config: Config | None
    wrong: frozenset[str]
    mistakes: tuple[Mistake, ...]
    has_secrets: bool = False
    secret_files: tuple[Path, ...] = ()


def load_partly(path: Path, environ: Mapping[str, str]) -> Partly:
    """As much of the settings as can be used: for who looks for what is wrong. Never to be worked with."""
    config: Config | None = None
    mistakes: tuple[Mistake, ...] = ()
    try:
        config = load(path, environ)
    except BadConfig as bad:
        mistakes = bad.mistakes
    try:
        document = read(path.read_bytes(), str(path))
    except OSError:
        return Partly(config, frozenset(), mistakes)
    folder = path.absolute().parent
    secrets = (
        any(_secrets(document.data)) or any(_IN_URL.search(line) for line in document.lines),
        tuple(folder / name for name in _secret_files(document.data)),
    )
    if config is not None or not isinstance(document.data, dict):
        return Partly(config, frozenset(), mistakes, *secrets)
    missing = {"companies"} - document.data.keys()
    wrong = frozenset(missing | {_section(document, mistake) for mistake in mistakes})
    document = fetch_secrets(override(document, environ, Config), environ, folder)
    kept = {key: value for key, value in document.data.items() if key not in wrong}
    rest = replace(document, data=kept | (_NOBODY if "companies" in wrong else {}), mistakes=())
    return Partly(validate(rest, Config, {"folder": folder})[0], wrong, mistakes, *secrets)


# Settings have a company; who only looks at the rest needs none.
_NOBODY = {"companies": [{"name": "?", "mailboxes": [{"address": "nobody@desk.example"}]}]}


def _section(document: Document, mistake: Mistake) -> str:
    """The key of the first level that a mistake stands under."""
    if mistake.file != document.file:  # environment MAILTIX_LISTEN__SMTP
        return mistake.file.rpartition(PREFIX)[2].partition("__")[0].lower()
    begins = {(at.line, at.column): str(path[0]) for path, at in document.keys.items() if len(path) == 1}
    before = [place for place in begins if place <= (mistake.line, mistake.column)]
    return begins[max(before)] if before else ""


def _secret_files(data: Any) -> Iterator[str]:
    """Every PATH of a {file: PATH}."""
    match data:
        case {"file": str(name), **others} if not others:
            yield name
        case dict():
            for value in data.values():
                yield from _secret_files(value)
        case list():
            for item in data:
                yield from _secret_files(item)


def _secrets(data: Any, *, below_key: bool = False) -> Iterator[str]:
    """Every text that stands under a key for secrets."""
    match data:
        case dict():
            for key, value in data.items():
                yield from _secrets(value, below_key=key in _SECRET_KEYS)
        case list():
            for item in data:
                yield from _secrets(item, below_key=below_key)
        case str() | int() | float() if below_key and not isinstance(data, bool):
            yield str(data)


def _blotted(line: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        line = line.replace(secret, "*" * len(secret))
    return _IN_URL.sub(_stars, line)


def _stars(found: re.Match[str]) -> str:
    return found[1] + "*" * len(found[2])
