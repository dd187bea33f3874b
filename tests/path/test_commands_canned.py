"""Canned responses: filled in, in the customer's language, counted."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.cli import main

CANNED = """
canned:
  - name: visit
    text:
      en: |
        Hello {requester}, about {number}:
        we will come on {day}. Order {order}.
      de: "Guten Tag {requester}, wir kommen am {day}."
  - {name: greeting, text: "Hello {requester}, this is {agent} of {company}."}
fields:
  - {name: order, type: number}
"""


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    return new_desk(CONFIG + CANNED)


def notice(desk: Desk, **headers: str) -> Sent:
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire", **headers)
    return desk.notice_to("bob")


def test_the_text_stands_before_the_agents_own_words(desk: Desk) -> None:
    text = '#template gre\n#field order 7\n#template visit day="next Monday"\n\nBye!'
    [answer] = desk.receive("bob@desk.example", text, reply_to=notice(desk))

    assert answer.to == "ann@example.org"
    hello = "Hello Ann, this is Bob Miller of Example. Hello Ann, about TKT-2026-000001: "
    assert f"{hello}we will come on next Monday. Order 7. Bye!" in answer.words
    assert "the text visit stands in the answer" in desk.transcript().words


def test_the_customers_language_goes_first(desk: Desk) -> None:
    to_answer = notice(desk, Content_Language="de-AT")
    [answer] = desk.receive("bob@desk.example", "#template visit day=Montag", reply_to=to_answer)

    assert "Guten Tag Ann, wir kommen am Montag." in answer.text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("#template", "#template needs a word: visit, greeting"),
        ("#template vsit day=x", "there is no template 'vsit', did you mean 'visit'?"),
        ("#template visit", "visit needs day=…, order=…"),
        ("#template visit day=Monday order=", "visit needs order=…"),
        ("#template greeting colour=red", "greeting knows no colour; it takes: agent, company, requester"),
        ("#template greeting Monday", "'Monday' is no value; write key=value"),
    ],
)
def test_what_is_missing_or_too_much_is_told_and_nothing_is_sent(desk: Desk, line: str, says: str) -> None:
    [refusal] = desk.receive("bob@desk.example", f"{line}\nBye!", reply_to=notice(desk))

    assert (refusal.to, len(desk.messages())) == ("bob@desk.example", 1)
    assert says in refusal.words


def test_what_a_value_holds_is_not_filled_in_again(desk: Desk) -> None:
    line = '#template visit order="{agent}" day="{day}"'
    [answer] = desk.receive("bob@desk.example", line, reply_to=notice(desk))
    assert "we will come on {day}. Order {agent}." in answer.text


def test_help_tells_of_the_responses_and_fields_that_there_are(desk: Desk) -> None:
    desk.receive("bob@desk.example", "#help template\n#help field", reply_to=notice(desk))

    assert "there are: visit day=…, greeting" in desk.transcript().words
    assert "there are: order (number)" in desk.transcript().words


def test_uses_are_counted_and_listed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    to_answer = notice(desk)
    for text in ("#template greeting", "#template greeting\nAgain.", "#template greeting\n#status nowhere"):
        desk.receive("bob@desk.example", text, reply_to=to_answer)
    desk.app.engine.dispose()

    assert main(["--config", str(desk.folder / "mailtix.yaml"), "canned", "list", "--json"]) == 0
    listed = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert [(row["uses"], row["company"]) for row in listed.values()] == [(2, "Example"), (0, None)]
    assert listed["visit"]["languages"] == ["en", "de"]
    assert listed["visit"]["variables"] == ["day", "number", "order", "requester"]
    assert listed["greeting"]["last_used_at"] == "2026-11-20T09:00:00+00:00"

    assert main(["--config", str(desk.folder / "mailtix.yaml"), "canned", "list"]) == 0
    assert "2026-11-20 09:00" in capsys.readouterr().out
