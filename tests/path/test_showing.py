"""#show and #full: reading a whole ticket, or a whole mail, by mail."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk import Desk, Sent


def conversation(desk: Desk) -> Sent:
    """Ann writes with a file, Bob notes and answers, Eve's mail is held. Returns Bob's notice."""
    desk.receive("Ann Archer <ann@example.org>", "It burns.", subject="Fire", attach=[("smoke.txt", b"smoke")])
    notice = desk.notice_to("bob")
    for sender, text in (("bob", "#note Not insured."), ("bob", "Use water.")):
        desk.now += timedelta(minutes=1)
        desk.receive(f"{sender}@desk.example", text, reply_to=notice)
    desk.receive("eve@example.net", "Buy sand!", subject="Re: [TKT-2026-000001] Fire")
    return notice


def test_the_whole_thread_is_shown_newest_first(desk: Desk) -> None:
    notice = conversation(desk)

    assert desk.receive("bob@desk.example", "#show", reply_to=notice) == []

    shown = desk.transcript().text.replace("\r\n", "\n")
    heads = [line for line in shown.splitlines() if line.startswith("#") and "UTC" in line]
    assert heads == [
        "#4  2026-11-20 09:02 UTC  eve@example.net, customer [held]",
        "#3  2026-11-20 09:02 UTC  Bob Miller <bob@desk.example>, agent",
        "#2  2026-11-20 09:01 UTC  Bob Miller <bob@desk.example>, agent [note]",
        "#1  2026-11-20 09:00 UTC  Ann Archer <ann@example.org>, customer",
    ]
    assert "It burns.\n[Attached: smoke.txt]" in shown
    assert "TKT-2026-000001, 4 messages" in shown


def test_a_thread_that_is_too_long_says_what_is_left_out(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    receipt = desk.notice_to("ann")
    for number in range(2, 5):
        desk.receive("ann@example.org", f"Number {number}.\n" + "smoke and fire " * 2500, reply_to=receipt)

    desk.receive("bob@desk.example", "#show", reply_to=desk.notice_to("bob"))

    shown = desk.transcript().words
    assert ("Number 4." in shown, "It burns." in shown) == (True, False)
    assert "Left out: the oldest 2 of 4 messages." in shown


def test_the_uncut_mail_comes_with_its_fields_and_as_a_file(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    quoted = "It still burns.\n\nOn Friday Support wrote:\n> Use water.\n> Much of it."
    desk.receive("ann@example.org", quoted, reply_to=desk.notice_to("ann"), Reply_To="ann@example.com")

    desk.receive("bob@desk.example", "#full", reply_to=desk.notice_to("bob"))

    mail = desk.transcript()
    assert "> Much of it." in mail.text
    assert "Reply-To: ann@example.com" in mail.text
    assert b"Much of it." in mail.message.as_bytes()
    [attached] = mail.message.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("message/rfc822", "original.eml")
    original = attached.get_content()
    assert (original["From"], original["Reply-To"]) == ("ann@example.org", "ann@example.com")


def test_an_original_beyond_ascii_comes_byte_for_byte(desk: Desk) -> None:
    raw = (
        b"From: ann@example.org\r\nTo: support@desk.example\r\nSubject: Feuer\r\nMessage-ID: <f@example.org>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        b"Es brennt f\xc3\xbcrchterlich.\r\n"
    )
    desk.accept(raw, "ann@example.org")

    desk.receive("bob@desk.example", "#full 1", reply_to=desk.notice_to("bob"))

    assert desk.transcript().files == {"original.eml": raw}


def test_an_original_with_a_held_file_does_not_come_along(desk: Desk) -> None:
    desk.receive("ann@example.org", "See this.", subject="Fire", attach=[("virus.exe", b"MZ" + bytes(200))])

    desk.receive("bob@desk.example", "#full\n#show", reply_to=desk.notice_to("bob"))

    mail = desk.transcript()
    assert mail.files == {}
    assert "the mail itself does not come along: it holds virus.exe" in mail.words
    assert b"MZ" not in mail.message.as_bytes()


@pytest.mark.parametrize(("command", "reason"), [("#full 9", "#show tells"), ("#full all", "#show tells")])
def test_a_message_that_there_is_not_is_not_shown(desk: Desk, command: str, reason: str) -> None:
    desk.receive("ann@example.org", "It burns.")

    [refusal] = desk.receive("bob@desk.example", command, reply_to=desk.notice_to("bob"))

    assert reason in refusal.words


def test_showing_changes_nothing_and_tells_nobody_else(desk: Desk) -> None:
    notice = conversation(desk)
    before, lines = desk.ticket(1), len(desk.history(1))

    assert desk.receive("carla@desk.example", "#show\n#full 1", reply_to=desk.notice_to("carla")) == []

    assert (desk.ticket(1), len(desk.history(1))) == (before, lines)
    assert desk.transcript().to == "carla@desk.example"
    assert notice.number in desk.transcript().text


def test_links_and_merged_tickets_are_shown(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("cy@example.org", "Smoke.", subject="Smoke")
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "#merge TKT-2026-000001", reply_to=notice)

    desk.receive("bob@desk.example", "#show", reply_to=notice)

    assert "2 messages; TKT-2026-000002 was merged into this one" in desk.transcript().words
