"""Queries are asked of SQLite and of PostgreSQL, and both find what a plain look at every ticket finds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from sqlalchemy import text

from mailtix.model.change import MessageAdded
from mailtix.model.desk import Agent, Company
from mailtix.model.ticket import Author, Person, Priority, Status, Ticket, Visibility
from mailtix.query import Known, Node, Query, Words, parse, words
from mailtix.query import language as say
from mailtix.store import directory, fulltext, migrations, search, tickets
from mailtix.store.engine import Engine, Session, open_engine, sessions
from mailtix.store.search import DESK, Viewer

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AGENTS = (Agent("Bob", "bob@desk.example", ("billing",)), Agent("Ann", "ann@desk.example", ("second line",)))
COMPANY = Company("Example", (), AGENTS, ("billing", "technical"))
KNOWN = Known.of([COMPANY], "bob@desk.example")
PEOPLE = ("ann@example.org", "eve@example.net", "a_n%n@example.org", "joe@big.example")
SENDERS = (*PEOPLE, "bob@desk.example")
VOCABULARY = (
    "smoke", "Smoking", "printer", "printers", "the", "a", "Ärger", "arger", "O'Neil", "0x4711", "10:30", "v2.0",
    "naïve", "印刷機", "印", "刷機", "x" * 70, "x" * 64, "i", "İ", "ß", "ss", "ﬁ", "한국어", "हिन्दी", "'", "\\", ":*",
    "&", "NULL", "\ue000",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """A message, and who may see it."""

    sender: str
    text: str
    files: str
    visibility: Visibility


@dataclass(frozen=True)
class Kept:
    """A ticket with what was said in it."""

    ticket: Ticket
    said: tuple[Said, ...]


def at(chance: random.Random) -> datetime | None:
    return chance.choice([None, NOW + timedelta(hours=chance.randint(-100, 100)), NOW])


def sentence(chance: random.Random, most: int = 12) -> str:
    return " ".join(chance.choice(VOCABULARY) for _ in range(chance.randint(0, most)))


def some_ticket(chance: random.Random, number: int) -> Kept:
    """A ticket that says and is anything."""
    created = NOW - timedelta(hours=chance.randint(0, 200))
    ticket = Ticket(
        id=0,
        company="Example",
        number=f"TKT-2026-{number:06}",
        subject=sentence(chance, 4),
        requester=Person(0, chance.choice(PEOPLE)),
        mailbox="support@desk.example",
        source="email",
        created_at=created,
        updated_at=created + timedelta(hours=chance.randint(0, 50)),
        status=chance.choice(list(Status)),
        priority=chance.choice(list(Priority)),
        category=chance.choice(["", "billing", "technical"]),
        assignee=chance.choice(["", "bob@desk.example", "ann@desk.example"]),
        team=chance.choice(["", "billing", "second line"]),
        tags=frozenset(chance.sample(["refund", "vip", "re", 'q"t', "ärger", "50%"], chance.randint(0, 3))),
        watchers=tuple(chance.sample(["bob@desk.example", "ann@desk.example"], chance.randint(0, 2))),
        fields={name: chance.choice(["A 1", "Ä", 'order": "A 1']) for name in ("order", "x") if chance.random() < 0.5},
        rating=chance.choice([None, 1, 2, 3, 4, 5]),
        first_response_at=chance.choice([None, created]),
        first_response_due=at(chance),
        next_response_due=at(chance),
        resolution_due=at(chance),
        due_at=at(chance),
        snoozed_until=at(chance),
    )
    said = tuple(
        Said(chance.choice(SENDERS), sentence(chance), sentence(chance, 3), chance.choice(list(Visibility)))
        for _ in range(chance.randint(0, 4))
    )
    return Kept(ticket, said)


def keep(session: Session, kept: Kept) -> Kept:
    """Saves a ticket as the line does."""
    [company_id] = directory.company_ids(session, ["Example"]).values()
    person = directory.person(session, company_id, kept.ticket.requester.email, "", NOW)
    ticket = replace(kept.ticket, requester=person)
    ticket = replace(ticket, id=tickets.insert_ticket(session, ticket, company_id))
    for said in kept.said:
        message = MessageAdded(Author.CUSTOMER, said.sender, "", said.visibility, said.text, "", "human", "")
        tickets.add_message(session, ticket.id, None, message, said.files, NOW)
    return Kept(ticket, kept.said)


def holds(node: Node, kept: Kept, viewer: Viewer) -> bool:
    """What the query means, said once more without a database."""
    t = kept.ticket
    match node:
        case say.All(parts):
            return all(holds(part, kept, viewer) for part in parts)
        case say.AnyOf(parts):
            return any(holds(part, kept, viewer) for part in parts)
        case say.Not(part):
            return not holds(part, kept, viewer)
        case Words():
            seen = [text for said in kept.said if said.visibility in viewer.seen for text in (said.text, said.files)]
            return any(says(node, text) for text in (t.number, t.subject, *seen))
        case say.OneOf(field, values):
            return getattr(t, field) in values
        case say.Tagged(tag):
            return tag in t.tags
        case say.FieldIs(name, value):
            return t.fields.get(name, "").lower() == value.lower()
        case say.Numbered(number):
            return int(t.number[-6:]) == int(number) if number.isdecimal() else fnmatchcase(t.number, number)
        case say.Address(say.Who.REQUESTER, pattern):
            return fnmatchcase(t.requester.email, pattern)
        case say.Address(say.Who.WRITER, pattern):
            return any(fnmatchcase(said.sender, pattern) for said in kept.said if said.visibility in viewer.seen)
        case say.Address(say.Who.WATCHER, pattern):
            return pattern in t.watchers if pattern else not t.watchers
        case say.Rated(least, most):
            return t.rating is not None and least <= t.rating <= most
        case say.Age(moment, edge, before):
            begin = datetime.combine(edge, time(), UTC) if isinstance(edge, date) else NOW - edge
            value = t.created_at if moment == "created" else t.updated_at
            assert value is not None
            return value < begin if before else value >= begin
        case say.DueWithin(span):
            first = None if t.first_response_at else t.first_response_due
            dues = (first, t.next_response_due, t.resolution_due, t.due_at)
            return not t.status.is_done and any(due is not None and due <= NOW + span for due in dues)
        case say.Snoozed():
            return t.snoozed_until is not None and t.snoozed_until > NOW
    raise AssertionError(node)


def says(asked: Words, text: str) -> bool:
    found, wanted = words(text), list(asked.words)
    for start in range(len(found) - len(wanted) + 1):
        part = found[start : start + len(wanted)]
        if part == wanted or (asked.prefix and part[:-1] == wanted[:-1] and part[-1].startswith(wanted[-1])):
            return True
    return False


TERMS = (
    "open", "closed", "waiting", "mine", "unassigned", "urgent", "overdue", "snoozed", "status:new,resolved",
    "priority>medium", "assignee:none", "team:none,billing", "category:technical", "tag:re", "tag:ärger", "tag:50%",
    "requester:*@example.org", "requester:a_*", "requester:joe@big.example", "from:eve@example.net", "from:*%*",
    "from:bob@*", "watching:me", "watching:none", "number:7", "number:tkt-2026-00001*", "older:2d", "newer:2026-11-18",
    "idle:30h", "due<12h", "rating<=2", "rating>3", 'field.order:"a 1"', "field.order:none", "field.x:ä", "2026",
    '"2026 000003"',
)  # fmt: skip


def some_query(chance: random.Random, depth: int = 2) -> str:
    """A query of anything, the words it looks for often beside each other somewhere."""
    if depth == 0 or chance.random() < 0.4:
        if chance.random() < 0.5:
            return chance.choice(TERMS)
        phrase = " ".join(word for word in (sentence(chance, 3), chance.choice(VOCABULARY)) if '"' not in word)
        return f'"{phrase}"{chance.choice(["", "*"])}' if words(phrase) else '"the"'
    parts = [some_query(chance, depth - 1) for _ in range(chance.randint(1, 3))]
    return chance.choice(["", "not "]) + "(" + chance.choice([" ", " or "]).join(parts) + ")"


@pytest.fixture
def engines(tmp_path: Path, postgres: Callable[[], str]) -> Iterator[list[Engine]]:
    """An empty SQLite and an empty PostgreSQL."""
    made = [open_engine(f"sqlite:///{tmp_path}/mailtix.db"), open_engine(postgres())]
    for engine in made:
        migrations.upgrade(engine)
    yield made
    for engine in made:
        engine.dispose()


@pytest.mark.parametrize("seed", range(4))
def test_both_databases_find_what_a_look_at_every_ticket_finds(engines: list[Engine], seed: int) -> None:
    chance = random.Random(seed)
    made = [some_ticket(chance, number) for number in range(1, 41)]
    asked = [some_query(chance) for _ in range(60)] + list(TERMS)
    for engine in engines:
        with sessions(engine).begin() as session:
            everything = [keep(session, kept) for kept in made]
            for text in asked:
                query = parse(text, KNOWN)
                assert isinstance(query, Query), query
                for viewer in (DESK, Viewer(PEOPLE[0])):
                    found = [t.number for t in search.find(session, query, None, NOW, 100, viewer)]
                    own = (k for k in everything if viewer.customer in ("", k.ticket.requester.email))
                    expected = sorted((k.ticket.number for k in own if holds(query.where, k, viewer)), reverse=True)
                    assert found == expected, (engine.dialect.name, text, viewer)
                    assert search.count(session, query, None, NOW, viewer) == len(found)


@pytest.mark.parametrize(
    ("sort", "first", "last"),
    [
        ("sort:created", 1, 4),
        ("sort:-created", 4, 1),
        ("sort:priority", 2, 3),
        ("sort:-priority", 3, 2),
        ("sort:due", 3, 2),
        ("sort:-due", 4, 2),
        ("sort:rating", 1, 4),
        ("sort:-rating", 2, 4),
        ("sort:updated", 4, 1),
    ],
)
def test_what_presses_most_comes_first_and_what_has_no_value_last(
    database: str, sort: str, first: int, last: int
) -> None:
    engine = open_engine(database)
    migrations.upgrade(engine)
    hours = [timedelta(hours=n) for n in range(10)]
    plain = replace(some_ticket(random.Random(1), 1).ticket, due_at=None, resolution_due=None, next_response_due=None)
    plain = replace(plain, first_response_at=NOW, first_response_due=NOW - hours[9], priority=Priority.MEDIUM)
    plain = replace(plain, status=Status.OPEN)
    made = (
        replace(plain, number="1", updated_at=NOW, rating=1, due_at=NOW + hours[5], resolution_due=NOW + hours[2]),
        replace(plain, number="2", updated_at=NOW - hours[1], rating=5, priority=Priority.CRITICAL,
                status=Status.CLOSED, due_at=NOW - hours[9]),
        replace(plain, number="3", updated_at=NOW - hours[2], rating=2, priority=Priority.LOW, resolution_due=NOW),
        replace(plain, number="4", updated_at=NOW - hours[3], rating=None, due_at=NOW + hours[4]),
    )  # fmt: skip
    query = parse(sort, KNOWN)
    assert isinstance(query, Query)
    with sessions(engine).begin() as session:
        for ticket in made:
            keep(session, Kept(ticket, ()))
        found = [t.number for t in search.find(session, query, None, NOW, 10)]
    engine.dispose()

    assert (found[0], found[-1]) == (str(first), str(last))


def test_a_word_is_found_wherever_it_stands_up_to_the_length_that_is_indexed(engines: list[Engine]) -> None:
    many = fulltext.MOST_WORDS
    # the 300th "the" is beyond what a tsvector keeps of a word; neither database finds what stands around it by phrase
    long = "the " * 299 + "the end " + "filler " * (many - 302) + "last beyond"
    kept = Kept(some_ticket(random.Random(1), 1).ticket, (Said("ann@example.org", long, "file", Visibility.PUBLIC),))
    for engine in engines:
        with sessions(engine).begin() as session:
            keep(session, kept)
            found = {
                text: search.count(session, query, None, NOW)
                for text in ("end", '"the the"', '"the end"', "last", "beyond", "file", '"end filler"')
                if isinstance(query := parse(text, KNOWN), Query)
            }
        assert found == {
            "end": 1, '"the the"': 1, '"the end"': 0, "last": 1, "beyond": 0, "file": 0, '"end filler"': 1,
        }, engine.dialect.name  # fmt: skip


def test_no_phrase_goes_from_the_subject_to_the_mail_or_from_the_mail_to_its_file(engines: list[Engine]) -> None:
    ticket = replace(some_ticket(random.Random(1), 1).ticket, subject="one two")
    kept = Kept(ticket, (Said("ann@example.org", "three four", "five six", Visibility.PUBLIC),))
    for engine in engines:
        with sessions(engine).begin() as session:
            keep(session, kept)
            phrases = [
                parse(f'"{text}"', KNOWN) for text in ("one two", "two three", "three four", "four five", "five six")
            ]
            counts = [search.count(session, q, None, NOW) for q in phrases if isinstance(q, Query)]
        assert counts == [1, 0, 1, 0, 1], engine.dialect.name


def test_a_search_uses_the_indexes_that_were_made_for_it(engines: list[Engine]) -> None:
    sqlite, postgresql = engines
    with sqlite.connect() as connection:
        plan = connection.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT m.ticket_id FROM search_words JOIN messages m INDEXED BY ix_messages_place "
                "ON m.id = search_words.rowid WHERE search_words MATCH '\"a\"'"
            )
        )
        assert "USING COVERING INDEX ix_messages_place (id=?)" in " ".join(row.detail for row in plan)
    with postgresql.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        plan = connection.execute(text("EXPLAIN SELECT rowid FROM search_words WHERE words @@ 'a'::tsquery"))
        assert "ix_search_words" in " ".join(row[0] for row in plan)
