"""The language of rules. These models are the schema: they check the files and make the JSON Schema for editors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, PrivateAttr, model_validator

from mailtix.model.desk import Strategy
from mailtix.model.ticket import Status
from mailtix.rules import names
from mailtix.rules.names import Known as Known
from mailtix.rules.pattern import Phrases, phrases
from mailtix.rules.sample import Sample
from mailtix.rules.values import (
    Addresses,
    Agents,
    Answers,
    Categories,
    Companies,
    Days,
    Events,
    Given,
    Headers,
    HourRanges,
    Kinds,
    Languages,
    LastDay,
    Names,
    Note,
    Priorities,
    PriorityOrStep,
    Readers,
    Size,
    Some,
    Statuses,
    Tags,
    Teams,
    Texts,
    Word,
    WordListsOf,
    Words,
    Zone,
    nothing,
)
from mailtix.rules.values import Event as Event
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


class Customer(Section):
    """What is known of the customer."""

    model_config = _LAZY

    address: Addresses = Field(default=(), description="the ticket's requester, whoever wrote this mail")
    language: Languages = Field(default=(), description="the language that his mail program names: de")
    first_ticket: Given[bool | None] = Field(default=None, description="whether it is his first ticket here")


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
    customer: Given[Customer | None] = Field(default=None, description="what is known of the customer")
    status: Statuses = Field(default=(), description="the ticket's status")
    priority: Priorities = Field(default=(), description="the ticket's priority: high, or '>=high'")
    category: Categories = Field(default=(), description="the ticket's category")
    tags: Tags = Field(default=(), description="one of these tags is on the ticket")
    team: Teams = Field(default=(), description="the team that has the ticket")
    assignee: Agents = Field(default=(), description="the agent who has the ticket")
    assigned: Given[bool | None] = Field(default=None, description="whether an agent has the ticket")

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, data: Any) -> Any:
        if data is None:  # its lines may have been commented out: it must not fit every mail all of a sudden
            raise wrong("this condition is empty", "leave the key out if the rule is for every mail")
        return data


def inside(condition: Condition) -> Iterator[Condition]:
    """The condition and every one within it."""
    yield condition
    for part in (*condition.any, *condition.all, *((condition.not_,) if condition.not_ else ())):
        yield from inside(part)


class Actions(Section):
    """What happens to the ticket."""

    model_config = _LAZY

    category: Given[Annotated[Word, AfterValidator(names.category)] | None] = Field(
        default=None, description="sets the category"
    )
    priority: Given[PriorityOrStep | None] = Field(
        default=None, description="sets the priority, or moves it one step up or down"
    )
    status: Given[Status | None] = Field(default=None, description="sets the status")
    assign: Given[Annotated[Word, AfterValidator(names.agent)] | None] = Field(
        default=None, description="gives the ticket to an agent: his address, or his name"
    )
    team: Given[Annotated[Word, AfterValidator(names.team)] | None] = Field(
        default=None, description="gives the ticket to a team"
    )
    strategy: Given[Strategy | None] = Field(
        default=None, description="how the team gives it to one of its people, before the team's own way"
    )
    tag: Tags = Field(default=(), description="adds a tag, or several")
    untag: Tags = Field(default=(), description="takes a tag off, or several")
    note: Given[Note | None] = Field(default=None, description="leaves a note that only the desk sees")
    notify: Readers = Field(default=(), description="tells agents or teams of the ticket, whoever has it")
    reply: Answers = Field(default_factory=nothing, description="answers the customer: a text, or one by language")
    drop: bool = Field(default=False, description="no ticket, no message, nobody is told; the journal keeps the mail")
    stop: bool = Field(default=False, description="no later rule is tried")


def _something(actions: Actions) -> Actions:
    if actions == Actions():
        raise wrong("this rule does nothing", f"give at least one of: {', '.join(Actions.model_fields)}")
    if both := set(actions.tag) & set(actions.untag):
        raise wrong(f"the tag '{min(both)}' is both added and taken off", "leave one of them out")
    if actions.strategy is not None and actions.team is None:
        raise wrong("a strategy belongs to a team", "give the team too")
    if actions.status is Status.OPEN:
        raise wrong("no ticket becomes open by a rule: a new one is", "a done one becomes reopened")
    return actions


class Rule(Section):
    """When this holds, then that happens."""

    model_config = ConfigDict(validate_default=False, json_schema_extra={"title": "Rule"})

    name: Word = Field(description="what the ticket's history calls it; once in all files")
    description: str = Field(default="", description="for people")
    owner: str = Field(default="", description="for people: whom to ask about the rule")
    enabled: bool = Field(default=True, description="false switches the rule off")
    shadow: bool = Field(default=False, description="true: only recorded, nothing is changed")
    until: LastDay = Field(default=None, description="the last day (UTC) of mails that the rule is for: 2026-12-31")
    on: Events = Field(
        default=("new",),
        description="new: a mail that opens a ticket; reply: a customer's mail to one; status, assigned: a mail has "
        "changed the ticket's status, or who has it",
    )
    when: Condition = Field(default_factory=Condition, description="left out: every mail")
    examples: tuple[Sample, ...] = Field(default=(), description="mails, and what must come out of them")
    then: Annotated[Actions, AfterValidator(_something)] = Field(description="what happens to the ticket")

    @model_validator(mode="after")
    def _drops_only_mail(self) -> Rule:
        """What was done already because of a mail is not undone by dropping it."""
        if self.then.drop and not {"new", "reply"}.issuperset(self.on):
            raise wrong("only mail can be dropped", "with this action, `on` may be new and reply")
        return self


class RuleFile(Section):
    """A file of rules; a bare list of rules is the same. `words` are lists of words, by name and language."""

    rules: tuple[Rule, ...] = ()
    words: WordListsOf = Field(default_factory=nothing, description="lists of words by name and language")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file of rules, made of the models above."""
    schema = _without_null(RuleFile.model_json_schema())
    definitions = schema.pop("$defs")
    rules = schema["properties"]["rules"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mailtix rules",
        "anyOf": [{"type": "array", "items": rules["items"]}, schema],
        "$defs": definitions,
    }


def _without_null(schema: Any) -> Any:
    """The schema without the null that stands for 'not given': in a file it is a mistake."""
    if isinstance(schema, list):
        return [_without_null(item) for item in schema if item != {"type": "null"}]
    if isinstance(schema, dict):
        return {key: _without_null(value) for key, value in schema.items() if (key, value) != ("default", None)}
    return schema
