"""Which rules can hold for a mail at all, found at once for all of them instead of one after the other.

Of each rule one thing is picked that it cannot hold without: one of some texts in the subject, one of some senders …
What is there of these things is looked up by one pass of an automaton for each text. Rules of which nothing can be
picked are always asked. So the rules that are left out are only such as would not have held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import re2  # type: ignore[import-untyped]

from mailtix.rules.language import Condition, Event, Rule, inside
from mailtix.rules.match import Reading
from mailtix.rules.pattern import Contains, Glob, Pattern, Presence, Regex, Text
from mailtix.rules.values import HeaderPatterns

Atom = tuple[str, str]
"""Something that a mail has or has not: the field and the text."""
_TEXTS = ("subject", "body", "whole_body")
_ADDRESSES = {"from_": "sender", "to": "addressees", "recipient": "recipients", "mailbox": "mailbox"}
# What is rarest in mail is asked first: a sender before a text, a text before the kind of mail.
_RANKS = {**dict.fromkeys(_ADDRESSES, 1), **dict.fromkeys(_TEXTS, 2), "header": 3, "regex": 4, "words": 5}
_COMMON = 6
# The automata grow while they are used, up to this; then they begin anew. 1,000 texts of ten letters need about 3 MB.
_MEMORY = 32 << 20


@dataclass(frozen=True, slots=True)
class Needed:
    """Of these atoms one must be there."""

    rank: int
    atoms: frozenset[Atom]


class Automaton:
    """Finds which of many expressions a text has, in one pass (RE2::Set)."""

    def __init__(self, sources: Sequence[str]) -> None:
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY
        self._set = re2.Set.SearchSet(options)
        self._always = self._set.Add("")  # is in every text: if it is not found, the automaton had no memory left
        for source in sources:
            self._set.Add(source)
        try:
            self._set.Compile()
        except re2.error:  # some regexes together are too large for the memory
            self._set = None

    def found_in(self, text: bytes) -> list[int] | None:
        """The places of the sources that are found, None if that cannot be told."""
        found: list[int] = self._set.Match(text) if self._set is not None else []
        return [place - 1 for place in found if place != self._always] if self._always in found else None


@dataclass(frozen=True, slots=True)
class Shelf:
    """The rules for one event: those that are always asked, and the others by what they need. `fields` are those in
    which anything is needed, `addresses` those that hold addresses: what a mail has in others nobody asks for."""

    always: tuple[int, ...]
    by_atom: dict[Atom, tuple[int, ...]]
    fields: frozenset[str]
    addresses: tuple[str, ...]
    automata: dict[str, tuple[Automaton, tuple[Atom, ...]]] = field(default_factory=dict)
    patterns: tuple[tuple[Atom, Pattern], ...] = ()


class Index:
    """The rules of a set, ready to be looked up."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._all = len(rules)
        events = dict.fromkeys(event for rule in rules if rule.enabled for event in rule.on)
        self._shelves: dict[Event, Shelf] = {event: _shelf(rules, event) for event in events}

    def possible(self, reading: Reading, event: Event) -> Sequence[int]:
        """The places of the rules that may hold, in their order."""
        shelf = self._shelves.get(event)
        if shelf is None:
            return ()
        there = _there(shelf, reading)
        if there is None:
            return range(self._all)
        found = set(shelf.always)
        for atom in there:
            if atom in shelf.by_atom:
                found.update(shelf.by_atom[atom])
        return sorted(found)


def _shelf(rules: Sequence[Rule], event: Event) -> Shelf:
    always: list[int] = []
    by_atom: dict[Atom, list[int]] = {}
    phrases: dict[Atom, Pattern] = {}
    for place, rule in enumerate(rules):
        if not rule.enabled or event not in rule.on:
            continue
        needed = _needed(rule.when)
        if needed is None:
            always.append(place)
            continue
        for atom in needed.atoms:
            by_atom.setdefault(atom, []).append(place)
        phrases |= {_words(part): part.words.phrases for part in inside(rule.when) if part.words}
    automata = {}
    for name in (*_TEXTS, *(f"regex {text}" for text in _TEXTS)):
        if atoms := tuple(atom for atom in by_atom if atom[0] == name):
            sources = [atom[1] if name.startswith("regex") else re2.escape(atom[1]) for atom in atoms]
            automata[name] = (Automaton(sources), atoms)
    wanted = tuple((atom, pattern) for atom, pattern in phrases.items() if atom in by_atom)
    needing = {atom: tuple(places) for atom, places in by_atom.items()}
    fields = frozenset(name for name, _ in needing)
    return Shelf(tuple(always), needing, fields, tuple(sorted(fields & _ADDRESSES.keys())), automata, wanted)


# ---------------------------------------------------------------- what a rule needs


def _needed(condition: Condition) -> Needed | None:
    """What the condition cannot hold without, the rarest of it; None if nothing can be told."""
    return min(_each_needed(condition), key=lambda needed: (needed.rank, len(needed.atoms)), default=None)


def _each_needed(condition: Condition) -> Iterator[Needed]:
    for key in _ADDRESSES:
        yield from _of_addresses(key, getattr(condition, key))
    for key in _TEXTS:
        yield from _of_texts(key, getattr(condition, key))
    for name, patterns in condition.header.items():
        yield from _of_header(name, patterns)
    if condition.words is not None:
        yield Needed(_RANKS["words"], frozenset({_words(condition)}))
    if condition.has_attachment or condition.attachment is not None:
        yield Needed(_COMMON, frozenset({("attached", "")}))
    for key in ("company", "kind"):
        if values := getattr(condition, key):
            yield Needed(_COMMON, frozenset((key, value) for value in values))
    for part in condition.all:
        yield from _each_needed(part)
    if condition.any:
        parts = [_needed(part) for part in condition.any]
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            yield Needed(max(part.rank for part in known), frozenset().union(*(part.atoms for part in known)))


def _of_texts(key: str, patterns: Iterable[Pattern]) -> Iterator[Needed]:
    atoms, rank = set(), _RANKS[key]
    for pattern in patterns:
        match pattern:
            case Contains(folded=folded):
                atoms.add((key, folded))
            case Regex():
                rank = _RANKS["regex"]
                atoms.add((f"regex {key}", f"(?i:{pattern.expression})" if pattern.any_case else pattern.expression))
            case _:
                return
    if atoms:
        yield Needed(rank, frozenset(atoms))


def _of_addresses(key: str, patterns: Iterable[Pattern]) -> Iterator[Needed]:
    """Whole addresses, and everybody at a domain; what is written otherwise cannot be looked up."""
    atoms = set()
    for pattern in patterns:
        if not isinstance(pattern, Glob):
            return
        source = pattern.source.lower()
        rest = source.removeprefix("*@")
        if not source.isascii() or "*" in rest or "?" in rest or (rest != source and "@" in rest):
            return
        atoms.add((key, source))
    if atoms:
        yield Needed(_RANKS[key], frozenset(atoms))


def _of_header(name: str, patterns: HeaderPatterns) -> Iterator[Needed]:
    if Presence(False) not in patterns:
        yield Needed(_RANKS["header"], frozenset({("header", name.lower())}))


def _words(condition: Condition) -> Atom:
    words = condition.words
    return ("words", f"{words.list_} {' '.join(sorted(words.languages))}" if words else "")


# ---------------------------------------------------------------- what a mail has


def _there(shelf: Shelf, reading: Reading) -> set[Atom] | None:
    """What the mail has of all that rules need; None if that cannot be told, so that every rule is asked."""
    view = reading.view
    there: set[Atom] = {("company", view.company), ("kind", view.kind)}
    if "header" in shelf.fields:
        there.update(("header", name) for name in reading.header_names)
    if "attached" in shelf.fields and reading.files:
        there.add(("attached", ""))
    for key in shelf.addresses:
        for text in getattr(reading, _ADDRESSES[key]):
            if not text.plain.isascii():  # RE2 and Python do not fold all letters of the world alike
                return None
            address = text.plain.lower()
            there.add((key, address))
            there.add((key, f"*@{address.rpartition('@')[2]}"))
    for name, (automaton, atoms) in shelf.automata.items():
        found = _found(automaton, name, getattr(reading, name.removeprefix("regex ")))
        there.update(atoms if found is None else [atoms[place] for place in found])
    if shelf.patterns:
        texts = [*reading.subject, *reading.body]
        there.update(atom for atom, pattern in shelf.patterns if any(pattern.found_in(text) for text in texts))
    return there


def _found(automaton: Automaton, name: str, texts: Iterable[Text]) -> set[int] | None:
    found: set[int] = set()
    for text in texts:
        places: Any = automaton.found_in(text.utf8 if name.startswith("regex") else text.folded_utf8)
        if places is None:
            return None
        found.update(places)
    return found
