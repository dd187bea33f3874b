"""The tickets of the past are given away once more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from mailtix.assign import Came, Floor, Had, Handed, Loads, Moment, Went
from mailtix.model.desk import Agent, Company, Strategy, Team
from mailtix.model.ticket import Priority

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ANN, BOB = (
    Agent("Ann", "ann@example.com", ("billing",), maximum=1),
    Agent("Bob", "bob@example.com", ("billing",), maximum=2),
)
DESK = Company("Example", (), (ANN, BOB), team_terms=(Team("billing", Strategy.ROUND_ROBIN, sticky=False),))


def came(
    minute: int, ticket: int, *, agent: str = "", team: str = "billing", opens: bool = True, **more: Priority
) -> Came:
    at, priority = START + timedelta(minutes=minute), more.get("priority", Priority.MEDIUM)
    return Came(
        at, ticket, "Example", f"c{ticket}@example.org", "", team, "", agent, priority, frozenset(), None, opens
    )


def lived(*moments: Moment, before: tuple[Had, ...] = ()) -> Loads:
    return Floor({"Example": DESK}, before).live(moments)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def test_what_people_have_at_the_beginning_counts() -> None:
    found = lived(came(1, 3), before=(Had(1, "Example", "x@example.org", ANN.key),))
    assert found.given == {BOB.key: 1}
    assert found.most == {ANN.key: 1, BOB.key: 1}


def test_the_turn_goes_on_from_whoever_had_it_last() -> None:
    had = Had(1, "Example", "x@example.org", BOB.key, "billing", open=False)
    assert lived(came(1, 3), before=(had,)).given == {ANN.key: 1}


def test_the_most_urgent_of_those_that_wait_is_given_away_first() -> None:
    waiting = (came(1, 1), came(2, 2), came(3, 3), came(4, 4), came(5, 5, priority=Priority.URGENT))
    put_back = Handed(at(7), 5, "")  # so that there is room for the other one
    assert lived(*waiting).given == {ANN.key: 1, BOB.key: 2, "": 2}
    assert lived(*waiting, Went(at(6), 1)).given == {ANN.key: 2, BOB.key: 2, "": 1}
    assert lived(*waiting, Went(at(6), 1), put_back).given == {ANN.key: 3, BOB.key: 2}


def test_a_ticket_of_a_team_without_a_strategy_is_nobodys() -> None:
    assert lived(came(1, 1, team="sales")).given == {"": 1}


def test_a_ticket_that_somebody_takes_up_again_is_his_load_once_more() -> None:
    found = lived(came(1, 1, agent=ANN.key), Went(at(2), 1), came(3, 2, agent=ANN.key), Went(at(4), 1, back=True))
    assert found.most == {ANN.key: 2}


def test_a_reply_gives_no_new_ticket() -> None:
    assert lived(came(1, 1), came(2, 1, agent=BOB.key, opens=False)).given == {ANN.key: 1}


moments = some.lists(
    some.one_of(
        some.builds(lambda t: came(0, t), some.integers(1, 6)),
        some.builds(lambda t, back: Went(START, t, back=back), some.integers(1, 6), some.booleans()),
    ),
    max_size=30,
)


@given(moments)
def test_every_new_ticket_is_given_once_and_nobody_gets_more_than_his_maximum(some_moments: list[Moment]) -> None:
    seen: set[int] = set()
    kept: list[Moment] = []
    for moment in some_moments:  # each ticket is new once, and is not taken up again
        if isinstance(moment, Came) and moment.ticket not in seen:
            seen.add(moment.ticket)
            kept.append(moment)
        elif isinstance(moment, Went) and not moment.back and moment.ticket in seen:
            kept.append(moment)

    found = lived(*kept)
    assert found.given.total() == len(seen)
    assert found.most[ANN.key] <= 1
    assert found.most[BOB.key] <= 2
