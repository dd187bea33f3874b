"""Does it read like an out-of-office or automatic reply? Words alone, in many languages."""

from __future__ import annotations

from dataclasses import dataclass

from mailtix.classify.evidence import Evidence
from mailtix.classify.phrases import absence, first_in, fold

_MARKS = ":\uff1a\u2013\u2014-"
_OPENING_LINES = 6
_LINE = 300


@dataclass(frozen=True, slots=True)
class Absence:
    """What the words say. `certain` when they are enough without a header field; `away` when a person is absent."""

    because: tuple[str, ...] = ()
    certain: bool = False
    away: bool = False


def read_absence(seen: Evidence) -> Absence:
    """The signs in subject and first lines. One sign alone is never certain: people write about automatic replies too.

    A subject that a person's mail program has put Re: or Fwd: before is no sign, nor is a text that asks something.
    """
    subject = "" if seen.is_reply_or_forward else _subject(seen.subject)
    if not subject and not _may_open(seen):
        return Absence()
    machine, away = _opening(seen)
    because = [f'the subject begins with "{subject}"'] if subject else []
    because += [f'the text says "{machine}"'] if machine else []
    because += [f'the text says "{away}"'] if away else []
    suppressed = seen.has("x-auto-response-suppress")
    support = sum((bool(machine), bool(away), seen.answers_something, seen.null_sender, suppressed))
    certain = bool(subject and support) or bool(machine and not seen.is_reply_or_forward)
    return Absence(tuple(because), certain, away=bool(away) or bool(subject and not _merely_automatic(subject)))


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
    """Whether the phrase says only that a machine answered; Exchange says so of an absence, a web shop of an order."""
    return subject.startswith(("auto", "this is an auto"))


def _may_open(seen: Evidence) -> bool:
    return not seen.answers_something or not seen.is_reply_or_forward


def _opening(seen: Evidence) -> tuple[str, str]:
    """What the first lines say of a machine, and of an absence; nothing when they ask a question."""
    lines = [line for line in seen.mail.text[: _LINE * _OPENING_LINES].splitlines() if line.strip()][:_OPENING_LINES]
    if any("?" in line or line.lstrip().startswith(">") for line in lines):
        return "", ""
    known = absence()
    folded = [fold(line[:_LINE]) for line in lines]
    machine = next((p for line in folded for p in known.is_machine if line.startswith(p) and _ends(line, p)), "")
    return machine, first_in(known.says, " ".join(folded))


def _ends(line: str, phrase: str) -> bool:
    """Whether the sentence is over, or goes on as such sentences do; not "… that I keep getting from you"."""
    rest = line[len(phrase) :].lstrip()
    return not rest or not rest[0].isascii() or rest[0] in ".,!;:-()*" or rest.startswith(_GOES_ON)


_GOES_ON = ("to ", "from ", "sent ", "auf ", "von ", "vom ", "de ", "da ", "di ", "van ", "op ", "generated", "und ", "and ", "na ", "od ", "a ", "gener", "per ", "pour ", "til ", "på ")
