"""A ticket's conversation as it is read: its messages, its history, and the answers that left or wait to leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from mailtix.model.conversation import Conversation, Spoken, Trace
from mailtix.model.ticket import Author, Visibility
from mailtix.store import outbox
from mailtix.store.tables import history, messages


def of_ticket(session: Session, ticket_id: int) -> Conversation:
    """Everything that was said and done about a ticket, without the names of files."""
    said = select(messages).where(messages.c.ticket_id == ticket_id).order_by(messages.c.id)
    lines = select(history).where(history.c.ticket_id == ticket_id).order_by(history.c.id)
    return Conversation(
        tuple(map(_spoken, session.execute(said))),
        tuple(map(_trace, session.execute(lines))),
        tuple(outbox.written_for(session, ticket_id)),
    )


def answers_since(session: Session, ticket_ids: Sequence[int], since: datetime, but: str) -> tuple[Spoken, ...]:
    """What agents have answered to customers in these tickets after that moment, without the agent `but` (a key)."""
    answers = messages.c.author == Author.AGENT, messages.c.visibility == Visibility.PUBLIC, messages.c.sender != but
    query = select(messages).where(messages.c.ticket_id.in_(ticket_ids), messages.c.at > since, *answers)
    return tuple(map(_spoken, session.execute(query.order_by(messages.c.id))))


def _spoken(row: Row[Any]) -> Spoken:
    return Spoken(
        row.id,
        row.at,
        Author(row.author),
        row.sender,
        row.sender_name,
        Visibility(row.visibility),
        row.text,
        row.kind,
        row.journal_id or 0,
    )


def _trace(row: Row[Any]) -> Trace:
    return Trace(row.at, row.actor, row.field, row.old, row.new, row.text, row.because, row.cause)
