"""What rules may do: the actions of a rule as a model, which checks the files and makes the JSON Schema."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo

from mailtix.model.desk import Strategy
from mailtix.model.ticket import Status
from mailtix.rules import names
from mailtix.rules.hooks import webhook_url
from mailtix.rules.values import (
    Agents,
    Answers,
    FieldValues,
    Given,
    Note,
    PriorityOrStep,
    Readers,
    Reason,
    Span,
    Tags,
    Word,
    nothing,
)
from mailtix.yamltext import Section, wrong

_LAZY = ConfigDict(validate_default=False)
SUGGESTED = "suggested"
"""In place of a category: the one that similar tickets of the past have."""


def _category(name: str, info: ValidationInfo) -> str:
    return name if name == SUGGESTED else names.category(name, info)


class Actions(Section):
    """What happens to the ticket."""

    model_config = _LAZY

    category: Given[Annotated[Word, AfterValidator(_category)] | None] = Field(
        default=None, description="sets the category; suggested: to that of similar tickets of the past"
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
    field: FieldValues = Field(default_factory=nothing, description="custom field to its value; '' takes it off")
    watch: Agents = Field(default=(), description="these agents are told of everything from now on")
    sla: Given[Annotated[Word, AfterValidator(names.policy)] | None] = Field(
        default=None, description="the service level that the ticket has"
    )
    escalate: Reason[str | None] = Field(
        default=None, description="brings the ticket to whoever stands above: true, or the reason"
    )
    snooze: Given[Span | None] = Field(default=None, description="nobody is bothered for so long: 3d, 4h")
    note: Given[Note | None] = Field(default=None, description="leaves a note that only the desk sees")
    notify: Readers = Field(default=(), description="tells agents or teams of the ticket, whoever has it")
    reply: Answers = Field(default_factory=nothing, description="answers the customer: a text, or one by language")
    webhook: Given[Annotated[Word, AfterValidator(webhook_url)] | None] = Field(
        default=None, description="tells another program: its URL, on a host that the settings allow"
    )
    hold: Reason[str | None] = Field(
        default=None, description="the mail waits in the journal until somebody lets it in: true, or the reason"
    )
    reject: Answers = Field(
        default_factory=nothing, description="the mail is not taken, and its writer gets this text: one, or by language"
    )
    drop: bool = Field(default=False, description="no ticket, no message, nobody is told; the journal keeps the mail")
    stop: bool = Field(default=False, description="no later rule is tried")


def sensible(actions: Actions) -> Actions:
    """The actions, if they make sense together. Raises pydantic's error with a sentence."""
    if actions == Actions():
        raise wrong("this rule does nothing", f"give at least one of: {', '.join(Actions.model_fields)}")
    if both := set(actions.tag) & set(actions.untag):
        raise wrong(f"the tag '{min(both)}' is both added and taken off", "leave one of them out")
    if actions.strategy is not None and actions.team is None:
        raise wrong("a strategy belongs to a team", "give the team too")
    if actions.status is Status.OPEN:
        raise wrong("no ticket becomes open by a rule: a new one is", "a done one becomes reopened")
    if actions.drop and actions.hold is not None:
        raise wrong("a mail is dropped or it waits, not both", "leave one of them out")
    if actions.reject and (actions.drop or actions.hold is not None):
        other = "is dropped" if actions.drop else "waits"
        raise wrong(f"a mail is rejected or it {other}, not both", "leave one of them out")
    if actions.reject and actions.reply:
        raise wrong("who is rejected gets that text and no other answer", "leave `reply` or `reject` out")
    return actions
