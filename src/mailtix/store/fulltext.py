"""The index of words: FTS5 on SQLite, a tsvector with GIN on PostgreSQL, under one name and of one shape.

Both are given words that were cut and folded by us (`query.words`), so both find the same. A row belongs to a message
(its `rowid` is the message's id) or to a ticket's number and subject (minus the ticket's id). Whose message it is, and
who may see it, is asked of the messages themselves, so nobody who moves or hides one has to think of the index. The
migration makes it: it is no table that SQLAlchemy could describe.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, TextClause, bindparam, column, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import TextualSelect

from mailtix.model.ticket import Visibility
from mailtix.query import Words, words
from mailtix.store.prepared import Prepared

NAME = "search_words"
# A word's place is at most 16,383 in a tsvector, and at most 256 places of a word are kept (PostgreSQL manual, "Text
# Search Limitations"). 8,000 words are some 16 pages; what stands behind them in one message is not found.
MOST_WORDS = 8_000
_MOST_CHARACTERS = 100_000  # 8,000 long words; nobody folds the rest of a log in vain
_MOST_PLACES = 255
_GAP = "\ue000"  # where a word would stand that is not indexed: nothing that is asked for holds it (private use)

MAKE = {
    "sqlite": (f"CREATE VIRTUAL TABLE {NAME} USING fts5(words, content='', columnsize=0, tokenize='ascii')",),
    "postgresql": (
        f"CREATE TABLE {NAME} (rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        f"CREATE INDEX ix_{NAME} ON {NAME} USING gin (words)",
    ),
}
# The sum keeps PostgreSQL from going through every ticket's row by its id instead of to the words.
_NAMED = {
    "sqlite": f"SELECT -rowid AS ticket_id FROM {NAME} WHERE {NAME} MATCH :asked AND rowid < 0",
    "postgresql": f"SELECT -rowid AS ticket_id FROM {NAME} WHERE words @@ CAST(:asked AS tsquery) AND rowid + 0 < 0",
}
# SQLite is told the way, for it knows nothing of how many rows a word has: through the words, then to the index that
# has all that is asked of a message. The rows themselves hold whole texts.
_FOUND = {
    "sqlite": f"""
        SELECT messages.ticket_id AS ticket_id FROM {NAME}
        CROSS JOIN messages INDEXED BY ix_messages_place ON messages.id = {NAME}.rowid
        WHERE {NAME} MATCH :asked AND messages.visibility IN ({{seen}})
        UNION ALL {_NAMED["sqlite"]}""",
    "postgresql": f"""
        SELECT messages.ticket_id AS ticket_id FROM {NAME} JOIN messages ON messages.id = {NAME}.rowid
        WHERE {NAME}.words @@ CAST(:asked AS tsquery) AND messages.visibility IN ({{seen}})
        UNION ALL {_NAMED["postgresql"]}""",
}


def index_ticket(session: Session, ticket_id: int, number: str, subject: str) -> None:
    """A new ticket is found by its number and subject."""
    _index(session, -ticket_id, (number, subject))


def index_message(session: Session, message_id: int, said: str, files: str) -> None:
    """A new message is found by what it says, and by what its small plain files say."""
    _index(session, message_id, (said, files))


def found(session: Session, asked: Words, seen: Sequence[Visibility]) -> TextualSelect:
    """The ids of tickets in which a text says that; of messages only those with a visibility in `seen`."""
    dialect = session.get_bind().dialect.name
    statement = text(_FOUND[dialect].format(seen=", ".join(f"'{visibility}'" for visibility in seen)))
    return _asking(statement, _fts5(asked) if dialect == "sqlite" else _tsquery(asked))


def named(session: Session, forms: Sequence[str]) -> TextualSelect:
    """The ids of tickets with one of these words in their number or subject."""
    dialect = session.get_bind().dialect.name
    either = " OR " if dialect == "sqlite" else " | "
    write = _fts5 if dialect == "sqlite" else _tsquery
    return _asking(text(_NAMED[dialect]), either.join(write(Words((form,))) for form in forms))


def _asking(statement: TextClause, value: str) -> TextualSelect:
    return statement.bindparams(bindparam("asked", value, unique=True)).columns(column("ticket_id", BigInteger))


def _index(session: Session, rowid: int, texts: Sequence[str]) -> None:
    placed = _placed(texts)
    if not any(word != _GAP for word in placed):
        return
    value = " ".join(placed) if session.get_bind().dialect.name == "sqlite" else _vector(placed)
    _NEW.many(session, [{"rowid": rowid, "words": value}])


# What is written to it is all that SQLAlchemy has to know. FTS5 gathers words as long as the rows come in the order of
# their ids and no other statement comes between that could be taken back by itself; else it writes them to its tables.
_table = Table(
    NAME, MetaData(), Column("rowid", BigInteger), Column("words", TSVECTOR().with_variant(Text(), "sqlite"))
)
_NEW = Prepared(_table.insert(), last_by="rowid")


def _placed(texts: Iterable[str]) -> list[str]:
    """The words of the texts with a gap between two of them, so that no phrase goes from one to the next."""
    placed: list[str] = []
    for part in texts:
        placed += words(part[:_MOST_CHARACTERS])
        placed.append(_GAP)
    del placed[MOST_WORDS:]
    again = len(placed) - len(set(placed))  # so often at most stands a word where it stood before
    return placed if again < _MOST_PLACES else _thinned(placed)


def _thinned(placed: Sequence[str]) -> list[str]:
    """The same with gaps where a word stands more often than it may."""
    times: dict[str, int] = {}
    left = []
    for word in placed:
        seen = times[word] = times.get(word, 0) + 1
        left.append(word if seen <= _MOST_PLACES else _GAP)
    return left


def _vector(placed: Sequence[str]) -> str:
    """The words as PostgreSQL writes a tsvector; they hold nothing that would need a quote."""
    places: dict[str, list[str]] = {}
    for place, word in enumerate(placed, 1):
        if word != _GAP:
            places.setdefault(word, []).append(str(place))
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())


def _fts5(asked: Words) -> str:
    return '"' + " ".join(asked.words) + '"' + ("*" if asked.prefix else "")


def _tsquery(asked: Words) -> str:
    return " <-> ".join(f"'{word}'" for word in asked.words) + (":*" if asked.prefix else "")
