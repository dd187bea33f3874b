"""Mails that are processed together are what they would be one by one."""

from __future__ import annotations

from typing import Any

import pytest

from desk import Desk
from mailtix import line, pipeline
from mailtix.log import MailLog
from mailtix.model.decision import Outcome


def test_the_same_mail_twice_in_a_batch_is_a_duplicate_of_the_first(desk: Desk) -> None:
    raw, sender, to = desk.compose("ann@example.org", "To both.")
    desk.put(raw, sender, to)
    desk.put(*desk.compose("bob@example.org", "Another."))
    desk.put(b"Received: from elsewhere\r\n" + raw, sender, to)
    desk.work()

    assert [desk.outcome(number)[0] for number in (1, 2, 3)] == ["opened", "opened", "duplicate"]
    assert desk.outcome(3)[1] == "the same mail as J1"


def test_a_mail_and_the_one_that_follows_it_in_the_same_batch_are_one_ticket(desk: Desk) -> None:
    desk.put(*desk.compose("ann@example.org", "One.", Message_ID="<one@example.org>"))
    desk.put(*desk.compose("ann@example.org", "And.", subject="Re: Help", In_Reply_To="<one@example.org>"))
    desk.work()

    assert [desk.outcome(number)[0] for number in (1, 2)] == ["opened", "joined"]
    assert [text for _, _, text in desk.messages(1)] == ["One.", "And."]


class Refusing:
    """The process of the line, when it can do nothing."""

    def change(self, *_: Any) -> None: ...

    def read(self, *_: Any) -> None:
        raise line._NotDone("OSError: too many open files")

    def stop(self) -> None: ...


def test_what_the_process_of_the_line_cannot_do_is_done_here_and_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(desk.app.line, "_far", Refusing())
    monkeypatch.setattr(MailLog, "trouble", lambda _self, what, error: told.append(f"{what}: {error}"))
    desk.put(*desk.compose("ann@example.org", "It burns."))
    desk.app.work.mails()

    assert len(desk.tickets()) == 1
    assert told == ["a batch that the line's process could not do was done here: OSError: too many open files"]


@pytest.mark.parametrize("bad", [1, 2, 3])
def test_a_mail_that_fails_does_not_keep_its_batch_back(desk: Desk, monkeypatch: pytest.MonkeyPatch, bad: int) -> None:
    whole, tried = pipeline.save, []

    def save(session: Any, house: Any, company_id: int, decision: Any, cause: Any, now: Any) -> Any:
        tried.append(cause.name)
        saved = whole(session, house, company_id, decision, cause, now)
        if cause.name == f"J{bad}":
            raise ZeroDivisionError("only this one")
        return saved

    monkeypatch.setattr(pipeline, "save", save)
    for number in range(3):
        desk.put(*desk.compose(f"ann{number}@example.org", "It burns."))
    desk.app.work.mails()

    assert [desk.outcome(number)[0] == Outcome.OPENED for number in (1, 2, 3)] == [n != bad for n in (1, 2, 3)]
    assert len(desk.tickets()) == 2
    assert tried.count(f"J{bad}") >= 2, "with the others, and then alone"

    monkeypatch.setattr(pipeline, "save", whole)
    desk.wait(seconds=10)
    assert len(desk.tickets()) == 3
    given = [ticket.number for ticket in desk.tickets()]
    assert given == sorted(set(given))
    if desk.app.engine.dialect.name == "sqlite":  # PostgreSQL counts apart: what is undone leaves its numbers out
        assert given == [f"TKT-2026-{n:06}" for n in (1, 2, 3)]
