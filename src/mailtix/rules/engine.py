"""Runs the rules over a mail: what changes, and which rule wanted what because of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailtix.model.ticket import Assigned, CategoryChanged, Change, PriorityChanged, Tagged, TeamChanged
from mailtix.rules.language import Actions, Event
from mailtix.rules.load import RuleSet
from mailtix.rules.match import MailView, Reading, judge


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that held: where it stands, why it held, and what it wanted."""

    rule: str
    file: str
    line: int
    because: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules come to. `changes` holds the last word on each field and every tag; `hits` all that was wanted."""

    changes: tuple[Change, ...] = ()
    hits: tuple[Hit, ...] = ()


def run(rules: RuleSet, view: MailView, event: Event) -> Outcome:
    """Tries each rule once, in order, until one says stop."""
    reading = Reading(view)
    hits: list[Hit] = []
    for loaded in rules.rules:
        rule = loaded.rule
        if not rule.enabled or event not in rule.on:
            continue
        verdict = judge(rule.when, reading)
        if verdict.holds:
            hits.append(Hit(rule.name, loaded.file, loaded.line, verdict.because, tuple(_changes(rule.then))))
            if rule.then.stop:
                break
    return Outcome(_last_words(hits), tuple(hits))


def _changes(actions: Actions) -> Iterator[Change]:
    if actions.category is not None:
        yield CategoryChanged(actions.category)
    if actions.priority is not None:
        yield PriorityChanged(actions.priority)
    if actions.team is not None:
        yield TeamChanged(actions.team)
    if actions.assign is not None:
        yield Assigned(actions.assign)
    for tag in actions.tag:
        yield Tagged(tag)


def _last_words(hits: Iterable[Hit]) -> tuple[Change, ...]:
    """One change for each field, the last that was wanted, in the place of the first; each tag once."""
    last: dict[object, Change] = {}
    for hit in hits:
        for change in hit.changes:
            last[change if isinstance(change, Tagged) else type(change)] = change
    return tuple(last.values())
