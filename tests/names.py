"""A DNS for tests that knows what it was told, and answers that all other names do not exist."""

from __future__ import annotations

from mailtix.evidence.auth.dns import Unanswered


class Names:
    """What is published where. `asked` remembers the questions; names in `silent` are never answered."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], tuple[str, ...]] = {}
        self.asked: list[tuple[str, str]] = []
        self.silent: set[str] = set()

    def publish(self, name: str, *values: str, kind: str = "TXT") -> None:
        """These records, in place of those the name had of that kind."""
        self._records[name.lower(), kind] = values

    def lookup(self, name: str, kind: str, seconds: float) -> tuple[str, ...]:
        self.asked.append((name, kind))
        if name in self.silent:
            raise Unanswered(f"the DNS does not answer about {name}")
        return self._records.get((name, kind), ())
