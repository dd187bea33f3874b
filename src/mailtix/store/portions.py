"""Rows in portions of few sizes, so that what SQLite remembers of them stays small.

The driver keeps the statements that were used last, some hundred for each connection, and SQLite keeps with each the
values that it was last given, until it is given others. Fifty mails make another statement than fifty-one: if each
number had its own, and large mails were among them, all of them together would hold hundreds of megabytes for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

_Row = TypeVar("_Row")

# One statement for more rows saves nothing that could be measured.
_MOST = 64
# What is larger is written alone: a copy of it costs more than a statement.
_LARGE_BYTES = 32 * 1024


def portions(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    """All of them in their order, by 64 or a smaller power of two at once."""
    start = 0
    while left := len(rows) - start:
        count = min(_MOST, 1 << left.bit_length() - 1)
        yield rows[start : start + count]
        start += count


def portions_by_size(rows: Sequence[_Row], size: Callable[[_Row], int]) -> Iterator[Sequence[_Row]]:
    """The same for rows of so many bytes: first the large ones, each alone, then all others."""
    yield from ([row] for row in rows if size(row) > _LARGE_BYTES)
    yield from portions([row for row in rows if size(row) <= _LARGE_BYTES])
