"""Addresses longer than any path may be (RFC 5321 section 4.5.3.1.3): nobody can write to them."""

from __future__ import annotations

from hashlib import sha256

import pytest

from desk import Desk, Sent

# No two parts of it are alike: a database that packs what repeats itself would take a longer one.
LONG = "".join(sha256(bytes([n])).hexdigest() for n in range(100)) + "@evil.example"
JUST_TOO_LONG = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example"
LONGEST = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 59}.example"


def mail_of(desk: Desk, field: str, address: str, text: str = "Hello.") -> bytes:
    """A mail whose field `field` holds that address in place of what it had, or besides."""
    raw, _, _ = desk.compose("ann@example.org", text, subject="Long")
    header, _, body = raw.partition(b"\r\n\r\n")
    lines = [line for line in header.split(b"\r\n") if not line.lower().startswith(field.lower().encode() + b":")]
    return b"\r\n".join([f"{field}: <{address}>".encode(), *lines]) + b"\r\n\r\n" + body


@pytest.mark.parametrize("address", [LONG, JUST_TOO_LONG])
def test_who_cannot_be_written_to_gets_a_ticket_and_no_answer(desk: Desk, address: str) -> None:
    mails = desk.accept(mail_of(desk, "From", address))

    assert desk.outcome(1)[0] == "opened"
    assert desk.ticket(1).requester.email == ""
    assert {mail.to for mail in mails} == {"bob@desk.example", "carla@desk.example"}
    desk.receive("bob@desk.example", "#resolve\nHere you are.", reply_to=desk.notice_to("bob"))
    assert {mail.to for mail in desk.courier.sent} == {"bob@desk.example", "carla@desk.example"}


def test_the_longest_address_that_there_can_be_is_written_to(desk: Desk) -> None:
    desk.accept(mail_of(desk, "From", LONGEST), LONGEST)

    assert (len(LONGEST), desk.notice_to("aaa").to) == (254, LONGEST)


def test_an_envelope_that_is_too_long_makes_nobody_a_customer_either(desk: Desk) -> None:
    desk.accept(mail_of(desk, "From", LONG), LONG)

    assert (desk.outcome(1)[0], desk.ticket(1).requester.email) == ("opened", "")


@pytest.mark.parametrize("field", ["To", "Cc"])
def test_such_people_never_take_part(desk: Desk, field: str) -> None:
    desk.accept(mail_of(desk, field, LONG), "ann@example.org")

    assert desk.outcome(1)[0] == "opened"
    assert desk.ticket(1).participants == ("ann@example.org",)


@pytest.mark.parametrize("field", ["Reply-To", "Sender", "Resent-From", "Message-ID", "References", "In-Reply-To"])
def test_no_other_field_stops_a_mail(desk: Desk, field: str) -> None:
    desk.accept(mail_of(desk, field, LONG), "ann@example.org")

    assert (desk.outcome(1)[0], desk.ticket(1).requester.email) == ("opened", "ann@example.org")


def test_a_mail_that_an_agent_forwards_is_that_of_nobody_then(desk: Desk) -> None:
    text = (
        f"---------- Forwarded message ---------\nFrom: Joe <{LONG}>\nDate: Fri, 20 Nov 2026\nSubject: Smoke\n\nHi.\n"
    )
    desk.receive("bob@desk.example", text, subject="Fwd: Smoke")

    assert desk.outcome(1)[0] == "opened"
    assert not [ticket for ticket in desk.tickets() if LONG[:20] in ticket.requester.email]


@pytest.mark.parametrize("command", ["cc", "requester", "uncc", "allow", "new", "ham"])
def test_commands_refuse_them(desk: Desk, command: str) -> None:
    desk.receive("ann@example.org", "It burns.")
    notice: Sent = desk.notice_to("bob")

    desk.receive("bob@desk.example", f"#{command} {LONG}", reply_to=notice)

    assert desk.outcome(2)[0] == "refused"
    assert desk.ticket(1).participants == ("ann@example.org",)
