"""The examples that a rule carries: a mail, and what must come out of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from mailtix.model.ticket import Priority, Status
from mailtix.yamltext import Section, wrong

# What describes a mail here, and therefore cannot stand beside a file that holds one.
_MAIL_KEYS = ("from", "to", "cc", "subject", "body", "header", "attachment")


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


class SampleTicket(Section):
    """The ticket that a reply came to, as it stood."""

    model_config = ConfigDict(validate_default=False, json_schema_extra={"title": "Ticket of an example"})

    status: Status = Status.OPEN
    priority: Priority = Priority.MEDIUM
    category: str = ""
    team: str = ""
    assign: str = ""
    tags: Lines = ()


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


class Sample(Section):
    """A mail, by its fields or as a file, and what must come out."""

    model_config = ConfigDict(validate_default=False, json_schema_extra={"title": "Example"})

    name: str = Field(default="", description="for people; else the subject")
    on: Literal["new", "reply"] = Field(default="new", description="whether the mail opens a ticket or comes to one")
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
    ticket: SampleTicket = Field(default_factory=SampleTicket, description="for a reply: the ticket before it")
    expect: Wanted

    @model_validator(mode="before")
    @classmethod
    def _one_or_the_other(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("eml") and (both := [key for key in _MAIL_KEYS if key in data]):
            raise wrong(f"`eml` is a whole mail; '{both[0]}' cannot stand beside it", "leave one of them out")
        if isinstance(data, dict) and "ticket" in data and data.get("on") != "reply":
            raise wrong("a mail that opens a ticket finds none", "add `on: reply`, or leave `ticket` out")
        return data
