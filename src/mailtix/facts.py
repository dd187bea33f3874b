"""What a decision rests on: a mail, what is known of it, and what the admin has laid down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailtix import sla, surveys
from mailtix.assign import Staff
from mailtix.attachments import Terms, Verdict
from mailtix.commands.meaning import Held
from mailtix.commands.terms import Terms as CommandTerms
from mailtix.figures.today import Stats
from mailtix.hygiene import ReplyTo
from mailtix.limits import Joining, Traffic
from mailtix.limits import Terms as Limits
from mailtix.model.auth import AgentProof, Authentication, Verify
from mailtix.model.change import MessageAdded
from mailtix.model.conversation import Conversation, Named, Original, Overtaken, Spoken
from mailtix.model.decision import AskQuery
from mailtix.model.desk import AgentState, Company, Mailbox
from mailtix.model.kind import Human, Kind
from mailtix.model.mail import InboundMail
from mailtix.model.making import quickly_made
from mailtix.model.moment import Closing, Escalation, Reminders
from mailtix.model.personal import Mine
from mailtix.model.standing import Standing
from mailtix.model.suggestion import Suggestion
from mailtix.model.thread import Evidence
from mailtix.model.ticket import Author, Person, Ticket, Visibility
from mailtix.model.token import KnownTokens
from mailtix.query.hits import Hits
from mailtix.rules.load import RuleSet
from mailtix.threading.choose import KnownId


@dataclass(frozen=True, slots=True)
class Policy:
    """What the admin has laid down. `hold` is how long agents' answers wait before they leave, `undo` how long an agent
    may take back what his mail has done. `digests` says whether agents are sent any, `suggests` whether a new ticket
    that rules leave without a category gets one suggested."""

    rules: RuleSet
    sla: sla.Terms
    survey: surveys.Terms
    notify_unassigned: bool = True
    markers: frozenset[str] = frozenset()
    attachments: Terms = field(default_factory=Terms)
    agents: AgentProof = AgentProof.TOKEN_OR_DMARC
    verify: Verify = Verify.NEEDED
    commands: CommandTerms = field(default_factory=CommandTerms)
    hold: timedelta = timedelta(0)
    overtaken: Overtaken = Overtaken.WARN
    undo: timedelta = timedelta(hours=1)
    digests: bool = False
    suggests: bool = False
    limits: Limits = field(default_factory=Limits)
    joining: Joining = field(default_factory=Joining)
    reply_to: ReplyTo = ReplyTo.SAME_DOMAIN
    closing: Closing = field(default_factory=Closing)
    escalation: Escalation = field(default_factory=Escalation)
    reminders: Reminders = field(default_factory=Reminders)


@dataclass(frozen=True, slots=True)
class Failed:
    """The mail of ours that a report speaks of: about which ticket, to whom, of which template, sent when.
    `waited_since` is when the wait had begun that it would have ended; None when a later one has ended it."""

    ticket: int
    rcpt: str
    template: str
    sent_at: datetime
    waited_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The mail that an answer confirms, by its journal number. `person` is who was asked (an address in lower case, ""
    when nobody was), `outcome` what he has answered already. `ticket` is where it waits as the message `message` (0 for
    none); `facts` are those of that mail, None when it is not there. `sender` is whose mail it is, when it waits in the
    journal for somebody to let it in."""

    journal: int
    person: str = ""
    ticket: int = 0
    message: int = 0
    until: datetime | None = None
    outcome: str = ""
    facts: Facts | None = None
    sender: str = ""


@quickly_made
@dataclass(frozen=True, slots=True)
class Facts:
    """A mail and what is known of it. `muted` says why its sender gets no automatic answer ("" if he may).

    `tickets` are those that any evidence may mean; `owners` tells whose the signed keys are (person id → address);
    `forwarded` is the customer whose mail an agent passes on, when that is certain; `staff` is only looked up when the
    decision asks for it, `first_tickets` (person id → his first ticket) when rules do.
    `answered` tells of tickets (by id) when a rule's answer was the newest mail to their requesters. `auth` is what is
    known of who wrote the mail, None when nobody has looked; `seen` says that a ticket holds its Message-ID already.
    `cause` names the mail (J12). `merged` tells of tickets that were merged in which one they are now (both by id);
    `named` are those that an agent's commands speak of; `copied_at` is when the notice that he answers was written,
    `overtaken` what his colleagues have answered since. `conversations` (by ticket) and `originals` (by journal number)
    are only looked up when the decision asks for them.
    `asked` is what a mail to the address of a confirmation answers, `confirmed` the address of who has confirmed this
    one; `confirmations` says how often its writer was asked lately, `waiting` whose mail waits, when the decision asks
    for it. `standing` is how the sender stands with us, `answers` the template of the mail of ours that he answers (""
    for none), `traffic` what came and went lately. `let_in`: somebody wants it processed, whatever the limits say.
    `state` is that of an agent whose mail program writes, `just_given` the tickets that he has, and has not touched.
    `mine`, `hits` and `stats` are about the agent who wrote, and only looked up when the decision asks for them.
    `same` are the sender's other addresses, as he has confirmed them. `warnings` say what is suspicious about him,
    `answers_to` who is answered instead of him, when the mail opens a ticket. `tokens` are only looked up when the
    decision asks for them. `suggestion` is what similar tickets of the past say, where that is wanted.
    """

    mail: InboundMail
    kind: Kind
    muted: str
    company: Company
    mailbox: Mailbox
    sender: Person
    evidence: tuple[Evidence, ...] = ()
    ids: Mapping[str, KnownId] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    owners: Mapping[int, str] = field(default_factory=dict)
    held: Mapping[int, tuple[Held, ...]] = field(default_factory=dict)
    failed: Failed | None = None
    forwarded: Person | None = None
    files: tuple[Verdict, ...] = ()
    staff: Staff | None = None
    first_tickets: Mapping[int, int] | None = None
    answered: Mapping[int, datetime] = field(default_factory=dict)
    auth: Authentication | None = None
    seen: bool = False
    cause: str = ""
    merged: Mapping[int, int] = field(default_factory=dict)
    named: Named = field(default_factory=Named)
    overtaken: tuple[Spoken, ...] = ()
    copied_at: datetime | None = None
    conversations: Mapping[int, Conversation] = field(default_factory=dict)
    originals: Mapping[int, Original] = field(default_factory=dict)
    mine: Mine | None = None
    hits: Mapping[AskQuery, Hits] = field(default_factory=dict)
    stats: Stats | None = None
    asked: Asked | None = None
    confirmed: str = ""
    confirmations: int | None = None
    standing: Standing = field(default_factory=Standing)
    answers: str = ""
    traffic: Traffic = field(default_factory=Traffic)
    let_in: bool = False
    waiting: tuple[str, ...] | None = None
    same: tuple[Person, ...] = ()
    warnings: tuple[str, ...] = ()
    answers_to: Person | None = None
    state: AgentState | None = None
    just_given: tuple[int, ...] = ()
    tokens: KnownTokens = field(default_factory=KnownTokens)
    suggestion: Suggestion | None = None


def mailbox_of(company: Company, mail: InboundMail) -> Mailbox:
    """The mailbox the mail was sent to: as the envelope says, else as To and Cc say."""
    addresses = (*mail.envelope.rcpt_tos, *(a.addr for a in (*mail.to, *mail.cc)))
    return next((box for address in addresses if (box := company.mailbox(address))), company.mailboxes[0])


def message_of(facts: Facts, author: Author, visibility: Visibility, because: str) -> MessageAdded:
    """The mail as a message of a ticket."""
    mail = facts.mail
    kind = type(facts.kind).__name__.lower()
    text = mail.reply if isinstance(facts.kind, Human) else mail.text
    sender = mail.from_.addr.lower() or facts.sender.email
    warning = "; ".join(facts.warnings)
    name = mail.from_.name
    return MessageAdded(author, sender, name, visibility, text, mail.message_id, kind, because, warning=warning)
