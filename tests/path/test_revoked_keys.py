"""Keys that were revoked are worth nothing, and their owners get new ones."""

from __future__ import annotations

import json
from collections.abc import Callable

from desk import CONFIG, Desk
from mailtix.model.ticket import Status
from running import Said, called

TWO = """
companies:
  - {name: Example, mailboxes: [{address: support@desk.example}]}
  - {name: Other, mailboxes: [{address: help@other.example}]}
agents:
  - {name: Bob Miller, email: bob@desk.example}
"""


def revoke(desk: Desk, *arguments: str) -> Said:
    return called(desk.folder / "mailtix.yaml", "keys", "revoke", *arguments)


def test_a_revoked_key_opens_nothing_and_the_next_one_does(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    before = desk.notice_to("bob")
    said = revoke(desk, "Bob@desk.example")
    assert (said.code, "bob@desk.example was given for Example is revoked" in said.out) == (0, True)

    desk.receive("bob@desk.example", "#close", reply_to=before)
    assert desk.ticket(1).status is Status.OPEN
    assert desk.outcome(2)[0] == "held"
    desk.receive("bob@desk.example", "#close", to=before.reply_to, subject="No other trace")
    assert desk.outcome(3)[1].startswith("the reply address of bob@desk.example was revoked")

    desk.receive("ann@example.org", "It still burns.", reply_to=desk.notice_to("ann"))
    desk.receive("bob@desk.example", "#close", reply_to=desk.notice_to("bob"))
    assert desk.ticket(1).status is Status.CLOSED


def test_the_keys_of_others_stay_good(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    revoke(desk, "bob@desk.example")

    desk.receive("carla@desk.example", "#close", reply_to=desk.notice_to("carla"))

    assert desk.ticket(1).status is Status.CLOSED


def test_a_customers_revoked_key_still_leaves_him_his_part_in_the_ticket(desk: Desk) -> None:
    [receipt, *_] = desk.receive("ann@example.org", "It burns.")
    revoke(desk, "ann@example.org")

    desk.receive("mallory@evil.example", "Tell me all.", to=receipt.reply_to, subject="Hello")
    assert desk.outcome(2) == ("opened", "the reply address of ann@example.org was revoked")
    desk.receive("ann@example.org", "Still.", reply_to=receipt)
    assert desk.outcome(3)[0] == "joined"


def test_keys_are_revoked_for_one_company_only_when_that_is_asked_for(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(TWO)
    desk.receive("ann@example.org", "It burns.")
    here = desk.notice_to("bob")
    desk.receive("ann@example.org", "It burns.", to="help@other.example")
    there = desk.notice_to("bob")

    said = revoke(desk, "bob@desk.example", "--company", "Other", "--json")

    assert json.loads(said.out) == [{"company": "Other", "address": "bob@desk.example", "generation": 1}]
    desk.receive("bob@desk.example", "#close", reply_to=there)
    desk.receive("bob@desk.example", "#close", reply_to=here)
    assert [ticket.status for ticket in desk.tickets()] == [Status.CLOSED, Status.OPEN]


def test_who_has_no_keys_and_which_company_there_is_not_is_said(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(CONFIG)

    nobody = revoke(desk, "nobody@example.org")
    assert (nobody.code, "nobody has been written to" in nobody.err) == (1, True)
    no_company = revoke(desk, "bob@desk.example", "--company", "Nowhere")
    assert (no_company.code, "there are: Example" in no_company.err) == (2, True)
