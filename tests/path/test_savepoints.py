"""A savepoint that cannot be ended is not the mail's fault: nobody knows what is written then."""

from __future__ import annotations

import sqlite3

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from desk import Desk


def broken_at(desk: Desk, *commands: str) -> None:
    """The next statement that begins so fails, then the next that begins as the second, as on a disk that cannot be
    read for a moment."""
    left = list(commands)

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if left and statement.startswith(left[0]):
            del left[0]
            raise OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error"))

    event.listen(desk.app.engine, "before_cursor_execute", fail)


def test_a_mail_that_cannot_be_rolled_back_becomes_one_ticket(desk: Desk) -> None:
    broken_at(desk, "INSERT INTO outbox", "ROLLBACK TO SAVEPOINT")
    desk.receive("ann@example.org", "It burns.")
    desk.wait(seconds=10)

    assert len(desk.tickets()) == 1
    assert desk.messages() == [("customer", "public", "It burns.")]


def test_a_mail_whose_savepoint_cannot_be_released_becomes_one_ticket(desk: Desk) -> None:
    broken_at(desk, "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
    desk.receive("ann@example.org", "It burns.")
    desk.wait(seconds=10)

    assert len(desk.tickets()) == 1


def test_a_moment_that_cannot_be_rolled_back_comes_once(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    broken_at(desk, "INSERT INTO outbox", "ROLLBACK TO SAVEPOINT")
    desk.wait(days=2)
    desk.wait(seconds=10)

    said = [line for line in desk.history() if "nobody has taken it" in line]
    assert len(said) == 1
