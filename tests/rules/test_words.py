"""Lists of words: those that come with mailtix, and those of rule files."""

from __future__ import annotations

import pytest

from mailtix.rules import MailView, load, run
from mailtix.rules.pattern import Text, phrases
from mailtix.rules.wordlists import built_in
from rules.desk import KNOWN, because, fits, mail

LISTS = built_in()


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("URGENT", True),
        ("it is urgent!", True),
        ("Insurgents", False),
        ("(dringend)", True),
        ("C'est très urgent", True),
        ("Répondez dès\nque possible", True),
        ("Acil!", True),
        ("これは至急です", True),
        ("请尽快回复", True),
        ("срочно!", True),
        ("бессрочно", False),
        ("urgent_id", False),
        ("", False),
    ],
)
def test_a_word_stands_for_itself_in_any_case_and_language(text: str, holds: bool) -> None:
    assert fits("{words: urgent}", subject=text, reply="") is holds
    assert fits("{words: urgent}", subject="", reply=text) is holds


def test_the_reason_names_the_word_its_list_and_its_language() -> None:
    assert because("{words: outage}", reply="Unser Server ist ausgefallen.") == (
        "text: 'ausgefallen' is one of the words 'outage' (de)"
    )


def test_only_the_languages_that_are_wanted_count() -> None:
    assert not fits("{words: {list: urgent, languages: en}}", subject="dringend")
    assert fits("{words: {list: urgent, languages: [en, DE]}}", subject="dringend")


def test_what_a_file_says_of_a_language_takes_the_place_of_what_was_there() -> None:
    files = [
        ("words.yaml", "words: {urgent: {en: [yesterday]}, pets: {en: cat}}"),
        ("rules.yaml", "- {name: A, when: {any: [{words: urgent}, {words: pets}]}, then: {tag: x}}"),
    ]
    rules = load(files, KNOWN)

    def hit(subject: str) -> bool:
        view = MailView(mail(subject=subject, reply=""), "Example", "support@example.com")
        return bool(run(rules, view, "new").hits)

    assert (hit("I need it yesterday"), hit("my Cat"), hit("dringend")) == (True, True, True)
    assert not hit("asap")


@pytest.mark.parametrize("name", LISTS)
def test_every_word_of_every_list_is_found_alone_and_in_a_sentence(name: str) -> None:
    for language, words in LISTS[name].items():
        pattern = phrases(name, {language: words})
        for word in words:
            assert pattern.found_in(Text(word))
            assert pattern.found_in(Text(f"… {word.upper()}, …")) or word.upper().casefold() != word.casefold()


def test_every_list_speaks_the_same_languages() -> None:
    languages = {frozenset(lists) for lists in LISTS.values()}
    assert len(languages) == 1
    assert len(languages.pop()) == 14


def test_a_list_with_no_word_finds_nothing() -> None:
    assert not phrases("none", {}).found_in(Text("anything"))
