"""Whatever names, subjects and addresses come from outside: none of it becomes a header of ours (RFC 5322, 2.2)."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.letters import Seal, Writing, write
from mailtix.model.decision import Notice, Said
from mailtix.model.desk import Agent, Company, Mailbox
from mailtix.model.thread import Keyholder
from mailtix.model.ticket import Person, Status, Ticket
from mailtix.notify.compose import Enclosure
from mailtix.render import Templates, load

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
# Every name of a field that a mail of ours may have.
OURS = {
    *("date", "message-id", "from", "to", "reply-to", "subject", "in-reply-to", "references", "mime-version"),
    *("x-mailtix-ticket", "x-mailtix-loop", "auto-submitted", "x-auto-response-suppress", "precedence", "list-id"),
    *("list-unsubscribe", "content-type"),
}
BREAKS = ["\r\n", "\n", "\r", "\0", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\r\n ", "\n\t", "=?utf-8?q?=0D=0A?="]
HOSTILE = st.lists(
    st.sampled_from([*BREAKS, "Bcc: eve@evil.example", "X-Evil: yes", "Ann", "é", "<", ">", '"', "\\", ",", ";", " "])
    | st.text(max_size=10),
    max_size=12,
).map("".join)


@cache
def templates() -> Templates:
    loaded = load(())
    assert isinstance(loaded, Templates)
    return loaded


def mail(template: str, agent: bool, outside: str, address: str) -> bytes:
    """A mail that a notice becomes in which everything that may come from outside is `outside`."""
    company = Company("Example", (Mailbox("support@desk.example", "Support"),), (Agent("Bob", "bob@desk.example"),))
    person = Person(1, address, outside, "en")
    ticket = Ticket(
        1, "Example", "TKT-2026-000001", outside, person, "support@desk.example", "email", NOW, Status.CLOSED,
        category=outside, participants=(address, outside), fields={outside: outside},
    )  # fmt: skip
    said = Said(
        outside, sender=f"{outside} <{address}>", reason=outside, mistakes=(outside,), done=(outside,),
        warning=outside, attach=True,
    )  # fmt: skip
    to = "bob@desk.example" if agent else address
    writing = Writing(
        company, ticket, "J1", NOW, Seal(b"s" * 32, timedelta(days=90), timedelta(days=30)), templates(), "loop",
        told={to.lower(): outside}, heard={to.lower(): (outside, outside)}, people={to.lower(): Keyholder(1)},
        enclosures=(Enclosure(outside, "text/plain", b"x"), Enclosure("a", outside, b"x")), answers=outside,
    )  # fmt: skip
    return write(Notice(template, to, outside, agent, outside, "", said), writing).raw


def names_of(raw: bytes) -> list[str]:
    """The names of the fields, read as strictly as a server reads them: lines end with CRLF."""
    head = raw.partition(b"\r\n\r\n")[0]
    lines = head.split(b"\r\n")
    assert not any(bad in line for line in lines for bad in (b"\r", b"\n", b"\0"))
    return [line.partition(b":")[0].decode().lower() for line in lines if not line.startswith((b" ", b"\t"))]


@pytest.mark.parametrize(
    ("template", "agent"),
    [("reply", False), ("created", False), ("told", False), ("survey", False), ("held", True), ("done", True)],
)
@given(outside=HOSTILE)
@settings(deadline=None)
def test_nothing_from_outside_becomes_a_field(template: str, agent: bool, outside: str) -> None:
    raw = mail(template, agent, outside, "ann@example.org")

    names = names_of(raw)
    assert set(names) <= OURS
    assert len(names) == len(set(names))
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    parts = [part for part in message.walk() if not part.is_multipart()]
    assert {name.lower() for part in parts for name in part.keys()} <= {  # noqa: SIM118
        *("content-type", "content-transfer-encoding", "content-disposition"),
    }
    assert len(parts) == 4  # text, HTML and two files: none of ours ends before its time, and there is no other


@given(outside=HOSTILE)
@settings(deadline=None)
def test_an_address_from_outside_is_one_address(outside: str) -> None:
    raw = mail("created", False, "Ann", f"ann{outside}@example.org")

    assert set(names_of(raw)) <= OURS
    assert len(names_of(raw)) == len(set(names_of(raw)))
