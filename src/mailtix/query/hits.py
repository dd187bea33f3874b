"""What a query has found."""

from __future__ import annotations

from dataclasses import dataclass

from mailtix.model.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Hits:
    """The first tickets that a query finds, and how many there are in all."""

    tickets: tuple[Ticket, ...]
    total: int
