"""Questions to the DNS, each mail with so much time and so many of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

import dns.exception
import dns.nameserver
import dns.resolver

# An honest mail with five signatures, SPF at its limit of ten (RFC 7208 section 4.6.4) and a sealed chain needs some
# 40. More is somebody who wants us to ask for him.
_MOST_QUESTIONS = 60
# A TXT record of 2048-bit keys is 400 octets; SPF should fit into 512 (RFC 7208 section 3.4). Longer is no such record.
_LONGEST_TEXT = 8192
_CACHED = 10_000


class Unanswered(Exception):
    """The DNS gave no answer in time, or a broken one. Asked later, it may answer."""


class Resolver(Protocol):
    """Who is asked. Safe to call from several threads."""

    def lookup(self, name: str, kind: str, seconds: float) -> tuple[str, ...]:
        """The records of that kind (A, AAAA, MX, PTR, TXT), as texts: a TXT's strings joined and read as Latin-1, an
        MX as "10 mail.example.org". Empty when there are none or no such name. Raises Unanswered."""


class DnsResolver:
    """The DNS servers given as (address, port), else those of the system. Keeps answers as long as they say, the
    least used go first."""

    def __init__(self, servers: Sequence[tuple[str, int]] = ()) -> None:
        self._broken = ""
        try:
            self._resolver = dns.resolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = dns.resolver.Resolver(configure=False)
            self._broken = "the system names no DNS server; set security.resolver"
        if servers:
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in servers]
        self._resolver.cache = dns.resolver.LRUCache(_CACHED)

    def lookup(self, name: str, kind: str, seconds: float) -> tuple[str, ...]:
        if self._broken:
            raise Unanswered(self._broken)
        try:
            answer = self._resolver.resolve(_absolute(name), kind, lifetime=seconds, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.Timeout, dns.resolver.NoNameservers, dns.resolver.YXDOMAIN) as error:
            raise Unanswered(f"the DNS does not answer about {name}") from error
        except (dns.exception.DNSException, UnicodeError, ValueError):
            return ()  # no name that could have records
        return tuple(_text(record, kind) for record in answer)


def _absolute(name: str) -> str:
    return name if name.endswith(".") else f"{name}."


def _text(record: object, kind: str) -> str:
    if kind == "TXT":
        strings: tuple[bytes, ...] = record.strings  # type: ignore[attr-defined]
        return b"".join(strings).decode("latin-1")
    return str(record)


class Lookups:
    """All that is asked about one mail. `seconds` is for everything together; an answer is not asked for twice."""

    def __init__(self, resolver: Resolver, seconds: float) -> None:
        self._resolver = resolver
        self._until = time.monotonic() + seconds
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    def ask(self, name: str, kind: str) -> tuple[str, ...]:
        """As Resolver.lookup. Raises Unanswered also when the time or the number of questions is used up."""
        key = (name.lower().rstrip("."), kind)
        if key not in self._known:
            left = self._until - time.monotonic()
            if left <= 0:
                raise Unanswered("the time for the DNS is over")
            if len(self._known) >= _MOST_QUESTIONS:
                raise Unanswered("the mail asks for too many names")
            self._known[key] = self._resolver.lookup(key[0], kind, left)
        return self._known[key]

    def texts(self, name: str) -> list[bytes]:
        """The TXT records of a name. Raises Unanswered."""
        return [text.encode("latin-1") for text in self.ask(name, "TXT") if len(text) <= _LONGEST_TEXT]
