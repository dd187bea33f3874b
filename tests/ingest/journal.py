"""A journal and a log that remember."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mailtix.ingest.accept import Parcel

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class Journal:
    """Keeps what was committed, group by group. `trouble` is asked before each commit and may raise."""

    groups: list[list[Parcel]] = field(default_factory=list)
    rung: list[int] = field(default_factory=list)
    trouble: Callable[[Sequence[Parcel]], None] = lambda parcels: None

    def commit(self, parcels: Sequence[Parcel]) -> list[tuple[int, ...]]:
        self.trouble(parcels)
        before = len(self.parcels)
        self.groups.append(list(parcels))
        return [(before + number,) for number in range(1, len(parcels) + 1)]

    @property
    def parcels(self) -> list[Parcel]:
        return [parcel for group in self.groups for parcel in group]

    @property
    def mails(self) -> list[bytes]:
        return [parcel.raw for parcel in self.parcels]


@dataclass
class Heard:
    """Events that were told."""

    events: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def event(self, name: str, /, **fields: object) -> None:
        self.events.append((name, fields))

    def all(self, name: str) -> list[dict[str, object]]:
        return [fields for known, fields in self.events if known == name]


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Returns as soon as the condition holds; fails when it does not in that time."""
    pause = threading.Event()
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        pause.wait(0.002)
