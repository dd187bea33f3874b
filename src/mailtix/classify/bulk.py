"""Is it for many? Mailing lists and newsletters."""

from __future__ import annotations

import re

from mailtix.classify.evidence import Evidence, title
from mailtix.classify.phrases import words
from mailtix.model.kind import Bulk, Human, OwnAddresses

_LIST_ID = re.compile(r"<([^<>\s]{1,255})>")
_MAILTO = re.compile(r"<mailto:([^<>?\s]{1,320})", re.IGNORECASE)


def read_bulk(seen: Evidence, own: OwnAddresses) -> Bulk | Human | None:
    """A Bulk when a list field (RFC 2369, RFC 2919) or Precedence says so, each of them in `because`.

    A Human when the list is one of our own mailboxes: a group address in front of the desk, through which people write.
    """
    fields = [f"{title(name)} is there" for name in words("automatic", "bulk", "fields") if seen.has(name)]
    precedences = [
        (value.strip().lower(), f"{title(name)} is {value.strip()}")
        for name in ("precedence", "x-precedence")
        for value in seen.headers.get(name, ())
        if value.strip().lower() in words("automatic", "bulk", "precedence")
    ]
    ours = _own_list(seen, own) if fields else ""
    if ours and all(value == "list" for value, _ in precedences):
        return Human((f"the mailing list is our own address {ours}",))
    because = (*fields, *(reason for _, reason in precedences))
    return Bulk(because) if because else None


def _own_list(seen: Evidence, own: OwnAddresses) -> str:
    """The mailbox of ours that the list is, by List-Post (RFC 2369 section 3.4) or List-Id (RFC 2919), or ""."""
    posts = {address.lower() for value in seen.headers.get("list-post", ()) for address in _MAILTO.findall(value)}
    ids = {ident.lower() for value in seen.headers.get("list-id", ()) for ident in _LIST_ID.findall(value)}
    return next((m for m in sorted(own.mailboxes) if m in posts or m.replace("@", ".") in ids), "")
