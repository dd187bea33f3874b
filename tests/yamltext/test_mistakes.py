"""The form in which people are shown a mistake."""

from __future__ import annotations

from mailtix.yamltext import BadText, Mistake, printed


def test_a_mistake_shows_its_line_with_a_caret_and_a_hint() -> None:
    mistake = Mistake(
        "mailtix.yaml", 12, 7, "unknown key 'emial'", "did you mean 'email'?", "    - emial: bob@example.com"
    )
    assert str(mistake) == (
        "mailtix.yaml:12:7: unknown key 'emial'\n"
        "        - emial: bob@example.com\n"
        "          ^\n"
        "  hint: did you mean 'email'?"
    )


def test_a_caret_stands_under_its_column_behind_tabs() -> None:
    assert str(Mistake("f", 1, 3, "x", "", "\t\tab")) == "f:1:3: x\n    \t\tab\n    \t\t^"


def test_a_mistake_of_the_environment_has_no_line() -> None:
    assert str(Mistake("environment X", 0, 0, "wrong")) == "environment X: wrong"


def test_a_very_long_line_is_cut_around_the_place() -> None:
    shown = str(Mistake("f", 1, 5001, "x", "", "a" * 5000 + "HERE" + "b" * 5000)).splitlines()
    assert len(shown[1]) < 130
    assert shown[1][len(shown[2]) - 1 :].startswith("HERE")


def test_an_exception_holds_every_mistake_and_prints_them() -> None:
    two = (Mistake("f", 1, 1, "one"), Mistake("f", 2, 1, "two"))
    assert BadText(iter(two)).mistakes == two
    assert str(BadText(two)) == printed(two) == "f:1:1: one\nf:2:1: two"
