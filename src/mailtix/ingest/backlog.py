"""How many accepted mails wait to be processed: when there are too many, doors say "later" instead of hoarding."""

from __future__ import annotations

from collections.abc import Callable


class Backlog:
    """The queue's length as it was when it was last counted, and what was accepted since. `taken` is how many mails
    were accepted altogether; `most` is how many may wait."""

    def __init__(self, most: int, taken: Callable[[], int]) -> None:
        self._most = most
        self._taken = taken
        self._counted = 0
        self._taken_when_counted = taken()

    def count(self, count: Callable[[int], int]) -> None:
        """Has the queue counted, up to the number that is asked."""
        taken = self._taken()  # asked first: what comes during the count must not be missed
        self._counted = count(self._most)
        self._taken_when_counted = taken

    @property
    def is_full(self) -> bool:
        return self._counted + self._taken() - self._taken_when_counted >= self._most
