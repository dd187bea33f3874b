"""Pulling the plug, and asking to stop, in the middle of the work."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.load import (
    every_customer_has_one_receipt,
    every_mail_is_one_ticket,
    let_bookings_run_out,
    mails,
    nothing_is_left,
    send_again,
    state,
)
from running import Daemon, Senders, settings, until
from smarthost import Smarthost

Start = Callable[..., Daemon]
MAILS = 200


def test_every_accepted_mail_is_one_ticket_after_a_kill_in_the_middle(
    tmp_path: Path, database: str, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, database, outbound=smarthost.settings)
    first = start(config)
    sent = mails(MAILS)

    senders = Senders(first.port(), sent, connections=4)
    senders.wait_for(MAILS // 2)
    first.kill()
    taken = senders.finish()
    assert MAILS // 2 <= len(taken) < MAILS, "the kill came too late to show anything"
    before = state(database)
    assert before["journal:done"] + before["journal:new"] >= len(taken)

    second = start(config)
    if database.startswith("postgresql"):
        assert let_bookings_run_out(database) <= 5, "more than its threads can have had in hand"
    send_again(second.port(), sent, taken)

    every_mail_is_one_ticket(config, sent)
    every_customer_has_one_receipt(smarthost, MAILS)
    until(lambda: nothing_is_left(database))
    assert state(database)["messages"] == MAILS
    assert second.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_stop_in_the_middle_ends_in_time_and_loses_nothing(
    tmp_path: Path, smarthost: Smarthost, start: Start, number: signal.Signals
) -> None:
    stops_in_the_middle(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", smarthost, start, number)


def test_a_stop_in_the_middle_loses_nothing_on_postgresql_either(
    tmp_path: Path, postgres: Callable[[], str], smarthost: Smarthost, start: Start
) -> None:
    stops_in_the_middle(tmp_path, postgres(), smarthost, start, signal.SIGTERM)


def stops_in_the_middle(
    folder: Path, database: str, smarthost: Smarthost, start: Start, number: signal.Signals
) -> None:
    """The daemon is told to end while mail comes in, and started again."""
    config = settings(folder, database, outbound=smarthost.settings)
    first = start(config)
    sent = mails(MAILS)

    senders = Senders(first.port(), sent, connections=4)
    senders.wait_for(MAILS // 4)
    first.signal(number)
    assert first.ended(15) == 0
    assert "Traceback" not in first.said
    taken = senders.finish()
    assert MAILS // 4 <= len(taken) < MAILS, "the signal came too late to show anything"

    second = start(config)
    send_again(second.port(), sent, taken)
    every_mail_is_one_ticket(config, sent)
    every_customer_has_one_receipt(smarthost, MAILS)
    until(lambda: nothing_is_left(database))
    arrived = [mail.id for mail in smarthost.all()]
    assert len(arrived) == len(set(arrived)), "a clean stop repeats no mail"


def test_a_smarthost_that_never_answers_does_not_keep_the_daemon_from_stopping(
    tmp_path: Path, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", outbound=smarthost.settings)
    smarthost.hang()
    first = start(config)
    sent = mails(20)
    assert len(Senders(first.port(), sent).finish()) == 20
    assert smarthost.hanging.wait(lambda held: len(held) >= 2)

    assert first.stop(15) == 0
    assert "Traceback" not in first.said

    smarthost.hang(False)
    second = start(config)
    every_mail_is_one_ticket(config, sent)
    every_customer_has_one_receipt(smarthost, 20)
    assert second.stop() == 0
