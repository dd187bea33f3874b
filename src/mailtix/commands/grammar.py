"""The lines that are commands: `#word argument` at the beginning of the new text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

# The words that are understood, with one example each (docs/agents.md and the notices show them).
WORDS = {
    "note": "#note text that only the desk sees",
    "status": "#status waiting_customer",
    "resolve": "#resolve",
    "close": "#close",
    "reopen": "#reopen",
    "assign": "#assign bob",
    "take": "#take",
    "priority": "#priority high",
    "category": "#category billing",
    "tag": "#tag refund",
    "allow": "#allow",
    "requester": "#requester ann@example.org",
}
_LINE = re.compile(r"#([A-Za-z][A-Za-z_-]*)(?:[ \t]+(.*))?$")
# A word this like a command is taken for a slip of the pen: the agent is asked, and nothing is sent. Below it
# ("#heading", "#thanks") it is text. "asign", "prioritty", "resolved", "closed" lie above, "stand", "cost" below.
_LIKENESS = 0.75


@dataclass(frozen=True, slots=True)
class Command:
    """One command line. `word` is in lower case; `line` is the line as it was written."""

    word: str
    argument: str
    line: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text says: its commands, the rest that is meant for people, and the lines that could not be read."""

    commands: tuple[Command, ...]
    rest: str
    mistakes: tuple[str, ...] = ()


def parse(text: str) -> Parsed:
    """Reads the commands at the beginning of `text`; the first line that is none ends them.

    A line with `#` and a word that is almost a command is a mistake, never text: it must not reach a customer.
    """
    lines = text.strip().splitlines()
    commands: list[Command] = []
    mistakes: list[str] = []
    used = 0
    for line in lines:
        stripped = line.strip()
        match = _LINE.match(stripped)
        if match is None:
            if stripped:
                break
            used += 1
            continue
        word, argument = match[1].lower().replace("_", "-"), (match[2] or "").strip()
        if word in WORDS:
            commands.append(Command(word, argument, stripped))
        elif close := get_close_matches(word, WORDS, n=1, cutoff=_LIKENESS):
            mistakes.append(f"{stripped}: there is no command #{match[1]}; did you mean #{close[0]}?")
        else:
            break
        used += 1
    return Parsed(tuple(commands), "\n".join(lines[used:]).strip(), tuple(mistakes))
