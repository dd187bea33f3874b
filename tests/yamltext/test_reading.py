"""YAML text to plain data: what is read, what is refused, and that nothing else can happen."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailtix.yamltext import Document, Position, did_you_mean, read


def data(text: str) -> Any:
    document = read(text, "x")
    assert document.mistakes == ()
    return document.data


def only_mistake(text: str | bytes) -> str:
    [mistake] = read(text, "x").mistakes
    return f"{mistake.line}:{mistake.column} {mistake.text}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on: no", {"on": "no"}),
        ("a: yes", {"a": "yes"}),
        ("a: 12:30", {"a": "12:30"}),
        ("a: 2026-01-02", {"a": "2026-01-02"}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: <<", {"a": "<<"}),
        ("a: =", {"a": "="}),
        ("a: [true, False, null, ~, 12, -3, 0o17, 0x1F, 1.5, 1e3, .5]",
         {"a": [True, False, None, None, 12, -3, 15, 31, 1.5, 1000.0, 0.5]}),
        ("404: x\nnull: y\ntrue: z", {"404": "x", "null": "y", "true": "z"}),
        ("a: !!str 12", {"a": "12"}),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("", None),
        ("# only a comment\n", None),
        ("\ufeffa: 1", {"a": 1}),
    ],
)  # fmt: skip
def test_scalars_are_those_of_the_yaml_1_2_core_schema(text: str, value: Any) -> None:
    assert data(text) == value


def test_an_alias_stands_for_its_anchor_but_is_its_own_value() -> None:
    value = data("a: &x [1]\nb: *x")
    value["b"].append(2)
    assert value == {"a": [1], "b": [1, 2]}


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a: 1\na: 2", "2:1 the key 'a' stands twice"),
        ("a:\n\t- 1", "2:1 a tab stands where spaces belong"),
        ("a: 'x", "1:4 a quote is opened here and never closed"),
        ("a: [1, 2\nb: 3", "1:4 this list is not closed"),
        ("a: {b: 1\nc: 2", "1:4 this mapping is not closed"),
        ("a: b: c", "1:5 a ':' is in a wrong place"),
        ("a:\n  b: 1\n c: 2", "3:2 the indentation does not fit the lines above"),
        ("a: 1\nb", "2:2 a ':' is missing after the key"),
        ("from: *@example.com", "1:7 a '*' at the beginning is an alias in YAML"),
        ("from: &@x", "1:7 a '&' at the beginning is an anchor in YAML"),
        ("a: *x", "1:4 an alias (*name) without its anchor (&name)"),
        ("a: @x", "1:4 a value cannot begin with this character"),
        ("a: 1\n---\nb: 2", "2:1 the file holds a second document"),
        ("a: !!python/name:os.system x", "1:4 the tag !!python/name:os.system is not used here"),
        ("a: !!int x", "1:4 'x' cannot be read as !!int"),
        ('"\\ud800": 1', "1:1 a key must be a plain word"),
        ("[a]: 1", "1:1 a key must be a plain word"),
        ('a: "\\q"', "1:6 this is not an escape that YAML knows"),
        ('a: "\\ud800"', "1:4 this text holds half of a character (a lone surrogate)"),
        ('a: "\\UFFFFFFFF"', "1:7 this cannot be read as YAML"),
        ("a: 1\nb: x\x07y", "2:5 the character U+0007 is not allowed here"),
        ("a: " + "9" * 50, "1:4 this number is too long"),
        (b"a: 1\nb: \xff", "2:1 this is not UTF-8"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_plain_words_at_its_place(text: str | bytes, mistake: str) -> None:
    assert only_mistake(text) == mistake


def test_several_mistakes_that_can_be_read_past_are_told_together() -> None:
    document = read("a: 1\na: 2\nb: !x 3\nc: {d: 1, d: 2}", "x")
    assert [mistake.line for mistake in document.mistakes] == [2, 3, 4]
    assert document.data == {"a": 1, "b": None, "c": {"d": 1}}
    assert document.broken == {("b",)}


def test_where_tells_the_place_of_values_and_keys() -> None:
    document = read("a:\n  - b: 1\n    cc: [x, y]\n", "f.yaml")
    assert document.where(("a", 0, "cc", 1)) == Position("f.yaml", 3, 13)
    assert document.where(("a", 0, "cc"), key=True) == Position("f.yaml", 3, 5)
    assert document.where(("a", 0, "missing")) == Position("f.yaml", 2, 5)
    assert document.where(("nothing",)) == Position("f.yaml", 1, 1)


def test_aliases_that_unfold_endlessly_are_stopped_at_once() -> None:
    levels = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]
    started = time.perf_counter()
    assert "unfold into too many values" in only_mistake("\n".join(levels))
    assert "unfold into too many values" in only_mistake("a: &a [*a]")
    assert "unfold into too many values" in only_mistake("a: &a {b: *a}")
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "text", ["[" * 5000, "{a: " * 5000, "- " * 5000, "\n".join(" " * n + "a:" for n in range(300))]
)
def test_deep_nesting_is_stopped(text: str) -> None:
    assert "nested too deep" in only_mistake(text)


def test_a_file_of_megabytes_is_refused() -> None:
    assert "larger than" in only_mistake("a: 1\n" * 500_000)


@given(
    st.one_of(
        st.text(max_size=200), st.binary(max_size=200), st.text("[]{}:,-&*!|>'\"%@`#?~ \t\nab01\\<=.", max_size=60)
    )
)
@example("%YAML 1." + "1" * 5000 + "\n---\na: 1")
@example("a: &\n")
@example("? ")
@example("\x85- \u2028")
@settings(max_examples=1500, deadline=None)
def test_any_text_gives_a_document_and_never_an_exception(text: str | bytes) -> None:
    document = read(text, "x")
    assert isinstance(document, Document)
    assert document.readable or document.data is None
    assert all(mistake.line >= 1 and mistake.column >= 1 and str(mistake) for mistake in document.mistakes)
    str(document.data).encode()


@pytest.mark.parametrize(
    ("word", "hint"),
    [("emial", "did you mean 'email'?"), ("EMAIL", "did you mean 'email'?"), ("zzz", "known here: email, name")],
)
def test_a_hint_names_the_nearest_word_or_all_of_them(word: str, hint: str) -> None:
    assert did_you_mean(word, ["email", "name"]) == hint


def test_a_hint_without_choices_is_empty() -> None:
    assert did_you_mean("x", []) == ""
