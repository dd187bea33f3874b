"""Tickets that are made again have the numbers that they had, whoever was counted in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desk import Desk
from mailtix.redo import redo_all
from mailtix.store import tickets
from mailtix.store.engine import open_engine
from replay import busy


@pytest.fixture
def desk(tmp_path: Path, database: str) -> Iterator[Desk]:
    with closing(busy.opened(tmp_path, database)) as desk:
        yield desk


def test_a_number_that_was_counted_in_vain_is_left_out_again(
    request: pytest.FixtureRequest, desk: Desk, database: str, tmp_path: Path
) -> None:
    desk.receive("ann@example.org", "It burns.", subject="First")
    with desk.app.sessions.begin() as session:
        [company] = desk.app.house.companies
        tickets.next_number(session, company, f"{desk.now:%Y}")
    desk.receive("dan@example.net", "It burns, too.", subject="Second")
    url = f"sqlite:///{tmp_path}/again.db"
    if not database.startswith("sqlite"):
        make: Callable[[], str] = request.getfixturevalue("postgres")
        url = make()
    empty = open_engine(url)

    redone = redo_all(desk.app.config, desk.app.engine, empty, desk.now)

    assert [ticket.number[-1] for ticket in desk.tickets()] == ["1", "3"]
    assert [str(difference) for difference in redone.differences] == []
    empty.dispose()
