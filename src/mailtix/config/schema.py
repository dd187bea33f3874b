"""The shape of mailtix.yaml. Every key is explained in docs/config.md."""

from __future__ import annotations

import glob
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from mailtix.attachments import HELD
from mailtix.commands.terms import Terms as CommandTerms
from mailtix.config.calendars import CalendarConfig
from mailtix.config.commands import CannedConfig, CommandsConfig, FieldConfig, command_terms
from mailtix.config.moments import AccountConfig, CloseConfig, EscalationConfig, RemindConfig, SurveyConfig
from mailtix.config.recurring import RecurringConfig
from mailtix.config.scalars import (
    AnyPath,
    DatabaseUrl,
    Domain,
    Duration,
    Endpoint,
    ExistingFile,
    FileKind,
    FilePattern,
    Host,
    Language,
    Listening,
    MailAddress,
    MailboxAddress,
    NameServer,
    RedisUrl,
    ScannerAddress,
    SigningSecret,
    Size,
    TicketNumber,
)
from mailtix.config.senders import LimitsConfig, ParticipantsConfig
from mailtix.config.servers import ImapConfig, Name, SmtpConfig
from mailtix.config.staff import AgentConfig, CategoryConfig, TeamConfig, Zone, category
from mailtix.config.timing import SlaConfig, check_lengths, terms
from mailtix.config.webhooks import WebhooksConfig
from mailtix.model.auth import AgentProof, Verify
from mailtix.model.conversation import Overtaken
from mailtix.model.desk import Account, Company, Mailbox
from mailtix.recurring import Terms as RecurringTerms
from mailtix.sla import Terms
from mailtix.yamltext import Section, wrong

Count = Annotated[int, Field(ge=1, le=100_000)]


T = TypeVar("T")


def _at_least_one(items: tuple[T, ...]) -> tuple[T, ...]:
    if not items:  # not Field(min_length): pydantic would also say so when an item is only mistaken
        raise wrong("this list is empty", "at least one is needed")
    return items


class MailboxConfig(Section):
    address: MailboxAddress
    name: str = ""
    imap: ImapConfig | None = None


class CompanyConfig(Section):
    name: Name
    mailboxes: Annotated[tuple[MailboxConfig, ...], AfterValidator(_at_least_one)]
    categories: tuple[Annotated[CategoryConfig, BeforeValidator(category)], ...] = ()
    language: Language = "en"
    zone: Zone = "UTC"


class TlsConfig(Section):
    certificate: ExistingFile
    key: ExistingFile


class ListenConfig(Section):
    smtp: Listening | None = Endpoint("127.0.0.1", 2525)
    lmtp: Listening | None = None
    tls: TlsConfig | None = None
    size_limit: Size = 50_000_000
    hostname: Host | None = None
    connections: Count = 200
    per_address: Count = 50
    silence: Duration = timedelta(minutes=5)
    mail_time: Duration = timedelta(minutes=30)
    session_time: Duration = timedelta(hours=2)
    queue: Annotated[int, Field(ge=1, le=100_000_000)] = 100_000
    reuse_port: bool = False


def _nothing() -> Any:
    """What an absent section is validated as, so that its relative paths get their folder."""
    return {}


class OutboundConfig(Section):
    """Exactly one of `maildir` and `smtp` is set (crosscheck.py refuses both)."""

    maildir: AnyPath | None = None
    smtp: SmtpConfig | None = None
    hold: Duration | None = None
    overtaken: Overtaken = Overtaken.WARN

    @model_validator(mode="before")
    @classmethod
    def _somewhere(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("maildir") is None and data.get("smtp") is None:
            return {**data, "maildir": "var/sent"}
        return data


class LogConfig(Section):
    format: Literal["console", "json"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"


class SuggestConfig(Section):
    category: bool = False


class NotifyConfig(Section):
    unassigned: bool = True
    admins: tuple[MailAddress, ...] = ()
    managers: tuple[MailAddress, ...] = ()


class SecurityConfig(Section):
    """`secrets` empty: one is made at the first start and kept in the database. The first signs, all are believed."""

    secrets: tuple[SigningSecret, ...] = ()
    token_lifetime: Duration = timedelta(days=90)
    agents: AgentProof = AgentProof.TOKEN_OR_DMARC
    verify: Verify = Verify.NEEDED
    verify_timeout: Duration = timedelta(seconds=5)
    resolver: tuple[NameServer, ...] | None = None
    authserv_ids: tuple[Domain, ...] = ()
    trusted_arc: tuple[Domain, ...] = ()


class AttachmentsConfig(Section):
    max_files: Count = 10
    max_size: Size = 10_000_000
    held: tuple[FileKind, ...] = HELD
    clamd: ScannerAddress | None = None
    clamd_timeout: Duration = timedelta(seconds=30)


class JournalConfig(Section):
    tries: Count = 5


class WorkersConfig(Section):
    threads: Annotated[int, Field(ge=1, le=256)] = 4
    line: Literal["process", "thread"] = "process"


class Config(Section):
    """All settings of one installation. Paths are absolute when it was loaded from a file."""

    database: DatabaseUrl = Field(default="sqlite:///var/mailtix.db", repr=False)
    redis: RedisUrl | None = Field(default=None, repr=False)
    listen: ListenConfig = Field(default_factory=ListenConfig)
    companies: Annotated[tuple[CompanyConfig, ...], AfterValidator(_at_least_one)]
    agents: tuple[AgentConfig, ...] = ()
    teams: tuple[TeamConfig, ...] = ()
    outbound: OutboundConfig = Field(default_factory=_nothing)
    rules: tuple[FilePattern, ...] = ("rules/*.yaml",)
    templates: tuple[AnyPath, ...] = (Path("templates"),)
    ticket_number: TicketNumber = "TKT-{year}-{seq:06}"
    calendars: tuple[CalendarConfig, ...] = ()
    sla: SlaConfig = Field(default_factory=SlaConfig)
    accounts: tuple[AccountConfig, ...] = ()
    escalation: EscalationConfig = Field(default_factory=EscalationConfig)
    remind: RemindConfig = Field(default_factory=RemindConfig)
    close: CloseConfig = Field(default_factory=CloseConfig)
    survey: SurveyConfig = Field(default_factory=SurveyConfig)
    notify: NotifyConfig = Field(default_factory=NotifyConfig)
    recurring: RecurringConfig = Field(default_factory=RecurringConfig)
    commands: CommandsConfig = Field(default_factory=CommandsConfig)
    fields: tuple[FieldConfig, ...] = ()
    canned: tuple[CannedConfig, ...] = ()
    security: SecurityConfig = Field(default_factory=SecurityConfig)
    participants: ParticipantsConfig = Field(default_factory=ParticipantsConfig)
    limits: LimitsConfig = Field(default_factory=LimitsConfig)
    attachments: AttachmentsConfig = Field(default_factory=AttachmentsConfig)
    journal: JournalConfig = Field(default_factory=JournalConfig)
    suggest: SuggestConfig = Field(default_factory=SuggestConfig)
    webhooks: WebhooksConfig = Field(default_factory=WebhooksConfig)
    workers: WorkersConfig = Field(default_factory=WorkersConfig)
    log: LogConfig = Field(default_factory=LogConfig)

    @model_validator(mode="after")
    def _targets_within_ten_years(self) -> Self:
        check_lengths(self.sla, self.calendars)
        return self

    def sla_terms(self) -> Terms:
        """What was promised, with the calendars that its time is counted in."""
        return terms(self.sla, self.calendars, self.accounts_by_company())

    def accounts_by_company(self) -> dict[str, tuple[Account, ...]]:
        """The customers of whom something is known, of each company."""
        return {
            company.name: tuple(a.as_model() for a in self.accounts if a.belongs_to(company.name))
            for company in self.companies
        }

    def command_terms(self) -> CommandTerms:
        """What is laid down for agents' commands."""
        return command_terms(self.commands, self.fields, self.canned)

    def companies_as_model(self) -> tuple[Company, ...]:
        """The companies with their mailboxes and those agents who serve them."""
        return tuple(
            Company(
                name=company.name,
                mailboxes=tuple(Mailbox(box.address, box.name) for box in company.mailboxes),
                agents=tuple(agent.as_model() for agent in self.agents if agent.serves(company.name)),
                categories=tuple(category.name for category in company.categories),
                language=company.language,
                team_terms=tuple(team.as_model() for team in self.teams),
                category_teams=tuple((c.name, c.team) for c in company.categories if c.team),
                zone=ZoneInfo(company.zone),
                accounts=self.accounts_by_company()[company.name],
            )
            for company in self.companies
        )

    def recurring_terms(self) -> RecurringTerms:
        """Which mail comes again and again, and to whom its reports go: managers, or the admins when there are none."""
        return RecurringTerms(self.recurring.schedules(), self.notify.managers or self.notify.admins)

    def rule_files(self) -> tuple[Path, ...]:
        """The files that `rules` names, each once: in the order of the patterns, then by name."""
        found = (Path(name) for pattern in self.rules for name in sorted(glob.glob(pattern)))
        return tuple(dict.fromkeys(found))
