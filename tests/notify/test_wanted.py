"""Which notices a person gets, by what he has chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from mailtix.model.decision import Notice, Said, Table
from mailtix.model.ticket import Person, Ticket
from mailtix.notify.preferences import AUTOMATIC, PREFERENCES, chosen, is_optional, wanted
from mailtix.render.templates import AGENT, CUSTOMER, NAMES

BOB, CARLA = "bob@desk.example", "carla@desk.example"
NOTHING = Said()
NEWS = {"unassigned", "customer_replied", "served", "note", "sla_warning"}


def ticket(assignee: str = "", watchers: tuple[str, ...] = ()) -> Ticket:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return Ticket(
        1, "Example", "T-1", "Fire", Person(1, "ann@example.org"), "support@desk.example", "email", at,
        assignee=assignee, watchers=watchers,
    )  # fmt: skip


def notice(template: str, to: str = BOB, said: Said = NOTHING) -> Notice:
    return Notice(template, to, "", "@desk." in to, "because", "", said)


def told(template: str, about: Ticket, digests: bool = True, **preferences: str) -> bool:
    """Whether Bob, who has chosen that, gets the notice."""
    other = notice("assigned", CARLA)
    kept = wanted((notice(template), other), {BOB: preferences}, about, digests)
    assert other in kept
    return len(kept) == 2


@pytest.mark.parametrize("template", sorted(NEWS - {"unassigned"}))
def test_news_comes_as_it_is_chosen(template: str) -> None:
    his, not_his = ticket(BOB), ticket(CARLA)

    assert [told(template, t) for t in (his, not_his)] == [True, True]
    assert [told(template, t, notices="mine") for t in (his, not_his)] == [True, False]
    assert [told(template, t, notices="digest") for t in (his, not_his)] == [template in ("note", "served"), False]
    assert told(template, ticket(CARLA, watchers=(BOB,)), notices="mine")
    assert told(template, ticket(CARLA, watchers=(BOB,)), notices="digest")


def test_without_a_digest_nothing_waits_for_it() -> None:
    assert told("customer_replied", ticket(BOB), notices="digest", digest="off")
    assert told("customer_replied", ticket(BOB), digests=False, notices="digest")
    assert not told("customer_replied", ticket(CARLA), notices="digest", digest="off")


@pytest.mark.parametrize("template", sorted(set(NAMES) - NEWS - {"done"}))
def test_what_asks_or_answers_always_comes(template: str) -> None:
    for notices, transcripts in product(PREFERENCES["notices"].choices, ("on", "off")):
        assert told(template, ticket(CARLA), notices=notices, transcripts=transcripts)


def test_somebody_hears_of_a_ticket_that_nobody_has() -> None:
    both = (notice("unassigned"), notice("unassigned", CARLA))

    assert wanted(both, {BOB: {"notices": "mine"}}, ticket(), digests=True) == (both[1],)
    assert wanted(both, {BOB: {"notices": "mine"}, CARLA: {"notices": "digest"}}, ticket(), digests=True) == both


def test_a_transcript_is_left_out_when_it_shows_nothing() -> None:
    plain, shows = notice("done", said=Said(done=("#take: yours",))), notice("done", said=Said(tables=(Table("", ()),)))
    off = {BOB: {"transcripts": "off"}}

    assert wanted((plain, shows), off, ticket(), digests=True) == (shows,)
    assert wanted((plain, shows), {}, ticket(), digests=True) == (plain, shows)
    assert wanted((notice("done", said=Said(warning="beware")),), off, ticket(), digests=True)


def test_a_customer_may_do_without_what_makes_itself_and_gets_all_else() -> None:
    anns = [replace(notice(template, "ann@example.org"), agent=False) for template in CUSTOMER]

    kept = wanted(anns, {"ann@example.org": {AUTOMATIC: "off"}}, ticket(), digests=True)

    assert {one.template for one in kept} == {"reply", "told", "verify", "join", "no_survey"}
    assert wanted(anns, {}, ticket(), digests=True) == tuple(anns)


def test_what_is_optional_is_a_notice_that_there_is() -> None:
    assert set(AGENT) >= NEWS
    assert {template for template in NAMES if is_optional(notice(template))} == NEWS | {"done"}


def test_a_choice_that_is_no_more_counts_as_none() -> None:
    assert chosen({"notices": "loud"}, "notices") == "all"
