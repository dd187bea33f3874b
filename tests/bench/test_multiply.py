"""The database of the bench with very many tickets is one that the line could have written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench import multiply, queued
from mailtix.query import words


@pytest.fixture
def filled(tmp_path: Path) -> sqlite3.Connection:
    """40 mails of the mix, copied until there are 300 tickets."""
    path = tmp_path / "mailtix.db"
    queued.write(path, 40, 60)
    multiply.multiply(path, 300)
    return sqlite3.connect(path)


def test_there_are_so_many_tickets_and_each_points_at_rows_that_are_there(filled: sqlite3.Connection) -> None:
    [tickets] = filled.execute("SELECT count(*) FROM tickets").fetchone()

    assert tickets >= 300
    assert filled.execute("PRAGMA foreign_key_check").fetchall() == []
    for table in ("messages", "history", "timers"):
        [with_some] = filled.execute(f"SELECT count(DISTINCT ticket_id) FROM {table}").fetchone()
        assert with_some == tickets


def test_every_ticket_has_a_number_of_its_own_and_is_found_by_it(filled: sqlite3.Connection) -> None:
    numbers = [number for (number,) in filled.execute("SELECT number FROM tickets")]

    assert len(set(numbers)) == len(numbers)
    for number in (numbers[0], numbers[-1]):
        phrase = " ".join(words(number))
        found = filled.execute("SELECT -rowid FROM search_words WHERE search_words MATCH ?", [f'"{phrase}"']).fetchall()
        assert number in [filled.execute("SELECT number FROM tickets WHERE id = ?", id_).fetchone()[0] for id_ in found]


def test_a_conversation_grows_by_copies_and_no_ticket_comes_with_them(tmp_path: Path) -> None:
    path = tmp_path / "mailtix.db"
    queued.write(path, 20, 60)
    with closing(sqlite3.connect(path)) as before:
        [tickets] = before.execute("SELECT count(*) FROM tickets").fetchone()

    multiply.lengthen(path, 200)

    with closing(sqlite3.connect(path)) as long:
        assert long.execute("SELECT count(*) FROM tickets").fetchone() == (tickets,)
        [messages] = long.execute("SELECT count(*) FROM messages").fetchone()
        assert messages >= 200
        assert long.execute("PRAGMA foreign_key_check").fetchall() == []
        last, text = long.execute("SELECT id, text FROM messages ORDER BY id DESC LIMIT 1").fetchone()
        match = " ".join(f'"{word}"' for word in words(text)[:5])
        assert (last,) in long.execute("SELECT rowid FROM search_words WHERE search_words MATCH ?", [match]).fetchall()
