"""The strongest evidence wins."""

from __future__ import annotations

from datetime import date

from mailtix.model.thread import Claims, Evidence, Purpose, Strength
from mailtix.threading.choose import KnownId, choose

TOKEN = Evidence(Strength.TOKEN, "t.x", "the key", Claims(1, 1, Purpose.AGENT, date(2027, 1, 1)))
BAD_TOKEN = Evidence(Strength.TOKEN, "t.y", "expired")
OURS = Evidence(Strength.OUR_ID, "ours@x", "In-Reply-To names it")
THEIRS = Evidence(Strength.OUR_ID, "theirs@x", "References names it")
TAG = Evidence(Strength.TAG, "TKT-1", "the subject holds it")
IDS = {"ours@x": KnownId(2, ours=True), "theirs@x": KnownId(4, ours=False)}
ALL = frozenset({1, 2, 3, 4})


def chosen(*evidence: Evidence, tickets: frozenset[int] = ALL) -> int | None:
    found = choose(evidence, IDS, {"TKT-1": 3}, tickets)
    return found.ticket if found else None


def test_the_order_is_key_our_id_tag_known_id() -> None:
    assert chosen(THEIRS, TAG, OURS, TOKEN) == 1
    assert chosen(THEIRS, TAG, OURS) == 2
    assert chosen(THEIRS, TAG) == 3
    assert chosen(THEIRS) == 4


def test_a_key_that_does_not_count_leaves_the_choice_to_the_rest() -> None:
    assert chosen(BAD_TOKEN, TAG) == 3
    assert chosen(BAD_TOKEN) is None


def test_what_points_to_no_ticket_points_nowhere() -> None:
    assert chosen(TOKEN, TAG, tickets=frozenset({3})) == 3
    assert chosen(Evidence(Strength.OUR_ID, "unknown@x", "?")) is None


def test_the_reason_says_whose_id_it_was() -> None:
    found = choose([OURS], IDS, {}, ALL)
    assert found is not None
    assert found.because == "In-Reply-To names it, which we sent"
