"""Questions to a real DNS server on loopback."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from mailtix.evidence.auth.dns import DnsResolver, Lookups, Unanswered
from nameserver import Zone, serving

ZONE = """
example.org.            60 IN TXT  "v=spf1 " "-all"
example.org.            60 IN TXT  "another"
example.org.            60 IN MX   10 mail.example.org.
mail.example.org.       60 IN A    203.0.113.9
mail.example.org.       60 IN AAAA 2001:db8::9
brief.example.org.       0 IN TXT  "never kept"
alias.example.org.      60 IN CNAME example.org.
9.113.0.203.in-addr.arpa. 60 IN PTR mail.example.org.
"""


@pytest.fixture(scope="module")
def zone() -> Zone:
    return Zone(ZONE)


@pytest.fixture(scope="module")
def server(zone: Zone) -> Iterator[tuple[str, int]]:
    """One for all tests of this file: it takes a second to end."""
    with serving(zone) as address:
        yield address


@pytest.mark.parametrize(
    ("name", "kind", "records"),
    [
        ("example.org", "TXT", {"v=spf1 -all", "another"}),
        ("EXAMPLE.org.", "TXT", {"v=spf1 -all", "another"}),
        ("alias.example.org", "TXT", {"v=spf1 -all", "another"}),
        ("example.org", "MX", {"10 mail.example.org."}),
        ("mail.example.org", "A", {"203.0.113.9"}),
        ("mail.example.org", "AAAA", {"2001:db8::9"}),
        ("9.113.0.203.in-addr.arpa", "PTR", {"mail.example.org."}),
        ("mail.example.org", "TXT", set()),
        ("nobody.example.org", "TXT", set()),
        ("long.example", "TXT", {"x" * 250 + "y" * 250 + "z" * 250}),
        ("a..b", "TXT", set()),
        ("x" * 64 + ".example", "TXT", set()),
        ("x." * 150, "TXT", set()),
        ("", "TXT", set()),
        ("bad\udcffname.example", "TXT", set()),
    ],
)
def test_records_are_found_as_they_are(server: tuple[str, int], name: str, kind: str, records: set[str]) -> None:
    assert set(DnsResolver([server]).lookup(name, kind, 5)) == records


def test_an_answer_is_kept_as_long_as_it_says(server: tuple[str, int], zone: Zone) -> None:
    zone.asked.clear()
    resolver = DnsResolver([server])
    for _ in range(3):
        resolver.lookup("example.org", "TXT", 5)
        resolver.lookup("nobody.example.org", "TXT", 5)
        resolver.lookup("brief.example.org", "TXT", 5)

    assert zone.asked.count("example.org. TXT") == 1
    assert zone.asked.count("brief.example.org. TXT") == 3


def test_a_broken_server_gives_no_answer(server: tuple[str, int]) -> None:
    with pytest.raises(Unanswered, match=r"does not answer about broken\.example"):
        DnsResolver([server]).lookup("broken.example", "TXT", 5)


def test_a_silent_server_costs_no_more_than_the_time_that_there_is() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        lookups = Lookups(DnsResolver([silent.getsockname()]), 0.3)
        began = time.monotonic()
        for name in ("example.org", "example.net", "example.com"):
            with pytest.raises(Unanswered):
                lookups.texts(name)
        assert time.monotonic() - began < 3


def test_the_second_server_is_asked_when_the_first_one_fails(server: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = taken.getsockname()
    assert DnsResolver([nobody, server]).lookup("mail.example.org", "A", 5) == ("203.0.113.9",)


def test_a_system_without_a_resolver_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> None:
        raise dns.resolver.NoResolverConfiguration

    import dns.resolver

    monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", none)
    with pytest.raises(Unanswered, match=r"set security\.resolver"):
        DnsResolver().lookup("example.org", "TXT", 5)


def test_a_text_that_is_too_long_to_be_a_record_is_left_out(server: tuple[str, int]) -> None:
    class Endless:
        def lookup(self, name: str, kind: str, seconds: float) -> tuple[str, ...]:
            return ("x" * 100_000, "v=spf1 -all")

    assert Lookups(Endless(), 5).texts("example.org") == [b"v=spf1 -all"]
