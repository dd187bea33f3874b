"""Tickets that say much the same, and the category that most of them have. Pure.

Nothing is learned and nothing kept: the words of a new mail are looked up in the index of words. Of words that many
tickets have little is thought, of rare ones much.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mailtix.model.suggestion import Suggestion
from mailtix.query.words import words

# More words would cost more than they tell: those of the subject, then the longest, for long words are rare ones.
MOST_WORDS = 12
_SHORTEST = 4
_READ = 2_000  # characters of the text: what a mail is about it says first
_NEIGHBOURS = 5
# Of the weight of all words that anything has, a ticket must have so much; and two words, for one may be chance.
_ALIKE = 0.3
_SHARED = 2
_AGREE = 0.6
_VOTES = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """A word that stands in the index at a place: messages have places above 0, tickets' subjects below, and the newest
    are farthest from it. `ticket` is None for what is not to be looked at."""

    word: str
    place: int
    ticket: int | None
    number: str
    category: str


def telling(subject: str, text: str) -> tuple[str, ...]:
    """The words of a mail that tell most of what it is about."""
    first = _long(words(subject[:_READ]))
    rest = sorted(set(_long(words(text[:_READ]))), key=lambda word: (-len(word), word))
    return tuple(dict.fromkeys((*first, *rest)))[:MOST_WORDS]


def _long(found: Iterable[str]) -> list[str]:
    return [word for word in found if len(word) >= _SHORTEST and not word.isdecimal()]


def suggest(seen: Sequence[Seen], categories: Collection[str]) -> Suggestion | None:
    """The category that most of the nearest tickets have; None when there are too few, or they do not agree. Of these
    `categories`, if there are any."""
    near = _nearest(seen, categories)
    votes = Counter(category for _, category in near)
    [(category, count)] = votes.most_common(1) or [("", 0)]
    if count < _VOTES or count < _AGREE * len(near):
        return None
    numbers = ", ".join(number for number, own in near if own == category)
    return Suggestion(category, f"like {numbers}: {category} {count} of {len(near)}")


def _nearest(seen: Sequence[Seen], categories: Collection[str]) -> list[tuple[str, str]]:
    """The tickets that are most alike as (number, category), the nearest first; of two alike the newer one."""
    weights = _weights(seen)
    shared: dict[int, set[str]] = {}
    known: dict[int, tuple[str, str]] = {}
    for each in seen:
        if each.ticket is not None and each.category and (not categories or each.category in categories):
            shared.setdefault(each.ticket, set()).add(each.word)
            known[each.ticket] = (each.number, each.category)
    scores = {ticket: sum(weights[word] for word in own) for ticket, own in shared.items() if len(own) >= _SHARED}
    enough = _ALIKE * sum(weights.values())
    ranked = sorted((ticket for ticket, score in scores.items() if score >= enough), key=lambda t: (-scores[t], -t))
    return [known[ticket] for ticket in ranked[:_NEIGHBOURS]]


def _weights(seen: Sequence[Seen]) -> Mapping[str, float]:
    """How rare each word is: how many places there are to one that has it, as far back as was looked."""
    newest = max((abs(each.place) for each in seen), default=0)
    places: dict[str, list[int]] = {}
    for each in seen:
        places.setdefault(each.word, []).append(abs(each.place))
    return {word: math.log(1 + (newest - min(own) + 1) / len(own)) for word, own in places.items()}
