"""Finding tickets again by what was said in them, as the line saves it."""

from __future__ import annotations

import pytest

from desk import Desk
from mailtix.model.ticket import Ticket
from mailtix.query import Known, Mistake, Query, parse
from mailtix.store import search


def found(desk: Desk, text: str, viewer: search.Viewer = search.DESK) -> list[str]:
    """The last digits of the numbers of what is found, as many as are counted."""
    query = parse(text, Known.of(desk.app.config.companies_as_model(), "bob@desk.example"))
    assert isinstance(query, Query), query
    with desk.app.sessions.begin() as session:
        tickets: list[Ticket] = search.find(session, query, None, desk.now, 10, viewer)
        assert search.count(session, query, None, desk.now, viewer) == len(tickets)
    return [ticket.number[-1] for ticket in tickets]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("PRINTER", ["1"]),
        ("smoke from", ["1"]),
        ('"smoke from"', ["1"]),
        ('"from smoke"', []),
        ("smoke printer", ["1"]),
        ("smo*", ["1"]),
        ("smo", []),
        ('"error 0x4711"', ["2"]),
        ("tkt-2026-000002", ["2"]),
        ("100%", ["2"]),
        ("uber", ["2"]),
        ("ÜBER", ["2"]),
        ("印刷機", ["2"]),
        ("刷機", ["2"]),
        ("刷印", []),
        ("-smoke", ["2"]),
        ("smoke or über", ["2", "1"]),
        ("smoke über", []),
        ('"nothing of that"', []),
        ("", ["2", "1"]),
    ],
)
def test_tickets_are_found_by_number_subject_messages_and_small_plain_files(
    desk: Desk, words: str, numbers: list[str]
) -> None:
    desk.receive("ann@example.org", "There is smoke from it.", subject="The printer burns")
    log = ("log.txt", b"Error 0x4711: no paper\n")
    raw, sender, to = desk.compose("eve@example.net", "Über the log, 100% sure. 新しい印刷機。", attach=[log])
    desk.accept(raw.replace(b"application/octet-stream", b"text/plain"), sender, to)

    assert found(desk, words) == numbers


def test_a_note_is_found_by_the_desk_and_never_by_the_customer(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#note\nShe never paid.", reply_to=desk.notice_to("bob"))
    ann, eve = search.Viewer("ann@example.org"), search.Viewer("eve@example.net")

    assert (found(desk, "paid"), found(desk, "paid", ann)) == (["1"], [])
    assert (found(desk, "burns"), found(desk, "burns", ann), found(desk, "burns", eve)) == (["1"], ["1"], [])
    assert (found(desk, "from:bob@desk.example"), found(desk, "from:bob@desk.example", ann)) == (["1"], [])


def test_a_held_mail_is_found_by_the_customer_once_it_was_let_in(desk: Desk) -> None:
    [receipt, *_] = desk.receive("ann@example.org", "It burns.")
    desk.receive("eve@example.net", "A bucket of water!", reply_to=receipt, to="support@desk.example")
    ann = search.Viewer("ann@example.org")
    assert (found(desk, "bucket"), found(desk, "bucket", ann)) == (["1"], [])

    desk.receive("bob@desk.example", "#allow", reply_to=desk.notice_to("bob"))

    assert found(desk, "bucket", ann) == ["1"]


def test_nothing_of_one_company_is_found_by_another(new_desk: object) -> None:
    """Each company is asked by its own id."""
    desk: Desk = new_desk(  # type: ignore[operator]
        """
companies:
  - {name: One, mailboxes: [{address: support@one.example, name: One}]}
  - {name: Two, mailboxes: [{address: support@two.example, name: Two}]}
agents:
  - {name: Bob Miller, email: bob@desk.example, teams: [billing], company: One}
"""
    )
    desk.receive("ann@example.org", "It burns.", to="support@one.example")
    with desk.app.sessions.begin() as session:
        [query] = [parse("burns", Known())]
        assert not isinstance(query, tuple)
        ids = list(desk.app.house.companies)
        assert [search.count(session, query, id_, desk.now) for id_ in ids] == [1, 0]


def test_a_query_with_a_mistake_finds_nothing_but_says_what_is_wrong() -> None:
    mistakes = parse("status:opne burns", Known())

    assert isinstance(mistakes, tuple)
    [mistake] = mistakes
    assert isinstance(mistake, Mistake)
    assert (mistake.at, mistake.hint) == (7, "did you mean 'open'?")
