"""Many mails at once, and what must be true of them afterwards."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine, text

from desk import Sent
from mailtix.clock import clock
from running import asked, letter, send, until
from smarthost import Smarthost

Mail = tuple[str, bytes, str, str]


def customer(index: int) -> str:
    return f"customer{index}@example.org"


def mails(count: int) -> list[Mail]:
    """Each of a customer of its own: (name, bytes, sender, recipient). The name is its subject."""
    return [
        (f"Question {i}", letter(customer(i), f"Question {i}"), customer(i), "support@desk.example")
        for i in range(count)
    ]


def send_again(port: int, sent: Sequence[Mail], taken: set[str]) -> None:
    """What every sender does with a mail that did not get its 250."""
    for name, raw, sender, to in sent:
        if name not in taken:
            assert send(port, raw, sender, to)[0] == 250


def every_mail_is_one_ticket(config: Path, sent: Sequence[Mail]) -> None:
    """As soon as there are so many tickets: one for each mail, and every number once."""

    def tickets() -> list[dict[str, object]]:
        found: list[dict[str, object]] = asked(config, "tickets", "list", "--limit", "10000")
        return found if len(found) >= len(sent) else []

    found = until(tickets)
    assert Counter(ticket["subject"] for ticket in found) == Counter(name for name, *_ in sent)
    assert len({ticket["number"] for ticket in found}) == len(found)


def every_customer_has_one_receipt(smarthost: Smarthost, count: int, seconds: float = 60) -> dict[str, list[Sent]]:
    """The receipts by customer: at least one for each; what came twice is the same mail, by its Message-ID."""
    customers = {customer(index) for index in range(count)}
    assert smarthost.mails.wait(lambda all_mails: customers <= {mail.to for mail in all_mails}, seconds), (
        f"nothing came for {sorted(customers - {mail.to for mail in smarthost.all()})}"
    )
    receipts: dict[str, list[Sent]] = defaultdict(list)
    for mail in smarthost.all():
        if mail.to in customers:
            receipts[mail.to].append(mail)
    assert {len({mail.id for mail in group}) for group in receipts.values()} == {1}
    return receipts


def state(database: str) -> Counter[str]:
    """How many rows there are of each: messages, journal:new, journal:done, outbox:queued, outbox:sent …"""
    engine = create_engine(database)
    with engine.connect() as connection:
        counts = Counter({"messages": connection.execute(text("SELECT count(*) FROM messages")).scalar_one()})
        for table in ("journal", "outbox"):
            rows = connection.execute(text(f"SELECT state, count(*) FROM {table} GROUP BY state"))
            counts.update({f"{table}:{row[0]}": row[1] for row in rows})
    engine.dispose()
    return counts


def nothing_is_left(database: str) -> bool:
    """Whether all mail is processed and sent."""
    counts = state(database)
    return not any(counts[name] for name in ("journal:new", "journal:parked", "outbox:queued", "outbox:failed"))


def let_bookings_run_out(database: str) -> int:
    """Moves the time of attempts that a killed process has booked to now, which they reach by themselves within twenty
    minutes (outbound/deliver.py). Returns how many there were."""
    engine = create_engine(database)
    with engine.begin() as connection:
        update = text("UPDATE outbox SET next_at = :now WHERE state = 'queued' AND booked_at IS NOT NULL")
        count = connection.execute(update, {"now": clock() - timedelta(seconds=1)}).rowcount
    engine.dispose()
    return count
