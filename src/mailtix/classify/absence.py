"""Does it read like an out-of-office or automatic reply? Words alone, in many languages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailtix.classify.evidence import Evidence
from mailtix.classify.phrases import absence, first_in, fold, words

_MARKS = ":\uff1a\u2013\u2014-"
_OPENING_LINES = 6
_LINE = 300


@dataclass(frozen=True, slots=True)
class Absence:
    """What the words say. `certain` when they are enough without a header field; `away` when a person is absent."""

    because: tuple[str, ...] = ()
    certain: bool = False
    away: bool = False


@dataclass(frozen=True, slots=True)
class _Opening:
    """The first lines, folded, and what they say."""

    lines: tuple[str, ...]

    @property
    def machine(self) -> str:
        """The sentence that a machine wrote this, or ""."""
        phrases = absence().is_machine
        lines = [line for line in self.lines if line.startswith(phrases)]
        return next((p for line in lines for p in phrases if line.startswith(p) and _ends(line, p)), "")

    @property
    def away(self) -> str:
        """The words that somebody is away, or ""."""
        return first_in(absence().says, " ".join(self.lines))

    @property
    def personal(self) -> bool:
        """Whether a line begins as an absent person's do: "I am", "Thank you for your"."""
        opens = words("automatic", "absence", "opens")
        return any(_begins(line, phrase) for line in self.lines if line.startswith(opens) for phrase in opens)

    @property
    def asks(self) -> bool:
        """Whether they ask, quote or complain, as only a person does."""
        quotes = any(line.startswith(">") for line in self.lines)
        return quotes or bool(first_in(words("automatic", "absence", "asks"), " ".join(self.lines)))


def read_absence(seen: Evidence, signed: bool) -> Absence:
    """The signs in subject and first lines; `signed` says that a header field tells of a machine already.

    Without that, a subject before which a mail program has put Re: or Fwd: is no sign, nor is a text that asks.
    """
    if not signed and seen.is_reply_or_forward:
        return Absence()
    subject, opening = _subject(seen.subject), _opening(seen)
    machine = opening.machine
    if not (subject or machine or signed) or (machine and not subject and not signed and opening.asks):
        return Absence()
    away = opening.away
    because = [f'the subject begins with "{subject}"'] if subject else []
    because += [f'the text says "{phrase}"' for phrase in (machine, away) if phrase]
    told = bool(machine) and not opening.asks
    certain = told or (bool(subject) and _is_responders(subject, opening, seen))
    return Absence(tuple(because), certain, bool(away) or (bool(subject) and not _merely_automatic(subject)))


def _is_responders(subject: str, opening: _Opening, seen: Evidence) -> bool:
    """Whether a phrase at the head of the subject is a responder's and not a person's who has a question about it.

    It is when the mail answers something or wants no answer. Else the text decides: "I am away" is a responder's; what
    asks, or speaks of absences in general, is a person's. Phrases that people use as well need both.
    """
    answers = seen.answers_something or seen.has("x-auto-response-suppress")
    if subject in words("automatic", "absence", "weak"):
        return answers and bool(opening.away) and not opening.asks
    if answers:
        return True
    if opening.asks or "?" in seen.subject:
        return False
    return opening.personal if opening.away else subject not in seen.head()


def _subject(subject: str) -> str:
    """The phrase that the folded subject begins with, or ""."""
    known = absence()
    if subject.startswith(known.subjects):
        return next(phrase for phrase in known.subjects if subject.startswith(phrase))
    if not subject.startswith(known.prefixes):
        return ""
    for phrase in known.prefixes:
        if subject.startswith(phrase) and subject[len(phrase) :].lstrip()[:1] in tuple(_MARKS):
            return phrase
    return ""


def _merely_automatic(subject: str) -> bool:
    return any(stem in subject for stem in words("automatic", "absence", "merely_automatic"))


def _opening(seen: Evidence) -> _Opening:
    lines = [line for line in seen.mail.text[: _LINE * _OPENING_LINES].splitlines() if line.strip()]
    return _Opening(tuple(fold(line[:_LINE]) for line in lines[:_OPENING_LINES]))


def _begins(line: str, phrase: str) -> bool:
    return line.startswith(phrase) and not line[len(phrase) : len(phrase) + 1].isalpha()


# A sentence "this is an automatic reply" may go on with these.
_GOES_ON = re.compile(
    r"(?:to|from|sent|auf|von|vom|de|da|di|van|op|and|und|na|od|til|pa|generated|gener\w*|per|pour|на|від|от)\b"
)


def _ends(line: str, phrase: str) -> bool:
    """Whether the sentence is over, or goes on as such sentences do; not "… that I keep getting from you"."""
    rest = line[len(phrase) :]
    if not rest or not rest[0].isspace():
        return True
    return rest.lstrip()[:1] in tuple(".,!;:-()*") or _GOES_ON.match(rest.lstrip()) is not None
