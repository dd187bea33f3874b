"""YAML texts to a set of rules, or all their mistakes at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from mailtix.model.desk import Company
from mailtix.rules.actions import SUGGESTED
from mailtix.rules.checks import Placed, contradictions, warnings
from mailtix.rules.events import Event, Every, Idle
from mailtix.rules.index import Index
from mailtix.rules.language import Condition, Known, Rule, RuleFile, inside
from mailtix.rules.wordlists import with_own
from mailtix.yamltext import BadText, Document, Mistake, read, validate

# What can be asked of a ticket by looking at its row alone.
_OF_TICKET = ("status", "priority", "category", "team", "assignee")


class BadRules(BadText):
    """Rules that cannot be used, with all their mistakes."""


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule and where it stands."""

    rule: Rule
    file: str
    line: int


@dataclass(frozen=True)
class RuleSet:
    """All rules, in the order in which they are tried: by file, then by position.

    `files` are the texts they were made of, as (name, text); `version` is a SHA-256 of these, in hex.
    """

    rules: tuple[LoadedRule, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    version: str = ""
    warnings: tuple[Mistake, ...] = ()

    @cached_property
    def index(self) -> Index:
        """Made when it is first wanted: a set that is only checked needs none."""
        return Index([loaded.rule for loaded in self.rules])

    @cached_property
    def answers_again(self) -> bool:
        """Whether any rule answers other mail than the first, so that it has to be known what was answered before."""
        return any(loaded.rule.then.reply and loaded.rule.on != ("new",) for loaded in self.rules)

    @cached_property
    def idles(self) -> tuple[Idle, ...]:
        """The spans of silence after which rules are tried."""
        return tuple(dict.fromkeys(event for event in self._events if isinstance(event, Idle)))

    @cached_property
    def times(self) -> tuple[Every, ...]:
        """The moments that come again and again, at which rules are tried."""
        return tuple(dict.fromkeys(event for event in self._events if isinstance(event, Every)))

    def timer(self, kind: str) -> Idle | Every | None:
        """The event that timers of that kind are for, None when no rule is any more."""
        return next((event for event in chain[Idle | Every](self.idles, self.times) if event.timer == kind), None)

    def among(self, event: Event, company: str) -> tuple[Mapping[str, tuple[str, ...]], ...]:
        """What a company's ticket must be like for any rule to hold at that event: one of these, by its status,
        priority, category, team and assignee. What is not named may be anything. When one of several rules holds, the
        first that does has found the ticket as it was, so each is asked for by itself."""
        rules = (loaded.rule for loaded in self.rules if loaded.rule.enabled and event in loaded.rule.on)
        whens = (rule.when for rule in rules if not rule.when.company or company in rule.when.company)
        return tuple(_of_ticket(when) for when in whens)

    @cached_property
    def events(self) -> frozenset[Event]:
        """The events at which any rule is tried."""
        return frozenset(self._events)

    @cached_property
    def follows(self) -> frozenset[Event]:
        """The events of rules that follow on what a mail has changed."""
        return frozenset(event for event in self._events if event in ("status", "assigned", "rated"))

    @property
    def _events(self) -> Iterator[Event]:
        return (event for loaded in self.rules if loaded.rule.enabled for event in loaded.rule.on)

    @cached_property
    def asks_auth(self) -> frozenset[Event]:
        """The events at which any rule asks who really wrote the mail, which has to be looked up."""
        asking = (loaded.rule for loaded in self.rules if any(part.auth for part in inside(loaded.rule.when)))
        return frozenset(event for rule in asking if rule.enabled for event in rule.on)

    @cached_property
    def asks_similar(self) -> bool:
        """Whether any rule wants the category of similar tickets, which have to be looked up."""
        return any(loaded.rule.enabled and loaded.rule.then.category == SUGGESTED for loaded in self.rules)

    @cached_property
    def asks_first_ticket(self) -> bool:
        """Whether any rule asks if it is the customer's first ticket, which has to be looked up."""
        conditions = (part for loaded in self.rules for part in inside(loaded.rule.when))
        return any(part.customer is not None and part.customer.first_ticket is not None for part in conditions)


def _of_ticket(when: Condition) -> Mapping[str, tuple[str, ...]]:
    nobody = {"assignee": ("",)} if when.assigned is False else {}
    return nobody | {key: tuple(map(str, own)) for key in _OF_TICKET if (own := getattr(when, key))}


def load(files: Sequence[tuple[str, str | bytes]], known: Known) -> RuleSet:
    """The rules in those files, given as (name, text). Raises BadRules with the mistakes of all files."""
    placed: list[Placed] = []
    mistakes: list[Mistake] = []
    documents = [_wrapped(read(text, name)) for name, text in files]
    known = replace(known, words=with_own(documents))
    for document in documents:
        if (mistake := _no_list(document)) is not None:
            mistakes.append(mistake)
            continue
        content, wrong = validate(document, RuleFile, {"known": known})
        mistakes += wrong
        for index, rule in enumerate(content.rules if content else ()):
            mistakes += _not_of_that_company(document, index, rule, known)
            placed.append(Placed(rule, document, index))
            mistakes += contradictions(placed[-1])
    mistakes += _same_name(documents)
    order = {name: place for place, (name, _) in enumerate(files)}
    if mistakes:
        raise BadRules(sorted(mistakes, key=lambda m: (order[m.file], m.line, m.column)))
    rules = [LoadedRule(p.rule, p.document.file, p.document.where(("rules", p.index)).line) for p in placed]
    doubts = sorted(warnings(placed), key=lambda m: (order[m.file], m.line, m.column))
    texts = tuple((name, text if isinstance(text, str) else text.decode("utf-8-sig")) for name, text in files)
    return RuleSet(tuple(rules), texts, _version(texts), tuple(doubts))


def _version(texts: Sequence[tuple[str, str]]) -> str:
    """The same for the same files in the same order, wherever their folder is: nodes may keep it elsewhere."""
    files = [(name.rpartition("/")[2], text) for name, text in texts]
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()


def _wrapped(document: Document) -> Document:
    """A bare list of rules is the list under `rules`."""
    return document.under("rules") if isinstance(document.data, list) else document


def _no_list(document: Document) -> Mistake | None:
    """What is wrong with a file that holds something else, such as a rule without its dash."""
    if not document.readable or document.data is None:
        return None
    if isinstance(document.data, dict) and ("rules" in document.data or "words" in document.data):
        return None
    return document.mistake((), "a file holds a list of rules", "begin each rule with a dash: `- name: …`")


def _same_name(documents: Sequence[Document]) -> Iterator[Mistake]:
    """A history that says 'rule Refunds' must mean one rule."""
    first: dict[str, str] = {}
    for document in documents:
        for path, name in _names(document):
            at = document.where(path)
            here = f"{at.file}:{at.line}"
            before = first.setdefault(name.casefold(), here)
            if before != here:
                yield document.mistake(path, f"the name '{name}' is taken", f"another rule has it: {before}")


def _not_of_that_company(document: Document, index: int, rule: Rule, known: Known) -> Iterator[Mistake]:
    """What a company that the rule is for does not have: a ticket must not go to another company's people."""
    for desk in known.desks:
        if rule.when.company and desk.name not in rule.when.company:
            continue
        for key, text in _strangers(rule, desk):
            others = [other.name for other in known.desks if key not in dict(_strangers(rule, other))]
            hint = f"limit the rule: add `company: [{', '.join(others)}]` to its `when`"
            yield document.mistake(("rules", index, "then", key), text, hint)


def _strangers(rule: Rule, desk: Company) -> Iterator[tuple[str, str]]:
    """Each action that names something the company does not have, and a sentence."""
    then = rule.then
    if then.assign and not desk.agent(then.assign):
        yield "assign", f"{then.assign} does not work for {desk.name}"
    for key in then.watch:
        if not desk.agent(key):
            yield "watch", f"{key} does not work for {desk.name}"
    if then.team and then.team not in desk.teams:
        yield "team", f"nobody who works for {desk.name} is in the team '{then.team}'"
    for name in then.notify:
        if name not in desk.teams and not desk.agent(name):
            yield "notify", f"nobody who works for {desk.name} is called or in the team '{name}'"
    if then.category and then.category != SUGGESTED and desk.categories and then.category not in desk.categories:
        yield "category", f"{desk.name} has no category '{then.category}'"


def _names(document: Document) -> Iterator[tuple[tuple[str | int, ...], str]]:
    rules = document.data.get("rules") if isinstance(document.data, dict) else None
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, dict) and isinstance(rule.get("name"), str):
            yield ("rules", index, "name"), rule["name"]
