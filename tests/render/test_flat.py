"""A template made one says what it says with all its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import pytest
from jinja2 import DictLoader, StrictUndefined

from mailtix.render import NAMES, Context, Templates, load
from mailtix.render.context import RICH, SAMPLE_NOW, SAMPLES, variables
from mailtix.render.filters import FILTERS
from mailtix.render.flat import flat
from mailtix.render.sandbox import Sandbox
from mailtix.render.templates import surroundings

ODD = 'Eve & <b>"co"</b>  {{ 7 * 7 }}\r\n> #take\u2028 Grüße'
# Each sample, each of them with one value left out, and one in which every text is odd.
CONTEXTS = (
    *SAMPLES,
    *(replace(RICH, **{field.name: field.default}) for field in fields(Context)),
    replace(RICH, **{field.name: ODD for field in fields(Context) if field.default == ""}),
)


@pytest.fixture(scope="module")
def templates() -> Templates:
    loaded = load()
    assert isinstance(loaded, Templates)
    return loaded


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", NAMES)
def test_every_mail_is_made_one_and_says_the_same(templates: Templates, name: str, language: str) -> None:
    page = templates.page(name, language)
    for made, apart in zip(page.flat, (page.text, page.html), strict=True):
        assert made.template is not apart
        for context in CONTEXTS:
            around = surroundings(page.words, language, context, SAMPLE_NOW)
            whole = made.template.render(variables(context, page.asks) | around)
            assert whole == apart.render(variables(context) | around)


def is_escaped(name: str | None) -> bool:
    return not (name or "").endswith(".txt")


def said(files: Mapping[str, str], fixed: Mapping[str, object] | None = None) -> tuple[bool, str, str]:
    """Whether "page.html" was made one, what it says apart, and what it says as one."""
    sandbox = Sandbox(
        loader=DictLoader(dict(files)),
        undefined=StrictUndefined,
        autoescape=lambda name: not (name or "").endswith("t"),
    )
    sandbox.filters.update(FILTERS)
    apart = sandbox.get_template("page.html")
    whole = flat(apart, fixed or {}).template
    scope = {"x": "<x>", "xs": ["1", "2"], "no": False, **(fixed or {})}
    return whole is not apart, apart.render(scope), whole.render(scope)


def test_the_heir_has_the_last_word_on_each_block() -> None:
    assert said(
        {
            "base.html": "<{% block a %}a{% endblock %}|{% block b %}b{% endblock %}|{{ x }}>",
            "card.html": '{% extends "base.html" %}{% block a %}A{% block c %}c{% endblock %}{% endblock %}',
            "page.html": '{% extends "card.html" %} not this {% block c %}C{% include "part.html" %}{% endblock %}',
            "part.html": "{% for x in xs %}{{ x }}{% endfor %}{{ x }}",
        }
    ) == (True, "<AC12&lt;x&gt;|b|&lt;x&gt;>", "<AC12&lt;x&gt;|b|&lt;x&gt;>")


def test_macros_come_along() -> None:
    parts = {"parts.html": "{% macro b(links) %}[{% for link in links %}{{ link }}{% endfor %}]{% endmacro %}"}
    page = '{% from "parts.html" import b %}{{ b(xs) }}{{ x }}'
    assert said({**parts, "page.html": page}) == (True, "[12]&lt;x&gt;", "[12]&lt;x&gt;")


def test_what_is_fixed_is_written_down_and_escaped() -> None:
    page = "{{ lang }} {{ words.some }} {{ words.get('some') }} {{ words.none is defined }}"
    fixed = {"lang": "<de>", "words": {"some": "a & b"}}
    made, apart, whole = said({"page.html": page}, fixed)
    assert made
    assert apart == whole == "&lt;de&gt; a &amp; b a &amp; b False"


@pytest.mark.parametrize(
    "page",
    [
        '{% extends "base.html" %}{% block a %}{{ super() }}!{% endblock %}',
        '{% extends "base.html" %}{% block a %}{% set x = "set" %}{{ x }}{% endblock %}',
        '{% extends "base.html" %}{% set x = "set" %}',
        '{% extends "base" ~ ".html" %}',
        '{% extends "base.txt" %}',
        'first {% extends "base.html" %}',
        '{% if not no %}{% extends "base.html" %}{% endif %}',
        "{% for lang in xs %}{{ lang }}{% endfor %}",
        "{% for x in xs %}{% block a %}{{ x }}{% endblock %}{% endfor %}",
        "{% block a %}{{ x }}{% endblock %}{{ self.a() }}",
        '{% import "macro.html" as base %}{{ x }}',
        "{% macro m() %}{{ x }}{% endmacro %}{{ m() }}",
        '{% from "macro.html" import m as lang %}{{ lang() }}{{ x }}',
        "{% with x = 3 %}{{ x }}{% endwith %}",
    ],
)
def test_what_is_not_so_simple_is_left_as_it_is(page: str) -> None:
    base = "<{% block a %}{{ x }}{% endblock %}>"
    files = {"page.html": page, "base.html": base, "base.txt": base, "macro.html": "{% macro m() %}{% endmacro %}"}
    made, apart, whole = said(files, {"lang": "en"})
    assert not made
    assert whole == apart


@pytest.mark.parametrize(
    "part",
    [
        '{% include "part.txt" %}',  # escaped otherwise
        '{% include ["none.html", "part.txt"] %}',
        '{% include "none.html" ignore missing %}',
        '{% if no %}{% include "none.html" %}{% endif %}',
        '{% if no %}{% include "page.html" %}{% endif %}',
        '{% include "set.html" %}{{ x }}',
        '{% include "alone.html" without context %}',
        '{% include "block.html" %}',
        '{% for y in xs %}{% include "loop.html" %}{% endfor %}',
    ],
)
def test_a_part_that_is_not_so_simple_stays_a_part(part: str) -> None:
    parts = {
        "part.txt": "{{ x }}",
        "set.html": "{% set x = 3 %}{{ x }}",
        "alone.html": "{{ x is defined }}",
        "block.html": "{% block a %}{{ x }}{% endblock %}",
        "loop.html": "{{ y }}{{ x }}",
    }
    made, apart, whole = said({"page.html": part, **parts})
    assert made
    assert whole == apart


def test_a_page_asks_for_what_it_may_show_and_for_everything_when_that_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "created.txt").write_text("Subject: x\n\n{% if due %}{{ team }}{% endif %}\n")
    (tmp_path / "en" / "created.html").write_text("<p>{{ number }}</p>{{ tagged }}")
    (tmp_path / "en" / "closed.txt").write_text("Subject: x\n\n{% set y = 1 %}{{ number }}\n")
    loaded = load([tmp_path])
    assert isinstance(loaded, Templates)

    assert loaded.page("created", "en").asks == ("number", "team", "due")
    assert loaded.page("closed", "en").asks == tuple(field.name for field in fields(Context))


def test_mails_are_written_with_what_was_checked_whatever_happens_to_the_files(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    file = tmp_path / "en" / "created.txt"
    file.write_text("Subject: x\n\nas it was\n")
    loaded = load([tmp_path])
    assert isinstance(loaded, Templates)

    file.write_text("{% broken")

    assert loaded.render("created", "en", RICH, SAMPLE_NOW).text == "as it was\n"
