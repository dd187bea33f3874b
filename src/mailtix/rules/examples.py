"""The examples in rule files as tests: what is to be tried, what came out wrong, which rules none of them reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from mailtix.model.ticket import Ticket
from mailtix.rules.engine import Outcome
from mailtix.rules.language import Known
from mailtix.rules.load import LoadedRule, RuleSet
from mailtix.rules.sample import Sample, Wanted


@dataclass(frozen=True, slots=True)
class Case:
    """One example: the rule that carries it, its place among that rule's examples (from 1), and itself."""

    rule: LoadedRule
    number: int
    sample: Sample

    @property
    def name(self) -> str:
        """What people call it."""
        return self.sample.name or self.sample.subject or self.sample.eml or f"example {self.number}"


@dataclass(frozen=True, slots=True)
class Difference:
    """Something came out otherwise than the example wants."""

    field: str
    want: str
    got: str


def cases(rules: RuleSet, files: Sequence[str] = ()) -> list[Case]:
    """Every example in the order of the files; with `files`, those of these only."""
    return [
        Case(loaded, number, sample)
        for loaded in rules.rules
        if not files or loaded.file in files
        for number, sample in enumerate(loaded.rule.examples, start=1)
    ]


def compose(sample: Sample, mailbox: str) -> bytes:
    """The mail that an example describes, as a client would write it to that mailbox."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sample.from_
    message["To"] = ", ".join(sample.to or (mailbox,))
    if sample.cc:
        message["Cc"] = ", ".join(sample.cc)
    message["Subject"] = sample.subject
    message["Date"] = format_datetime(sample.at)
    message.set_content(sample.body)
    for name in sample.attachment:
        message.add_attachment(b"example", maintype="application", subtype="octet-stream", filename=name)
    # Written before the others as they stand: EmailMessage takes some of them apart, or only once.
    fields = dict(sample.header) | ({} if sample.spam_score is None else {"X-Spam-Score": f"{sample.spam_score:g}"})
    own = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return own.encode("utf-8", "surrogateescape") + message.as_bytes()


def differences(case: Case, outcome: Outcome, ticket: Ticket, known: Known) -> Iterator[Difference]:
    """What is not as the example wants it; `outcome` is what the rules said, `ticket` what came out."""
    want, held = case.sample.expect, case.rule.rule.name in {hit.rule for hit in outcome.hits}
    if want.matches is not held:
        words = {True: "the rule holds", False: "the rule does not hold"}
        yield Difference("matches", words[want.matches], words[held])
    compared = {**_compared(want, ticket, known), "mail": (want.mail, outcome.mail)}
    compared |= {f"field {name}": (value, ticket.fields.get(name, "")) for name, value in (want.field or {}).items()}
    for field, (wanted, got) in compared.items():
        if wanted is not None and wanted != got:
            yield Difference(field, wanted or "nothing", got or "nothing")


def _compared(want: Wanted, ticket: Ticket, known: Known) -> dict[str, tuple[str | None, str]]:
    tags = None if want.tags is None else ", ".join(sorted(tag.lower() for tag in want.tags))
    agent = known.agent(want.assign) if want.assign else None
    return {
        "category": (want.category, ticket.category),
        "priority": (want.priority, ticket.priority),
        "status": (want.status, ticket.status),
        "team": (want.team, ticket.team),
        "assign": (agent.key if agent else want.assign, ticket.assignee),
        "tags": (tags, ", ".join(sorted(ticket.tags))),
    }


def unreached(rules: RuleSet, hits: Iterable[str]) -> list[LoadedRule]:
    """The rules that no example made hold; without those that are switched off."""
    reached = set(hits)
    return [loaded for loaded in rules.rules if loaded.rule.enabled and loaded.rule.name not in reached]
