"""Each figure against a small week that is counted by hand, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from figures.past import BOB, CARLA, Past, Priority, Status, at, past
from mailtix.figures import By, Created, Kept, Marks, Moves, Spread, cut
from mailtix.model.ticket import Visibility
from mailtix.store import figures
from mailtix.store.figures import Frame

NOW = at(8, 9)
HOUR = timedelta(hours=1)


def test_new_tickets_count_on_the_day_they_were_opened(week: Past) -> None:
    for hour in (0, 12, 23.99):
        week.ticket(at(1, hour))
    week.ticket(at(3), status=Status.CLOSED)
    week.ticket(at(8, 0))  # the moment that the week is over

    counted = figures.created(week.session, week.frame(By.DAY))

    # Monday: three, none of them done today. Wednesday: one, and it is.
    assert counted == {"2026-11-16": Created(3, 0), "2026-11-18": Created(1, 1)}


def test_a_day_begins_and_ends_on_the_clock_of_its_place_also_when_that_is_put_back(week: Past) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begin, end = datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 26, 23, tzinfo=UTC)
    periods = cut(begin, end, By.DAY, berlin)
    week.ticket(datetime(2026, 10, 24, 21, 59, tzinfo=UTC))  # still Saturday in Berlin
    week.ticket(datetime(2026, 10, 24, 22, 0, tzinfo=UTC))  # Sunday, which has 25 hours
    week.ticket(datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC))  # its last second
    week.ticket(datetime(2026, 10, 25, 23, 0, tzinfo=UTC))  # Monday

    counted = figures.created(week.session, Frame((week.id,), periods, By.DAY))

    assert counted == {"2026-10-25": Created(2), "2026-10-26": Created(1)}


def test_new_tickets_count_by_what_they_have(week: Past) -> None:
    week.ticket(at(1), category="billing", team="money", priority=Priority.HIGH, assignee=BOB)
    week.ticket(at(2), category="billing", assignee=CARLA)
    week.ticket(at(2), status=Status.RESOLVED)

    def new(by: By) -> dict[str, int]:
        return {key: c.new for key, c in figures.created(week.session, week.frame(by)).items()}

    assert new(By.CATEGORY) == {"billing": 2, "": 1}
    assert new(By.TEAM) == {"money": 1, "": 2}
    assert new(By.PRIORITY) == {"high": 1, "medium": 2}
    assert new(By.STATUS) == {"open": 2, "resolved": 1}
    assert new(By.AGENT) == {BOB: 1, CARLA: 1, "": 1}


def test_a_ticket_is_handled_once_a_day_by_each_who_wrote_to_the_customer(week: Past) -> None:
    one, two = week.ticket(at(1)), week.ticket(at(1))
    week.wrote(one, at(1, 13))
    week.wrote(one, at(1, 14))  # the same day: the ticket was handled already
    week.wrote(one, at(2), CARLA)
    week.wrote(two, at(2, 13))
    week.wrote(two, at(2, 13), CARLA, Visibility.INTERNAL)  # a note reaches no customer

    # Monday: the first. Tuesday: the first (Carla) and the second (Bob).
    assert figures.handled(week.session, week.frame(By.DAY)) == {"2026-11-16": 1, "2026-11-17": 2}
    # Bob wrote in both, Carla in the first.
    assert figures.handled(week.session, week.frame(By.AGENT)) == {BOB: 2, CARLA: 1}
    assert figures.handled(week.session, week.frame()) == {"": 2}


def test_ends_and_new_beginnings_are_counted_and_what_is_cancelled_or_merged_is_not_resolved(week: Past) -> None:
    back = week.ticket(at(1), assignee=CARLA)
    week.moved(back, at(2), Status.OPEN, Status.RESOLVED)
    week.moved(back, at(3), Status.RESOLVED, Status.REOPENED, "ann@example.org")
    week.moved(back, at(4), Status.REOPENED, Status.CLOSED)
    week.moved(back, at(5), Status.CLOSED, Status.CLOSED)
    cancelled = week.ticket(at(1))
    week.moved(cancelled, at(2), Status.OPEN, Status.CANCELLED)
    merged = week.ticket(at(1), merged_into=back)
    week.moved(merged, at(2), Status.OPEN, Status.CLOSED)
    closed = week.ticket(at(1))
    week.moved(closed, at(2), Status.ASSIGNED, Status.IN_PROGRESS)  # no end
    week.moved(closed, at(2, 13), Status.IN_PROGRESS, Status.RESOLVED)
    week.moved(closed, at(4), Status.RESOLVED, Status.CLOSED)  # it had ended on Tuesday

    assert figures.moves(week.session, week.frame(By.DAY)) == {
        # Tuesday: `back` and `closed` were resolved; with the cancelled and the merged one four left the open ones.
        "2026-11-17": Moves(resolved=2, left=4),
        "2026-11-18": Moves(reopened=1, back=1),
        "2026-11-19": Moves(resolved=1, left=1),
        "2026-11-20": Moves(),
    }
    # In the whole week `back` was resolved twice, and counts once.
    assert figures.moves(week.session, week.frame()) == {"": Moves(resolved=2, reopened=1, left=5, back=1)}


def test_who_resolved_it_has_resolved_it_and_when_no_agent_did_who_has_the_ticket(week: Past) -> None:
    for actor in (BOB, "ann@example.org", "mailtix"):
        week.moved(week.ticket(at(1), assignee=CARLA), at(2), Status.ASSIGNED, Status.RESOLVED, actor)

    counted = figures.moves(week.session, week.frame(By.AGENT))

    assert {key: moved.resolved for key, moved in counted.items()} == {BOB: 1, CARLA: 2}


def test_one_touch_is_a_single_message_to_the_customer(week: Past) -> None:
    answers = {"none": 0, "one": 1, "two": 2}
    for number in answers.values():
        ticket = week.ticket(at(1))
        for hour in range(number):
            week.wrote(ticket, at(1, 13 + hour))
        week.wrote(ticket, at(1, 16), CARLA, Visibility.INTERNAL)
        week.moved(ticket, at(2), Status.OPEN, Status.RESOLVED)

    assert figures.moves(week.session, week.frame())[""] == Moves(resolved=3, one_touch=1, left=3)


def test_the_backlog_is_counted_back_from_today(week: Past) -> None:
    week.ticket(at(-20))  # open since long ago
    done = week.ticket(at(1), status=Status.RESOLVED)
    week.moved(done, at(3), Status.OPEN, Status.RESOLVED)
    again = week.ticket(at(2), status=Status.REOPENED)
    week.moved(again, at(3), Status.OPEN, Status.RESOLVED)
    week.moved(again, at(5), Status.RESOLVED, Status.REOPENED)
    week.ticket(at(8, 1))  # after the week

    counts = figures.count(week.session, week.frame(By.DAY), NOW)

    # old one + done, + again, both left on Wednesday, one came back on Friday; Sunday as Friday
    assert [counts.backlog[f"2026-11-{day}"] for day in range(16, 23)] == [2, 3, 1, 1, 2, 2, 2]
    # At the week's end by status of today: the old one is open, the one of after the week does not count.
    assert figures.count(week.session, week.frame(By.STATUS), NOW).backlog == {"open": 1, "reopened": 1}


def test_the_workload_is_what_everybody_has_open_now(week: Past) -> None:
    week.ticket(at(1), assignee=BOB)
    week.ticket(at(-40), assignee=BOB, status=Status.WAITING_CUSTOMER)
    week.ticket(at(1), assignee=CARLA, status=Status.RESOLVED)
    week.ticket(at(1))

    assert figures.open_now(week.session, week.frame(By.AGENT)) == {BOB: 2, "": 1}
    assert figures.open_now(week.session, week.frame(By.DAY)) == {"": 3}


@pytest.mark.parametrize(
    ("hours", "median", "mean", "most"),
    [
        ((5,), 5, 5, 5),
        ((1, 2), 1.5, 1.5, 2),
        ((9, 1, 2), 2, 4, 9),
        # of ten, nine took at most 9 hours; the middle is between 5 and 6
        ((10, 9, 8, 7, 6, 5, 4, 3, 2, 1), 5.5, 5.5, 9),
        # of eleven, nine would be too few (82 %), so it is the tenth
        ((1, 1, 1, 1, 1, 1, 1, 1, 1, 20, 30), 1, 59 / 11, 20),
    ],
)
def test_times_are_told_by_median_mean_and_what_nine_of_ten_do_not_exceed(
    week: Past, hours: tuple[int, ...], median: float, mean: float, most: int
) -> None:
    for length in hours:
        ticket = week.ticket(at(1))
        week.ran(ticket, "first_response", at(1), at(1) + length * HOUR, None, working=length * 60)

    [(key, spread)] = figures.spreads(week.session, week.frame())[1].items()

    assert key == ("", "first_response")
    assert spread.count == len(hours)
    assert spread.wall == (median * 3600, round(mean * 3600), most * 3600)
    assert spread.working == (median * 60, round(mean * 60), most * 60)


def test_times_count_when_the_target_was_reached_and_for_each_target_alone(week: Past) -> None:
    ticket = week.ticket(at(1), category="billing")
    week.ran(ticket, "first_response", at(1), at(1) + HOUR, None)
    week.ran(ticket, "resolution", at(1), at(3), None, CARLA, working=60)
    week.ran(ticket, "resolution", at(4), None, at(5))  # not reached yet

    assert figures.spreads(week.session, week.frame(By.DAY))[0] == {
        ("2026-11-16", "first_response"): Spread(1, (3600,) * 3, (3600,) * 3),
        ("2026-11-18", "resolution"): Spread(1, (2 * 86400,) * 3, (60,) * 3),
    }
    assert {key for key, _ in figures.spreads(week.session, week.frame(By.AGENT))[0]} == {BOB, CARLA}
    assert {key for key, _ in figures.spreads(week.session, week.frame(By.CATEGORY))[0]} == {"billing"}


def test_a_promise_counts_when_it_was_kept_or_when_it_was_broken(week: Past) -> None:
    ticket = week.ticket(at(1), priority=Priority.URGENT)
    week.ran(ticket, "first_response", at(1), at(1, 13), at(5))  # kept on Monday, long before Friday
    week.ran(ticket, "next_response", at(2), at(6), at(4))  # broken on Thursday, reached on Saturday
    week.ran(ticket, "resolution", at(1), None, at(7))  # broken on Sunday, still not reached
    week.ran(ticket, "next_response", at(1), at(2), None)  # nothing was promised

    assert figures.kept(week.session, week.frame(By.DAY)) == {
        ("2026-11-16", "first_response"): Kept(met=1),
        ("2026-11-19", "next_response"): Kept(missed=1),
        ("2026-11-22", "resolution"): Kept(missed=1),
    }
    assert figures.kept(week.session, week.frame(By.PRIORITY))[("urgent", "resolution")] == Kept(0, 1)
    assert figures.kept(week.session, week.frame(By.DAY, at(5, 0))) == {("2026-11-22", "resolution"): Kept(missed=1)}


def test_a_mark_counts_once_as_the_last_that_was_given(week: Past) -> None:
    good = week.ticket(at(1), rating=5, assignee=BOB)
    week.line(good, at(1, 13), "survey")
    week.line(good, at(2), "rating", "", "2")
    week.line(good, at(2, 13), "rating", "2", "5")
    bad = week.ticket(at(1), rating=1, assignee=BOB)
    week.line(bad, at(2), "survey")
    week.line(bad, at(4), "rating", "", "1")
    week.line(week.ticket(at(1)), at(2), "survey")  # asked, never answered

    # Tuesday: two were asked, and the first gave 5 in the end.
    assert figures.marks(week.session, week.frame(By.DAY)) == {
        "2026-11-16": Marks(1),
        "2026-11-17": Marks(2, (0, 0, 0, 0, 1)),
        "2026-11-19": Marks(0, (1, 0, 0, 0, 0)),
    }
    week_of_bob = figures.marks(week.session, week.frame(By.AGENT))[BOB]
    # Two asked, both answered: 5 and 1 make 3 on average, and half of them is good.
    assert (week_of_bob.asked, week_of_bob.answers, week_of_bob.mean, week_of_bob.good) == (2, 2, 3.0, 0.5)


def test_another_companys_tickets_never_count(engine: Engine) -> None:
    with past(engine, "Other") as other:
        ticket = other.ticket(at(1), assignee=BOB, status=Status.RESOLVED, rating=1)
        other.ticket(at(1), assignee=BOB)
        other.wrote(ticket, at(1, 13))
        other.moved(ticket, at(2), Status.OPEN, Status.RESOLVED)
        other.ran(ticket, "resolution", at(1), at(2), at(3))
        other.line(ticket, at(3), "survey")
        other.line(ticket, at(3), "rating", "", "1")
    with past(engine) as ours:
        nothing = figures.count(ours.session, ours.frame(By.AGENT), NOW)
        both = figures.count(ours.session, Frame((ours.id, other.id), ours.frame().periods, None, (BOB,)), NOW)

    assert nothing == figures.Counts()
    assert (both.created[""].new, both.handled[""], both.moves[""].resolved, both.open[""]) == (2, 1, 1, 1)
    assert (both.kept[("", "resolution")], both.marks[""].by_mark) == (Kept(1), (1, 0, 0, 0, 0))


@pytest.mark.parametrize("by", [None, *By])
def test_an_empty_desk_has_no_figures_whatever_they_are_counted_by(week: Past, by: By | None) -> None:
    counts = figures.count(week.session, week.frame(by), NOW)

    assert not any((counts.created, counts.handled, counts.moves, counts.spreads, counts.kept, counts.marks))
    assert not any(counts.backlog.values())
