"""After a standstill: each moment once, and no storm of mail."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from desk import CONFIG, Desk
from mailtix.cli import main
from mailtix.pipeline import process_late, process_timers
from mailtix.store.tables import history, late_notices

QUIET = "remind: {unassigned: null, pending: null}\nsurvey: {enabled: false}\n"


def taken(desk: Desk, count: int) -> None:
    """So many tickets of Bob's, of as many customers."""
    for number in range(count):
        desk.receive(f"c{number}@example.org", "It burns.", subject=f"Fire {number}")
        desk.receive("bob@desk.example", "#take", reply_to=desk.notice_to("bob"))


def count(desk: Desk, field: str) -> int:
    with desk.app.sessions.begin() as session:
        query = select(func.count()).select_from(history).where(history.c.field == field)
        return session.execute(query).scalar_one()


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    """A desk that is reminded of nothing but targets."""
    return new_desk(QUIET + CONFIG)


def test_twenty_one_late_notices_are_one_mail_and_each_has_its_line_of_history(desk: Desk) -> None:
    taken(desk, 7)
    [digest] = desk.wait(hours=20)  # warned of and missed the first response, warned of the resolution: 3 of each

    assert digest.to == "bob@desk.example"
    assert digest.subject == "21 things to look after (Example)"
    assert digest.text.count("first answer: overdue") == 7
    assert (count(desk, "sla_warning"), count(desk, "sla_missed")) == (14, 7)
    assert desk.wait(hours=1) == []


def test_what_is_offered_in_that_mail_works(desk: Desk) -> None:
    taken(desk, 7)
    [digest] = desk.wait(hours=20)
    first = min(desk.tickets(), key=lambda ticket: ticket.number)
    where = digest.html.index(first.number)
    link = digest.html[where:].partition('href="')[2]
    address = link.partition("?")[0].removeprefix("mailto:")

    desk.receive("bob@desk.example", "#resolve", to=address)

    assert desk.ticket(1).status == "resolved"


def test_twenty_come_one_by_one(desk: Desk) -> None:
    taken(desk, 6)
    mails = desk.wait(hours=20)

    assert Counter(mail.subject.partition(":")[0] for mail in mails) == {"Due soon": 12, "Overdue": 6}
    assert desk.wait(hours=1) == []


def test_a_promise_that_is_long_past_is_told_with_its_own_time(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#take\n#due 1h", reply_to=desk.notice_to("bob"))
    [reminder] = desk.wait(hours=2)

    assert "What was promised for this ticket is due 1 hour ago" in reminder.words


def test_what_is_late_by_a_few_minutes_is_told_as_ever(desk: Desk) -> None:
    taken(desk, 7)
    mails = desk.wait(hours=4, minutes=14)  # the warnings are late, the misses are not

    assert Counter(mail.subject.partition(":")[0] for mail in mails) == {"Due soon": 7, "Overdue": 7}


def test_nobody_is_told_before_all_of_it_is_done(desk: Desk) -> None:
    taken(desk, 7)
    desk.now += timedelta(hours=20)
    with desk.app.sessions.begin() as session:
        process_timers(session, desk.app.house, 5, desk.now)
    with desk.app.sessions.begin() as session:
        assert process_late(session, desk.app.house, 10, desk.now) == []

    assert [mail.subject for mail in desk.wait()] == ["21 things to look after (Example)"]


def test_a_crash_between_the_moments_and_the_mail_loses_nothing_and_repeats_nothing(desk: Desk) -> None:
    taken(desk, 7)
    desk.now += timedelta(hours=20)
    while True:
        with desk.app.sessions.begin() as session:
            if not process_timers(session, desk.app.house, 10, desk.now):
                break
    with desk.app.sessions() as session:
        assert len(process_late(session, desk.app.house, 10, desk.now)) == 1
        session.rollback()  # the plug was pulled

    assert len(desk.wait()) == 1
    assert desk.wait(minutes=5) == []
    with desk.app.sessions.begin() as session:
        assert session.execute(select(func.count()).where(late_notices.c.told_at.is_(None))).scalar_one() == 0


def test_customers_are_told_although_it_is_late(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#status waiting_customer\nWhere?", reply_to=desk.notice_to("bob"))

    assert [mail.to for mail in desk.wait(days=6)] == ["ann@example.org"]


def test_a_clock_that_jumps_back_and_forth_fires_nothing_twice(desk: Desk) -> None:
    taken(desk, 1)
    mails = desk.wait(hours=3)
    for step in (-3, 3, -2, 4, -4, 4):
        mails += desk.wait(hours=step)

    assert [mail.subject.partition(":")[0] for mail in mails] == ["Due soon", "Overdue"]


def test_a_due_timer_that_the_settings_have_overtaken_makes_way_for_the_new_one(desk: Desk) -> None:
    taken(desk, 1)
    desk.configure("sla: {warn_at: 90%}\n" + QUIET + CONFIG)

    assert desk.wait(hours=3) == []
    assert desk.wait(minutes=35) == []
    assert [mail.subject.partition(":")[0] for mail in desk.wait(minutes=1)] == ["Due soon"]


def carry_out(desk: Desk) -> None:
    """Every moment that is due, as the sweep of one node does it."""
    desk.app.work.timers()
    while desk.app.work.more_timers:
        desk.app.work.timers()


def test_two_nodes_at_once_do_everything_once(tmp_path: Path, postgres: Callable[[], str]) -> None:
    database = postgres()
    desk, other = (Desk(tmp_path, database, QUIET + CONFIG) for _ in range(2))
    try:
        taken(desk, 12)
        other.now = desk.now = desk.now + timedelta(hours=20)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(carry_out, (desk, other)))
        desk.work()
        other.work()
        mails = [mail.subject for mail in (*desk.courier.sent, *other.courier.sent)]
        assert [subject for subject in mails if "look after" in subject] == ["36 things to look after (Example)"]
        assert (count(desk, "sla_warning"), count(desk, "sla_missed")) == (24, 12)
    finally:
        desk.close()
        other.close()


def test_the_terminal_tells_what_is_planned_and_why(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    taken(desk, 2)
    config = str(desk.folder / "mailtix.yaml")

    assert main(["--config", config, "timers", "list", "TKT-2026-000002", "--json"]) == 0
    planned = {row["kind"]: row for row in json.loads(capsys.readouterr().out)}
    assert planned["first_response_breach"]["ticket"] == "TKT-2026-000002"
    assert planned["first_response_breach"]["why"] == "first response is missed: the desk is alerted"
    assert planned["first_response_escalation_1"]["why"] == "a target was missed: it goes up to step 1"

    assert main(["--config", config, "timers", "list"]) == 0
    assert "TKT-2026-000001" in capsys.readouterr().out
    assert main(["--config", config, "timers", "list", "TKT-1"]) == 1
