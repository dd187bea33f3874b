"""The first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mailtix.store import fulltext
from mailtix.store.tables import Id, Utc, Words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "companies",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("name", name=op.f("uq_companies_name")),
    )
    op.create_table(
        "raw_mails",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_mails")),
        sa.UniqueConstraint("sha256", name=op.f("uq_raw_mails_sha256")),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", Words(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "rule_sets",
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("first_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rule_sets")),
    )
    op.create_table(
        "counters",
        sa.Column("company_id", Id, nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_counters_company_id")),
        sa.PrimaryKeyConstraint("company_id", "period", name=op.f("pk_counters")),
    )
    op.create_table(
        "people",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("company_id", Id, nullable=False),
        sa.Column("email", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("undeliverable", Words(), nullable=False),
        sa.Column("key_generation", sa.Integer(), nullable=False),
        sa.Column("spam", Words(), nullable=False),
        sa.Column("silent_since", Utc(), nullable=True),
        sa.Column("silent_last", Utc(), nullable=True),
        sa.Column("counted_from", Utc(), nullable=True),
        sa.Column("surveyed_at", Utc(), nullable=True),
        sa.Column("customer", Id, nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_people_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("company_id", "email", name=op.f("uq_people_company_id_email")),
    )
    op.create_index(
        "ix_people_customer",
        "people",
        ["company_id", "customer"],
        unique=False,
        postgresql_where=sa.text("customer IS NOT NULL"),
        sqlite_where=sa.text("customer IS NOT NULL"),
    )
    op.create_table(
        "journal",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("raw_id", Id, nullable=False),
        sa.Column("company_id", Id, nullable=False),
        sa.Column("mail_from", Words(), nullable=False),
        sa.Column("rcpt_tos", sa.JSON(), nullable=False),
        sa.Column("mailbox", Words(), nullable=False),
        sa.Column("source", Words(), nullable=False),
        sa.Column("peer", Words(), nullable=False),
        sa.Column("helo", Words(), nullable=False),
        sa.Column("tls", sa.Boolean(), nullable=False),
        sa.Column("received_at", Utc(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("error", Words(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("because", Words(), nullable=False),
        sa.Column("ticket_id", Id, nullable=True),
        sa.Column("finished_at", Utc(), nullable=True),
        sa.Column("rules", sa.String(length=64), nullable=False),
        sa.Column("parked_at", Utc(), nullable=True),
        sa.Column("held_at", Utc(), nullable=True),
        sa.Column("sender_id", Id, nullable=True),
        sa.Column("let_in", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_journal_company_id")),
        sa.ForeignKeyConstraint(["raw_id"], ["raw_mails.id"], name=op.f("fk_journal_raw_id")),
        sa.ForeignKeyConstraint(["sender_id"], ["people.id"], name=op.f("fk_journal_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sa.UniqueConstraint("raw_id", "company_id", name=op.f("uq_journal_raw_id_company_id")),
    )
    op.create_index(
        "ix_journal_due",
        "journal",
        ["id", "next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'new'"),
        sqlite_where=sa.text("state = 'new'"),
    )
    op.create_index(
        "ix_journal_turns",
        "journal",
        ["mailbox", "id", "next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'new'"),
        sqlite_where=sa.text("state = 'new'"),
    )
    op.create_index(
        "ix_journal_parked",
        "journal",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'parked'"),
        sqlite_where=sa.text("state = 'parked'"),
    )
    op.create_index(
        "ix_journal_scan",
        "journal",
        ["id", "next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'scan'"),
        sqlite_where=sa.text("state = 'scan'"),
    )
    op.create_index(
        "ix_journal_auth",
        "journal",
        ["id", "next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'auth'"),
        sqlite_where=sa.text("state = 'auth'"),
    )
    op.create_index(
        "ix_journal_held",
        "journal",
        ["sender_id"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
        sqlite_where=sa.text("state = 'held'"),
    )
    op.create_table(
        "evidence",
        sa.Column("raw_id", Id, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["raw_id"], ["raw_mails.id"], name=op.f("fk_evidence_raw_id")),
        sa.PrimaryKeyConstraint("raw_id", "kind", name=op.f("pk_evidence")),
    )

    op.create_table(
        "identities",
        sa.Column("company_id", Id, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("journal_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_identities_company_id")),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name=op.f("fk_identities_journal_id")),
        sa.PrimaryKeyConstraint("company_id", "digest", name=op.f("pk_identities")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tickets",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("company_id", Id, nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("requester_id", Id, nullable=False),
        sa.Column("mailbox", Words(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("category", Words(), nullable=False),
        sa.Column("assignee", Words(), nullable=False),
        sa.Column("team", Words(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("participants", sa.JSON(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.Column("first_response_at", Utc(), nullable=True),
        sa.Column("resolved_at", Utc(), nullable=True),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.Column("first_response_due", Utc(), nullable=True),
        sa.Column("resolution_due", Utc(), nullable=True),
        sa.Column("resolution_from", Utc(), nullable=True),
        sa.Column("next_response_due", Utc(), nullable=True),
        sa.Column("waiting_since", Utc(), nullable=True),
        sa.Column("pauses", sa.JSON(), nullable=False),
        sa.Column("sla_policy", Words(), nullable=False),
        sa.Column("sla_asked", Words(), nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("feedback", Words(), nullable=False),
        sa.Column("answerable", sa.Boolean(), nullable=False),
        sa.Column("watchers", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("snoozed_until", Utc(), nullable=True),
        sa.Column("due_at", Utc(), nullable=True),
        sa.Column("escalation", sa.SmallInteger(), nullable=False),
        sa.Column("status_since", Utc(), nullable=True),
        sa.Column("spoken_at", Utc(), nullable=True),
        sa.Column("owner_since", Utc(), nullable=True),
        sa.Column("close_warned_at", Utc(), nullable=True),
        sa.Column("merged_into", Id, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_tickets_company_id")),
        sa.ForeignKeyConstraint(["merged_into"], ["tickets.id"], name=op.f("fk_tickets_merged_into")),
        sa.ForeignKeyConstraint(["requester_id"], ["people.id"], name=op.f("fk_tickets_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_tickets_company_id_number")),
    )
    op.create_index("ix_tickets_company_assignee", "tickets", ["company_id", "assignee", "status"], unique=False)
    op.create_index("ix_tickets_requester", "tickets", ["requester_id", "id"], unique=False)
    op.create_index("ix_tickets_company_created", "tickets", ["company_id", "created_at"], unique=False)
    op.create_index("ix_tickets_company_status", "tickets", ["company_id", "status", "id"], unique=False)

    op.create_table(
        "history",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("ticket_id", Id, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("actor", Words(), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("old", Words(), nullable=False),
        sa.Column("new", Words(), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.Column("because", Words(), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_history_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_ticket", "history", ["ticket_id", "id"], unique=False)
    op.create_index(
        "ix_history_rules",
        "history",
        ["actor", "at"],
        unique=False,
        postgresql_where=sa.text("field IN ('rule', 'shadow')"),
        sqlite_where=sa.text("field IN ('rule', 'shadow')"),
    )
    op.create_index(
        "ix_history_counted",
        "history",
        ["field", "at"],
        unique=False,
        postgresql_where=sa.text("field IN ('rating', 'status', 'survey')"),
        sqlite_where=sa.text("field IN ('rating', 'status', 'survey')"),
    )

    op.create_table(
        "ticket_links",
        sa.Column("ticket_id", Id, nullable=False),
        sa.Column("other_id", Id, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["tickets.id"], name=op.f("fk_ticket_links_other_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_links_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "other_id", "kind", name=op.f("pk_ticket_links")),
    )
    op.create_table(
        "sla_log",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("company_id", Id, nullable=False),
        sa.Column("ticket_id", Id, nullable=False),
        sa.Column("target", sa.String(length=16), nullable=False),
        sa.Column("policy", Words(), nullable=False),
        sa.Column("agent", Words(), nullable=False),
        sa.Column("started_at", Utc(), nullable=False),
        sa.Column("due_at", Utc(), nullable=True),
        sa.Column("met_at", Utc(), nullable=True),
        sa.Column("missed", sa.Boolean(), nullable=False),
        sa.Column("working_seconds", sa.Integer(), nullable=True),
        sa.Column("wall_seconds", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_sla_log_company_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_sla_log_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_log")),
        sa.UniqueConstraint("ticket_id", "target", "started_at", name=op.f("uq_sla_log_ticket_id_target_started_at")),
    )
    op.create_index("ix_sla_log_company_met", "sla_log", ["company_id", "met_at"], unique=False)
    op.create_index("ix_sla_log_company_due", "sla_log", ["company_id", "due_at"], unique=False)
    op.create_table(
        "message_ids",
        sa.Column("company_id", Id, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=24), nullable=False),
        sa.Column("ticket_id", Id, nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_message_ids_company_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_message_ids_ticket_id")),
        sa.PrimaryKeyConstraint("company_id", "digest", name=op.f("pk_message_ids")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "messages",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("ticket_id", Id, nullable=False),
        sa.Column("journal_id", Id, nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("author", sa.String(length=8), nullable=False),
        sa.Column("sender", Words(), nullable=False),
        sa.Column("sender_name", Words(), nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.Column("message_id", Words(), nullable=False),
        sa.Column("files", Words(), nullable=False),
        sa.Column("auth", Words(), nullable=False),
        sa.Column("warning", Words(), nullable=False),
        sa.Column("because", Words(), nullable=False),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name=op.f("fk_messages_journal_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_messages_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_ticket", "messages", ["ticket_id", "id", "author", "visibility"], unique=False)
    op.create_index("ix_messages_place", "messages", ["id", "ticket_id", "visibility"], unique=False)
    sender = sa.text("substr(sender, 1, 200)")
    op.create_index("ix_messages_sender", "messages", [sender, "ticket_id", "id", "visibility"], unique=False)
    op.create_index(
        "ix_messages_held",
        "messages",
        ["ticket_id", "id"],
        unique=False,
        postgresql_where=sa.text("visibility = 'held'"),
        sqlite_where=sa.text("visibility = 'held'"),
    )
    for statement in fulltext.MAKE[op.get_bind().dialect.name]:
        op.execute(statement)
    op.create_index(
        "ix_messages_answers",
        "messages",
        ["author", "visibility", "at", "ticket_id", "sender"],
        unique=False,
        postgresql_where=sa.text("author = 'agent' AND visibility = 'public'"),
        sqlite_where=sa.text("author = 'agent' AND visibility = 'public'"),
    )

    op.create_table(
        "outbox",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("company_id", Id, nullable=False),
        sa.Column("ticket_id", Id, nullable=True),
        sa.Column("template", sa.String(length=32), nullable=False),
        sa.Column("message_id", Words(), nullable=False),
        sa.Column("mail_from", Words(), nullable=False),
        sa.Column("rcpt_to", Words(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("booked_at", Utc(), nullable=True),
        sa.Column("unknown_at", Utc(), nullable=True),
        sa.Column("reply", Words(), nullable=False),
        sa.Column("finished_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_outbox_company_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_outbox_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
        sqlite_where=sa.text("state = 'queued'"),
    )
    op.create_index("ix_outbox_ticket", "outbox", ["ticket_id", sa.text("lower(rcpt_to)"), "id"], unique=False)
    op.create_index(
        "ix_outbox_automatic",
        "outbox",
        ["company_id", sa.text("substr(rcpt_to, 1, 200)"), "created_at"],
        unique=False,
        postgresql_where=sa.text("template IN ('created', 'answered', 'told', 'confirm', 'verify')"),
        sqlite_where=sa.text("template IN ('created', 'answered', 'told', 'confirm', 'verify')"),
    )
    op.create_table(
        "letters",
        sa.Column("outbox_id", Id, autoincrement=False, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_letters_outbox_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_letters")),
    )
    op.create_table(
        "confirmations",
        sa.Column("journal_id", Id, autoincrement=False, nullable=False),
        sa.Column("company_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("ticket_id", Id, nullable=True),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("settled_at", Utc(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_confirmations_company_id")),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name=op.f("fk_confirmations_journal_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_confirmations_person_id")),
        sa.PrimaryKeyConstraint("journal_id", name=op.f("pk_confirmations")),
    )
    op.create_index("ix_confirmations_person", "confirmations", ["person_id", "asked_at"], unique=False)

    op.create_table(
        "hooks",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("ticket_id", Id, nullable=False),
        sa.Column("rule", Words(), nullable=False),
        sa.Column("url", Words(), nullable=False),
        sa.Column("body", Words(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("error", Words(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_hooks_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hooks")),
    )
    op.create_index("ix_hooks_due", "hooks", ["state", "next_at"], unique=False)
    op.create_table(
        "timers",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("ticket_id", Id, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.Column("fired_at", Utc(), nullable=True),
        sa.Column("rules", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("error", Words(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_timers_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
        sa.UniqueConstraint("ticket_id", "kind", "due_at", name=op.f("uq_timers_ticket_id_kind_due_at")),
    )
    op.create_index(
        "ix_timers_due",
        "timers",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("fired_at IS NULL"),
        sqlite_where=sa.text("fired_at IS NULL"),
    )
    op.create_index("ix_tickets_number", "tickets", ["company_id", sa.text("upper(number)")], unique=False)
    op.create_table(
        "late_notices",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("company_id", Id, nullable=False),
        sa.Column("ticket_id", Id, nullable=False),
        sa.Column("reader", Words(), nullable=False),
        sa.Column("reader_name", Words(), nullable=False),
        sa.Column("template", sa.String(length=32), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("because", Words(), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.Column("told_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_late_notices_company_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_late_notices_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_notices")),
    )
    op.create_index(
        "ix_late_notices_reader",
        "late_notices",
        ["company_id", "reader", "id"],
        unique=False,
        postgresql_where=sa.text("told_at IS NULL"),
        sqlite_where=sa.text("told_at IS NULL"),
    )
    op.create_table(
        "agent_states",
        sa.Column("agent", Words(), nullable=False),
        sa.Column("availability", sa.String(length=16), nullable=True),
        sa.Column("until", Utc(), nullable=True),
        sa.Column("maximum", sa.Integer(), nullable=True),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("agent", name=op.f("pk_agent_states")),
    )
    op.create_table(
        "team_turns",
        sa.Column("company_id", Id, nullable=False),
        sa.Column("team", Words(), nullable=False),
        sa.Column("agent", Words(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_team_turns_company_id")),
        sa.PrimaryKeyConstraint("company_id", "team", "agent", name=op.f("pk_team_turns")),
    )
    op.create_table(
        "preferences",
        sa.Column("company_id", Id, nullable=False),
        sa.Column("person", Words(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_preferences_company_id")),
        sa.PrimaryKeyConstraint("company_id", "person", "key", name=op.f("pk_preferences")),
    )
    op.create_table(
        "saved_filters",
        sa.Column("company_id", Id, nullable=False),
        sa.Column("agent", Words(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("query", Words(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_saved_filters_company_id")),
        sa.PrimaryKeyConstraint("company_id", "agent", "name", name=op.f("pk_saved_filters")),
    )
    op.create_table(
        "canned_uses",
        sa.Column("company_id", Id, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("last_used_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_canned_uses_company_id")),
        sa.PrimaryKeyConstraint("company_id", "name", name=op.f("pk_canned_uses")),
    )
    op.create_table(
        "jobs",
        sa.Column("company_id", Id, nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("reader", Words(), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.Column("fired_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_jobs_company_id")),
        sa.PrimaryKeyConstraint("company_id", "name", "period", "reader", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_reader", "jobs", ["company_id", "name", "reader", "due_at"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("company_id", Id, nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("ticket_id", Id, nullable=True),
        sa.Column("category", Words(), nullable=False),
        sa.Column("assignee", Words(), nullable=False),
        sa.Column("found_by", Words(), nullable=False),
        sa.Column("issued_at", Utc(), nullable=False),
        sa.Column("issued_by", Words(), nullable=False),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.Column("closed_by", Words(), nullable=False),
        sa.Column("open_seconds", sa.Integer(), nullable=True),
        sa.Column("printed_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_tokens_company_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tokens_person_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_tokens_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_tokens_company_id_number")),
    )
    op.create_index("ix_tokens_company_issued", "tokens", ["company_id", "issued_at"], unique=False)
    op.create_index("ix_tokens_company_closed", "tokens", ["company_id", "closed_at", "open_seconds"], unique=False)
    op.create_index(
        "ix_tokens_open",
        "tokens",
        ["company_id", "issued_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "token_log",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("token_id", Id, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("actor", Words(), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.Column("because", Words(), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_token_log_token_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_log")),
    )
    op.create_index("ix_token_log_token", "token_log", ["token_id", "id"], unique=False)
    op.create_table(
        "imap_ledger",
        sa.Column("address", Words(), nullable=False),
        sa.Column("folder", Words(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uid", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("journal_id", Id, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name=op.f("fk_imap_ledger_journal_id")),
        sa.PrimaryKeyConstraint("address", "folder", "uidvalidity", "uid", name=op.f("pk_imap_ledger")),
    )
    op.create_table(
        "mailbox_health",
        sa.Column("address", Words(), nullable=False),
        sa.Column("folder", Words(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("last_ok_at", Utc(), nullable=True),
        sa.Column("last_trouble", Words(), nullable=False),
        sa.Column("trouble_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_mailbox_health")),
    )
    op.create_table(
        "nodes",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("doors", sa.Boolean(), nullable=False),
        sa.Column("started_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_nodes")),
    )
    op.create_table(
        "acts",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )
