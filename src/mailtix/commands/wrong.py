"""What is wrong with a command, and finding what a word means among names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class Wrong(str):
    """A sentence that says what is wrong with a command and what would be right."""


def one_of(argument: str, names: Sequence[str], what: str, parts: bool = False) -> str:
    """The name that `argument` means, case, dashes and spaces aside: whole, else by its beginning, else (`parts`) by a
    part of it, as long as only one fits. `what` says what it is the name of; a Wrong says which there are."""
    if not argument.strip():
        return Wrong(f"#{what} needs a word: {', '.join(names)}")
    found = meant(argument, names, parts)
    if len(found) == 1:
        return found[0]
    if found:
        return Wrong(f"{argument!r} may be {' or '.join(found)}; write more of it")
    return Wrong(f"there is no {what} {argument!r}{hint(argument, names)}; there are: {', '.join(names)}")


def meant(argument: str, names: Iterable[str], parts: bool) -> list[str]:
    """The names that `argument` fits best: those it is, else those it begins, else those it is a part of."""
    wanted, plain = _plain(argument), {name: _plain(name) for name in names}
    if not wanted:
        return []
    return (
        [name for name, known in plain.items() if known == wanted]
        or [name for name, known in plain.items() if known.startswith(wanted)]
        or [name for name, known in plain.items() if parts and wanted in known]
    )


def hint(word: str, known: Sequence[str]) -> str:
    """The nearest name as a question, "" when none is near."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), by_lower, n=1)
    return f", did you mean {by_lower[close[0]]!r}?" if close else ""


def _plain(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")
