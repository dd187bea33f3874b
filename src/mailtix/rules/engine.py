"""Runs the rules over a mail: what changes, and which rule wanted what because of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from mailtix.model.change import (
    Assigned,
    CategoryChanged,
    Change,
    FieldSet,
    PolicyAsked,
    PriorityChanged,
    StatusChanged,
    Tagged,
    TeamChanged,
    Untagged,
    Watched,
)
from mailtix.model.copies import replace
from mailtix.model.making import quickly_made
from mailtix.model.suggestion import Suggestion
from mailtix.model.ticket import Priority, Status
from mailtix.rules.actions import SUGGESTED
from mailtix.rules.language import Actions, Event, Rule
from mailtix.rules.load import LoadedRule, RuleSet
from mailtix.rules.match import MailView, Reading, State, judge
from mailtix.rules.values import nothing

_STEPS = tuple(Priority)


@quickly_made
@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that held: where it stands, why it held, and what it wanted. Of a `shadow` rule nothing is done.

    `note` is for the desk; `notify` names agents (by key) and teams; `reply` is the customer's answer by language ("":
    any); `escalate` is the reason to bring the ticket higher ("" for no word), `snooze` for how long nobody is to be
    bothered, `webhook` the URL of who else is told. `drop` is about the mail; so are `reject`, what its writer is told
    by language, and `hold`, the reason why it waits. None: that is not wanted.
    """

    rule: str
    file: str
    line: int
    because: str
    changes: tuple[Change, ...] = ()
    shadow: bool = False
    note: str = ""
    notify: tuple[str, ...] = ()
    reply: Mapping[str, str] = field(default_factory=nothing)
    reject: Mapping[str, str] = field(default_factory=nothing)
    drop: bool = False
    hold: str | None = None
    escalate: str | None = None
    snooze: timedelta | None = None
    webhook: str = ""

    def ends(self, view: MailView) -> bool:
        """Whether no later rule is tried, as the mail does not come to its ticket now."""
        return not self.shadow and (self.drop or bool(self.reject) or (self.hold is not None and not view.let_in))


@quickly_made
@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules come to. `changes` holds the last word on each field and every tag; `hits` all that was wanted."""

    changes: tuple[Change, ...] = ()
    hits: tuple[Hit, ...] = ()

    @property
    def done(self) -> tuple[Hit, ...]:
        """The hits whose will is done: all but those of shadow rules."""
        return tuple(hit for hit in self.hits if not hit.shadow)

    @property
    def dropped(self) -> Hit | None:
        """The rule that wants the mail to be dropped, if any."""
        return next((hit for hit in self.hits if hit.drop and not hit.shadow), None)

    @property
    def rejected(self) -> Hit | None:
        """The rule that does not take the mail and says so, if any."""
        return next((hit for hit in self.hits if hit.reject and not hit.shadow), None)

    @property
    def held(self) -> Hit | None:
        """The rule that wants the mail to wait, if any."""
        return next((hit for hit in self.hits if hit.hold is not None and not hit.shadow), None)

    @property
    def mail(self) -> Literal["kept", "held", "rejected", "dropped"]:
        """What becomes of the mail itself."""
        return "dropped" if self.dropped else "rejected" if self.rejected else "held" if self.held else "kept"

    @property
    def snooze(self) -> Hit | None:
        """The rule that has the last word on how long nobody is to be bothered, if any."""
        return next((hit for hit in reversed(self.hits) if hit.snooze is not None and not hit.shadow), None)

    @property
    def reply(self) -> Hit | None:
        """The rule that has the last word on what the customer is answered, if any."""
        return next((hit for hit in reversed(self.hits) if hit.reply and not hit.shadow), None)


def run(rules: RuleSet, view: MailView, event: Event) -> Outcome:
    """Tries each rule once, in order, until one says stop. Each sees the ticket as the ones before it left it."""
    reading = Reading(view)
    return run_over((rules.rules[place] for place in rules.index.possible(reading, event)), reading, event)


def run_over(rules: Iterable[LoadedRule], reading: Reading, event: Event) -> Outcome:
    """The same for these rules, which must stand in their order."""
    hits: list[Hit] = []
    for loaded in rules:
        rule = loaded.rule
        if not applies(rule, reading.view, event):
            continue
        verdict = judge(rule.when, reading)
        if not verdict.holds:
            continue
        hit = _hit(loaded, verdict.because, reading)
        hits.append(hit)
        if hit.shadow:
            continue
        for change in hit.changes:
            reading.state = _after(reading.state, change)
        if rule.then.stop or hit.ends(reading.view):
            break
    return Outcome(_last_words(hits), tuple(hits))


def applies(rule: Rule, view: MailView, event: Event) -> bool:
    """Whether the rule is tried at all: it is switched on, for that event, and not past its last day (UTC)."""
    if not rule.enabled or event not in rule.on:
        return False
    return rule.until is None or view.mail.envelope.received_at.date() <= rule.until


def _hit(loaded: LoadedRule, because: str, reading: Reading) -> Hit:
    rule, then, suggestion = loaded.rule, loaded.rule.then, reading.view.suggestion
    if then.category == SUGGESTED:
        because += f"; {suggestion.because}" if suggestion else "; no similar tickets suggest a category"
    return Hit(
        rule=rule.name,
        file=loaded.file,
        line=loaded.line,
        because=because,
        changes=tuple(_changes(then, reading.state, suggestion)),
        shadow=rule.shadow,
        note=then.note or "",
        notify=then.notify,
        reply=then.reply,
        reject=then.reject,
        drop=then.drop,
        hold=then.hold,
        escalate=then.escalate,
        snooze=then.snooze,
        webhook=then.webhook or "",
    )


def _changes(actions: Actions, state: State, suggestion: Suggestion | None) -> Iterator[Change]:
    if actions.category == SUGGESTED:
        yield from (CategoryChanged(suggestion.category),) if suggestion else ()
    elif actions.category is not None:
        yield CategoryChanged(actions.category)
    if actions.priority is not None:
        yield PriorityChanged(_priority(actions.priority, state.priority))
    if actions.team is not None:
        yield TeamChanged(actions.team, actions.strategy)
    if actions.assign is not None:
        yield Assigned(actions.assign)
    if actions.status is not None:
        yield StatusChanged(actions.status)
    for name, value in actions.field.items():
        yield FieldSet(name, value)
    for agent in actions.watch:
        yield Watched(agent)
    if actions.sla is not None:
        yield PolicyAsked(actions.sla)
    for tag in actions.tag:
        yield Tagged(tag)
    for tag in actions.untag:
        yield Untagged(tag)


def _priority(wanted: str, now: Priority) -> Priority:
    """The priority itself, or one step from the one that the ticket has; the ends stay where they are."""
    if wanted not in ("raise", "lower"):
        return Priority(wanted)
    place = _STEPS.index(now) + (1 if wanted == "raise" else -1)
    return _STEPS[min(max(place, 0), len(_STEPS) - 1)]


def _after(state: State, change: Change) -> State:
    """The state with one change of ours applied, as the ticket will have it (tickets.evolve)."""
    match change:
        case CategoryChanged(to=to):
            return replace(state, category=to)
        case PriorityChanged(to=priority):
            return replace(state, priority=priority)
        case TeamChanged(to=to):
            return replace(state, team=to)
        case Assigned(to=to):
            status = Status.ASSIGNED if to and state.status is Status.OPEN else state.status
            return replace(state, assignee=to, status=status)
        case StatusChanged(to=status):
            return replace(state, status=status)
        case FieldSet(name=name, value=value):
            kept = {known: what for known, what in state.fields.items() if known != name}
            return replace(state, fields=kept | {name: value} if value else kept)
        case Tagged(tag=tag):
            return replace(state, tags=state.tags | {tag})
        case Untagged(tag=tag):
            return replace(state, tags=state.tags - {tag})
    return state


def _last_words(hits: Iterable[Hit]) -> tuple[Change, ...]:
    """One change for each field, the last that was wanted, in the place of the first; each tag once."""
    last: dict[object, Change] = {}
    for hit in hits:
        for change in () if hit.shadow else hit.changes:
            last[_field(change)] = change
    return tuple(last.values())


def _field(change: Change) -> object:
    """What the change is about: of two that are about the same, the later one has the last word."""
    match change:
        case Tagged(tag=tag) | Untagged(tag=tag):
            return "tag", tag
        case FieldSet(name=name):
            return "field", name
        case Watched(agent=agent):
            return "watch", agent
    return type(change)
