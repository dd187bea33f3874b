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


def read_absence(seen: Evidence, signed: bool) -> Absence:
    """The signs in subject and first lines; `signed` says that a header field tells of a machine already.

    Without that, a phrase in the subject needs another sign, for people write about automatic replies too; a subject
    before which a mail program has put Re: or Fwd: is no sign, nor is a text that asks something.
    """
    if not signed and seen.is_reply_or_forward:
        return Absence()
    subject = _subject(seen.subject)
    machine, away, personal = _opening(seen, strict=not signed)
    if not subject and not machine and not signed:
        return Absence()
    because = [f'the subject begins with "{subject}"'] if subject else []
    because += [f'the text says "{phrase}"' for phrase in (machine, away) if phrase]
    certain = bool(machine) or _certain(subject, away, personal, seen)
    return Absence(tuple(because), certain, away=bool(away or (subject and not _merely_automatic(subject))))


def _certain(subject: str, away: str, personal: bool, seen: Evidence) -> bool:
    """Whether a phrase at the head of the subject is a responder's: it answers something, wants no answer, or its
    writer goes on to say that he is away. Where people use the phrase as well, both."""
    if not subject:
        return False
    answer = seen.answers_something or seen.has("x-auto-response-suppress")
    told = bool(away) and personal and "?" not in seen.subject
    return (answer and bool(away)) if subject in words("automatic", "absence", "weak") else (answer or told)


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


def _opening(seen: Evidence, strict: bool) -> tuple[str, str, bool]:
    """What the first lines say of a machine, and of an absence, and whether a line begins as such replies do; if
    `strict`, nothing when they ask or quote."""
    lines = [line for line in seen.mail.text[: _LINE * _OPENING_LINES].splitlines() if line.strip()][:_OPENING_LINES]
    if strict and any("?" in line or line.lstrip().startswith(">") for line in lines):
        return "", "", False
    known = absence()
    folded = [fold(line[:_LINE]) for line in lines]
    machine = next((p for line in folded for p in known.is_machine if line.startswith(p) and _ends(line, p)), "")
    opens = words("automatic", "absence", "opens")
    personal = any(_begins(line, phrase) for line in folded if line.startswith(opens) for phrase in opens)
    return machine, first_in(known.says, " ".join(folded)), personal


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
