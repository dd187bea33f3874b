"""What must be true of every seed when all is done. Each returns the sentences of what is not."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import text

from simulation.world import World

Rows = list[Any]


def broken(world: World) -> list[str]:
    """Everything that is not as it must be."""
    with world.looking() as connection:

        def rows(query: str) -> Rows:
            return list(connection.execute(text(query)))

        accepted = rows(
            "SELECT j.id, j.state, j.error, j.outcome, j.because, j.company_id, r.data, "
            "(SELECT count(*) FROM messages m WHERE m.journal_id = j.id) AS messages "
            "FROM journal j JOIN raw_mails r ON r.id = j.raw_id"
        )
        sent = rows("SELECT * FROM outbox")
        tickets = rows("SELECT id, company_id, number FROM tickets")
        history = rows("SELECT * FROM history")
    return [
        *world.smarthost.wrong,
        *_unaccepted(world, accepted),
        *_not_once(world, accepted),
        *_unexplained(accepted, history),
        *_outbox(world, sent, history),
        *_tickets(tickets, history),
        *_orders(world, accepted, history),
        *(f"parked without a reason: {error!r}" for error in world.parked if not error),
        *(f"still outside: {letter.name}" for letter in world.outside),
    ]


def _unaccepted(world: World, accepted: Rows) -> list[str]:
    """Who has heard 250 is in the journal, and his mail is done."""
    known = Counter(row.data for row in accepted)
    lost = [f"{one.name} was accepted and is gone" for one in world.accepted if known[one.raw] != len(one.to)]
    return lost + [f"J{row.id} is {row.state}: {row.error}" for row in accepted if row.state != "done"]


def _not_once(world: World, accepted: Rows) -> list[str]:
    """Each mail is one message in each company that it was for, however often and by whatever door it came."""
    name_of = {letter.raw: letter.name for letter in world.accepted}
    copies: dict[tuple[str, int], Rows] = defaultdict(list)
    for row in accepted:
        copies[name_of.get(row.data, "nobody's"), row.company_id].append(row)
    wrong = []
    for (name, company), group in copies.items():
        first = [row for row in group if row.outcome != "duplicate"]
        if len(first) != 1:
            wrong.append(f"{name} was taken for {len(first)} mails of company {company}: {[r.outcome for r in group]}")
        elif sum(row.messages for row in group) != (first[0].outcome in _POSTING):
            found = [(row.id, row.outcome, row.because, row.messages) for row in group]
            wrong.append(f"{name} is not one message of company {company}: {found}")
    return wrong


# What became of a mail that is a message of its ticket from then on.
_POSTING = ("opened", "joined", "commanded", "held", "noted")


def _unexplained(accepted: Rows, history: Rows) -> list[str]:
    """The journal says why, and so does each line of the history."""
    return [
        *(f"J{row.id} was {row.outcome} without a reason" for row in accepted if not row.because),
        *(f"nobody says why: {row.text}" for row in history if not row.because or not row.cause or not row.actor),
    ]


def _outbox(world: World, sent: Rows, history: Rows) -> list[str]:
    """Each mail has left, once unless an answer was lost, or it is said why it never will."""
    wrong, undelivered = [], Counter(row.cause for row in history if row.field == "undelivered")
    doubts = Counter(row.cause for row in history if row.field == "outcome_unknown")
    for row in sent:
        copies, name = world.smarthost.taken[row.message_id], f"O{row.id} to {row.rcpt_to}"
        if row.state not in ("sent", "failed", "undone"):
            wrong.append(f"{name} is still {row.state}")
        if row.state == "sent" and not copies:
            wrong.append(f"{name} never left")
        if copies > 1 and (row.unknown_at is None or not doubts[f"O{row.id}"]):
            wrong.append(f"{name} left {copies} times and nobody knows")
        if row.state == "failed" and (not row.reply or undelivered[f"O{row.id}"] != 1):
            wrong.append(f"{name} failed, and the history says so {undelivered[f'O{row.id}']} times")
        if row.state == "undone" and copies:
            wrong.append(f"{name} was taken back and has left")
    unknown = world.smarthost.taken.keys() - {row.message_id for row in sent}
    return wrong + [f"{name} left and is in no outbox" for name in unknown]


def _tickets(tickets: Rows, history: Rows) -> list[str]:
    """Numbers are unique and without gaps, and a target is missed once."""
    wrong = []
    for company in {row.company_id for row in tickets}:
        numbers = sorted(int(row.number.rpartition("-")[2]) for row in tickets if row.company_id == company)
        if numbers != list(range(1, len(numbers) + 1)):
            wrong.append(f"the numbers of company {company} are {numbers}")
    opened = Counter(row.ticket_id for row in history if row.field == "ticket")
    for kind in ("sla_warning", "sla_missed"):
        often = Counter((row.ticket_id, row.text) for row in history if row.field == kind)
        wrong += [f"{kind} {count} times: {which}" for which, count in often.items() if count > 1]
    return wrong + [f"ticket {ticket} was opened {count} times" for ticket, count in opened.items() if count != 1]


def _orders(world: World, accepted: Rows, history: Rows) -> list[str]:
    """What an agent orders is done once, if it is done."""
    outcome = {row.data: row.outcome for row in accepted if row.outcome != "duplicate"}
    lines = Counter(row.new for row in history if row.field == "tags")
    wrong = []
    for letter in world.letters:
        done = sum(count for new, count in lines.items() if letter.tag and letter.tag in new.split(", "))
        if letter.tag and outcome.get(letter.raw) == "commanded" and not done:
            wrong.append(f"{letter.name} ordered {letter.tag}, and it was not done")
    return wrong
