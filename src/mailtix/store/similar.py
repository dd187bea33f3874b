"""Where the words of a new mail stand in what was written before: one statement, whatever the archive holds.

Of each word only the newest places are looked at, so a word that every mail has costs no more than a rare one.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from mailtix.query.similar import Seen
from mailtix.store.fulltext import NAME

_PLACES = 40  # of each word, in messages and in subjects
# Each arm is a walk along the index from its newest end; the first finds messages, the second tickets' subjects.
_ARM = {
    "sqlite": f"""
        SELECT {{n}} AS n, place FROM (
            SELECT rowid AS place FROM {NAME} WHERE {NAME} MATCH :w{{n}} AND rowid {{side}} LIMIT {_PLACES}
        )""",
    "postgresql": f"""
        (SELECT {{n}} AS n, rowid AS place FROM {NAME}
        WHERE words @@ CAST(:w{{n}} AS tsquery) AND rowid {{side}} LIMIT {_PLACES})""",
}
_SIDES = ("> 0 ORDER BY rowid DESC", "< 0 ORDER BY rowid")
_FOUND = """
    WITH hits AS ({arms})
    SELECT hits.n, hits.place, tickets.number, tickets.category, tickets.id AS ticket,
        tickets.company_id = :company AND (
            messages.id IS NULL OR (messages.author = 'customer' AND messages.visibility = 'public')
        ) AS ours
    FROM hits
    LEFT JOIN messages ON messages.id = hits.place
    JOIN tickets ON tickets.id = COALESCE(messages.ticket_id, -hits.place)
"""


def seen(session: Session, company_id: int, words: Sequence[str]) -> list[Seen]:
    """Where these words stand, the newest places of each; what is not that company's, or not a customer's, has no
    ticket."""
    if not words:
        return []
    dialect = session.get_bind().dialect.name
    arms = " UNION ALL ".join(_ARM[dialect].format(n=n, side=side) for n in range(len(words)) for side in _SIDES)
    quote = '"' if dialect == "sqlite" else "'"
    asked = {f"w{n}": f"{quote}{word}{quote}" for n, word in enumerate(words)}
    rows = session.execute(text(_FOUND.format(arms=arms)), {**asked, "company": company_id})
    return [Seen(words[row.n], row.place, row.ticket if row.ours else None, row.number, row.category) for row in rows]
