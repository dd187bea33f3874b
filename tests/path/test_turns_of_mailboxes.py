"""A burst into one mailbox does not hold up the mail of another."""

from __future__ import annotations

from pathlib import Path

from desk import Desk
from mailtix import pipeline

TWO = """
companies:
  - name: Example
    mailboxes: [{address: support@desk.example}, {address: billing@desk.example}]
  - name: Other
    mailboxes: [{address: help@other.example}]
agents: [{name: Bob Miller, email: bob@desk.example}]
"""


def put(desk: Desk, number: int, to: str) -> None:
    desk.put(*desk.compose(f"ann{number}@example.org", f"It burns, {number}.", to=to))


def batch(desk: Desk, limit: int = 10) -> list[str]:
    """The mailboxes of the tickets that one batch opens, in order."""
    with desk.app.sessions.begin() as session:
        done = pipeline.process_mails(session, desk.app.house, limit, desk.now)
    return [desk.ticket(int(result.ticket.rpartition("-")[2])).mailbox for result in done]


def test_mail_to_another_mailbox_has_its_turn_in_the_next_batch(tmp_path: Path, database: str) -> None:
    desk = Desk(tmp_path, database, TWO)
    for number in range(30):
        put(desk, number, "support+anything@desk.example")
    put(desk, 30, "billing@desk.example")
    put(desk, 31, "billing@desk.example")

    first, second = batch(desk), batch(desk)

    assert first == ["support@desk.example"] * 9 + ["billing@desk.example"]
    assert second == ["support@desk.example"] * 9 + ["billing@desk.example"]
    desk.close()


def test_another_companys_mail_has_its_turn_too_and_all_are_processed_once(tmp_path: Path, database: str) -> None:
    desk = Desk(tmp_path, database, TWO)
    for number in range(30):
        put(desk, number, "support@desk.example")
    put(desk, 30, "help@other.example")

    with desk.app.sessions.begin() as session:
        done = pipeline.process_mails(session, desk.app.house, 10, desk.now)
    desk.work()

    assert done[-1].cause == "J31"
    with desk.app.sessions.begin() as session:
        assert pipeline.process_mails(session, desk.app.house, 100, desk.now) == []
    assert len({mail.number for mail in desk.courier.sent if mail.to.startswith("ann")}) >= 30
    desk.close()
