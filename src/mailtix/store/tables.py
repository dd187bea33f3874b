"""The tables. Times are UTC; every row that belongs to a tenant says so from the first table on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.types import TypeDecorator


class Utc(TypeDecorator[datetime]):
    """An aware UTC datetime: timestamptz on PostgreSQL, text without offset on SQLite (which knows no time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    # The processors themselves, not what they are made of: a ticket has twenty times.
    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | datetime | None]:
        return _as_text if dialect.name == "sqlite" else _in_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        return _from_text if dialect.name == "sqlite" else _in_utc


@lru_cache(maxsize=512)  # a mail writes and asks for the same few moments some thirty times
def _as_text(value: datetime | None) -> str | None:
    """2026-11-20 12:00:00.000000, without the offset that stands behind it."""
    return None if value is None else value.astimezone(UTC).isoformat(" ", "microseconds")[:26]


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text from outside. What no database takes for text is replaced: NUL (PostgreSQL) by U+FFFD, a lone
    surrogate by "?". The raw mail still has it."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        return _clean


def _clean(value: str | None) -> str | None:
    if value is None or value.isascii():
        return value if value is None or "\0" not in value else value.replace("\0", "\ufffd")
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite counts rows in INTEGER PRIMARY KEY only; PostgreSQL wants 64 bits.
Id = BigInteger().with_variant(Integer(), "sqlite")


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _ref(name: str, target: str, **options: Any) -> Column[int]:
    return Column(name, Id, ForeignKey(f"{target}.id"), **{"nullable": False, **options})


settings = Table(
    "settings",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Words, nullable=False),
)

companies = Table(
    "companies",
    metadata,
    _id(),
    Column("name", Words, nullable=False, unique=True),
)

people = Table(
    "people",
    metadata,
    _id(),
    _ref("company_id", "companies"),
    Column("email", Words, nullable=False),
    Column("name", Words, nullable=False, default=""),
    Column("language", String(35), nullable=False, default=""),
    # why mail to this address failed for good
    Column("undeliverable", Words, nullable=False, default=""),
    # how often all keys made for him were revoked
    Column("key_generation", Integer, nullable=False, default=0),
    # who said that he sends spam, and why; "" when nobody did
    Column("spam", Words, nullable=False, default=""),
    # his mail waits in the journal since then, and the newest of it came then; null: it does not
    Column("silent_since", Utc, nullable=True),
    Column("silent_last", Utc, nullable=True),
    # what came and went before does not count for the limits
    Column("counted_from", Utc, nullable=True),
    # when he was last asked how it went
    Column("surveyed_at", Utc, nullable=True),
    # who has the same number is the same customer; null: nobody else is
    Column("customer", Id, nullable=True),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("company_id", "email"),
)

Index(
    "ix_people_customer",
    people.c.company_id,
    people.c.customer,
    postgresql_where=people.c.customer.is_not(None),
    sqlite_where=people.c.customer.is_not(None),
)

raw_mails = Table(
    "raw_mails",
    metadata,
    _id(),
    Column("sha256", LargeBinary(32), nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

# Each set of rules that was ever in effect, so that a decision can be explained by the rules of its time.
rule_sets = Table(
    "rule_sets",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("files", JSON, nullable=False),  # [[name, text], …] in their order
    Column("first_at", Utc, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    _id(),
    _ref("raw_id", "raw_mails"),
    _ref("company_id", "companies"),
    Column("mail_from", Words, nullable=False),
    Column("rcpt_tos", JSON, nullable=False),
    # the mailbox of ours that it came to, the first of several: none has to wait for all of another's mail
    Column("mailbox", Words, nullable=False),
    Column("source", Words, nullable=False),
    Column("peer", Words, nullable=False),
    Column("helo", Words, nullable=False),
    Column("tls", Boolean, nullable=False),
    Column("received_at", Utc, nullable=False),
    # new → done | parked | held (beyond the limits, until somebody lets it in) | dropped (by an admin, for good); scan
    # while a virus scanner is to be asked, auth while the DNS is, then new again
    Column("state", String(8), nullable=False),
    Column("attempts", SmallInteger, nullable=False, default=0),
    Column("next_at", Utc, nullable=False),
    Column("error", Words, nullable=False, default=""),
    Column("outcome", String(16), nullable=False, default=""),
    Column("because", Words, nullable=False, default=""),
    Column("ticket_id", Id, nullable=True),
    Column("finished_at", Utc, nullable=True),
    # the version of the rules that were in effect when it was decided
    Column("rules", String(64), nullable=False, default=""),
    # when it was last set aside because it could not be processed, and when because it was beyond the limits
    Column("parked_at", Utc, nullable=True),
    Column("held_at", Utc, nullable=True),
    # whose mail it is, when it was ever held; and whether somebody has let it in, whatever the limits say
    _ref("sender_id", "people", nullable=True),
    Column("let_in", Boolean, nullable=False, default=False),
    UniqueConstraint("raw_id", "company_id"),
)
# What still has to be done is a handful of rows among millions; the index holds only these, in the order in which they
# are taken: after a burst none has to look at all of them.
Index(
    "ix_journal_due",
    journal.c.id,
    journal.c.next_at,
    postgresql_where=journal.c.state == "new",
    sqlite_where=journal.c.state == "new",
)
Index(
    "ix_journal_turns",
    journal.c.mailbox,
    journal.c.id,
    journal.c.next_at,
    postgresql_where=journal.c.state == "new",
    sqlite_where=journal.c.state == "new",
)
Index(
    "ix_journal_parked",
    journal.c.id,
    postgresql_where=journal.c.state == "parked",
    sqlite_where=journal.c.state == "parked",
)
Index(
    "ix_journal_scan",
    journal.c.id,
    journal.c.next_at,
    postgresql_where=journal.c.state == "scan",
    sqlite_where=journal.c.state == "scan",
)
Index(
    "ix_journal_auth",
    journal.c.id,
    journal.c.next_at,
    postgresql_where=journal.c.state == "auth",
    sqlite_where=journal.c.state == "auth",
)
Index(
    "ix_journal_held",
    journal.c.sender_id,
    postgresql_where=journal.c.state == "held",
    sqlite_where=journal.c.state == "held",
)

# What only the network knew of a raw mail (`kind`: virus, auth), so that it can be decided again exactly as it was.
evidence = Table(
    "evidence",
    metadata,
    Column("raw_id", Id, ForeignKey("raw_mails.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("at", Utc, nullable=False),
)

# One row for each mail that was processed: what makes it the same mail, through whatever door it comes. The key is all
# that it is found by, so SQLite keeps the row there ("Clustered Indexes and the WITHOUT ROWID Optimization").
identities = Table(
    "identities",
    metadata,
    Column("company_id", Id, ForeignKey("companies.id"), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    _ref("journal_id", "journal"),
    sqlite_with_rowid=False,
)

counters = Table(
    "counters",
    metadata,
    Column("company_id", Id, ForeignKey("companies.id"), primary_key=True),
    Column("period", String(16), primary_key=True),
    Column("value", Integer, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    _id(),
    _ref("company_id", "companies"),
    Column("number", String(64), nullable=False),
    Column("subject", Words, nullable=False),
    _ref("requester_id", "people"),
    Column("mailbox", Words, nullable=False),
    Column("source", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("category", Words, nullable=False, default=""),
    Column("assignee", Words, nullable=False, default=""),
    Column("team", Words, nullable=False, default=""),
    Column("tags", JSON, nullable=False),
    Column("participants", JSON, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("first_response_at", Utc),
    Column("resolved_at", Utc),
    Column("closed_at", Utc),
    Column("first_response_due", Utc),
    Column("resolution_due", Utc),
    Column("resolution_from", Utc),
    Column("next_response_due", Utc),
    Column("waiting_since", Utc),
    Column("pauses", JSON, nullable=False),  # [[begin, end or null, because], …], times in ISO 8601
    Column("sla_policy", Words, nullable=False, default=""),
    Column("sla_asked", Words, nullable=False, default=""),
    Column("rating", SmallInteger),
    Column("feedback", Words, nullable=False, default=""),
    Column("answerable", Boolean, nullable=False),
    Column("watchers", JSON, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("snoozed_until", Utc),
    Column("due_at", Utc),
    Column("escalation", SmallInteger, nullable=False, default=0),
    Column("status_since", Utc),
    Column("spoken_at", Utc),
    Column("owner_since", Utc),
    Column("close_warned_at", Utc),
    _ref("merged_into", "tickets", nullable=True),
    Column("version", Integer, nullable=False, default=1),
    UniqueConstraint("company_id", "number"),
    Index("ix_tickets_company_status", "company_id", "status", "id"),
    Index("ix_tickets_company_assignee", "company_id", "assignee", "status"),
    Index("ix_tickets_requester", "requester_id", "id"),
    Index("ix_tickets_company_created", "company_id", "created_at"),
)

# Numbers are looked up without regard to case: people write them into subjects.
Index("ix_tickets_number", tickets.c.company_id, func.upper(tickets.c.number))

messages = Table(
    "messages",
    metadata,
    _id(),
    _ref("ticket_id", "tickets"),
    _ref("journal_id", "journal", nullable=True),
    Column("at", Utc, nullable=False),
    Column("author", String(8), nullable=False),
    Column("sender", Words, nullable=False),
    Column("sender_name", Words, nullable=False),
    Column("visibility", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Words, nullable=False),
    Column("message_id", Words, nullable=False),
    # what small plain files among its attachments say; for searching, the files themselves are in the raw mail
    Column("files", Words, nullable=False),
    # what SPF, DKIM, DMARC and ARC say of who wrote it, in one line; "" when nobody looked
    Column("auth", Words, nullable=False, default=""),
    # what is suspicious about who wrote it
    Column("warning", Words, nullable=False, default=""),
    Column("because", Words, nullable=False),
    # who wrote it and who sees it stand there so that answers are counted without opening them
    Index("ix_messages_ticket", "ticket_id", "id", "author", "visibility"),
    # whose a found message is and who may see it, without its text
    Index("ix_messages_place", "id", "ticket_id", "visibility"),
)
# Addresses from outside may be longer than an index can hold.
Index(
    "ix_messages_sender",
    func.substr(messages.c.sender, 1, 200),
    messages.c.ticket_id,
    messages.c.id,
    messages.c.visibility,
)
_held = messages.c.visibility == "held"
Index("ix_messages_held", messages.c.ticket_id, messages.c.id, postgresql_where=_held, sqlite_where=_held)
# What agents wrote to customers, by the time that they did: figures count it, and find all they need in the index. The
# first two columns are always the same; they let SQLite see how little is left.
_answers = (messages.c.author == "agent") & (messages.c.visibility == "public")
Index(
    "ix_messages_answers",
    messages.c.author,
    messages.c.visibility,
    messages.c.at,
    messages.c.ticket_id,
    messages.c.sender,
    postgresql_where=_answers,
    sqlite_where=_answers,
)

# Append-only: rows are only ever inserted.
history = Table(
    "history",
    metadata,
    _id(),
    _ref("ticket_id", "tickets"),
    Column("at", Utc, nullable=False),
    Column("actor", Words, nullable=False),
    Column("field", String(32), nullable=False),
    Column("old", Words, nullable=False),
    Column("new", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("because", Words, nullable=False),
    Column("cause", String(32), nullable=False),
    Index("ix_history_ticket", "ticket_id", "id"),
)
# Hits of rules are a small part of the history; who counts them reads only these.
Index(
    "ix_history_rules",
    history.c.actor,
    history.c.at,
    postgresql_where=history.c.field.in_(("rule", "shadow")),
    sqlite_where=history.c.field.in_(("rule", "shadow")),
)

# What figures count in the history.
Index(
    "ix_history_counted",
    history.c.field,
    history.c.at,
    postgresql_where=history.c.field.in_(("rating", "status", "survey")),
    sqlite_where=history.c.field.in_(("rating", "status", "survey")),
)

# Two tickets that have to do with each other, seen from `ticket_id`; the other one has a row of its own.
ticket_links = Table(
    "ticket_links",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("other_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("at", Utc, nullable=False),
)

# One row for each time that a target ran: when it was promised for, when it was met, and whether it was missed.
sla_log = Table(
    "sla_log",
    metadata,
    _id(),
    _ref("company_id", "companies"),
    _ref("ticket_id", "tickets"),
    Column("target", String(16), nullable=False),  # first_response | next_response | resolution
    Column("policy", Words, nullable=False),
    Column("agent", Words, nullable=False),  # who had the ticket then
    Column("started_at", Utc, nullable=False),
    Column("due_at", Utc),  # null: nothing was promised
    Column("met_at", Utc),  # null: not yet
    Column("missed", Boolean, nullable=False),
    Column("working_seconds", Integer),
    Column("wall_seconds", Integer),
    UniqueConstraint("ticket_id", "target", "started_at"),
    Index("ix_sla_log_company_met", "company_id", "met_at"),
    Index("ix_sla_log_company_due", "company_id", "due_at"),
)

# The thread index: each message id that a ticket has seen, ours and theirs.
message_ids = Table(
    "message_ids",
    metadata,
    Column("company_id", Id, ForeignKey("companies.id"), primary_key=True),
    Column("digest", LargeBinary(24), primary_key=True),
    _ref("ticket_id", "tickets"),
    Column("ours", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# Calls to other programs (webhooks) and what became of them.
hooks = Table(
    "hooks",
    metadata,
    _id(),
    _ref("ticket_id", "tickets"),
    Column("rule", Words, nullable=False),
    Column("url", Words, nullable=False),
    Column("body", Words, nullable=False),
    Column("state", String(16), nullable=False),  # waiting | sent | failed
    Column("created_at", Utc, nullable=False),
    Column("next_at", Utc, nullable=False),
    Column("attempts", SmallInteger, nullable=False, default=0),
    Column("error", Words, nullable=False, default=""),
    Index("ix_hooks_due", "state", "next_at"),
)

timers = Table(
    "timers",
    metadata,
    _id(),
    _ref("ticket_id", "tickets"),
    Column("kind", String(32), nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("fired_at", Utc, nullable=True),
    # the version of the rules that were in effect then
    Column("rules", String(64), nullable=True),
    Column("attempts", SmallInteger, nullable=False, default=0),
    Column("error", Words, nullable=False, default=""),
    UniqueConstraint("ticket_id", "kind", "due_at"),
)
Index(
    "ix_timers_due",
    timers.c.due_at,
    postgresql_where=timers.c.fired_at.is_(None),
    sqlite_where=timers.c.fired_at.is_(None),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    _ref("company_id", "companies"),
    _ref("ticket_id", "tickets", nullable=True),
    Column("template", String(32), nullable=False),
    Column("message_id", Words, nullable=False, unique=True),
    Column("mail_from", Words, nullable=False),
    Column("rcpt_to", Words, nullable=False),
    Column("created_at", Utc, nullable=False),
    # what it was written because of: J12 (journal), T5 (timer), O7 (outbox); "" for what comes again and again
    Column("cause", String(32), nullable=False, default=""),
    # queued → sent | failed; undone: taken back before it left
    Column("state", String(8), nullable=False),
    Column("attempts", SmallInteger, nullable=False, default=0),
    Column("next_at", Utc, nullable=False),
    # set while an attempt is under way, so that a crash can be told from a wait
    Column("booked_at", Utc, nullable=True),
    # when it was last seen that nobody knows what came of an attempt; null: the mail left once at most
    Column("unknown_at", Utc, nullable=True),
    Column("reply", Words, nullable=False, default=""),
    Column("finished_at", Utc, nullable=True),
)
Index("ix_outbox_ticket", outbox.c.ticket_id, func.lower(outbox.c.rcpt_to), outbox.c.id)
Index(
    "ix_outbox_due",
    outbox.c.next_at,
    postgresql_where=outbox.c.state == "queued",
    sqlite_where=outbox.c.state == "queued",
)

# Their bytes, written once: a row of the outbox changes twice, and SQLite writes it as a whole each time.
letters = Table(
    "letters",
    metadata,
    Column("outbox_id", Id, ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),
)

# Answers that nobody wrote: the limits count them by their receiver, whose address may be longer than an index holds.
_automatic = outbox.c.template.in_(("created", "answered", "told", "confirm", "verify"))
Index(
    "ix_outbox_automatic",
    outbox.c.company_id,
    func.substr(outbox.c.rcpt_to, 1, 200),
    outbox.c.created_at,
    postgresql_where=_automatic,
    sqlite_where=_automatic,
)

# How often each canned response was sent.
canned_uses = Table(
    "canned_uses",
    metadata,
    Column("company_id", Id, ForeignKey("companies.id"), primary_key=True, autoincrement=False),
    Column("name", String(64), primary_key=True),
    Column("uses", Integer, nullable=False),
    Column("last_used_at", Utc, nullable=False),
)

# Mails that do nothing until somebody says, from an address of his own, that he wrote them.
confirmations = Table(
    "confirmations",
    metadata,
    Column("journal_id", Id, ForeignKey("journal.id"), primary_key=True, autoincrement=False),
    _ref("company_id", "companies"),
    _ref("person_id", "people"),
    Column("ticket_id", Id, nullable=True),
    Column("asked_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    # null: he has not answered yet
    Column("settled_at", Utc, nullable=True),
    Column("outcome", String(16), nullable=False, default=""),
    Index("ix_confirmations_person", "person_id", "asked_at"),
)

# What was set of an agent at run time; null where the settings hold. One row for each that was ever picked or set: who
# picks locks them, so that two never count the same tickets. An agent is a person, whatever companies he works for.
agent_states = Table(
    "agent_states",
    metadata,
    Column("agent", Words, primary_key=True),
    Column("availability", String(16), nullable=True),
    Column("until", Utc, nullable=True),
    Column("maximum", Integer, nullable=True),
    Column("changed_at", Utc, nullable=False),
)

# The number of the team's turn that each agent had last.
team_turns = Table(
    "team_turns",
    metadata,
    Column("company_id", Id, ForeignKey("companies.id"), primary_key=True),
    Column("team", Words, primary_key=True),
    Column("agent", Words, primary_key=True),
    Column("turn", Integer, nullable=False),
)

# What a person has chosen for himself; what he has not is as it is for all. An agent is named by his key.
preferences = Table(
    "preferences",
    metadata,
    Column("company_id", Id, ForeignKey("companies.id"), primary_key=True),
    Column("person", Words, primary_key=True),
    Column("key", String(16), primary_key=True),
    Column("value", String(64), nullable=False),
)

# Queries that an agent has given a name.
saved_filters = Table(
    "saved_filters",
    metadata,
    Column("company_id", Id, ForeignKey("companies.id"), primary_key=True),
    Column("agent", Words, primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("query", Words, nullable=False),
)

# What agents are to be told of moments that came late. They are told when it is known how much that is.
late_notices = Table(
    "late_notices",
    metadata,
    _id(),
    _ref("company_id", "companies"),
    _ref("ticket_id", "tickets"),
    Column("reader", Words, nullable=False),
    Column("reader_name", Words, nullable=False),
    Column("template", String(32), nullable=False),
    Column("reason", Words, nullable=False),
    Column("because", Words, nullable=False),
    Column("cause", String(32), nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("told_at", Utc, nullable=True),
)
Index(
    "ix_late_notices_reader",
    late_notices.c.company_id,
    late_notices.c.reader,
    late_notices.c.id,
    postgresql_where=late_notices.c.told_at.is_(None),
    sqlite_where=late_notices.c.told_at.is_(None),
)

# Recurring mail, a row for each time that one reader's was due: whoever writes the row sends it, and nobody does again.
jobs = Table(
    "jobs",
    metadata,
    Column("company_id", Id, ForeignKey("companies.id"), primary_key=True),
    Column("name", String(16), primary_key=True),
    Column("period", String(16), primary_key=True),
    Column("reader", Words, primary_key=True),
    Column("due_at", Utc, nullable=False),
    # null: it was passed over
    Column("fired_at", Utc, nullable=True),
    Index("ix_jobs_reader", "company_id", "name", "reader", "due_at"),
)

# Numbers that people bring along when they come themselves. Open is what has no `closed_at`.
tokens = Table(
    "tokens",
    metadata,
    _id(),
    _ref("company_id", "companies"),
    Column("number", String(16), nullable=False),
    _ref("person_id", "people"),
    _ref("ticket_id", "tickets", nullable=True),
    Column("category", Words, nullable=False, default=""),
    Column("assignee", Words, nullable=False, default=""),
    # the words that it is found by, casefolded: SQLite knows no small letters beyond ASCII
    Column("found_by", Words, nullable=False),
    Column("issued_at", Utc, nullable=False),
    Column("issued_by", Words, nullable=False),
    Column("closed_at", Utc, nullable=True),
    Column("closed_by", Words, nullable=False, default=""),
    # how long it was open; the two databases would count it differently
    Column("open_seconds", Integer, nullable=True),
    Column("printed_at", Utc, nullable=True),
    UniqueConstraint("company_id", "number"),
    Index("ix_tokens_company_issued", "company_id", "issued_at"),
    # how long each was open stands there too, for the figures
    Index("ix_tokens_company_closed", "company_id", "closed_at", "open_seconds"),
)
# Open ones are few among all that ever were.
Index(
    "ix_tokens_open",
    tokens.c.company_id,
    tokens.c.issued_at,
    postgresql_where=tokens.c.closed_at.is_(None),
    sqlite_where=tokens.c.closed_at.is_(None),
)

# Append-only, like the history of tickets.
token_log = Table(
    "token_log",
    metadata,
    _id(),
    _ref("token_id", "tokens"),
    Column("at", Utc, nullable=False),
    Column("actor", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("because", Words, nullable=False),
    Column("cause", String(32), nullable=False),
    Index("ix_token_log_token", "token_id", "id"),
)

# What was collected from a mailbox and is in the journal, but not yet moved or marked there. A row goes when that is
# done, so there are only as many as one visit takes in at once.
imap_ledger = Table(
    "imap_ledger",
    metadata,
    Column("address", Words, primary_key=True),
    Column("folder", Words, primary_key=True),
    # 32 bits without a sign (RFC 3501 section 2.3.1.1)
    Column("uidvalidity", BigInteger, primary_key=True, autoincrement=False),
    Column("uid", BigInteger, primary_key=True, autoincrement=False),
    _ref("journal_id", "journal"),
    Column("at", Utc, nullable=False),
)

# How collecting each mailbox goes.
mailbox_health = Table(
    "mailbox_health",
    metadata,
    Column("address", Words, primary_key=True),
    # what was seen there last: UIDs mean something only together with it; 0: nothing yet
    Column("folder", Words, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    # when all that was there was last taken in; null: never yet
    Column("last_ok_at", Utc, nullable=True),
    # what last went wrong, in words that say what to do, and when; it is over when last_ok_at is later
    Column("last_trouble", Words, nullable=False),
    Column("trouble_at", Utc, nullable=True),
)

# Every process that does the work, so that one that has died or is stuck can be told from one that has nothing to do.
nodes = Table(
    "nodes",
    metadata,
    Column("name", String(255), primary_key=True),  # process@machine
    Column("doors", Boolean, nullable=False),  # whether mail comes in there
    Column("started_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),  # when its sweep last began a round, to the minute
)

# What admins did at the command line, with all that it rested on: only a mail can be read once more.
acts = Table(
    "acts",
    metadata,
    _id(),
    Column("at", Utc, nullable=False),
    Column("what", String(16), nullable=False),
    Column("value", JSON, nullable=False),
)
