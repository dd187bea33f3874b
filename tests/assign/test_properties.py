"""What holds for every team, whatever its people have."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from assign.people import member
from mailtix.assign import Member, Wanted, pick, why_not
from mailtix.model.desk import Availability, Strategy

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NAMES = ["Ann", "Bob", "Cy", "Dan", "Eve"]
MATTERS = ["refund", "outage", "vip"]


@st.composite
def teams(draw: st.DrawFn) -> list[Member]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5))
    return [
        replace(
            member(
                name,
                draw(st.integers(0, 6)),
                draw(st.none() | st.integers(0, 6)),
                draw(st.integers(0, 9)),
                skills=" ".join(draw(st.sets(st.sampled_from(MATTERS)))),
            ),
            availability=draw(st.sampled_from([*Availability, Availability.AVAILABLE])),
        )
        for name in names
    ]


WANTED = st.builds(
    Wanted,
    st.just("ann@example.org"),
    st.frozensets(st.sampled_from(MATTERS)),
    st.sampled_from(["", "de"]),
    st.sampled_from(["", "ann@desk.example", "cy@desk.example"]),
    st.sampled_from(["", "bob@desk.example"]),
)


@given(st.sampled_from(Strategy), teams(), WANTED)
def test_nobody_is_picked_who_cannot_and_somebody_is_when_anybody_can(
    strategy: Strategy, team: list[Member], wanted: Wanted
) -> None:
    picked = pick(strategy, team, wanted, NOW)
    able = {m.agent.key for m in team if not why_not(m, wanted, NOW)}
    assert (picked.agent.key in able) if picked.agent else not able
    assert picked.because


@given(st.sampled_from(Strategy), teams(), WANTED)
def test_nobody_is_given_more_than_his_maximum(strategy: Strategy, team: list[Member], wanted: Wanted) -> None:
    people = {m.agent.key: m for m in team}
    before = {key: m.open for key, m in people.items()}
    for turn in range(10, 40):
        picked = pick(strategy, list(people.values()), wanted, NOW).agent
        if picked is not None:
            mine = people[picked.key]
            people[picked.key] = replace(mine, open=mine.open + 1, turn=turn)
    given_to = [m for m in people.values() if m.open > before[m.agent.key]]
    assert all(m.maximum is None or m.open <= m.maximum for m in given_to)
    assert all(m.availability is Availability.AVAILABLE for m in given_to)


@given(st.integers(1, 5), st.integers(0, 30), st.lists(st.integers(0, 9), min_size=5, max_size=5))
def test_round_robin_is_fair_to_one(size: int, tickets: int, loads: list[int]) -> None:
    team = {name: member(name, load) for name, load in zip(NAMES[:size], loads, strict=False)}
    counts: Counter[str] = Counter()
    for turn in range(1, tickets + 1):
        agent = pick(Strategy.ROUND_ROBIN, list(team.values()), Wanted(), NOW).agent
        assert agent is not None
        counts[agent.name] += 1
        team[agent.name] = replace(team[agent.name], turn=turn)
    shares = [counts[name] for name in team]
    assert max(shares) - min(shares) <= 1
    assert sum(shares) == tickets


@given(st.sampled_from(Strategy), teams(), WANTED)
def test_the_same_facts_give_the_same_pick(strategy: Strategy, team: list[Member], wanted: Wanted) -> None:
    assert pick(strategy, team, wanted, NOW) == pick(strategy, list(team), wanted, NOW)


@given(teams(), WANTED)
def test_the_order_of_the_settings_only_decides_between_equals(team: list[Member], wanted: Wanted) -> None:
    apart = [replace(m, turn=number) for number, m in enumerate(team)]
    for strategy in Strategy:
        picked = pick(strategy, apart, wanted, NOW).agent
        assert pick(strategy, apart[::-1], wanted, NOW).agent == picked
