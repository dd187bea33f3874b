"""What came late: mailtix stood still, and then much is due at once. Whoever would be told of many things is told of
them in one mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailtix.model.copies import replace
from mailtix.model.decision import Decision, Notice, Row, Said, Table, Tap
from mailtix.moments.moment import LATE
from mailtix.render.words import Words

__all__ = ["LATE", "LINES", "SINGLE", "Late", "digest_of", "put_off"]

# So many late notices come one by one; with more of them a reader gets one mail about all.
SINGLE = 20
# So many are told of in that mail, the oldest first; a mail of thousands of lines helps nobody.
LINES = 200


@dataclass(frozen=True, slots=True)
class Late:
    """A notice that came late, with its ticket, and what it was due for."""

    ticket: int
    number: str
    subject: str
    template: str
    reason: str
    due_at: datetime


def put_off(decision: Decision, due_at: datetime, now: datetime) -> tuple[Decision, tuple[Notice, ...]]:
    """The decision of a moment that came late without what the desk is told by it, and that. What customers are told
    goes its way."""
    if now - due_at <= LATE:
        return decision, ()
    at_once = tuple(notice for notice in decision.notices if not notice.agent)
    later = tuple(notice for notice in decision.notices if notice.agent)
    return replace(decision, notices=at_once), later


def digest_of(late: Sequence[Late], count: int, reader: Notice, words: Words, *, taps: bool) -> Notice:
    """One notice for `reader` about `count` of them, the first of which are `late`; with `taps` he may act on each."""
    heads = (words.fields["ticket"], words.label("subject"), words.label("what"), words.fields["due"])
    rows = tuple(_row(one, words, taps=taps) for one in late)
    return replace(reader, template="caught_up", said=Said(reason=str(count), tables=(Table("", heads, rows),)))


def _row(late: Late, words: Words, *, taps: bool) -> Row:
    target = f"{words.label(late.reason)}: " if late.template in ("sla_warning", "sla_breach") else ""
    cells = (late.number, late.subject, f"{target}{words.label(late.template)}", words.moment(late.due_at))
    offered = ("#take", "#resolve") if taps else ()
    return Row(cells, tuple(Tap(tap, tap, late.ticket, late.number, late.subject) for tap in offered))
