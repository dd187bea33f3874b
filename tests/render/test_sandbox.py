"""What the templates of an override may reach, and what they may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailtix.render import Mistake, load
from mailtix.render.context import Link
from mailtix.render.sandbox import Sandbox


def rendered(source: str, **values: object) -> str:
    return Sandbox().from_string(source).render(values)


@pytest.mark.parametrize(
    "reached",
    [
        "actions[0].__class__",
        "actions[0].__init__.__globals__",
        "words.__class__",
        "words.moment.__globals__",
        "words.fields.__class__",
        "words.phrases.marker.__class__",
        "tables[0].__slots__",
        "'{0.__class__}'.format(words)",
    ],
)
def test_nothing_leads_out_of_the_sandbox(tmp_path: Path, reached: str) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "reply.txt").write_text(f"Subject: x\n\n{{{{ {reached} }}}}\n")

    mistakes = load([tmp_path])
    assert isinstance(mistakes, tuple)
    assert all(isinstance(mistake, Mistake) for mistake in mistakes)
    assert "is unsafe" in str(mistakes[0])


def test_the_entry_of_a_dict_is_found_unless_a_method_has_its_name() -> None:
    assert rendered("{{ d.colour }} {{ d.get('colour') }}", d={"colour": "red", "get": "not this"}) == "red red"


def test_the_fields_of_a_link_are_found_and_what_it_has_not_is_undefined() -> None:
    assert rendered("{{ link.label }} {{ link.odd is defined }}", link=Link("Take", "mailto:x")) == "Take False"


def test_what_jinja_offers_everywhere_is_there_in_templates_and_their_includes() -> None:
    assert rendered("{% for n in range(3) %}{{ n }}{% endfor %}") == "012"
