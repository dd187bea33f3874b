"""From evidence and what the store knows of it to the ticket, with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailtix.model.thread import Evidence, Found, Strength


@dataclass(frozen=True, slots=True)
class KnownId:
    """A message id the store knows: of which ticket, and whether we wrote that mail ourselves."""

    ticket: int
    ours: bool


def choose(
    evidence: Sequence[Evidence], ids: Mapping[str, KnownId], numbers: Mapping[str, int], tickets: frozenset[int]
) -> Found | None:
    """The ticket that the strongest evidence points to, None if there is none.

    `ids` and `numbers` are what the store knows of the message ids and ticket numbers; `tickets` which ids exist.
    """
    if not evidence:
        return None
    found = [hit for item in evidence if (hit := _ticket_of(item, ids, numbers)) and hit.ticket in tickets]
    return min(found, key=lambda hit: hit.strength, default=None)


def _ticket_of(item: Evidence, ids: Mapping[str, KnownId], numbers: Mapping[str, int]) -> Found | None:
    if item.strength is Strength.TOKEN:
        claims = item.claims if item.claims and item.claims.purpose.names_ticket else None
        return Found(claims.ticket, Strength.TOKEN, item.because, claims) if claims else None
    if item.strength is Strength.TAG:
        ticket = numbers.get(item.value)
        return Found(ticket, Strength.TAG, item.because) if ticket is not None else None
    known = ids.get(item.value)
    if known is None:
        return None
    if known.ours:
        return Found(known.ticket, Strength.OUR_ID, f"{item.because}, which we sent")
    return Found(known.ticket, Strength.KNOWN_ID, f"{item.because}, which the ticket holds")
