"""What rules may ask: the conditions of a rule as models, which check the files and make the JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, PrivateAttr, model_validator

from mailtix.rules import names
from mailtix.rules.names import IsOpen, Known
from mailtix.rules.pattern import Phrases, phrases
from mailtix.rules.sentiment import INSTALL, Measure
from mailtix.rules.values import (
    Addresses,
    Agents,
    AuthResults,
    Calendars,
    Categories,
    Companies,
    Days,
    FieldTests,
    Given,
    Headers,
    HourRanges,
    Kinds,
    Languages,
    Names,
    Number,
    Priorities,
    Ratings,
    Size,
    Some,
    Statuses,
    Tags,
    Teams,
    Texts,
    Tone,
    Word,
    Words,
    Zone,
    nothing,
)
from mailtix.yamltext import Section, did_you_mean, wrong

_LAZY = ConfigDict(validate_default=False)


class Attached(Section):
    """One file that is attached fits all that is given."""

    model_config = _LAZY

    name: Names = Field(default=(), description="its name: invoice.pdf, '*.pdf', /regex/")
    type: Names = Field(default=(), description="its type by its content: application/pdf, 'image/*'")
    size: Size = Field(default=None, description="its size: '>1MB'")


class Times(Section):
    """When the mail came in, by the clock of a time zone."""

    model_config = _LAZY

    days: Days = Field(default=(), description="days of the week: sat, or mon-fri")
    hours: HourRanges = Field(default=(), description="times of day: '09:00-17:30'")
    zone: Zone = Field(description="the time zone: Europe/Berlin")

    @model_validator(mode="after")
    def _something(self) -> Times:
        if not self.days and not self.hours:
            raise wrong("this time is always", "give days, hours, or both")
        return self


class WordsOf(Section):
    """Words of a list, in any language or in some."""

    model_config = _LAZY

    list_: Annotated[Word, AfterValidator(names.word_list)] = Field(alias="list", description="the name of the list")
    languages: Languages = Field(default=(), description="only the words of these languages")
    _phrases: Phrases = PrivateAttr()

    def model_post_init(self, context: Any) -> None:
        known = context["known"] if context else None
        lists = known.words.get(self.list_, {}) if isinstance(known, Known) else {}
        for language in self.languages:
            if lists and language not in lists:
                hint = did_you_mean(language, sorted(lists))
                raise wrong(f"the words '{self.list_}' are not there in the language '{language}'", hint)
        chosen = {key: words for key, words in lists.items() if not self.languages or key in self.languages}
        self._phrases = phrases(self.list_, chosen)

    @property
    def phrases(self) -> Phrases:
        """The pattern that finds the words."""
        return self._phrases


class Auth(Section):
    """What was found out about who wrote the mail (RFC 8601 section 2.7). DKIM: of any signature that it carries."""

    model_config = _LAZY

    dmarc: AuthResults = Field(default=(), description="pass, fail, none …: whether From says the truth")
    spf: AuthResults = Field(default=(), description="whether that server may send for the domain of the envelope")
    dkim: AuthResults = Field(default=(), description="whether a domain has signed the mail")

    @model_validator(mode="after")
    def _something(self) -> Auth:
        if not (self.dmarc or self.spf or self.dkim):
            raise wrong("nothing is asked", "give dmarc, spf or dkim")
        return self


class Customer(Section):
    """What is known of the customer."""

    model_config = _LAZY

    address: Addresses = Field(default=(), description="the ticket's requester, whoever wrote this mail")
    language: Languages = Field(default=(), description="the language that his mail program names: de")
    first_ticket: Given[bool | None] = Field(default=None, description="whether it is his first ticket here")
    vip: Given[bool | None] = Field(default=None, description="whether the account that he belongs to is a VIP")
    account: Names = Field(default=(), description="the name of that account: Bigcorp, 'Big*'")
    reseller: Addresses = Field(default=(), description="the reseller of that account")


Conditions = Annotated[tuple["Condition", ...], Some]


class Condition(Section):
    """All keys that are given must hold. None given: every mail."""

    model_config = _LAZY

    any: Conditions = Field(default=(), description="at least one of these conditions")
    all: Conditions = Field(default=(), description="each of these conditions")
    not_: Given[Condition | None] = Field(default=None, alias="not", description="this does not hold")
    from_: Addresses = Field(
        default=(), alias="from", description="who wrote: ann@example.org, '*@example.org', /regex/"
    )
    to: Addresses = Field(default=(), description="an address in To or Cc")
    recipient: Addresses = Field(default=(), description="an address of ours that the mail was delivered to, whole")
    mailbox: Addresses = Field(default=(), description="the mailbox the mail came to")
    company: Companies = Field(default=(), description="the company the mail came to")
    kind: Kinds = Field(default=(), description="human, automatic (also out-of-office), or bulk")
    subject: Texts = Field(default=(), description="the subject: a text it contains, or a /regex/")
    body: Texts = Field(default=(), description="the new text of the mail, without what it quotes")
    whole_body: Texts = Field(default=(), description="the whole text of the mail, with what it quotes")
    sentiment: Tone = Field(default=None, description="how the new text sounds, -1 (bad) to 1: '<-0.5'; English only")
    words: Words[WordsOf | None] = Field(default=None, description="words of a list stand in the subject or new text")
    header: Headers = Field(default_factory=nothing, description="name to pattern, true (is there) or false")
    has_attachment: Given[bool | None] = Field(
        default=None, description="whether a file is attached; pictures inside the text are not"
    )
    attachment: Given[Attached | None] = Field(
        default=None, description="a file with this name, type, size is attached"
    )
    size: Size = Field(default=None, description="the size of the whole mail: '>1MB'")
    time: Given[Times | None] = Field(default=None, description="when the mail came in: days, hours, zone")
    business_hours: Calendars = Field(default=(), description="it was open by one of these calendars of the settings")
    spam_score: Number = Field(default=None, description="what the mail server in front says: '>5'")
    auth: Given[Auth | None] = Field(default=None, description="what SPF, DKIM and DMARC say of who wrote it")
    customer: Given[Customer | None] = Field(default=None, description="what is known of the customer")
    status: Statuses = Field(default=(), description="the ticket's status")
    priority: Priorities = Field(default=(), description="the ticket's priority: high, or '>=high'")
    category: Categories = Field(default=(), description="the ticket's category")
    tags: Tags = Field(default=(), description="one of these tags is on the ticket")
    team: Teams = Field(default=(), description="the team that has the ticket")
    assignee: Agents = Field(default=(), description="the agent who has the ticket")
    field: FieldTests = Field(default_factory=nothing, description="custom field to pattern, true (has one) or false")
    rating: Ratings = Field(default=(), description="the customer's mark for the ticket: 1, or '<=2'")
    assigned: Given[bool | None] = Field(default=None, description="whether an agent has the ticket")
    _open: tuple[tuple[str, IsOpen], ...] = PrivateAttr(default=())
    _measure: Measure | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, data: Any) -> Any:
        if data is None:  # its lines may have been commented out: it must not fit every mail all of a sudden
            raise wrong("this condition is empty", "leave the key out if the rule is for every mail")
        return data

    def model_post_init(self, context: Any) -> None:
        known = context["known"] if context else None
        known_calendars = known.calendars if isinstance(known, Known) else {}
        self._measure = known.sentiment if isinstance(known, Known) else None
        if self.sentiment is not None and isinstance(known, Known) and self._measure is None:
            raise wrong("nothing that can measure `sentiment` is installed", f"{INSTALL}, or leave it out")
        self._open = tuple((name, known_calendars[name]) for name in self.business_hours if name in known_calendars)

    @property
    def calendars(self) -> tuple[tuple[str, IsOpen], ...]:
        """The calendars of `business_hours`, by name."""
        return self._open

    @property
    def measure(self) -> Measure | None:
        """What measures how a text sounds."""
        return self._measure


def inside(condition: Condition) -> Iterator[Condition]:
    """The condition and every one within it."""
    yield condition
    for part in (*condition.any, *condition.all, *((condition.not_,) if condition.not_ else ())):
        yield from inside(part)
