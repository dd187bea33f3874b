"""Finding tickets again by what was said in them."""

from __future__ import annotations

import pytest

from desk import Desk
from mailtix.store import tickets


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("PRINTER", ["TKT-2026-000001"]),
        ("smoke from", ["TKT-2026-000001"]),
        ("error 0x4711", ["TKT-2026-000002"]),
        ("tkt-2026-000002", ["TKT-2026-000002"]),
        ("100%", ["TKT-2026-000002"]),
        ("100_", []),
        ("nothing of that", []),
        ("", ["TKT-2026-000002", "TKT-2026-000001"]),
    ],
)
def test_tickets_are_found_by_number_subject_messages_and_small_plain_files(
    desk: Desk, words: str, found: list[str]
) -> None:
    desk.receive("ann@example.org", "There is smoke from it.", subject="The printer burns")
    log = ("log.txt", b"Error 0x4711: no paper\n")
    raw, sender, to = desk.compose("eve@example.net", "See the log, 100% sure.", attach=[log])
    desk.accept(raw.replace(b"application/octet-stream", b"text/plain"), sender, to)

    with desk.app.sessions.begin() as session:
        assert [ticket.number for ticket in tickets.newest(session, 10, search=words)] == found
