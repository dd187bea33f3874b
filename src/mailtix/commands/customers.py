"""The commands of customers: few, and all about what is theirs."""

from __future__ import annotations

from mailtix.commands.grammar import Command, nearly, parse

# The words that are understood, with one example each (docs/customers.md and #help show them).
WORDS = {
    "status": "#status",
    "close": "#close",
    "reopen": "#reopen",
    "rate": "#rate 4 quick help",
    "tickets": "#tickets",
    "me": "#me also other@example.net",
    "stop": "#stop",
    "start": "#start",
    "help": "#help",
}
# The same in German, written with and without umlauts.
ALIASES = {
    "stand": "status",
    "schließen": "close",
    "schliessen": "close",
    "öffnen": "reopen",
    "oeffnen": "reopen",
    "bewerten": "rate",
    "anfragen": "tickets",
    "ich": "me",
    "stopp": "stop",
    "weiter": "start",
    "hilfe": "help",
}
# "#me also other@example.net" has three; who writes more has something to say.
_MOST_WORDS = 4


def read(text: str, name: str = "") -> tuple[tuple[Command, ...], str]:
    """The commands at the ends of a customer's text, and what else it says. A line that is no command is text: it is
    for the desk. `name` is the writer's, which alone is no text."""
    parsed = parse(text, ALIASES, name, WORDS, near_is_text=True)
    return parsed.commands, parsed.rest


def meant(text: str) -> tuple[str, ...]:
    """The commands that a text of one short line may mean which is nearly one, the likeliest first; () for all others:
    these are for people."""
    lines = [line for line in text.splitlines() if line.strip()]
    is_short = len(lines) == 1 and len(lines[0].split()) <= _MOST_WORDS
    return nearly(lines[0], ALIASES, WORDS) if is_short else ()
