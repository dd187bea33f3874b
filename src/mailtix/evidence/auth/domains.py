"""Domains that belong together: the organizational domain (RFC 7489 section 3.2), by the list of public suffixes."""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList


@cache
def _suffixes() -> PublicSuffixList:
    """The list as it comes with the library: nothing is fetched."""
    return PublicSuffixList()


def ascii_domain(domain: str) -> str:
    """The domain as it stands in the DNS: lower case, A-labels (RFC 5890)."""
    try:
        return domain.lower().rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return domain.lower().rstrip(".")


def organizational(domain: str) -> str:
    """The domain that was registered: mail.example.co.uk → example.co.uk. A public suffix is its own."""
    name = ascii_domain(domain)
    return _suffixes().privatesuffix(name) or name


def aligned(domain: str, author: str, *, strict: bool) -> bool:
    """Whether a domain speaks for the one of From (RFC 7489 section 3.1)."""
    ours, theirs = ascii_domain(domain), ascii_domain(author)
    if not ours or not theirs:
        return False
    return ours == theirs or (not strict and organizational(ours) == organizational(theirs))
