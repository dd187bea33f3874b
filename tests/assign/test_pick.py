"""Who of a team gets a ticket, and in what words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from assign.people import absent, agent, member
from mailtix.assign import Member, Wanted, member_of, pick
from mailtix.model.desk import AgentState, Availability, Shift, Strategy

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # a Friday
ANYBODY = Wanted("ann@example.org")


def who(strategy: Strategy, *members: Member, wanted: Wanted = ANYBODY, now: datetime = NOW) -> str:
    picked = pick(strategy, members, wanted, now).agent
    return picked.name if picked else ""


def why(strategy: Strategy, *members: Member, wanted: Wanted = ANYBODY) -> str:
    return pick(strategy, members, wanted, NOW).because


def test_the_least_busy_has_the_smallest_share_of_his_maximum() -> None:
    assert who(Strategy.LEAST_BUSY, member("Ann", 3, 5), member("Bob", 4, 10)) == "Bob"
    assert who(Strategy.LEAST_BUSY, member("Ann", 3, 5), member("Bob", 7, 10)) == "Ann"


def test_without_any_maximum_the_fewest_tickets_count() -> None:
    assert who(Strategy.LEAST_BUSY, member("Ann", 3), member("Bob", 2)) == "Bob"


def test_one_without_a_maximum_counts_like_the_largest_of_the_team() -> None:
    assert who(Strategy.LEAST_BUSY, member("Ann", 5), member("Bob", 6, 10)) == "Ann"
    assert who(Strategy.LEAST_BUSY, member("Ann", 7), member("Bob", 6, 10)) == "Bob"


def test_the_reason_shows_everybody_and_who_could_not() -> None:
    team = (member("Ann", 3, 5), member("Bob", 5, 5), absent("Cy"))
    assert why(Strategy.LEAST_BUSY, *team) == "least_busy: Ann 3/5, Bob 5/5 full, Cy away"


@pytest.mark.parametrize("strategy", Strategy)
def test_whom_a_strategy_does_not_tell_apart_the_turn_does(strategy: Strategy) -> None:
    assert who(strategy, member("Ann", turn=4), member("Bob", turn=3)) == "Bob"


@pytest.mark.parametrize("strategy", Strategy)
def test_of_equals_who_stands_first_in_the_settings_begins(strategy: Strategy) -> None:
    assert who(strategy, member("Bob"), member("Ann")) == "Bob"


def test_round_robin_says_whose_turn_was_when() -> None:
    team = (member("Ann", turn=2), member("Bob"), absent("Cy", Availability.OFFLINE))
    assert why(Strategy.ROUND_ROBIN, *team) == "round_robin: Bob (no turn yet), Ann (turn 2), Cy offline"


def test_round_robin_does_not_look_at_loads_but_at_the_maximum() -> None:
    assert who(Strategy.ROUND_ROBIN, member("Ann", 9, 10, turn=1), member("Bob", 0, 10, turn=2)) == "Ann"
    assert who(Strategy.ROUND_ROBIN, member("Ann", 10, 10, turn=1), member("Bob", 0, 10, turn=2)) == "Bob"


def test_the_language_comes_before_the_skill_and_the_skill_before_the_load() -> None:
    wanted = Wanted("ann@example.org", frozenset({"refund", "vip"}), "pt-BR")
    speaks = member("Ann", 9, languages="PT")
    knows = member("Bob", 0, skills="refund vip")
    knows_less = member("Cy", 0, skills="refund", languages="pt")
    assert who(Strategy.SKILL, knows, speaks, wanted=wanted) == "Ann"
    assert who(Strategy.SKILL, knows, speaks, knows_less, wanted=wanted) == "Cy"
    assert who(Strategy.SKILL, member("Dan", 1, skills="vip"), replace(knows, open=5), wanted=wanted) == "Bob"
    assert who(Strategy.SKILL, member("Dan", 1), member("Eve", 0), wanted=wanted) == "Eve"


def test_the_reason_names_what_matched() -> None:
    wanted = Wanted("ann@example.org", frozenset({"refund"}), "de")
    team = (member("Ann", 1, 5), member("Bob", 3, 5, skills="refund", languages="en de"))
    assert why(Strategy.SKILL, *team, wanted=wanted) == "skill: Bob 3/5 (speaks de, knows refund), Ann 1/5 (no match)"


def test_a_language_that_is_not_known_matches_nobody() -> None:
    assert who(Strategy.SKILL, member("Ann", 1, languages="de"), member("Bob", 0)) == "Bob"


def test_the_earlier_agent_goes_before_every_strategy() -> None:
    wanted = replace(ANYBODY, earlier="bob@desk.example")
    team = (member("Ann", 0, 5), member("Bob", 4, 5, turn=9))
    for strategy in Strategy:
        assert who(strategy, *team, wanted=wanted) == "Bob"
    assert why(Strategy.SKILL, *team, wanted=wanted) == "sticky: Bob 4/5 looked after ann@example.org before"


def test_an_earlier_agent_who_cannot_is_passed_over() -> None:
    wanted = replace(ANYBODY, earlier="bob@desk.example")
    assert who(Strategy.LEAST_BUSY, member("Ann", 4, 5), member("Bob", 5, 5), wanted=wanted) == "Ann"
    assert who(Strategy.LEAST_BUSY, member("Ann", 4, 5), absent("Bob"), wanted=wanted) == "Ann"


def test_who_gave_it_away_does_not_get_it_back() -> None:
    picked = pick(Strategy.LEAST_BUSY, [member("Ann")], replace(ANYBODY, giver="ann@desk.example"), NOW)
    assert (picked.agent, picked.because) == (None, "Ann gave it away")


@pytest.mark.parametrize("availability", [Availability.BUSY, Availability.AWAY, Availability.OFFLINE])
def test_who_is_not_available_gets_nothing(availability: Availability) -> None:
    picked = pick(Strategy.ROUND_ROBIN, [absent("Ann", availability)], ANYBODY, NOW)
    assert (picked.agent, picked.because) == (None, f"Ann {availability}")


def test_an_absence_says_how_long_and_is_over_in_time() -> None:
    state = AgentState(Availability.AWAY, NOW + timedelta(days=2))
    away = member_of(agent("Ann"), state, 0, 0, NOW)
    assert why(Strategy.LEAST_BUSY, away) == "Ann away until 2026-11-22 09:00 UTC"
    assert who(Strategy.LEAST_BUSY, member_of(agent("Ann"), state, 0, 0, NOW + timedelta(days=2))) == "Ann"


def test_what_was_set_goes_before_the_settings() -> None:
    settled = replace(agent("Ann"), maximum=5, availability=Availability.OFFLINE)
    as_set = member_of(settled, AgentState(Availability.AVAILABLE, None, 2), 1, 7, NOW)
    assert (as_set.availability, as_set.maximum, as_set.open, as_set.turn) == (Availability.AVAILABLE, 2, 1, 7)
    by_settings = member_of(settled, AgentState(), 1, 7, NOW)
    assert (by_settings.availability, by_settings.maximum) == (Availability.OFFLINE, 5)


def test_off_shift_means_nothing_new() -> None:
    shift = Shift(frozenset({0, 1, 2, 3, 4}), time(9), time(17), ZoneInfo("Europe/Berlin"))
    worker = Member(agent("Ann", shift=shift))
    assert who(Strategy.LEAST_BUSY, worker, now=datetime(2026, 11, 20, 8, 0, tzinfo=UTC)) == "Ann"
    assert who(Strategy.LEAST_BUSY, worker, now=datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) == ""
    assert pick(Strategy.SKILL, [worker], ANYBODY, datetime(2026, 11, 21, 9, tzinfo=UTC)).because == "Ann off shift"


def test_a_team_without_people_says_so() -> None:
    assert why(Strategy.LEAST_BUSY) == "nobody is in it"
