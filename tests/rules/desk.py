"""A desk with rules that a test writes, and mails for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mailtix.model.desk import Agent, Company, Mailbox
from mailtix.model.mail import Address, Attachment, Envelope, InboundMail
from mailtix.rules import CustomField, Event, Known, MailView, Outcome, load, run
from mailtix.rules.sentiment import available

BOB = Agent("Bob Miller", "Bob@example.com", ("billing",))
EVE = Agent("Eve Adams", "eve@example.com", ("technical", "sales"))
EXAMPLE = Company(
    "Example", (Mailbox("support@example.com"),), (BOB, EVE), ("billing", "technical", "sales", "security")
)
KNOWN = replace(
    Known.of([EXAMPLE]),
    fields=(
        CustomField("order"),
        CustomField("plan", "choice", ("basic", "gold")),
        CustomField("seats", "number"),
        CustomField("renewal", "date"),
    ),
    policies=("default", "gold"),
    calendars={"support": lambda at: at.weekday() < 5 and 9 <= at.hour < 17},
    hosts=("hooks.example.com",),
    sentiment=available(),
)

PLAIN = InboundMail(
    message_id="1@example.org",
    in_reply_to=(),
    references=(),
    from_=Address("ann@example.org", "Ann"),
    sender=None,
    reply_to=(),
    to=(Address("support@example.com"),),
    cc=(),
    subject="Hello",
    thread_subject="Hello",
    date=None,
    text="It burns.",
    html="",
    reply="It burns.",
    reply_because="",
    attachments=(),
    headers=(),
    envelope=Envelope("ann@example.org", ("support@example.com",), datetime(2026, 1, 2, tzinfo=UTC)),
    size=100,
)


def mail(**fields: Any) -> InboundMail:
    """A plain mail from Ann with some fields of its own; `sender` is an address."""
    if "sender" in fields:
        fields["from_"] = Address(fields.pop("sender"))
    return replace(PLAIN, **fields)


def attachment(name: str, *, inline: bool = False) -> Attachment:
    return Attachment(1, name, "application/octet-stream", 10, "0" * 64, inline=inline)


def outcome(rules: str, /, event: Event = "new", company: str = "Example", **fields: Any) -> Outcome:
    """What the rules of that text say about a mail with those fields."""
    return run(load([("rules.yaml", rules)], KNOWN), MailView(mail(**fields), company, "support@example.com"), event)


def fits(when: str, /, **fields: Any) -> bool:
    """Whether a condition holds for a mail with those fields."""
    return bool(outcome(f"[{{name: It, when: {when}, then: {{stop: true}}}}]", **fields).hits)


def because(when: str, /, **fields: Any) -> str:
    """Why a condition holds for a mail with those fields."""
    [hit] = outcome(f"[{{name: It, when: {when}, then: {{stop: true}}}}]", **fields).hits
    return hit.because
