"""The lines that are commands: `#word argument` at the beginning or the end of the new text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from mailtix.commands.closing import closing, is_only

# The words that are understood, with one example each (docs/agents.md and #help show them).
WORDS = {
    "note": "#note text for colleagues",
    "status": "#status waiting_customer",
    "resolve": "#resolve",
    "close": "#close",
    "reopen": "#reopen",
    "assign": "#assign bob",
    "unassign": "#unassign",
    "take": "#take",
    "priority": "#priority high",
    "category": "#category billing",
    "tag": "#tag refund",
    "untag": "#untag refund",
    "field": "#field order 4711",
    "snooze": "#snooze 1d",
    "due": "#due friday 17:00",
    "watch": "#watch me",
    "unwatch": "#unwatch me",
    "cc": "#cc joe@example.org",
    "uncc": "#uncc joe@example.org",
    "escalate": "#escalate no answer yet",
    "spam": "#spam",
    "template": "#template greeting",
    "allow": "#allow",
    "allow-once": "#allow-once eve@example.net",
    "new": "#new eve@example.net",
    "ham": "#ham eve@example.net",
    "resume": "#resume",
    "requester": "#requester ann@example.org",
    "list": "#list mine overdue",
    "search": "#search printer smoke",
    "stats": "#stats",
    "filter": "#filter save old-bills category:billing older:7d",
    "available": "#available",
    "busy": "#busy until 15:00",
    "away": "#away until monday",
    "offline": "#offline",
    "max": "#max 8",
    "prefs": "#prefs notices mine",
    "show": "#show",
    "full": "#full 3",
    "undo": "#undo",
    "send": "#send",
    "merge": "#merge TKT-2026-000012",
    "split": "#split 3 the second question",
    "link": "#link TKT-2026-000012 duplicate",
    "token": "#token billing",
    "help": "#help assign",
}
# Word processors turn a hyphen into other dashes, and input methods for Chinese and Japanese write a wide "#".
_DASHES = "_\\-\u2010-\u2015"
_LINE = re.compile(rf"[#\uff03]([^\W\d_](?:[^\W_]|[{_DASHES}])*)(:|[.,;!?]+)?(?:\s+(.*))?", re.DOTALL)
_DASH = re.compile(f"[{_DASHES}]")
# What some clients put around a line, and nobody sees.
_UNSEEN = " \t\r\f\v\xa0\u200b\u200e\u200f\u2060\ufeff"
# A word this like a command is taken for a slip of the pen: the agent is asked, and nothing is sent. Below it
# ("#heading", "#thanks") it is text. "asign", "prioritty", "resolved", "closed" lie above, "stand", "cost" below.
_LIKENESS = 0.75
_VERY_LIKE = 0.85
# So is the beginning of a command ("#prio"), from this length on.
_BEGINNING = 3
_MOST_HINTS = 3
_LONGEST_SHOWN = 80
_QUOTES = {'"': '"', "\u201c": "\u201d\u201c", "\u201d": "\u201d", "\u201e": "\u201c\u201d", "\u00ab": "\u00bb"}


@dataclass(frozen=True, slots=True)
class Command:
    """One command line. `word` is in lower case and no alias; `argument` is the rest of the line as it was written, as
    the `line` is."""

    word: str
    argument: str
    line: str

    @property
    def shown(self) -> str:
        """The line as it is repeated to the agent: not longer than needed to know it again."""
        return _short(self.line)

    @property
    def name(self) -> str:
        """The argument as one name: without the quotes around it."""
        close = _QUOTES.get(self.argument[:1], "")
        inner = self.argument[1:-1]
        is_quoted = len(self.argument) > 1 and self.argument[-1] in close and not set(inner) & set(close)
        return (inner if close and is_quoted else self.argument).strip()

    @property
    def words(self) -> tuple[str, ...]:
        """The argument in words; what stands in quotes is one, and so is key="some words". A quote that is not closed
        goes on to the end."""
        return tuple(_words(self.argument))


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text says: its commands, the rest that is meant for people, and the lines that could not be read."""

    commands: tuple[Command, ...]
    rest: str
    mistakes: tuple[str, ...] = ()


def parse(
    text: str,
    aliases: Mapping[str, str] | None = None,
    name: str = "",
    words: Iterable[str] = WORDS,
    near_is_text: bool = False,
) -> Parsed:
    """Reads the commands at the top and at the bottom of `text`; the first line from there that is none ends them. At
    the bottom they may stand above words that only take leave, with the writer's `name`; his name alone is no text.

    A line with `#` and a word that is almost a command is a mistake, never text: it must not reach a customer. Where
    customers themselves write (`near_is_text`), it is text. `aliases` are other words for commands, in lower case.
    """
    lines = text.strip().splitlines()
    if not has_mark(text):  # most mails: none of the lines is a command
        seen = (place for place, line in enumerate(lines) if line.strip(_UNSEEN))
        return Parsed((), "\n".join(lines[next(seen, len(lines)) :]).strip())
    known = _known(aliases or {}, words)
    top = _block(lines, known, near_is_text)
    bottom, kept = _bottom(lines[len(top) :], known, near_is_text, name)
    found = [*top, *bottom]
    rest = "\n".join(kept).strip()
    return Parsed(
        tuple(one for one in found if isinstance(one, Command)),
        "" if any(found) and is_only(rest, name) else rest,
        tuple(one for one in found if isinstance(one, str) and one),
    )


def has_mark(text: str) -> bool:
    """Whether there is the mark in it that every command begins with."""
    return "#" in text or "\uff03" in text


def nearly(line: str, aliases: Mapping[str, str], words: Iterable[str]) -> tuple[str, ...]:
    """The commands that a line which is none may mean, the likeliest first; () when it is a command, or text."""
    match = _LINE.fullmatch(line.strip(_UNSEEN))
    if match is None:
        return ()
    known = _known(aliases, words)
    word, mark = _key(match[1]), match[2] or ""
    if word in known:
        return () if mark in ("", ":") else (known[word],)
    return tuple(known[one] for one in _near(word, known))


def _bottom(
    lines: list[str], known: Mapping[str, str], near_is_text: bool, name: str
) -> tuple[list[Command | str], list[str]]:
    """What the lines at the bottom are, in their order, and the lines that are none of them. Commands may stand below
    the words that take leave, above them, or both."""
    above, found, end = list(lines), list[Command | str](), list[str]()  # the last two from the last line upwards
    while True:
        leave = 0
        block = _block(reversed(above), known, near_is_text)
        if not any(block):
            leave = closing(above, name)
            block = _block(islice(reversed(above), leave, None), known, near_is_text)
        if not any(block):
            return found[::-1], above + end[::-1]
        found += block
        end += [*reversed(above[len(above) - leave :]), ""]
        del above[len(above) - leave - len(block) :]


def _block(lines: Iterable[str], known: Mapping[str, str], near_is_text: bool) -> list[Command | str]:
    """What the lines up to the first one of text are: a command, a mistake, or "" for an empty line."""
    block: list[Command | str] = []
    for line in lines:
        read = _read(line.strip(_UNSEEN), known)
        if read is None or (near_is_text and isinstance(read, str) and read):
            break
        block.append(read)
    return block


def _read(line: str, known: Mapping[str, str]) -> Command | str | None:
    """The command that a line is; a sentence when it is nearly one, "" when it is empty, None when it is text."""
    if not line:
        return ""
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    written, mark, argument = match[1], match[2] or "", (match[3] or "").strip()
    word = _key(written)
    if word in known and mark in ("", ":"):
        return Command(known[word], argument, line)
    if word in known:
        return f"{_short(line)}: write #{known[word]} without {mark!r}, if that is meant"
    near = _near(word, known)
    if not near:
        return None
    meant = " or ".join(f"#{known[one]}" for one in near)
    return f"{_short(line)}: there is no command #{written}; did you mean {meant}?"


def _known(aliases: Mapping[str, str], words: Iterable[str]) -> dict[str, str]:
    """Every word that is understood, without its dashes, and the command that it means."""
    own = {_key(alias): word for alias, word in aliases.items()}
    return own | {_key(word): word for word in words}


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST_SHOWN else f"{line[: _LONGEST_SHOWN - 1]}…"


def _key(word: str) -> str:
    return _DASH.sub("", word).lower()


def _near(word: str, known: Mapping[str, str]) -> list[str]:
    """The commands that were perhaps meant, the likeliest first, each once."""
    like = get_close_matches(word, known, n=_MOST_HINTS, cutoff=_VERY_LIKE) or get_close_matches(
        word, known, n=1, cutoff=_LIKENESS
    )
    slips = [one for one in known if _one_slip(word, one)]
    begun = [one for one in known if len(word) >= _BEGINNING and one.startswith(word)]
    meant = {known[one]: one for one in reversed([*like, *slips, *begun])}
    return list(reversed(meant.values()))[:_MOST_HINTS]


def _one_slip(word: str, command: str) -> bool:
    """Whether two neighbours were only swapped: likeness counts that double, and short words suffer from it."""
    if len(word) != len(command) or len(word) < _BEGINNING:
        return False
    wrong = [place for place, (a, b) in enumerate(zip(word, command, strict=True)) if a != b]
    return len(wrong) == 2 and wrong[1] == wrong[0] + 1 and sorted(word) == sorted(command)


def _words(argument: str) -> Iterator[str]:
    word, close, begun = "", "", False
    for char in argument:
        if close:
            if char in close:
                close = ""
            else:
                word += char
        elif char in _QUOTES and (not word or word.endswith("=")):
            close, begun = _QUOTES[char], True
        elif char.isspace():
            if word or begun:
                yield word
            word, begun = "", False
        else:
            word += char
    if word or begun:
        yield word
