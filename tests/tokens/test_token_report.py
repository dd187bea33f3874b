"""The report about tokens, against a handful that is counted by hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from desk import Desk
from mailtix.clock import clock
from mailtix.figures import By, Period, Table, cut
from mailtix.model.ticket import Person
from mailtix.model.token import Token, TokenClosed, TokenIssued, TokenPrinted, TokenStep
from mailtix.store import directory, migrations, token_figures
from mailtix.store import tokens as store
from mailtix.store.engine import Session, open_engine, sessions
from mailtix.store.figures import Frame
from mailtix.store.tickets import LostRace
from running import asked, called

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
BOB, CARLA = "bob@desk.example", "carla@desk.example"


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def week(engine: Engine) -> Frame:
    """Five tokens of a company, and one of another:

    1 Mon 09:00 to 09:10, billing, Bob, printed.     2 Mon 10:00 to Tue 10:00, billing, Carla.
    3 Mon 23:59 to Tue 00:19, technical, Bob.        4 Tue 12:00, open, without category, nobody's, printed.
    5 Wed 08:00 to 08:30, billing, nobody's until a program closes it.
    """
    with sessions(engine).begin() as session:
        ids = directory.company_ids(session, ["Example", "Other"])
        ann = directory.person(session, ids["Example"], "ann@example.org", "Ann", MONDAY)
        for hours, minutes, category, agent, printed in (
            (9, 10, "billing", BOB, True),
            (10, 24 * 60, "billing", CARLA, False),
            (24 - 1 / 60, 20, "technical", BOB, False),
            (36, None, "", "", True),
            (56, 30, "billing", "", False),
        ):
            at = MONDAY + timedelta(hours=hours)
            token = issue(session, ids["Example"], ann, at, category, agent)
            if printed:
                done(session, ids["Example"], TokenPrinted(token), at)
            if minutes is not None:
                done(session, ids["Example"], TokenClosed(token), at + timedelta(minutes=minutes))
        eve = directory.person(session, ids["Other"], "eve@example.net", "Eve", MONDAY)
        issue(session, ids["Other"], eve, MONDAY + timedelta(hours=9), "billing", BOB)
    periods = cut(MONDAY, MONDAY + timedelta(days=4), By.DAY, UTC)
    return Frame((ids["Example"],), periods, By.DAY, (BOB, CARLA))


def issue(session: Session, company: int, person: Person, at: datetime, category: str = "", agent: str = "") -> Token:
    token = Token(store.next_number(session, company), person, at, "mailtix", "Example", category, agent)
    return done(session, company, TokenIssued(token), at)


def done(session: Session, company: int, change: TokenIssued | TokenClosed | TokenPrinted, at: datetime) -> Token:
    return store.save(session, company, TokenStep(change, "mailtix", "the past"), ("it was so", "T1"), at)


def counted(engine: Engine, frame: Frame, days: float = 4) -> Table:
    with sessions(engine)() as session:
        return token_figures.report(session, frame, MONDAY + timedelta(days=days))


def by(frame: Frame, what: By, end: timedelta = timedelta(days=4)) -> Frame:
    return Frame(frame.companies, (Period("", MONDAY, MONDAY + end),), what, frame.agents)


def test_each_day_is_counted_as_by_hand(engine: Engine, week: Frame) -> None:
    table = counted(engine, week)

    assert [column.name for column in table.columns] == [
        "day", "tokens_issued", "tokens_closed", "tokens_open", "with_ticket", "tokens_printed", "median", "mean",
        "p90",
    ]  # fmt: skip
    assert table.rows == (
        ("2026-11-16", 3, 1, 2, 0.0, 1, 600, 600, 600),
        # 20 minutes and a day: the mean of the two is the median as well
        ("2026-11-17", 1, 2, 1, 0.0, 1, 43_800, 43_800, 86_400),
        ("2026-11-18", 1, 1, 1, 0.0, 0, 1_800, 1_800, 1_800),
        ("2026-11-19", 0, 0, 1, None, 0, None, None, None),
    )
    # 10, 20, 30 minutes and a day: the middle two are 20 and 30; nine of ten of four are all four
    assert table.totals == (("total", 5, 4, 1, 0.0, 2, 1_500, 22_500, 86_400),)


def test_categories_and_agents_are_rows_of_their_own_and_what_has_none_comes_last(engine: Engine, week: Frame) -> None:
    categories = counted(engine, by(week, By.CATEGORY)).rows
    agents = counted(engine, by(week, By.AGENT)).rows

    assert [(row[0], *row[1:4]) for row in categories] == [
        ("billing", 3, 3, 0),
        ("technical", 1, 1, 0),
        ("no category", 1, 0, 1),
    ]
    assert [(row[0], *row[1:4]) for row in agents] == [(BOB, 2, 2, 0), (CARLA, 1, 1, 0), ("no agent", 2, 1, 1)]


def test_the_open_ones_of_the_past_are_those_of_then(engine: Engine, week: Frame) -> None:
    monday = counted(engine, by(week, By.CATEGORY, timedelta(days=1)))

    assert [(row[0], row[3]) for row in monday.rows] == [("billing", 1), ("technical", 1)]
    assert monday.totals[0][3] == 2


def test_tokens_of_another_company_are_not_counted(engine: Engine, week: Frame) -> None:
    with sessions(engine)() as session:
        other = directory.known_ids(session, ["Other"])["Other"]

    [total] = counted(engine, Frame((other,), week.periods, By.DAY)).totals

    assert total[1:4] == (1, 0, 1)


def test_the_share_with_a_ticket_and_every_form_come_from_what_was_lived(desk: Desk) -> None:
    settings = desk.folder / "mailtix.yaml"
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#token billing", reply_to=desk.notice_to("bob"))
    asked(settings, "tokens", "issue", "joe@example.net")
    asked(settings, "tokens", "close", "TK000002", "--as", "carla@desk.example")
    # The desk's clock stands still in November 2026; a command has the clock of whoever calls it.
    when = ("--since", "2026-11-20", "--until", clock().date().isoformat())

    [total] = asked(settings, "report", "tokens", *when)["totals"]

    assert (total["tokens_issued"], total["tokens_closed"], total["tokens_open"], total["with_ticket"]) == (
        2,
        1,
        1,
        0.5,
    )
    agents = asked(settings, "report", "tokens", *when, "--by", "agent")["rows"]
    assert [(row["agent"], row["tokens_closed"]) for row in agents] == [("carla@desk.example", 1), ("no agent", 0)]
    assert "With a ticket" in called(settings, "report", "tokens", *when).out
    assert "tokens_issued" in called(settings, "report", "tokens", *when, "--format", "csv").out
    assert "data:image/png;base64," in called(settings, "report", "tokens", *when, "--format", "html").out


def test_what_tokens_do_not_have_makes_no_rows(desk: Desk) -> None:
    said = called(desk.folder / "mailtix.yaml", "report", "tokens", "--by", "priority")

    assert (said.code, said.out) == (2, "")
    assert "tokens have no priority; --by is one of day, week, month, category, agent" in said.err


def test_a_desk_without_tokens_is_told_so(desk: Desk) -> None:
    assert called(desk.folder / "mailtix.yaml", "report", "tokens").out.startswith("Nothing to tell yet: Example, ")


def test_numbers_are_never_given_twice_however_many_ask_at_once(engine: Engine) -> None:
    with sessions(engine).begin() as session:
        company = directory.company_ids(session, ["Example"])["Example"]
        ann = directory.person(session, company, "ann@example.org", "Ann", MONDAY)
    given: list[str] = []

    def work() -> None:
        for _ in range(10):
            with sessions(engine).begin() as session:
                given.append(issue(session, company, ann, MONDAY).number)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(given) == [f"TK{number:06}" for number in range(1, 41)]


def test_what_somebody_else_has_closed_meanwhile_is_not_closed_again(engine: Engine) -> None:
    with sessions(engine).begin() as session:
        company = directory.company_ids(session, ["Example"])["Example"]
        found = issue(session, company, directory.person(session, company, "ann@example.org", "Ann", MONDAY), MONDAY)
        done(session, company, TokenClosed(found), MONDAY)

        with pytest.raises(LostRace, match="TK000001 was closed by somebody else"):
            done(session, company, TokenClosed(found), MONDAY + timedelta(hours=1))


def test_each_count_walks_an_index_on_time(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/plans.db")
    migrations.upgrade(engine)
    periods = "WITH p(b, e) AS (VALUES ('2026-11-01', '2026-11-02')) SELECT count(*) FROM p JOIN tokens t ON"
    with engine.connect() as connection:
        for when in ("issued", "closed"):
            plan = connection.execute(
                text(f"EXPLAIN QUERY PLAN {periods} t.{when}_at >= p.b AND t.{when}_at < p.e WHERE t.company_id IN (1)")
            )
            assert f"ix_tokens_company_{when} (company_id=? AND {when}_at>? AND {when}_at<?)" in str(plan.all())
    engine.dispose()
