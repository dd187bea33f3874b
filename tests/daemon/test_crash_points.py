"""The process is killed at every named point of a mail's way, and nothing is lost or doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.doomed import died_at, nothing_is_lost_or_doubled, put_into_the_journal, rows
from daemon.dying import POINTS
from daemon.load import customer, mails, send_again
from daemon.servers import Redis
from mailtix.clock import clock
from running import Daemon, asked, settings, until
from smarthost import Smarthost

Start = Callable[..., Daemon]


def points(*words: str) -> list[str]:
    """Those whose names begin with one of these words."""
    return [point for point in POINTS if point.startswith(words)]


@pytest.mark.parametrize("where", [("accept", "ring"), ("process",)], ids=["accept and ring", "process"])
def test_a_mail_is_one_ticket_wherever_the_daemon_dies_before_it_is_sent(
    tmp_path: Path, database: str, smarthost: Smarthost, start: Start, where: tuple[str, ...]
) -> None:
    config = settings(tmp_path, database, outbound=smarthost.settings)
    sent = mails(len(points(*where)))

    taken = died_at(config, points(*where), sent)

    daemon = start(config)
    send_again(daemon.port(), sent, taken)
    nothing_is_lost_or_doubled(config, database, sent, smarthost)
    assert daemon.stop() == 0
    assert "Traceback" not in daemon.said


# Points at which the process knows of an attempt, and the next one does not know what came of it.
IN_DOUBT = 5


def test_a_mail_leaves_once_or_is_marked_wherever_the_daemon_dies_while_it_is_sent(
    tmp_path: Path, database: str, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, database, outbound=smarthost.settings)
    sent = mails(len(points("book", "send", "record")))

    taken = died_at(config, points("book", "send", "record"), sent)

    daemon = start(config)
    send_again(daemon.port(), sent, taken)
    nothing_is_lost_or_doubled(config, database, sent, smarthost)
    # One mail may be in doubt in several lives: the next one makes its attempt first. Each attempt has its line.
    doubts = Counter(row.cause for row in rows(database, "SELECT cause FROM history WHERE field = 'outcome_unknown'"))
    ours = rows(database, "SELECT id, attempts FROM outbox")
    assert doubts == Counter({f"O{row.id}": row.attempts - 1 for row in ours})
    assert doubts.total() >= IN_DOUBT
    assert {line["number"] for line in daemon.lines("outcome_unknown")} <= doubts.keys()
    assert daemon.stop() == 0


def test_a_mail_whose_250_nobody_wrote_down_comes_twice_and_the_ticket_says_so(
    tmp_path: Path, database: str, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, database, outbound=smarthost.settings)
    sent = mails(1)
    put_into_the_journal(config, sent, clock)

    died_at(config, ["send: between DATA and 250"], [("", *sent[0][1:])])
    start(config)
    nothing_is_lost_or_doubled(config, database, sent, smarthost)

    twice = [id_ for id_, count in Counter(mail.id for mail in smarthost.all()).items() if count == 2]
    assert twice
    [ticket] = asked(config, "tickets", "list")
    history = asked(config, "tickets", "history", ticket["number"])
    lines = [line for line in history if line["field"] == "outcome_unknown"]
    assert len(lines) >= len(twice)
    assert all("outcome unknown: attempt 1 was begun and never recorded" in line["because"] for line in lines)


def test_a_worker_that_dies_anywhere_leaves_its_work_to_the_next(
    tmp_path: Path, postgres: Callable[[], str], redis: Redis, smarthost: Smarthost, start: Start
) -> None:
    database = postgres()
    config = settings(tmp_path, database, redis=redis.url, outbound=smarthost.settings)
    where = ["process: ticket saved", "process: committed, bell not rung", "send: between DATA and 250"]
    sent = mails(len(where))
    for point, mail in zip(where, sent, strict=True):
        put_into_the_journal(config, [mail], clock)
        died_at(config, [point], [mail], verb="worker")

    worker = start(config, "worker")
    nothing_is_lost_or_doubled(config, database, sent, smarthost)
    assert worker.stop() == 0


MOMENTS = {
    "sla": {"targets": {"medium": {"first_response": "1s"}}, "warn_at": 0.5},
    "remind": {"unassigned": None, "pending": None},
}


def test_a_moment_comes_once_wherever_the_daemon_dies_while_it_is_carried_out(
    tmp_path: Path, database: str, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, database, outbound=smarthost.settings, **MOMENTS)
    sent = mails(len(points("timers")))

    taken = died_at(config, points("timers"), sent)

    daemon = start(config)
    send_again(daemon.port(), sent, taken)
    query = "SELECT ticket_id FROM history WHERE field = 'sla_missed'"
    until(lambda: len(rows(database, query)) >= len(sent))
    nothing_is_lost_or_doubled(config, database, sent, smarthost)
    for field in ("sla_warning", "sla_missed"):
        often = Counter(row.ticket_id for row in rows(database, query.replace("sla_missed", field)))
        assert set(often.values()) == {1}
        assert len(often) == len(sent)
    assert {customer(index) for index in range(len(sent))} <= {mail.to for mail in smarthost.all()}
    assert daemon.stop() == 0
