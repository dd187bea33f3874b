"""What customers get of an agent's words: nothing of the desk's inside.

Agents' own addresses, reply addresses with keys and lines of our own notices are taken out, in what he wrote and in
what he quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from mailtix.model.desk import Company

# A header of ours that a client has put into a quotation or a forwarded mail.
_OUR_FIELD = re.compile(r"[\s>|*]*X-Mailtix-[\w-]*\s*:", re.IGNORECASE)
_AT, _PLUS = "(?:@|%40)", r"(?:\+|%2B)"
_END = r"(?![\w-])(?!\.\w)"


def scrub(text: str, company: Company, mailbox: str, markers: Iterable[str], kept: Iterable[str] = ()) -> str:
    """The text as customers may read it. Agents' addresses become that of the `mailbox`, except those that are `kept`:
    an agent may be a customer of this ticket."""
    marks = tuple(markers)
    stay = {address.lower() for address in kept}
    lines = [line for line in text.split("\n") if not _is_ours(line, marks)]
    clean = "\n".join(lines)
    private = tuple(agent.key for agent in company.agents if agent.key not in stay)
    clean = _private(private).sub(lambda _: mailbox, clean) if private else clean
    for box in company.mailboxes:
        clean = _signed(box.address).sub(lambda _, plain=box.address: plain, clean)  # type: ignore[misc]
    return clean


def _is_ours(line: str, markers: tuple[str, ...]) -> bool:
    return any(marker in line for marker in markers) or _OUR_FIELD.match(line) is not None


@lru_cache(maxsize=64)  # they change with the settings only, and a desk may have hundreds
def _private(addresses: tuple[str, ...]) -> re.Pattern[str]:
    """Each of these addresses wherever it stands, in any case, with or without a sub-address (RFC 5233); also as links
    have it (RFC 3986 section 2.1). Not where it is only a part of another one."""
    domains: dict[str, list[str]] = {}
    for address in addresses:
        local, _, domain = address.rpartition("@")
        domains.setdefault(re.escape(domain), []).append(re.escape(local))
    of = (rf"(?:{'|'.join(local)})(?:{_PLUS}[\w.%-]*)?{_AT}{domain}" for domain, local in domains.items())
    start = r"(?:(?<![\w.+-])|(?<=%[0-9A-Fa-f]{2}))"
    return re.compile(rf"{start}(?:{'|'.join(of)}){_END}", re.IGNORECASE)


@lru_cache(maxsize=64)
def _signed(mailbox: str) -> re.Pattern[str]:
    """The mailbox with any sub-address: it may hold a key (threading/token.py)."""
    local, _, domain = mailbox.rpartition("@")
    return re.compile(rf"{re.escape(local)}{_PLUS}[\w.%-]*{_AT}{re.escape(domain)}{_END}", re.IGNORECASE)
