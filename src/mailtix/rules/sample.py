"""The examples that a rule carries: a mail, and what must come out of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from mailtix.model.auth import Result
from mailtix.model.ticket import Priority, Status
from mailtix.rules.events import Event, OneEvent, has_mail
from mailtix.yamltext import Section, wrong

# What describes a mail here, and therefore cannot stand beside a file that holds one.
_MAIL_KEYS = ("from", "to", "cc", "subject", "body", "header", "attachment", "spam_score")
# At a moment the ticket's requester and subject stand for those of a mail; of the rest nothing is there.
_OF_MAIL_ALONE = ("to", "cc", "body", "header", "attachment", "eml", "spam_score", "auth")


def _many(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _moment(value: Any) -> Any:
    """A moment with its zone; a file must mean the same wherever it is tested."""
    if not isinstance(value, str):
        raise wrong("a moment must be text", "write it as '2026-11-20T09:00:00+01:00'")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise wrong(f"'{value}' is no moment", "write it as '2026-11-20T09:00:00+01:00'") from None
    if moment.tzinfo is None:
        raise wrong(f"'{value}' has no time zone", "add it: '2026-11-20T09:00:00+01:00', or Z for UTC")
    return moment


def _no_line_break(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise wrong("a header field is one line", "leave the line break out")
    return text


_MANY_JSON = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
Line = Annotated[str, AfterValidator(_no_line_break)]
Lines = Annotated[tuple[Line, ...], BeforeValidator(_many), _MANY_JSON]
Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]


class SampleCustomer(Section):
    """Whose ticket it is. What is given here takes the place of what the settings say of his address."""

    model_config = ConfigDict(validate_default=False, json_schema_extra={"title": "Customer of an example"})

    vip: bool | None = Field(default=None, description="whether his account is a VIP")
    account: str | None = Field(default=None, description="the name of his account")
    reseller: Line | None = Field(default=None, description="the reseller of his account, an address")
    language: Line = Field(default="", description="the language that his mail program names: de")
    first_ticket: bool | None = Field(default=None, description="whether it is his first ticket")


class SampleAuth(Section):
    """What SPF, DKIM and DMARC say of the mail."""

    model_config = ConfigDict(validate_default=False, json_schema_extra={"title": "Who wrote an example"})

    dmarc: Result = Result.NONE
    spf: Result = Result.NONE
    dkim: Result = Result.NONE


class SampleTicket(Section):
    """The ticket that the mail came to, or the moment is about, as it stood."""

    model_config = ConfigDict(validate_default=False, json_schema_extra={"title": "Ticket of an example"})

    status: Status = Status.OPEN
    priority: Priority = Priority.MEDIUM
    category: str = ""
    team: str = ""
    assign: str = ""
    tags: Lines = ()
    field: Mapping[str, str] = Field(default_factory=dict, description="custom fields with their values")
    rating: Annotated[int, Field(ge=1, le=5)] | None = Field(default=None, description="the customer's mark")


class Wanted(Section):
    """What must come out when all rules have been tried. What is left out does not matter; "" is nothing at all."""

    model_config = ConfigDict(validate_default=False, json_schema_extra={"title": "What must come out"})

    matches: bool = Field(default=True, description="whether the rule that carries the example must hold")
    category: str | None = None
    priority: Priority | None = None
    status: Status | None = None
    team: str | None = None
    assign: str | None = Field(default=None, description="an agent's address, or his name")
    tags: Lines | None = Field(default=None, description="these tags and no others; [] for none")
    field: Mapping[str, str] | None = Field(default=None, description="custom fields with their values; '' for none")
    mail: Literal["kept", "held", "rejected", "dropped"] | None = Field(
        default=None, description="what becomes of the mail itself"
    )


class Sample(Section):
    """A mail, by its fields or as a file, or a moment of a ticket; and what must come out."""

    model_config = ConfigDict(validate_default=False, json_schema_extra={"title": "Example"})

    name: str = Field(default="", description="for people; else the subject")
    on: OneEvent = Field(default="new", description="what happens: new (the mail opens a ticket), reply, {idle: 3d} …")
    eml: str = Field(default="", description="a mail in a file, its path seen from the file of the rule")
    from_: Line = Field(default="customer@example.org", alias="from")
    to: Lines = Field(default=(), description="left out: the mailbox")
    cc: Lines = ()
    subject: Line = ""
    body: str = ""
    header: Mapping[str, Line] = Field(default_factory=dict, description="further header fields")
    attachment: Lines = Field(default=(), description="names of files")
    company: str = Field(default="", description="left out: the first")
    mailbox: str = Field(default="", description="left out: the first of the company")
    at: Moment = Field(default=datetime(2026, 1, 7, 10, 0, tzinfo=UTC), description="when it came in")
    spam_score: float | None = Field(default=None, description="what the mail server in front says")
    suggested: str = Field(default="", description="the category that similar tickets have")
    auth: SampleAuth = Field(default_factory=SampleAuth, description="who really wrote it; left out: nothing is known")
    customer: SampleCustomer = Field(default_factory=SampleCustomer, description="left out: as the settings say")
    ticket: SampleTicket = Field(default_factory=SampleTicket, description="the ticket before, where there is one")
    expect: Wanted

    @property
    def event(self) -> Event:
        """What happens."""
        return cast(Event, self.on)

    @model_validator(mode="before")
    @classmethod
    def _one_or_the_other(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("eml") and (both := [key for key in _MAIL_KEYS if key in data]):
            raise wrong(f"`eml` is a whole mail; '{both[0]}' cannot stand beside it", "leave one of them out")
        if isinstance(data, dict) and "ticket" in data and data.get("on", "new") == "new":
            raise wrong("a mail that opens a ticket finds none", "add `on: reply`, or leave `ticket` out")
        return data

    @model_validator(mode="after")
    def _no_mail_at_a_moment(self) -> Sample:
        given = [key for key in _OF_MAIL_ALONE if key in self.model_fields_set]
        if given and not has_mail(self.event):
            raise wrong(f"there is no mail at '{self.event}'", f"leave `{given[0]}` out")
        return self
