"""What the tickets of the past suggest for a new one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category, and the tickets that speak for it: like TKT-12, TKT-40, TKT-77: billing 3 of 4."""

    category: str
    because: str
