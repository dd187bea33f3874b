"""A desk lives from October to New Year on two nodes, with everything that may go wrong with them; somebody watches."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random

from quarter.course import Quarter
from quarter.life import Letter, Line
from quarter.nodes import Nodes
from quarter.oracle import Oracle
from quarter.tables import DAY, END, moment

TICKETS = int(os.environ.get("MAILTIX_QUARTER_TICKETS", "3000"))
# With fewer, not everything need happen.
MANY = 3000
SEED = os.environ.get("MAILTIX_QUARTER_SEED", "2026")


ACTS = {
    "sla_warning", "first_response missed", "next_response missed", "resolution missed", "level 1", "level 2",
    "level 3", "reminder", "awake", "close warning", "closed", "asked", "not asked",
}  # fmt: skip
MAILS = {
    "sla_warning", "sla_breach", "late", "escalated", "informed", "left", "pending", "reminder", "awake", "closing",
    "closed", "survey", "caught_up",
}  # fmt: skip


def one_of_them(entries: Iterable[Line | Letter], oracle: Oracle) -> Counter[Line | Letter]:
    """The entries, where those about a survey belong to the first ticket of the customer: when several of his are
    due in the same second he is asked about one of them, whichever comes first."""
    first: dict[str, int] = {}
    for life in oracle.lives.values():
        first.setdefault(life.requester, life.number)

    def same(entry: Line | Letter) -> Line | Letter:
        what = entry.what if isinstance(entry, Line) else entry.template
        if what not in ("asked", "not asked", "survey"):
            return entry
        return replace(entry, ticket=first[oracle.lives[entry.ticket].requester])

    return Counter(map(same, entries))


def differences(name: str, expected: Counter[object], found: Counter[object], oracle: Oracle) -> list[str]:
    """The first tickets for which somebody expected something else, with their whole stories."""
    missing, surplus = expected - found, found - expected
    tickets = sorted({one.ticket for one in (*missing, *surplus)})  # type: ignore[attr-defined]
    texts = [
        f"{name}: {missing.total()} missing, {surplus.total()} that should not be there, in {len(tickets)} tickets"
    ]
    for ticket in tickets[:2]:
        texts += [f"ticket {ticket}:", *(oracle.lives[ticket].story if ticket else ())]
        for what, those in (("missing", missing), ("not expected", surplus)):
            texts += [f"  {what}: {_readable(one)}" for one in those.elements() if one.ticket == ticket]  # type: ignore[attr-defined]
    return texts if tickets else []


def _readable(one: object) -> str:
    values = ((name, getattr(one, name)) for name in one.__dataclass_fields__)  # type: ignore[attr-defined]
    return ", ".join(
        f"{k} {moment(v):%m-%d %H:%M:%S}" if isinstance(v, int) and v > 10**9 else f"{k} {v}" for k, v in values
    )


def test_a_quarter_on_two_nodes_goes_as_somebody_expects_who_watches_it(tmp_path: Path, database: str) -> None:
    oracle = Oracle(restart=Random(SEED).random() < 0.5)
    nodes = Nodes(tmp_path, database, restart=oracle.restart)
    quarter = Quarter(SEED, TICKETS, nodes, oracle)
    try:
        quarter.run(END + 5 * DAY)
        assert nodes.log.getvalue() == ""
        wrong = [
            *differences(
                "acts", one_of_them(oracle.lines.elements(), oracle), one_of_them(nodes.lines(), oracle), oracle
            ),
            *differences(
                "mails", one_of_them(oracle.letters.elements(), oracle), one_of_them(nodes.letters(), oracle), oracle
            ),
            *differences("promises", Counter(oracle.kept.values()), Counter(nodes.kept()), oracle),
        ]
        assert not wrong, "\n".join([f"MAILTIX_QUARTER_SEED={SEED} MAILTIX_QUARTER_TICKETS={TICKETS}", *wrong])
        assert nodes.waiting() == oracle.waiting()
        if TICKETS >= MANY:
            assert {line.what for line in oracle.lines} == ACTS
            assert {letter.template for letter in oracle.letters} == MAILS
    finally:
        nodes.close()
