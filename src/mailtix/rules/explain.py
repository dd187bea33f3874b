"""Why rules did what they did: every rule, every condition with what it saw, and whose word was the last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from mailtix.model.change import Change, Tagged, Untagged
from mailtix.rules.engine import Hit, Outcome, applies, run_over
from mailtix.rules.language import Actions, Condition, Event
from mailtix.rules.load import LoadedRule, RuleSet
from mailtix.rules.match import MailView, Reading, judge
from mailtix.rules.measures import span_text
from mailtix.rules.pattern import Text

# A value is shown to people; the whole mail is in the journal.
_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Seen:
    """One condition: its key, whether it holds, why, and the value it saw ("" where `because` tells it all).

    `parts` are the conditions inside `any`, `all` and `not`; each list item is a Seen whose key is "".
    """

    key: str
    holds: bool
    because: str
    saw: str = ""
    parts: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule. `skipped` says why it was not asked ("" if it was); then `holds` tells what it would have said."""

    rule: LoadedRule
    holds: bool
    because: str
    skipped: str
    conditions: tuple[Seen, ...]
    hit: Hit | None = None

    @property
    def wants(self) -> tuple[str, ...]:
        """What the rule's actions are, as they are written."""
        then = self.rule.rule.then
        return tuple(
            _written(name, getattr(then, name)) for name in Actions.model_fields if name in then.model_fields_set
        )


def _written(name: str, value: object) -> str:
    match value:
        case tuple():
            return f"{name}: {', '.join(map(str, value))}"
        case Mapping():
            return f"{name}: {', '.join(text if not key else f'{key}: {text}' for key, text in value.items())}"
        case True | "" if name in ("drop", "stop", "hold", "escalate"):
            return name
        case timedelta():
            return f"{name}: {span_text(value)}"
    return f"{name}: {value}"


def explain(rules: RuleSet, view: MailView, event: Event) -> list[Tried]:
    """Every rule in order, each asked of the ticket as the ones before it left it; also those that were not asked."""
    reading, stopped, tried = Reading(view), "", []
    for loaded in rules.rules:
        conditions = tuple(_seen(loaded.rule.when, reading))
        verdict = judge(loaded.rule.when, reading)
        skipped = _skipped(loaded, view, event, stopped)
        [*hits] = () if skipped else run_over((loaded,), reading, event).hits
        tried.append(Tried(loaded, verdict.holds, verdict.because, skipped, conditions, hits[0] if hits else None))
        if hits and not hits[0].shadow and (loaded.rule.then.stop or hits[0].ends(view)):
            stopped = loaded.rule.name
    return tried


def _skipped(loaded: LoadedRule, view: MailView, event: Event, stopped: str) -> str:
    """Why the rule was not asked, "" if it was."""
    rule = loaded.rule
    if not rule.enabled:
        return "it is switched off"
    if event not in rule.on:
        return f"it is for {' and '.join(map(str, rule.on))}, and this is {event}"
    if not applies(rule, view, event):
        return f"its last day was {rule.until}"
    return f"the rule {stopped} ended it there" if stopped else ""


def _seen(condition: Condition, reading: Reading) -> Iterator[Seen]:
    """Each key that is given, all of them: people want to see also what was not asked any more."""
    for name in Condition.model_fields:
        if name in condition.model_fields_set and name not in ("any", "all", "not_"):
            yield from _leaf(name, condition, reading)
    for name, parts in (("any", condition.any), ("all", condition.all)):
        if parts:
            inner = tuple(_whole(part, reading) for part in parts)
            verdict = judge(_alone(condition, name, parts), reading)
            yield Seen(name, verdict.holds, verdict.because, parts=inner)
    if condition.not_ is not None:
        part = _whole(condition.not_, reading)
        yield Seen("not", not part.holds, part.because, parts=(part,))


def _whole(condition: Condition, reading: Reading) -> Seen:
    verdict = judge(condition, reading)
    return Seen("", verdict.holds, verdict.because, parts=tuple(_seen(condition, reading)))


def _leaf(name: str, condition: Condition, reading: Reading) -> Iterator[Seen]:
    """One key, judged as if it stood alone; each header field by itself."""
    value = getattr(condition, name)
    alone = [(name, {header: patterns}) for header, patterns in value.items()] if name == "header" else [(name, value)]
    for key, only in alone:
        verdict = judge(_alone(condition, key, only), reading)
        label = f"header {next(iter(only))}" if key == "header" else key.rstrip("_")
        yield Seen(label, verdict.holds, verdict.because, _saw(key, only, reading))


def _alone(condition: Condition, key: str, value: object) -> Condition:
    """The condition with that one key, and with what it knows of calendars and the like."""
    nothing = {name: getattr(_NOTHING, name) for name in Condition.model_fields}
    return condition.model_copy(update={**nothing, key: value})


_NOTHING = Condition()


def _saw(name: str, value: object, reading: Reading) -> str:
    """The value that the condition was asked about, where that is a text of the mail."""
    if name == "header" and isinstance(value, Mapping):
        return _shown(reading.header(next(iter(value))))
    look = _LOOKS.get(name)
    return _shown(look(reading)) if look else ""


_LOOKS: Mapping[str, Callable[[Reading], list[Text]]] = {
    "from_": lambda reading: reading.sender,
    "to": lambda reading: reading.addressees,
    "recipient": lambda reading: reading.recipients,
    "mailbox": lambda reading: reading.mailbox,
    "subject": lambda reading: reading.subject,
    "body": lambda reading: reading.body,
    "whole_body": lambda reading: reading.whole_body,
}


def _shown(texts: list[Text]) -> str:
    whole = ", ".join(" ".join(text.plain.split()) for text in texts)
    return whole if len(whole) <= _SHOWN else f"{whole[:_SHOWN]}…"


def winners(outcome: Outcome) -> list[tuple[Change, str, tuple[str, ...]]]:
    """For each change that came out: the rule whose word it was, and the earlier rules that wanted another."""
    found = []
    for change in outcome.changes:
        place = max(index for index, hit in enumerate(outcome.done) if change in hit.changes)
        earlier = outcome.done[:place]
        lost = tuple(hit.rule for hit in earlier if any(_rivals(change, other) for other in hit.changes))
        found.append((change, outcome.done[place].rule, lost))
    return found


def _rivals(change: Change, other: Change) -> bool:
    """Whether two changes cannot both be: two values of one field, or a tag added and taken off."""
    if isinstance(change, Tagged | Untagged):
        return isinstance(other, Tagged | Untagged) and other.tag == change.tag and change != other
    return type(change) is type(other) and change != other
