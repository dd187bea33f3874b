"""Lines that look like commands and are none, where a mail says nothing else: they are meant for no customer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailtix.commands.closing import closing
from mailtix.model.ticket import Status

_LIKE_COMMAND = re.compile(r"[#\uff03]([^\W\d_]\w*)")
# Shorter beginnings would fit too many.
_BEGINNING = 3


def strays(text: str, name: str) -> Iterator[str]:
    """A sentence for each line, where all of a text is like `#word`. Quotes do not count as text, nor does taking leave
    with the writer's `name`; with other words around it such a line is one of them (a heading, a hashtag)."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith(">")]
    own = lines[: len(lines) - closing(lines, name)]
    words = [found[1] for line in own if (found := _LIKE_COMMAND.match(line))]
    if len(words) == len(own):
        for word in words:
            yield f"#{word}: there is no such command, and your mail says nothing else; {_hint(word)}"


def _hint(word: str) -> str:
    """What may have been meant: a status, or some other command."""
    begun = [status for status in Status if len(word) >= _BEGINNING and status.startswith(word.lower())]
    meant = " or ".join(f"#status {status}" for status in begun)
    return f"did you mean {meant}?" if meant else "#help shows all commands"
