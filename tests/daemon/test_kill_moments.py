"""Pulling the plug while many moments are due: each is carried out once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import create_engine, text

from daemon.load import every_mail_is_one_ticket, let_bookings_run_out, mails, nothing_is_left
from running import Daemon, Senders, settings, until
from smarthost import Smarthost

Start = Callable[..., Daemon]
MAILS = 80
TIMES = {
    "sla": {"targets": {"medium": {"first_response": "4s"}}, "warn_at": 0.5},
    "remind": {"unassigned": None, "pending": None},
}


def done(database: str, field: str) -> Counter[int]:
    """How often each ticket's history tells of that."""
    engine = create_engine(database)
    with engine.connect() as connection:
        query = text("SELECT ticket_id, count(*) FROM history WHERE field = :field GROUP BY ticket_id")
        found = Counter({row[0]: row[1] for row in connection.execute(query, {"field": field})})
    engine.dispose()
    return found


def test_every_target_is_warned_of_and_missed_once_whoever_dies(
    tmp_path: Path, database: str, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, database, outbound=smarthost.settings, **TIMES)
    first = start(config)
    others = [start(config)] if database.startswith("postgresql") else []  # SQLite: one process owns the file
    sent = mails(MAILS)
    assert len(Senders(first.port(), sent, connections=4).finish()) == MAILS

    until(lambda: len(done(database, "sla_warning")) >= 3)
    first.kill()
    assert len(done(database, "sla_missed")) < MAILS, "the kill came too late to show anything"
    nodes = [*others, start(config)]
    until(lambda: len(done(database, "sla_missed")) == MAILS)
    let_bookings_run_out(database)
    until(lambda: nothing_is_left(database))

    every_mail_is_one_ticket(config, sent)
    for field in ("sla_warning", "sla_missed"):
        assert set(done(database, field).values()) == {1}
    told = defaultdict(set)
    for mail in smarthost.all():
        if mail.to == "bob@desk.example" and mail.subject.startswith(("Due soon", "Overdue")):
            told[mail.subject].add(mail.id)
    assert len(told) == 2 * MAILS
    assert {len(ids) for ids in told.values()} == {1}, "what comes twice is the same mail"
    for node in nodes:
        assert node.stop() == 0
        assert "Traceback" not in node.said
