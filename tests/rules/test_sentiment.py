"""How a text sounds: the same number for the same text, only where something can measure it."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from mailtix.rules import BadRules, MailView, load, run
from mailtix.rules.explain import explain
from mailtix.rules.sentiment import MOST, available
from rules.desk import KNOWN, because, fits, mail

ANGRY = "- {name: Angry, when: {sentiment: '<-0.5'}, then: {tag: angry}}"
ANGER = "I hate this terrible service, it is the worst."


def test_a_rule_that_asks_says_what_to_install_where_nothing_can_measure() -> None:
    with pytest.raises(BadRules) as caught:
        load([("rules.yaml", ANGRY)], replace(KNOWN, sentiment=None))
    [mistake] = caught.value.mistakes
    assert (mistake.line, mistake.text) == (1, "nothing that can measure `sentiment` is installed")
    assert mistake.hint == "pip install 'mailtix[sentiment]', or leave it out"


def test_the_reason_names_the_number() -> None:
    assert because("{sentiment: '<-0.5'}", reply=ANGER) == "the tone is -0.91"


def test_a_mail_without_text_has_no_tone_at_all() -> None:
    assert not fits("{sentiment: '<=1'}", reply=" \n")


def test_a_text_is_measured_once_for_all_rules_and_only_when_it_is_asked_about() -> None:
    measured: list[str] = []

    def measure(text: str) -> float:
        measured.append(text)
        return -0.9

    rules = "\n".join(ANGRY.replace("Angry", f"Angry {n}").replace("{sent", "{subject: help, sent") for n in range(5))
    loaded = load([("rules.yaml", rules)], replace(KNOWN, sentiment=measure))
    run(loaded, MailView(mail(subject="Hello"), "Example", "support@example.com"), "new")
    assert measured == []
    outcome = run(loaded, MailView(mail(subject="Help!"), "Example", "support@example.com"), "new")
    assert (len(outcome.hits), measured) == (5, ["It burns."])


def test_a_long_text_costs_no_more_than_its_beginning() -> None:
    measure = available()
    assert measure is not None
    begin = time.process_time()
    assert measure(ANGER + " fine" * 200_000) == measure((ANGER + " fine" * 200_000)[:MOST])
    assert time.process_time() - begin < 2  # it would be hours


def test_explaining_knows_calendars_and_tones_as_the_rule_does() -> None:
    both = "{business_hours: support, sentiment: '<-0.5'}"
    rules = load([("rules.yaml", f"[{{name: A, when: {both}, then: {{tag: x}}}}]")], KNOWN)
    at_work = replace(mail().envelope, received_at=mail().envelope.received_at.replace(hour=10))
    view = MailView(mail(reply=ANGER, envelope=at_work), "Example", "support@example.com")

    [tried] = explain(rules, view, "new")
    assert [(seen.key, seen.holds) for seen in tried.conditions] == [("sentiment", True), ("business_hours", True)]
