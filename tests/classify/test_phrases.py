"""The word lists: whole, folded and without a phrase that would catch everybody."""

from __future__ import annotations

import pytest

from mailtix.classify.phrases import absence, fold, reasons, table, words

LANGUAGES = table("absence")


def test_there_are_more_than_twenty_five_languages():
    assert len(LANGUAGES) > 25


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_its_prefixes_sentences_and_all_twelve_months_or_none(language):
    lists = LANGUAGES[language]

    assert set(lists) == {"prefixes", "subjects", "says", "is_machine", "until", "months"}
    assert min(len(lists["prefixes"]), len(lists["says"])) > 1
    assert lists["is_machine"]
    assert len(lists["months"]) in (0, 12)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Réponse  automatique", "reponse automatique"),
        ("ÜBERMITTLUNG\n", "ubermittlung"),
        ("자동 회신", "자동 회신"),
        ("Автоответ", "автоответ"),
    ],
)
def test_folding_takes_away_case_accents_and_runs_of_blanks(text, folded):
    assert fold(text) == folded


def test_a_month_s_name_that_means_two_months_is_left_out():
    assert "listopada" not in absence().months
    assert absence().months["mai"] == 5


def test_a_weak_phrase_is_one_of_the_prefixes():
    assert set(words("automatic", "absence", "weak")) <= set(absence().prefixes)


def test_what_an_mta_s_words_mean_is_a_subject_and_a_detail():
    for reason in reasons():
        subject, detail = reason.status.split(".")
        assert 0 <= int(subject) <= 7
        assert 0 <= int(detail) <= 30


def test_no_phrase_is_so_short_that_it_stands_in_any_mail():
    listed = [phrase for reason in reasons() for phrase in reason.words] + list(words("bounce", "notice", "says"))

    assert [phrase for phrase in listed if phrase.isascii() and len(phrase) < 4] == []
