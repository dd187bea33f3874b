"""What single values cannot show: conditions that contradict themselves, rules that others leave nothing to do for.

A rule that can never hold is a mistake. What depends on other rules is only a warning: it may be meant for a while.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mailtix.rules.events import has_mail
from mailtix.rules.language import Condition, Rule, inside
from mailtix.yamltext import Document, Mistake, Path

# These hold when the value is one of those given, so two of them contradict each other when they have none in common.
_ONE_OF = ("company", "kind", "status", "priority", "category", "team", "assignee")
# What rules can change: whether it holds depends on when it is asked.
_STATE = ("status", "priority", "category", "tags", "team", "assignee", "assigned", "field", "rating")
_SINGLE = (
    "all",
    "not_",
    "header",
    "field",
    "rating",
    "spam_score",
    "sentiment",
    "auth",
    "has_attachment",
    "attachment",
    "size",
    "time",
    "customer",
    "words",
    "assigned",
)
_ASSIGNING = ("category", "priority", "status", "assign", "team")
_OF_PEOPLE = frozenset({"reply", "status", "assigned", "rated"})
# What is only known of a mail. At a moment the subject and the sender are those of the ticket.
_MAIL = (
    "to", "recipient", "kind", "body", "whole_body", "sentiment", "words", "header", "has_attachment", "attachment",
    "size", "spam_score", "auth",
)  # fmt: skip
Needs = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule, and where it stands."""

    rule: Rule
    document: Document
    index: int

    def mistake(self, path: Path, text: str, hint: str = "") -> Mistake:
        return self.document.mistake(("rules", self.index, *path), text, hint)

    @property
    def name(self) -> str:
        at = self.document.where(("rules", self.index))
        return f"'{self.rule.name}' ({at.file}:{at.line})"


def contradictions(placed: Placed) -> Iterator[Mistake]:
    """Why the rule can never hold, or a part of it never can."""
    rule = placed.rule
    for path, text in _within(rule.when, ("when",)):
        yield placed.mistake(path, text, "nothing can fit this; leave one of them out")
    if _OF_PEOPLE.issuperset(rule.on) and rule.when.kind and "human" not in rule.when.kind:
        text = "only mail of people asks rules once there is a ticket"
        yield placed.mistake(("when", "kind"), text, "add human, or `on: new`")
    if silent := next((event for event in rule.on if not has_mail(event)), None):
        for path in _of_mail(rule.when, ("when",)):
            text = f"there is no mail at the event '{silent}', so this cannot be known"
            yield placed.mistake(path, text, "leave it out, or make two rules of it")


def _of_mail(condition: Condition, path: Path) -> Iterator[Path]:
    """Where the condition asks for something of a mail."""
    for key in _MAIL:
        if getattr(condition, key) not in ((), None, {}):
            yield (*path, key)
    if condition.customer is not None and condition.customer.first_ticket is not None:
        yield (*path, "customer", "first_ticket")
    for key in ("any", "all"):
        for index, part in enumerate(getattr(condition, key)):
            yield from _of_mail(part, (*path, key, index))
    if condition.not_ is not None:
        yield from _of_mail(condition.not_, (*path, "not"))


def _within(condition: Condition, path: Path) -> Iterator[tuple[Path, str]]:
    joined = list(_joined(condition, path))
    for key in _ONE_OF:
        yield from _nothing_in_common(joined, key)
    yield from _sizes(joined)
    whole = {key: at for part, at in joined for key in _given(part)}
    parts = [part for part, _ in joined]
    if any(part.has_attachment is False for part in parts) and any(part.attachment is not None for part in parts):
        yield (*whole["attachment"], "attachment"), "an attachment is asked for, and that there is none"
    if any(part.assigned is False for part in parts) and any(part.assignee for part in parts):
        yield (*whole["assignee"], "assignee"), "an assignee is asked for, and that there is none"
    yield from _denied(joined)
    for key in ("any", "all"):
        for index, part in enumerate(getattr(condition, key)):
            yield from _within(part, (*path, key, index))
    if condition.not_ is not None:
        yield from _within(condition.not_, (*path, "not"))


def _joined(condition: Condition, path: Path) -> Iterator[tuple[Condition, Path]]:
    """The condition and all that must hold with it, each with its place."""
    yield condition, path
    for index, part in enumerate(condition.all):
        yield from _joined(part, (*path, "all", index))


def _nothing_in_common(joined: Sequence[tuple[Condition, Path]], key: str) -> Iterator[tuple[Path, str]]:
    common: set[str] | None = None
    for part, path in joined:
        if wanted := {str(value) for value in getattr(part, key)}:
            common = wanted if common is None else common & wanted
            if not common:
                yield (*path, key), f"this contradicts the other '{key}' of the rule"
                return


def _sizes(joined: Sequence[tuple[Condition, Path]]) -> Iterator[tuple[Path, str]]:
    low, high = 0, 10**15
    for part, path in joined:
        if part.size is not None:
            low, high = part.size.narrowed(low, high)
            if low > high:
                yield (
                    (*path, "size"),
                    "no mail has this size" if len(joined) == 1 else "this contradicts the other 'size'",
                )
                return


def _denied(joined: Sequence[tuple[Condition, Path]]) -> Iterator[tuple[Path, str]]:
    """`not` with one key, of which the condition asks for no more than what it denies."""
    for part, path in joined:
        if part.not_ is None:
            continue
        denied = needs(part.not_)
        for other, _ in joined:
            asked = needs(other)
            if len(denied) == 1 and all(key in asked and asked[key] <= values for key, values in denied.items()):
                yield (*path, "not"), "this denies what the rule asks for"
                return


# ---------------------------------------------------------------- rules among each other


def warnings(rules: Sequence[Placed]) -> Iterator[Mistake]:
    """Rules that earlier ones never let through, and actions that later ones always undo."""
    active = [placed for placed in rules if placed.rule.enabled and not placed.rule.shadow]
    wanted = {id(placed): needs(placed.rule.when) for placed in active}
    shelves = _shelves(active, wanted)
    places = {id(placed): place for place, placed in enumerate(active)}
    for place, placed in enumerate(active):
        mine = wanted[id(placed)]
        related = sorted({places[id(other)] for token in _tokens(mine) for other in shelves.get(token, ())})
        for other in (active[index] for index in related if index != place):
            theirs = wanted[id(other)]
            if not _implies(mine, theirs) or not _settled(other):
                continue
            before = places[id(other)] < place
            if before and _ends(other.rule) and _covers(other.rule, placed.rule):
                yield placed.mistake(
                    ("name",),
                    "this rule is never reached",
                    f"for every such mail {other.name} ends the rules before it",
                )
                break
            if not before and not _ended(active[place : places[id(other)]]) and _covers(other.rule, placed.rule):
                yield from _undone(placed, other)


def _shelves(rules: Iterable[Placed], wanted: Mapping[int, Needs]) -> dict[str, list[Placed]]:
    """Rules by what they ask for, so that only those with something in common are compared."""
    found: dict[str, list[Placed]] = {}
    for placed in rules:
        for token in _tokens(wanted[id(placed)], asked_of_all=False):
            found.setdefault(token, []).append(placed)
    return found


def _tokens(wanted: Needs, *, asked_of_all: bool = True) -> Iterator[str]:
    """Each thing that is asked for; "" stands for rules that ask for nothing."""
    if asked_of_all or not wanted:
        yield ""
    yield from (f"{key} {value}" for key, values in wanted.items() for value in values)


def _undone(placed: Placed, later: Placed) -> Iterator[Mistake]:
    for key in _ASSIGNING:
        mine, theirs = getattr(placed.rule.then, key), getattr(later.rule.then, key)
        moved = key == "priority" and theirs in ("raise", "lower")
        if mine is not None and theirs is not None and mine != theirs and not moved:
            text = f"this has no effect: {later.name} sets the {key} to {theirs} for every such mail"
            yield placed.mistake(
                ("then", key), text, "the last rule has the last word; change their order or conditions"
            )


def _covers(wider: Rule, narrower: Rule) -> bool:
    """Whether the first is tried whenever the second is."""
    if wider.until is not None and (narrower.until is None or narrower.until > wider.until):
        return False
    return set(narrower.on) <= set(wider.on)


def _settled(placed: Placed) -> bool:
    """Whether its conditions hold or not whatever rules have changed before."""
    return not any(getattr(part, key) not in ((), None, {}) for part in inside(placed.rule.when) for key in _STATE)


def _ended(rules: Iterable[Placed]) -> bool:
    return any(_ends(placed.rule) for placed in rules)


def _ends(rule: Rule) -> bool:
    """Whether no later rule is tried when this one holds."""
    return rule.then.stop or rule.then.drop or bool(rule.then.reject)


def _implies(narrower: Needs, wider: Needs) -> bool:
    """Whether each mail that has what the first asks for has what the second does. In doubt it has not."""
    return all(key in narrower and narrower[key] <= values for key, values in wider.items())


def needs(condition: Condition) -> Needs:
    """What is asked for, by key: one of the texts of each must be there."""
    found = {}
    for key in _given(condition):
        value = getattr(condition, key)
        found[key] = frozenset({repr(value)}) if key in _SINGLE else frozenset(repr(item) for item in value)
    return found


def _given(condition: Condition) -> list[str]:
    """The keys that the condition has."""
    return [key for key in type(condition).model_fields if getattr(condition, key) not in ((), None, {})]
