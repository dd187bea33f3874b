"""Every mail with commands gets one transcript, and one tap does one thing."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.model.ticket import Status, Ticket

LEADS = CONFIG + "teams: [{name: billing, lead: carla@desk.example}]\n"


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    return new_desk(LEADS)


@pytest.fixture
def notice(desk: Desk) -> Sent:
    """Bob's notice of Ann's ticket."""
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    return desk.notice_to("bob")


def transcripts(desk: Desk) -> int:
    return len([mail for mail in desk.courier.sent if mail.subject.startswith("Done")])


def test_a_transcript_says_what_each_command_did_and_how_the_ticket_stands(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#take\n#priority urgent\nWe are coming.\n#tag fire", reply_to=notice)

    told = desk.transcript()
    assert (told.to, transcripts(desk)) == ("bob@desk.example", 1)
    assert "- #take: assignee: none → bob@desk.example" in told.text
    assert "- #priority urgent: priority: medium → urgent" in told.text
    assert "Status: waiting for the customer" in told.text
    assert "Tags: fire" in told.text
    assert told.message["Auto-Submitted"] == "auto-replied"
    assert "We are coming." not in told.text


def test_an_answer_without_commands_has_no_transcript_and_a_refusal_is_its_own(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "We are coming.", reply_to=notice)
    desk.receive("bob@desk.example", "#take\n#nonsens\n#priority hihg", reply_to=notice)
    assert transcripts(desk) == 0


def test_a_transcript_can_be_answered_with_the_next_command(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#take", reply_to=notice)
    desk.receive("bob@desk.example", "#resolve", reply_to=desk.transcript())
    assert desk.ticket().status is Status.RESOLVED


def test_agents_addresses_and_keys_stay_inside(desk: Desk, notice: Sent) -> None:
    quoted = f"On Friday Carla Reyes <carla@desk.example> wrote to {notice.reply_to}:\n> Use sand."
    text = f"Use water.\nBob Miller, Bob@desk.example\n\n{quoted}\n\nOr both."
    [answer] = desk.receive("bob@desk.example", text, reply_to=notice)

    everything = answer.message.as_string() + answer.text + answer.html
    assert "bob@desk.example" not in everything.lower()
    assert "carla@desk.example" not in everything
    assert notice.reply_to not in everything
    assert "Bob Miller, support@desk.example" in answer.text
    assert "bob@" not in desk.messages()[-1][2].lower()


def test_a_note_keeps_what_it_says(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#assign carla\n#note Ask bob@desk.example.", reply_to=notice)
    assert ("agent", "internal", "Ask bob@desk.example.") in desk.messages()


def test_a_note_without_words_is_refused(desk: Desk, notice: Sent) -> None:
    [refusal] = desk.receive("bob@desk.example", "#note", reply_to=notice)
    assert "#note needs a text" in refusal.words


def links(mail: Sent) -> dict[str, str]:
    """The mailto: links of a mail by their labels."""
    found = re.findall(r'<a class="tap" href="(mailto:[^"]+)"[^>]*>([^<]*)</a>', mail.html)
    return {label: url.replace("&amp;", "&") for url, label in found}


def tap(desk: Desk, agent: str, link: str, more: str = "") -> list[Sent]:
    """Sends the mail that a client makes of a link (RFC 6068)."""
    parts = urlsplit(link)
    fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return desk.receive(agent, fields["body"] + more, to=unquote(parts.path), subject=fields["subject"])


WANTED: dict[str, Callable[[Ticket], bool]] = {
    "Resolve": lambda ticket: ticket.status is Status.RESOLVED,
    "Take": lambda ticket: ticket.assignee == "bob@desk.example",
    "Snooze 1 day": lambda ticket: ticket.snoozed_until is not None,
    "Escalate": lambda ticket: ticket.escalation > 0,
    "Spam": lambda ticket: ticket.status is Status.CANCELLED,
    "Watch no more": lambda ticket: ticket.watchers == (),
    "Note": lambda ticket: True,
}


def unassigned(desk: Desk) -> Sent:
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    return desk.notice_to("bob")


def assigned(desk: Desk) -> Sent:
    desk.receive("carla@desk.example", "#assign billing", reply_to=(unassigned(desk), desk.notice_to("carla"))[1])
    return desk.notice_to("bob")


def customer_replied(desk: Desk) -> Sent:
    first = assigned(desk)
    [answer] = desk.receive("bob@desk.example", "#unassign\nUse water.", reply_to=first)
    desk.receive("bob@desk.example", "#unassign", reply_to=first)
    desk.receive("ann@example.org", "It burns on.", reply_to=answer)
    return desk.notice_to("bob")


def watched(desk: Desk) -> Sent:
    desk.receive("bob@desk.example", "#watch", reply_to=unassigned(desk))
    desk.receive("carla@desk.example", "Use water.", reply_to=desk.notice_to("carla"))
    return desk.notice_to("bob")


def note(desk: Desk) -> Sent:
    desk.receive("carla@desk.example", "#note Careful.", reply_to=(assigned(desk), desk.notice_to("carla"))[1])
    return desk.notice_to("bob")


def escalated(desk: Desk) -> Sent:
    unassigned(desk)
    desk.receive("carla@desk.example", "#escalate", reply_to=desk.notice_to("carla"))
    return desk.notice_to("bob")


def sla_warning(desk: Desk) -> Sent:
    unassigned(desk)
    desk.wait(hours=3, minutes=30)
    return desk.notice_to("bob")


def sla_breach(desk: Desk) -> Sent:
    unassigned(desk)
    desk.wait(hours=5)
    return desk.notice_to("bob")


KINDS = (unassigned, assigned, customer_replied, watched, note, escalated, sla_warning, sla_breach)
OFFERED = {
    unassigned: {"Take", "Resolve", "Snooze 1 day", "Escalate", "Note", "Spam"},
    watched: {"Take", "Note", "Watch no more"},
    note: {"Take", "Note"},
    escalated: {"Take", "Resolve", "Escalate", "Note"},
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_link_of_each_notice_makes_a_mail_that_does_that_one_thing(
    new_desk: Callable[..., Desk], kind: Callable[[Desk], Sent]
) -> None:
    desk = new_desk(LEADS)
    offered = links(kind(desk))
    assert set(offered) == OFFERED.get(kind, {"Resolve", "Take", "Snooze 1 day", "Escalate", "Note"})

    for number, (label, link) in enumerate(offered.items(), start=1):
        before = desk.ticket()
        if WANTED[label](before) and label != "Note":
            continue  # an earlier link has brought that about
        if before.status.is_done:
            desk.receive("bob@desk.example", "#reopen", reply_to=desk.notice_to("bob"))
        tap(desk, "bob@desk.example", link, "Careful." if label == "Note" else "")
        assert WANTED[label](desk.ticket()), label
        if label == "Note":
            assert ("agent", "internal", "Careful.") in desk.messages()
        assert desk.transcript().to == "bob@desk.example", number


HELD: dict[str, Callable[[Desk], bool]] = {
    "Allow": lambda desk: "eve@example.net" in desk.ticket().participants,
    "Allow once": lambda desk: (
        ("customer", "public", "I know more.") in desk.messages()
        and "eve@example.net" not in desk.ticket().participants
    ),
    "New ticket": lambda desk: [ticket.requester.email for ticket in desk.tickets()][1:] == ["eve@example.net"],
    "Spam": lambda desk: ("customer", "discarded", "I know more.") in desk.messages(),
}


@pytest.mark.parametrize("label", HELD)
def test_each_link_about_a_held_mail_does_that_with_its_sender(desk: Desk, notice: Sent, label: str) -> None:
    desk.receive("Eve <eve@example.net>", "I know more.", subject="Re: [TKT-2026-000001] Fire")
    told = desk.notice_to("bob")
    assert set(links(told)) == set(HELD)
    assert not any(is_so(desk) for is_so in HELD.values())

    tap(desk, "bob@desk.example", links(told)[label])
    assert [other for other, is_so in HELD.items() if is_so(desk)] == [label]


def test_a_link_says_what_it_does_in_the_readers_language(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(LEADS.replace("categories:", "language: de\n    categories:"))
    assert {"Übernehmen", "1 Tag ruhen", "Eskalieren"} < set(links(unassigned(desk)))


def test_what_makes_no_sense_is_not_offered(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#take", reply_to=notice)
    [answer] = desk.receive("bob@desk.example", "Use water.", reply_to=notice)
    desk.receive("ann@example.org", "Thanks.", reply_to=answer)
    assert "Take" not in links(desk.notice_to("bob"))
