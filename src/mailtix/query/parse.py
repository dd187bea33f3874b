"""The text of a query → what it asks for, or every mistake in it. Total: any text gives one or the other."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from mailtix.query import keys
from mailtix.query.keys import KEYS, SORT, Key
from mailtix.query.language import (
    All,
    AnyOf,
    Field,
    Mistake,
    Node,
    Not,
    OneOf,
    Query,
    Snoozed,
    Sort,
    SortKey,
    Words,
)
from mailtix.query.lexer import Mark, Sign, Term, Token, tokens
from mailtix.query.names import DONE, OPEN, WAITING, Known, did_you_mean, named
from mailtix.query.values import agent
from mailtix.query.words import words

LONGEST = 2000  # characters; a query is typed by hand
_MOST_TERMS = 100  # each is a condition in SQL
_DEEPEST = 20  # parentheses in parentheses; more is no question anybody has

_OPEN, _DONE, _WAITING = (OneOf(Field.STATUS, names) for names in (OPEN, DONE, WAITING))
_QUOTED = re.compile(r'"[^"]*"')
# Words that stand for a condition; the text "open" is found in quotes.
SHORTHANDS: dict[str, str] = {
    "open": "not done yet",
    "closed": "resolved, closed or cancelled",
    "waiting": "waits for somebody",
    "mine": "open, and mine",
    "unassigned": "open, and nobody's",
    "urgent": "open, and urgent or critical",
    "overdue": "open, and late",
    "snoozed": "sleeps",
}
_OF_STATUS = ("open", "closed", "waiting")


def parse(text: str, known: Known) -> Query | tuple[Mistake, ...]:
    """What `text` asks for, or every mistake in it in the order of the text. An empty text asks for every ticket."""
    if len(text) > LONGEST:
        return (Mistake(f"a query has {LONGEST} characters at most", LONGEST, 1, "", text[: LONGEST + 1]),)
    found, mistakes = tokens(text)
    terms = [token for token in found if isinstance(token, Term)]
    if len(terms) > _MOST_TERMS:
        return (Mistake(f"a query has {_MOST_TERMS} terms at most", terms[_MOST_TERMS].at, 1, "", text),)
    parser = _Parser(found, known, mistakes)
    where = parser.whole()
    if mistakes:
        return tuple(replace(mistake, source=text) for mistake in sorted(mistakes, key=lambda m: m.at))
    return Query(where, tuple(parser.sort), text)


def phrase(text: str) -> Words | None:
    """Plain words to look for, one after the other, the last one as far as it goes; None if there is no word."""
    found = tuple(words(text))
    return Words(found, prefix=True) if found else None


class _Parser:
    """Goes through the tokens once. A mistake is noted, and the rest is read all the same."""

    def __init__(self, found: list[Token], known: Known, mistakes: list[Mistake]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0
        self._is_cut = False  # after parentheses that go too deep, where the rest is not read
        self._known = known
        self._mistakes = mistakes
        self.sort: list[Sort] = []
        # `mine` is what is open of mine, unless the query speaks of the status itself.
        self._open_is_meant = not any(isinstance(token, Term) and _is_of_status(token) for token in found)

    def whole(self) -> Node:
        parts = []
        while self._at < len(self._tokens):
            parts.append(self._either())
            if (stray := self._next_is(Mark.END)) is not None:
                self._mistake("there is no ( for this )", stray)
                self._at += 1
        return _all(parts)

    def _either(self) -> Node:
        """Parts with `or` between them."""
        parts = [self._every()]
        while (sign := self._next_is(Mark.OR)) is not None:
            self._at += 1
            if parts[-1] == All() or self._ends():
                self._mistake("'or' needs something on both sides", sign)
            parts.append(self._every())
        return _any(parts)

    def _every(self) -> Node:
        """Parts that all have to hold, with or without `and`."""
        parts: list[Node] = []
        while not self._ends():
            if (sign := self._next_is(Mark.AND)) is not None:
                self._at += 1
                if not parts or self._ends():
                    self._mistake("'and' needs something on both sides", sign)
                continue
            part = self._one()
            if part is not None:
                parts.append(part)
        return _all(parts)

    def _one(self) -> Node | None:
        """A term or a group, turned round by each `not` before it. None for what is no condition (sort)."""
        negated, sign = False, None
        while (found := self._next_is(Mark.NOT)) is not None:
            negated, sign = not negated, found
            self._at += 1
        if sign is not None and (self._ends() or self._next_is(Mark.AND)):
            self._mistake("'not' needs something after it", sign)
            return None
        token = self._tokens[self._at]
        self._at += 1
        if isinstance(token, Term) and token.key == SORT:
            self._sorted(token, sign)
            return None
        part = self._group(token) if isinstance(token, Sign) else self._condition(token)
        return Not(part) if negated else part

    def _group(self, begin: Sign) -> Node:
        if self._depth >= _DEEPEST:
            self._mistake(f"parentheses go {_DEEPEST} deep at most", begin)
            self._tokens, self._is_cut = [], True
            return All()
        self._depth += 1
        inner = self._either()
        self._depth -= 1
        if self._next_is(Mark.END) is None:
            if not self._is_cut:
                self._mistake("this ( is not closed", begin)
            return inner
        self._at += 1
        if inner == All():
            self._mistake("there is nothing in these parentheses", begin)
        return inner

    def _condition(self, term: Term) -> Node:
        found = _shorthand(term, self._known, self._open_is_meant) if not term.key else _keyed(term, self._known)
        nodes = [node for node in found if not isinstance(node, Mistake)]
        self._mistakes.extend(mistake for mistake in found if isinstance(mistake, Mistake))
        return _any(nodes) if nodes else OneOf(Field.STATUS, ())

    def _sorted(self, term: Term, sign: Sign | None) -> None:
        if sign is not None or self._depth:
            hint = "write sort:-updated for the other way round" if sign else "write it outside of the parentheses"
            self._mistakes.append(Mistake("sort: is no condition", term.at, len(term.text), hint))
        if not term.values:
            self._mistakes.append(_empty(term, "sort:-updated"))
        for value in term.values:
            reverse = value.text.startswith("-")
            name = named(value.text.removeprefix("-"), self._orders())
            if len(name) == 1:
                self.sort.append(Sort(SortKey(name[0]), reverse))
            else:
                hint = did_you_mean(value.text.removeprefix("-"), self._orders())
                text = f"tickets cannot be sorted by '{value.text}'"
                self._mistakes.append(Mistake(text, value.at, value.length, hint))

    def _orders(self) -> list[str]:
        inside = (SortKey.PRIORITY, SortKey.DUE) if self._known.customer else ()
        return [key.value for key in SortKey if key not in inside]

    def _ends(self) -> bool:
        """Whether a row of parts ends here."""
        return self._at >= len(self._tokens) or bool(self._next_is(Mark.OR) or self._next_is(Mark.END))

    def _next_is(self, mark: Mark) -> Sign | None:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        return token if isinstance(token, Sign) and token.mark is mark else None

    def _mistake(self, text: str, sign: Sign) -> None:
        is_word = sign.mark in (Mark.OR, Mark.AND, Mark.NOT)
        hint = f'write "{sign.mark}" in quotes to look for the word' if is_word else ""
        self._mistakes.append(Mistake(text, sign.at, sign.length, hint))


def _is_of_status(term: Term) -> bool:
    return term.key == Field.STATUS or (not term.key and term.text.lower() in _OF_STATUS)


def _keyed(term: Term, known: Known) -> list[Node | Mistake]:
    """What each of the values means."""
    key = _key(term, known)
    if key is None:
        return [_unknown(term, known)]
    if term.operator not in (":", "=", *key.operators):
        allowed = f"write {key.example}"
        return [Mistake(f"{term.key} cannot be asked with {term.operator}", term.at, len(term.text), allowed)]
    if not term.values:
        return [_empty(term, key.example)]
    return [key.read(value, term.operator, known) for value in term.values]


def _key(term: Term, known: Known) -> Key | None:
    if known.customer:
        return KEYS[term.key] if term.key in keys.FOR_CUSTOMERS else None
    if term.key.startswith(keys.FIELD_PREFIX) and term.key != keys.FIELD_PREFIX:
        name = term.key.removeprefix(keys.FIELD_PREFIX)
        return Key(f"{term.key}:1234", "has that in a field", partial(keys.custom, name))
    return KEYS.get(term.key)


def _unknown(term: Term, known: Known) -> Mistake:
    near = did_you_mean(term.key, [*keys.FOR_CUSTOMERS, SORT] if known.customer else [*KEYS, SORT, keys.FIELD_PREFIX])
    hint = f"{near} (to look for the text itself, put it in quotes)"
    return Mistake(f"there is nothing called '{term.key}' to ask for", term.at, len(term.key), hint)


def _empty(term: Term, example: str) -> Mistake:
    hint = f"write it without a space, such as {example}"
    return Mistake(f"'{term.text}' has no value", term.at, len(term.text), hint)


def _shorthand(term: Term, known: Known, open_is_meant: bool) -> list[Node | Mistake]:
    """A word that stands for a condition, else words to look for."""
    [value] = term.values
    if known.customer and term.text.lower() not in _OF_STATUS:
        return [_text(term)]
    of_open = (_OPEN,) if open_is_meant else ()
    match term.text.lower():
        case "open":
            return [_OPEN]
        case "closed":
            return [_DONE]
        case "waiting":
            return [_WAITING]
        case "urgent":
            return [_all([OneOf(Field.PRIORITY, ("urgent", "critical")), *of_open])]
        case "overdue":
            return [keys.OVERDUE]
        case "snoozed":
            return [Snoozed()]
        case "unassigned":
            return [_all([OneOf(Field.ASSIGNEE, ("",)), *of_open])]
        case "mine":
            me = agent(replace(value, text="me"), known)
            return [me if isinstance(me, Mistake) else _all([OneOf(Field.ASSIGNEE, me), *of_open])]
        case _:
            return [_text(term)]


def _text(term: Term) -> Node | Mistake:
    """Words, the last of them with a star where it may go on. A star in quotes is a part of the text."""
    [value] = term.values
    prefix = term.text.endswith("*")
    found = tuple(words(value.text))
    if "*" in _QUOTED.sub("", term.text.removesuffix("*")):
        hint = "only the end of a word may be open: print*"
        return Mistake(f"'{value.text}' has a star inside", value.at, value.length, hint)
    if not found:
        hint = "words are made of letters and digits"
        return Mistake(f"there is no word to look for in '{value.text}'", value.at, value.length, hint)
    return Words(found, prefix)


def _all(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _any(parts: list[Node]) -> Node:
    """One condition on a field where several are asked for the same one: a list is faster than many."""
    lists = [part for part in parts if isinstance(part, OneOf)]
    if len(parts) > 1 and len(lists) == len(parts) and len({part.field for part in lists}) == 1:
        return OneOf(lists[0].field, tuple(dict.fromkeys(value for part in lists for value in part.values)))
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))
