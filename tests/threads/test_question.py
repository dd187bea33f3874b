"""Whether an answer looks like a question of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtix.model.ticket import Person, Status, Ticket
from mailtix.threading.question import new_question

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TICKET = Ticket(1, "Example", "TKT-1", "The printer burns", Person(1, "ann@example.org"), "s@x.example", "email", AT)


def asked(subject: str, ticket: Ticket = TICKET, days: int = 0) -> str:
    return new_question(subject, ticket, (ticket.subject,), AT + timedelta(days=days))


@pytest.mark.parametrize("subject", ["Invoice 4711", "Urlaub im August", "请帮忙", "Password for Jo"])
def test_another_subject_is_one(subject: str) -> None:
    assert asked(subject) == f"its subject is {subject!r}"


@pytest.mark.parametrize(
    "subject",
    [
        "The printer burns",
        "the PRINTER burns!!",
        "",
        "printer",
        "The printer burns (urgent)",
        "Printer still broken",
        "?",
    ],
)
def test_the_same_subject_in_other_words_is_none(subject: str) -> None:
    assert asked(subject) == ""


def test_neither_is_the_subject_of_a_ticket_that_was_merged_in() -> None:
    assert new_question("Invoice 4711", TICKET, ("The printer burns", "Invoice 4711"), AT) == ""


@pytest.mark.parametrize(
    ("status", "days", "why"),
    [
        (Status.OPEN, 29, ""),
        (Status.OPEN, 30, "nobody has written for 30 days"),
        (Status.RESOLVED, 6, ""),
        (Status.CLOSED, 7, "the ticket has been closed for 7 days"),
    ],
)
def test_a_long_silence_makes_it_one(status: Status, days: int, why: str) -> None:
    assert asked("The printer burns", replace(TICKET, status=status), days) == why


@given(st.text(), st.text())
def test_any_two_subjects_can_be_compared_and_one_is_like_itself(one: str, other: str) -> None:
    assert isinstance(asked(one, replace(TICKET, subject=other)), str)
    assert asked(one, replace(TICKET, subject=one)) == ""
