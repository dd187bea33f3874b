"""docs/templates.md names everything that a template may use, and its examples run."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailtix.render import NAMES, Templates, load
from mailtix.render.context import FIELDS, RICH
from mailtix.render.filters import FILTERS
from mailtix.render.templates import SURROUNDINGS

DOCS = (Path(__file__).parents[2] / "docs" / "templates.md").read_text("utf-8")
EXAMPLES = re.findall(r"`templates/(\S+)`:\n\n```jinja\n(.*?)```", DOCS, re.DOTALL)
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", [*NAMES, *FIELDS, *SURROUNDINGS, *FILTERS])
def test_every_mail_value_and_filter_is_explained_in_a_table(name: str) -> None:
    assert re.search(rf"^\|[^|\n]*`{name}`[^|\n]*\| \S", DOCS, re.MULTILINE)


def test_the_examples_run(tmp_path: Path) -> None:
    assert len(EXAMPLES) == 2
    for name, source in EXAMPLES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source, "utf-8")
    templates = load([tmp_path])
    assert isinstance(templates, Templates), "\n".join(map(str, templates))
    mail = templates.render("created", "en", RICH, NOW)
    assert "you will hear\nfrom us within 4 hours." in mail.text
    assert "<strong>TKT-2026-000123</strong>" in mail.html
