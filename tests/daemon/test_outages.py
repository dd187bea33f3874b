"""What mailtix leans on goes away for a while: Redis, PostgreSQL, the smarthost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from daemon.load import every_customer_has_one_receipt, every_mail_is_one_ticket, mails, nothing_is_left, state
from daemon.servers import PostgreSQL, Redis
from mailtix.app import clock
from running import Daemon, Senders, Smarthost, asked, letter, send, settings, until

Start = Callable[..., Daemon]


def test_without_redis_mail_is_still_taken_processed_and_sent(
    tmp_path: Path, postgres: Callable[[], str], redis: Redis, smarthost: Smarthost, start: Start
) -> None:
    database = postgres()
    config = settings(tmp_path, database, redis=redis.url, outbound=smarthost.settings)
    daemon = start(config)
    sent = mails(30)
    with_redis, without, again = sent[:10], sent[10:20], sent[20:]
    assert len(Senders(daemon.port(), with_redis).finish()) == 10
    every_customer_has_one_receipt(smarthost, 10)

    redis.kill()
    assert len(Senders(daemon.port(), without).finish()) == 10
    every_customer_has_one_receipt(smarthost, 20, seconds=20)

    redis.start()
    assert len(Senders(daemon.port(), again).finish()) == 10
    every_customer_has_one_receipt(smarthost, 30, seconds=20)
    every_mail_is_one_ticket(config, sent)
    until(lambda: nothing_is_left(database))
    assert daemon.stop(15) == 0
    assert "Traceback" not in daemon.said


def test_without_redis_the_daemon_starts_works_and_stops(
    tmp_path: Path, postgres: Callable[[], str], redis: Redis, smarthost: Smarthost, start: Start
) -> None:
    redis.kill()
    config = settings(tmp_path, postgres(), redis=redis.url, outbound=smarthost.settings)
    daemon = start(config)

    assert send(daemon.port(), letter("ann@example.org", "It burns"))[0] == 250
    smarthost.to("ann@example.org", seconds=20)

    assert daemon.stop(15) == 0
    assert "Traceback" not in daemon.said


def test_a_redis_that_hangs_holds_no_sender_up(
    tmp_path: Path, postgres: Callable[[], str], redis: Redis, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, postgres(), redis=redis.url, outbound=smarthost.settings)
    daemon = start(config)
    send(daemon.port(), letter("ann@example.org", "It burns"))
    smarthost.to("ann@example.org")

    redis.hang()
    assert len(Senders(daemon.port(), mails(30), connections=2).finish(20)) == 30

    every_customer_has_one_receipt(smarthost, 30, seconds=30)
    assert daemon.stop(15) == 0


def test_redis_lost_in_the_middle_does_not_keep_the_daemon_from_stopping(
    tmp_path: Path, postgres: Callable[[], str], redis: Redis, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, postgres(), redis=redis.url, outbound=smarthost.settings)
    daemon = start(config)
    senders = Senders(daemon.port(), mails(100))
    senders.wait_for(30)

    redis.kill()
    senders.finish()

    assert daemon.stop(15) == 0, daemon.said[-2000:]
    assert "Traceback" not in daemon.said
