"""Two listeners and two workers on one PostgreSQL and one Redis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from daemon.load import (
    Mail,
    customer,
    every_customer_has_one_receipt,
    every_mail_is_one_ticket,
    let_bookings_run_out,
    mails,
    nothing_is_left,
    send_again,
    state,
)
from daemon.servers import Redis
from desk import Sent
from running import Daemon, Senders, asked, letter, settings, until
from smarthost import Smarthost

Start = Callable[..., Daemon]
CUSTOMERS = 60
ANSWERS = 3


def answered(receipt: Sent, index: int, turn: int) -> Mail:
    """A customer's answer to his receipt."""
    raw = letter(customer(index), f"Re: {receipt.subject} ({turn})", f"Answer {turn}.\n", answers=receipt)
    return f"{index}, {turn}", raw, customer(index), receipt.reply_to


def test_two_listeners_and_two_workers_make_no_duplicates_and_leave_nothing(
    tmp_path: Path, postgres: Callable[[], str], redis: Redis, smarthost: Smarthost, start: Start
) -> None:
    database = postgres()
    config = settings(tmp_path, database, redis=redis.url, outbound=smarthost.settings)
    nodes = [start(config, ready=False) for _ in range(2)]
    workers = [start(config, "worker", ready=False) for _ in range(2)]
    for node in (*nodes, *workers):
        node.wait("ready")

    sent = mails(CUSTOMERS)
    both = [Senders(node.port(), sent) for node in nodes]  # each mail comes in twice, through both doors
    assert [len(senders.finish()) for senders in both] == [CUSTOMERS, CUSTOMERS]
    every_mail_is_one_ticket(config, sent)
    receipts = every_customer_has_one_receipt(smarthost, CUSTOMERS)

    answers = [answered(receipts[customer(i)][0], i, turn) for turn in range(ANSWERS) for i in range(CUSTOMERS)]
    both = [Senders(node.port(), answers[half::2]) for half, node in enumerate(nodes)]
    assert sum(len(senders.finish()) for senders in both) == len(answers)
    until(lambda: nothing_is_left(database) and state(database)["messages"] >= CUSTOMERS * (1 + ANSWERS))

    every_mail_is_one_ticket(config, sent)
    assert state(database)["messages"] == CUSTOMERS * (1 + ANSWERS)
    [ticket] = [t for t in asked(config, "tickets", "list", "--limit", "1000") if t["subject"] == "Question 7"]
    texts = [m["text"].strip() for m in asked(config, "tickets", "show", ticket["number"])["messages"]]
    assert sorted(texts[1:]) == [f"Answer {turn}." for turn in range(ANSWERS)]
    ids = Counter(mail.id for mail in smarthost.all())
    assert ids.most_common(1)[0][1] == 1, "no mail leaves twice"
    assert Counter(mail.to for mail in smarthost.all())["bob@desk.example"] == CUSTOMERS * (1 + ANSWERS)
    shares = [len(node.lines("sent")) for node in (*nodes, *workers)]
    assert all(len(worker.lines("sent")) for worker in workers), f"the workers had nothing to do: {shares}"
    for node in (*nodes, *workers):
        assert node.stop() == 0
        assert "Traceback" not in node.said
        assert not node.lines("trouble")


def test_when_one_node_dies_the_other_finishes_its_work(
    tmp_path: Path, postgres: Callable[[], str], redis: Redis, smarthost: Smarthost, start: Start
) -> None:
    database = postgres()
    config = settings(tmp_path, database, redis=redis.url, outbound=smarthost.settings)
    first, second = (start(config, ready=False) for _ in range(2))
    for node in (first, second):
        node.wait("ready")
    sent = mails(100)

    senders = Senders(first.port(), sent)
    senders.wait_for(40)
    first.kill()
    taken = senders.finish()
    send_again(second.port(), sent, taken)

    let_bookings_run_out(database)
    every_mail_is_one_ticket(config, sent)
    every_customer_has_one_receipt(smarthost, len(sent))
    until(lambda: nothing_is_left(database))
    assert second.stop() == 0
