"""The team a ticket was given to, and the teams that help it out."""

from __future__ import annotations

from datetime import UTC, datetime

from assign.people import absent, agent, member
from mailtix.assign import Placed, Staff, Wanted, asked, place_in, wanted_of
from mailtix.model.desk import Company, Strategy, Team
from mailtix.model.ticket import Person, Ticket

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def company(*teams: Team) -> Company:
    return Company("Example", (), (agent("Ann"), agent("Bob")), team_terms=teams)


def team(name: str, fallback: str = "", strategy: Strategy | None = Strategy.LEAST_BUSY, sticky: bool = True) -> Team:
    return Team(name, strategy, sticky, "", fallback)


def test_teams_are_asked_in_the_order_in_which_they_help_out() -> None:
    house = company(team("a", "b"), team("b", "c"), team("c"))
    assert [asked.name for asked in asked(house, "a")] == ["a", "b", "c"]


def test_teams_that_help_each_other_out_are_asked_once_each() -> None:
    house = company(team("a", "b"), team("b", "a"))
    assert [asked.name for asked in asked(house, "a")] == ["a", "b"]
    nobody = place_in("a", house, Staff({"a": (absent("Ann"),), "b": (absent("Bob"),)}), Wanted(), NOW)
    assert nobody == Placed("a", "", "nobody in a can take it: Ann away; nobody in b can take it: Bob away")


def test_who_helps_out_is_picked_by_his_own_teams_strategy() -> None:
    house = company(team("a", "b"), team("b", strategy=Strategy.ROUND_ROBIN))
    staff = Staff({"a": (absent("Ann"),), "b": (member("Bob", 0, turn=2), member("Cy", 9, turn=1))})
    assert place_in("a", house, staff, Wanted(), NOW).agent == "cy@desk.example"


def test_a_queue_helps_out_by_taking_the_ticket() -> None:
    house = company(team("a", "b"), team("b", strategy=None))
    placed = place_in("a", house, Staff({"a": (absent("Ann"),)}), Wanted(), NOW)
    assert placed == Placed("b", "", "nobody in a can take it: Ann away; b helps out")


def test_the_newest_earlier_agent_of_the_team_counts_where_customers_come_back() -> None:
    staff = Staff({"a": (member("Ann"), member("Bob"), member("Cy"))}, ("eve@x.example", "cy@desk.example"))
    assert place_in("a", company(team("a")), staff, Wanted(), NOW).agent == "cy@desk.example"
    assert place_in("a", company(team("a", sticky=False)), staff, Wanted(), NOW).agent == "ann@desk.example"


def test_a_ticket_asks_for_what_its_category_and_tags_are_called() -> None:
    ann = Person(1, "ann@example.org", language="de")
    ticket = Ticket(
        1, "Example", "T-1", "Hi", ann, "a@desk.example", "email", NOW, category="Refund", tags=frozenset({"vip"})
    )
    wanted = Wanted("ann@example.org", frozenset({"refund", "vip"}), "de", giver="bob@desk.example")
    assert wanted_of(ticket, "bob@desk.example") == wanted
