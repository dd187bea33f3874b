"""Is it for many? Mailing lists and newsletters."""

from __future__ import annotations

from mailtix.classify.evidence import Evidence
from mailtix.classify.phrases import words
from mailtix.model.kind import Bulk


def read_bulk(seen: Evidence) -> Bulk | None:
    """A Bulk when a list field (RFC 2369, RFC 2919) or Precedence says so, each of them in `because`."""
    because = [f"{_title(name)} is there" for name in words("automatic", "bulk", "fields") if seen.has(name)]
    for name in ("precedence", "x-precedence"):
        because += [
            f"{_title(name)} is {value.strip()}"
            for value in seen.headers.get(name, ())
            if value.strip().lower() in words("automatic", "bulk", "precedence")
        ]
    return Bulk(tuple(because)) if because else None


def _title(name: str) -> str:
    return "-".join(word.capitalize() for word in name.split("-"))
