"""The language of rules. These models are the schema: they check the files and make the JSON Schema for editors."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from mailtix.rules.actions import SUGGESTED, sensible
from mailtix.rules.actions import Actions as Actions
from mailtix.rules.conditions import Attached as Attached
from mailtix.rules.conditions import Condition as Condition
from mailtix.rules.conditions import Customer as Customer
from mailtix.rules.conditions import Times as Times
from mailtix.rules.conditions import WordsOf as WordsOf
from mailtix.rules.conditions import inside as inside
from mailtix.rules.events import MAIL, Events
from mailtix.rules.events import Event as Event
from mailtix.rules.names import Known as Known
from mailtix.rules.sample import Sample
from mailtix.rules.values import LastDay, Word, WordListsOf, nothing
from mailtix.yamltext import Section, wrong


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
        "changed the ticket's status, or who has it; rated: the customer's mark; sla_warning, sla_breach: a target is "
        "near, or was missed; {idle: 3d}: nobody has written for so long; {time: '0 9 * * mon'}: crontab(5)",
    )
    when: Condition = Field(default_factory=Condition, description="left out: every mail")
    examples: tuple[Sample, ...] = Field(default=(), description="mails, and what must come out of them")
    then: Annotated[Actions, AfterValidator(sensible)] = Field(description="what happens to the ticket")

    @model_validator(mode="after")
    def _drops_only_mail(self) -> Rule:
        """What was done already because of a mail is not undone by dropping it."""
        if self.then.drop and not MAIL.issuperset(self.on):
            raise wrong("only mail can be dropped", "with this action, `on` may be new and reply")
        if self.then.category == SUGGESTED and self.on != ("new",):
            raise wrong("a category is only suggested for a new ticket", "with `category: suggested`, `on` is new")
        if self.then.reject and not MAIL.issuperset(self.on):
            raise wrong("only mail can be rejected", "with this action, `on` may be new and reply")
        if self.then.hold is not None and not MAIL.issuperset(self.on):
            raise wrong("only mail can be held", "with this action, `on` may be new and reply")
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
