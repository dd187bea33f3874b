"""What mailtix leans on goes away for a while: Redis, PostgreSQL, the smarthost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from redis import Redis as Client
from sqlalchemy import create_engine, text

from daemon.load import (
    every_customer_has_one_receipt,
    every_mail_is_one_ticket,
    let_bookings_run_out,
    mails,
    nothing_is_left,
    send_again,
    state,
)
from daemon.servers import PostgreSQL, Redis
from mailtix.clock import clock
from running import Daemon, Senders, asked, letter, send, settings, until
from smarthost import Smarthost

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


def test_a_redis_that_forgets_and_restarts_in_the_middle_of_the_load_loses_nothing(
    tmp_path: Path, postgres: Callable[[], str], redis: Redis, smarthost: Smarthost, start: Start
) -> None:
    database = postgres()
    config = settings(tmp_path, database, redis=redis.url, outbound=smarthost.settings)
    daemon, worker = start(config), start(config, "worker")
    sent = mails(60)
    senders = Senders(daemon.port(), sent)
    with closing(Client.from_url(redis.url)) as client:
        for count in (10, 20, 30):
            senders.wait_for(count)
            client.flushall()
    senders.wait_for(40)
    redis.kill()
    redis.start()

    assert len(senders.finish()) == len(sent)
    every_customer_has_one_receipt(smarthost, len(sent), seconds=30)
    every_mail_is_one_ticket(config, sent)
    until(lambda: nothing_is_left(database))
    assert len({mail.id for mail in smarthost.all()}) == len(smarthost.all()), "nobody died: no mail comes twice"
    for one in (daemon, worker):
        assert one.stop(15) == 0
        assert "Traceback" not in one.said


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


def test_while_the_database_is_down_senders_keep_their_mail_and_are_told_nothing_of_it(
    tmp_path: Path, own_postgres: PostgreSQL, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, own_postgres.url, outbound=smarthost.settings)
    daemon = start(config)
    sent = mails(100)
    senders = Senders(daemon.port(), sent)
    senders.wait_for(20)

    own_postgres.stop()
    taken = senders.finish()
    assert 20 <= len(taken) < len(sent), "the stop came too late to show anything"
    for name, raw, sender, to in [mail for mail in sent if mail[0] not in taken][:3]:
        code, reply = send(daemon.port(), raw, sender, to)
        assert (code, reply) == (451, "4.3.0 Local trouble, please try again later"), name

    own_postgres.start()
    send_again(daemon.port(), sent, taken)
    every_mail_is_one_ticket(config, sent)
    let_bookings_run_out(own_postgres.url)
    every_customer_has_one_receipt(smarthost, len(sent))
    until(lambda: nothing_is_left(own_postgres.url))
    assert state(own_postgres.url)["messages"] == len(sent)
    assert daemon.stop(15) == 0
    assert "Traceback" not in daemon.said


def test_a_mail_that_was_taken_while_the_database_was_down_is_not_sent_again(
    tmp_path: Path, own_postgres: PostgreSQL, smarthost: Smarthost, start: Start
) -> None:
    daemon = start(settings(tmp_path, own_postgres.url, outbound=smarthost.settings))
    smarthost.hang()
    send(daemon.port(), letter("ann@example.org", "It burns"))
    assert smarthost.hanging.wait(lambda held: len(held) == 2)

    own_postgres.stop()
    smarthost.hang(False)
    assert smarthost.mails.wait(lambda mails: len(mails) == 2)
    daemon.wait("trouble")
    own_postgres.start()

    until(lambda: nothing_is_left(own_postgres.url))
    assert {(row.state, row.attempts) for row in rows(own_postgres.url)} == {("sent", 1)}
    assert len(smarthost.all()) == 2


def rows(database: str) -> list[Any]:
    """The outbox: address, state, attempts, when next, the reply."""
    engine = create_engine(database)
    with engine.connect() as connection:
        query = text("SELECT rcpt_to, state, attempts, next_at, reply FROM outbox ORDER BY id")
        found = list(connection.execute(query))
    engine.dispose()
    return found


def deferred(daemon: Daemon, count: int = 2) -> list[dict[str, Any]]:
    """What the log says of mails that must wait: each for half a minute, more or less."""
    lines = daemon.wait("deferred", count)
    for line in lines:
        assert datetime.fromisoformat(line["next_at"]) > clock()
    return lines


def test_a_smarthost_that_is_down_gets_the_mail_when_it_is_back(
    tmp_path: Path, smarthost: Smarthost, start: Start
) -> None:
    database = f"sqlite:///{tmp_path}/mailtix.db"
    config = settings(tmp_path, database, outbound=smarthost.settings)
    smarthost.stop()
    daemon = start(config)
    send(daemon.port(), letter("ann@example.org", "It burns"))
    assert all("refused" in line["reply"] for line in deferred(daemon))
    assert {(row.state, row.attempts) for row in rows(database)} == {("queued", 1)}

    smarthost.start()
    make_due(database)

    assert len(smarthost.to("ann@example.org")) == 1
    until(lambda: nothing_is_left(database))
    assert {row.attempts for row in rows(database)} == {2}


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ({"answer": "452 4.3.1 full, come again"}, "452 4.3.1 full, come again"),
        ({"password": "right"}, "signing in failed, check username and password"),
    ],
    ids=["4xx", "wrong password"],
)
def test_what_the_smarthost_has_against_us_or_against_now_is_tried_again_later(
    tmp_path: Path, smarthost: Smarthost, start: Start, trouble: dict[str, str], said: str
) -> None:
    database = f"sqlite:///{tmp_path}/mailtix.db"
    smarthost.answer = trouble.get("answer", "")
    smarthost.password = trouble.get("password")
    outbound = {"smtp": smarthost.settings["smtp"] | {"username": "mailtix", "password": "wrong"}}
    daemon = start(settings(tmp_path, database, outbound=outbound))
    send(daemon.port(), letter("ann@example.org", "It burns"))

    assert all(said in line["reply"] for line in deferred(daemon))
    assert {(row.state, row.attempts) for row in rows(database)} == {("queued", 1)}
    assert smarthost.all() == []

    smarthost.answer, smarthost.password = "", "wrong"  # somebody has put it right
    make_due(database)
    assert len(smarthost.to("ann@example.org")) == 1


def test_a_recipient_who_is_refused_stands_in_the_history_and_the_agent_is_told(
    tmp_path: Path, smarthost: Smarthost, start: Start
) -> None:
    database = f"sqlite:///{tmp_path}/mailtix.db"
    smarthost.refused["ann@example.org"] = "550 5.1.1 no such user here"
    config = settings(tmp_path, database, outbound=smarthost.settings)
    daemon = start(config)
    send(daemon.port(), letter("ann@example.org", "It burns"))

    [line] = daemon.wait("rejected")
    assert line["reply"] == "550 5.1.1 no such user here"
    mails = smarthost.to("bob@desk.example", 2)
    assert any("550 5.1.1 no such user here" in mail.text for mail in mails)
    [ticket] = asked(config, "tickets", "list")
    history = asked(config, "tickets", "history", ticket["number"])
    assert any("550 5.1.1 no such user here" in f"{entry['text']} {entry['because']}" for entry in history)
    assert [row.state for row in rows(database)].count("failed") == 1


def make_due(database: str) -> None:
    """The half minute that they wait for is over."""
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET next_at = created_at WHERE state = 'queued'"))
    engine.dispose()
