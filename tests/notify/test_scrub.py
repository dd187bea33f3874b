"""Nothing of the desk's inside reaches a customer with an agent's words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.model.desk import Agent, Company, Mailbox
from mailtix.notify.scrub import scrub

SUPPORT = "support@desk.example"
MARKER = "-- Please reply above this line --"
COMPANY = Company(
    "Example",
    (Mailbox(SUPPORT, "Example Support"), Mailbox("sales@desk.example")),
    (Agent("Bob Miller", "Bob@desk.example"), Agent("Carla Reyes", "c.reyes@home.example")),
)


def scrubbed(text: str, *kept: str) -> str:
    return scrub(text, COMPANY, SUPPORT, [MARKER], kept)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("Write to bob@desk.example.", f"Write to {SUPPORT}."),
        ("'BOB@Desk.Example'", f"'{SUPPORT}'"),
        ("On Friday Bob Miller <bob@desk.example> wrote:", f"On Friday Bob Miller <{SUPPORT}> wrote:"),
        ("> > From: c.reyes@home.example, bob@desk.example", f"> > From: {SUPPORT}, {SUPPORT}"),
        ("mailto:bob%40desk.example?cc=c.reyes@home.example", f"mailto:{SUPPORT}?cc={SUPPORT}"),
        ("bob+tickets@desk.example", SUPPORT),
        ("<support+t.abc2def@desk.example>", f"<{SUPPORT}>"),
        ("sales%2Bt.abc2def%40desk.example", "sales@desk.example"),
        ("notbob@desk.example", "notbob@desk.example"),
        ("jim.bob@desk.example", "jim.bob@desk.example"),
        ("bob@desk.example.org", "bob@desk.example.org"),
        ("cXreyes@home.example", "cXreyes@home.example"),
        ("Hello,\n\nbye.\n", "Hello,\n\nbye.\n"),
        (f"a\n> {MARKER}\nb", "a\nb"),
        ("a\n> X-Mailtix-Ticket: TKT-2026-000001\nb", "a\nb"),
    ],
)
def test_private_addresses_keys_and_our_own_lines_are_taken_out(written: str, sent: str) -> None:
    assert scrubbed(written) == sent


def test_an_agent_who_is_the_customer_of_a_ticket_keeps_his_address() -> None:
    assert scrubbed("bob@desk.example c.reyes@home.example", "bob@desk.example") == f"bob@desk.example {SUPPORT}"


PIECES = st.sampled_from(
    ["bob@desk.example", "C.Reyes@home.example", "bob", "@", "desk.example", "<", ">", "\n", " ", ".", "%40", "%2B",
     "+x", "t.k3y", "support+t.k3y@desk.example", "support", MARKER, "X-Mailtix-Loop: 1", "mailto:", "'", "=", "a", "_",
     "-"]
)  # fmt: skip


@settings(derandomize=True, database=None, max_examples=500)
@given(st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=14).map("".join))
def test_whatever_is_written_no_private_address_and_no_key_is_left(text: str) -> None:
    sent = scrubbed(text).lower()

    for address in ("bob@desk.example", "c.reyes@home.example"):
        assert not re.search(rf"(?<![\w.+-]){re.escape(address)}(?![\w-])(?!\.\w)", sent)
    assert not re.search(r"support\+[\w.]*@desk\.example(?![\w-])(?!\.\w)", sent)
    assert MARKER.lower() not in sent
    assert scrubbed(scrubbed(text)) == scrubbed(text)
