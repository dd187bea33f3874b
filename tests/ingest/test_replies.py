from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from mailtix.ingest import replies
from mailtix.ingest.accept import AcceptorClosedError
from mailtix.ingest.replies import Reply, reply_for, with_enhanced_code

ALL = [reply for reply in vars(replies).values() if isinstance(reply, Reply)]


def a_full_sqlite(path: Path) -> sqlite3.Error:
    base = sqlite3.connect(path)
    base.execute("pragma max_page_count = 3")
    base.execute("create table mail (raw blob)")
    try:
        base.execute("insert into mail values (zeroblob(1000000))")
    except sqlite3.Error as error:
        return error
    finally:
        base.close()
    raise AssertionError("the database took it")


@pytest.mark.parametrize("reply", ALL, ids=str)
def test_the_enhanced_code_has_the_class_of_the_reply_code(reply):
    assert str(reply.code)[0] == reply.enhanced[0]
    assert str(reply).isascii()


def test_a_full_disk_is_told_as_such_however_the_database_wraps_it(tmp_path):
    wrapped = RuntimeError("(sqlite3.OperationalError) database or disk is full")
    wrapped.orig = a_full_sqlite(tmp_path / "small.db")  # as SQLAlchemy does
    assert reply_for(wrapped) == replies.DISK_FULL
    assert reply_for(OSError(errno.ENOSPC, "No space left on device")) == replies.DISK_FULL


def test_every_other_trouble_is_ours_and_temporary():
    assert reply_for(ValueError("secret")) == replies.OUR_FAULT
    assert reply_for(AcceptorClosedError()) == replies.SHUTTING_DOWN
    assert "secret" not in str(reply_for(ValueError("secret")))


def test_an_error_that_causes_itself_is_no_endless_chain():
    error = ValueError("a")
    error.__context__ = RuntimeError("b")
    error.__context__.__context__ = error
    assert reply_for(error) == replies.OUR_FAULT


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("250 OK", "250 2.0.0 OK"),
        ("250 2.1.0 Ok", "250 2.1.0 Ok"),
        ("503 Error: nested MAIL command", "503 5.5.1 Error: nested MAIL command"),
        ("220 mx.example ESMTP", "220 mx.example ESMTP"),
        ("354 End data", "354 End data"),
        ("250-SIZE 5", "250-SIZE 5"),
    ],
)
def test_replies_get_an_enhanced_code_where_they_lack_one(line, expected):
    assert with_enhanced_code(line) == expected
