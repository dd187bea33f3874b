"""Whatever stands in the file: settings or mistakes come out, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.settings import MINIMAL, loaded, mistakes
from mailtix.config import BadConfig, Config, effective
from mailtix.yamltext import keys_of

WORDS = sorted({part for key in keys_of(Config) for part in key.replace("[]", "").split(".")} | {"env", "file"})
TEXTS = [
    "a@example.com",
    "127.0.0.1:25",
    "[::1]:25",
    "15m",
    "50MB",
    "ssl",
    "none",
    "TKT-{seq}",
    "{seq:0}",
    "sqlite:///x",
    "redis://h",
    "{",
    "***",
    "*",
    "/",
    "\\",
    "~nosuchuser/x",
    "",
    "x" * 300,
    "a\0b",
    "\x85",
]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.sampled_from(TEXTS), st.text(max_size=8)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


def shaped() -> st.SearchStrategy[Any]:
    """Data that looks like settings, with anything at its leaves: it reaches the validators behind the shape."""
    one = st.fixed_dictionaries({"name": SCALARS, "mailboxes": st.lists(mailbox(), max_size=2) | ANYTHING})
    return st.fixed_dictionaries(
        {"companies": st.lists(one, min_size=1, max_size=2)},
        optional={key: ANYTHING for key in Config.model_fields if key != "companies"},
    )


def mailbox() -> st.SearchStrategy[Any]:
    imap = st.dictionaries(st.sampled_from(["host", "port", "tls", "username", "password", "done", "poll"]), ANYTHING)
    return st.fixed_dictionaries({"address": SCALARS}, optional={"name": SCALARS, "imap": imap})


@given(ANYTHING | shaped(), st.dictionaries(st.sampled_from(WORDS), st.text(max_size=9), max_size=3))
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_data_gives_settings_or_mistakes(tmp_path: Path, data: Any, environ: dict[str, str]) -> None:
    variables = {f"MAILTIX_{word.upper()}": text for word, text in environ.items()}
    try:
        config = loaded(tmp_path, yaml.safe_dump(data, allow_unicode=True), **variables)
    except BadConfig as error:
        told = [str(mistake) for mistake in error.mistakes]
    else:
        told = [effective(config), *map(str, config.companies_as_model()), *map(str, config.rule_files())]
    assert told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('outbound: {maildir: "a\\0b"}', "a path cannot hold the character U+0000"),
        ("outbound: {maildir: ~nosuchuser/sent}", "there is no home folder for ~nosuchuser"),
        (f"rules: [{'x' * 300}]", "there is no file"),
        ('redis: {file: "a\\0b"}', "a path cannot hold the character U+0000"),
        (f"redis: {{file: {'x' * 300}}}", "cannot be read"),
        ("redis: {file: ~nosuchuser/x}", "there is no home folder for ~nosuchuser"),
    ],
)
def test_a_path_that_the_system_refuses_is_a_mistake(tmp_path: Path, text: str, told: str) -> None:
    [mistake] = mistakes(tmp_path, MINIMAL + text)
    assert told in mistake.text
