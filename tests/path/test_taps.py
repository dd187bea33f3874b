"""Whatever an agent's notice offers at one tap does something: each link of each kind of notice is tried."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import func, select

from desk import CONFIG, Desk, Sent
from mailtix.model.outgoing import Rejected
from mailtix.render.templates import AGENT
from mailtix.store.tables import journal

BOB, CARLA = "Bob Miller <bob@desk.example>", "Carla Reyes <carla@desk.example>"
HOUSE = """
limits: {new_tickets: {count: 3, per: 1h}, alike: {count: 3, per: 1h}}
remind: {pending: 2h}
"""
RULES = "rules: [{name: Tell, on: new, when: {subject: boiler}, then: {notify: [bob@desk.example]}}]"
FORWARDED = """Whose is that?

From: Ann Archer <{customer}>
Date: Thu, 19 Nov 2026 at 10:00
Subject: Fire

It burns.
"""
OUT = "I am out of the office until 27 November 2026."
# Notices that offer nothing, and why.
NOTHING = {"informed": "its reader is no agent, he is only told"}


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    """A desk that holds back second answers, and tells Bob of boilers."""
    desk = new_desk(HOUSE + CONFIG)
    (desk.folder / "rules").mkdir()
    (desk.folder / "rules" / "a.yaml").write_text(RULES, encoding="utf-8")
    desk.configure(HOUSE + CONFIG, outbound="overtaken: hold")
    return desk


def opened(desk: Desk, customer: str, subject: str = "Fire") -> str:
    """The number of a new ticket of that customer's."""
    desk.receive(customer, "It burns.", subject=subject)
    return desk.tickets()[-1].number


def bobs(desk: Desk, customer: str, line: str = "#take") -> str:
    number = opened(desk, customer)
    desk.receive(BOB, line, reply_to=desk.notice_to("bob"))
    return number


def assigned(desk: Desk, customer: str) -> None:
    opened(desk, customer)
    desk.receive(CARLA, "#assign bob", reply_to=desk.notice_to("carla"))


def customer_replied(desk: Desk, customer: str) -> None:
    bobs(desk, customer)
    desk.receive(customer, "And smoke.", reply_to=desk.notice_to(customer))


def new_question(desk: Desk, customer: str) -> None:
    bobs(desk, customer, "#close\nUse water.")
    desk.wait(days=40)
    desk.receive(customer, "The lift is stuck.", subject="Lift", In_Reply_To=f"<{desk.notice_to(customer).id}>")


def unassigned(desk: Desk, customer: str) -> None:
    opened(desk, customer)


def held(desk: Desk, customer: str) -> None:
    number = bobs(desk, customer)
    desk.receive(f"eve-{customer}", "I know more.", subject=f"Re: [{number}] Fire")


def done(desk: Desk, customer: str) -> None:
    bobs(desk, customer, "#take\n#priority high")


def refused(desk: Desk, customer: str) -> None:
    bobs(desk, customer, "#asign carla")


def overtaken(desk: Desk, customer: str) -> None:
    opened(desk, customer)
    notice = desk.notice_to("bob")
    desk.now += timedelta(minutes=1)
    desk.receive(CARLA, "Use sand.", reply_to=desk.notice_to("carla"))
    desk.now += timedelta(minutes=1)
    desk.receive(BOB, "Use water.", reply_to=notice)


def joined(desk: Desk, customer: str) -> None:
    number = bobs(desk, customer)
    opened(desk, customer, "Fire again")
    desk.receive(CARLA, f"#merge {number}", reply_to=desk.notice_to("carla"))


def undelivered(desk: Desk, customer: str) -> None:
    bobs(desk, customer)
    desk.courier.outcomes = [Rejected("550 no such user")]
    desk.receive(CARLA, "Use water.", reply_to=desk.notice_to("carla"))


def confirm(desk: Desk, customer: str) -> None:
    number = opened(desk, customer)
    desk.receive(BOB, "#take", subject=f"Re: [{number}] Fire")


def confirm_for_the_desk(desk: Desk, customer: str) -> None:
    desk.receive(BOB, "#busy", to="support+desk@desk.example")


def limited(desk: Desk, customer: str) -> None:
    for number in range(4):
        desk.receive(customer, f"Problem {number} of many.", subject=f"Problem {number}")


def limited_in_a_ticket(desk: Desk, customer: str) -> None:
    bobs(desk, customer)
    for _ in range(3):
        desk.receive(customer, "Your mail has arrived and will be read.", reply_to=desk.notice_to(customer))


def absent(desk: Desk, customer: str) -> None:
    opened(desk, customer)
    notice = desk.notice_to("bob")
    headers = {"Auto_Submitted": "auto-replied", "In_Reply_To": f"<{notice.id}>"}
    raw, _, to = desk.compose(BOB, OUT, subject="Out of office", to=notice.envelope_from, **headers)
    desk.accept(raw, "", to)


def note(desk: Desk, customer: str) -> None:
    bobs(desk, customer)
    desk.receive(CARLA, "#note He is not insured.", reply_to=desk.notice_to("carla"))


def watched(desk: Desk, customer: str) -> None:
    opened(desk, customer)
    desk.receive(BOB, "#watch me", reply_to=desk.notice_to("bob"))
    desk.receive(CARLA, "Use sand.", reply_to=desk.notice_to("carla"))


def served(desk: Desk, customer: str) -> None:
    bobs(desk, customer)
    desk.receive(customer, "#close", reply_to=desk.notice_to(customer))


def escalated(desk: Desk, customer: str) -> None:
    opened(desk, customer)
    desk.receive(CARLA, "#escalate no answer yet", reply_to=desk.notice_to("carla"))


def notified(desk: Desk, customer: str) -> None:
    desk.receive(customer, "Cold.", subject="Boiler")


def whose(desk: Desk, customer: str) -> None:
    desk.receive(BOB, FORWARDED.format(customer=customer), subject="Fire")


def sla_warning(desk: Desk, customer: str) -> None:
    bobs(desk, customer)
    desk.wait(hours=3)


def sla_breach(desk: Desk, customer: str) -> None:
    bobs(desk, customer)
    desk.wait(hours=3)
    desk.wait(hours=1)


def left(desk: Desk, customer: str) -> None:
    opened(desk, customer)
    desk.wait(minutes=30)


def pending(desk: Desk, customer: str) -> None:
    bobs(desk, customer)
    desk.wait(hours=2)


def awake(desk: Desk, customer: str) -> None:
    bobs(desk, customer, "#take\n#snooze 1h")
    desk.wait(hours=1)


def reminder(desk: Desk, customer: str) -> None:
    bobs(desk, customer, "#take\n#due 2h")
    desk.wait(hours=1)


def token_given(desk: Desk, customer: str) -> None:
    opened(desk, customer)
    notice = desk.notice_to("carla")
    desk.receive(CARLA, "#token", reply_to=notice)
    number = re.search(r"TK\d+", desk.transcript().text)
    assert number
    desk.receive(CARLA, f"#token assign {number[0]} bob", reply_to=notice)


def low_mark(desk: Desk, customer: str) -> None:
    bobs(desk, customer, "#take\n#close\nDone.")
    desk.wait(hours=24)
    desk.receive(customer, "1", reply_to=desk.notice_to(customer))


# What brings Bob the notice, by its name; some come in more than one way.
WAYS: Mapping[str, tuple[Callable[[Desk, str], None], ...]] = {
    "assigned": (assigned,),
    "customer_replied": (customer_replied, new_question),
    "unassigned": (unassigned,),
    "held": (held,),
    "done": (done,),
    "refused": (refused,),
    "overtaken": (overtaken,),
    "joined": (joined,),
    "undelivered": (undelivered,),
    "confirm": (confirm, confirm_for_the_desk),
    "limited": (limited, limited_in_a_ticket),
    "absent": (absent,),
    "note": (note,),
    "watched": (watched,),
    "served": (served,),
    "escalated": (escalated,),
    "notified": (notified,),
    "whose": (whose,),
    "sla_warning": (sla_warning,),
    "sla_breach": (sla_breach,),
    "left": (left,),
    "pending": (pending,),
    "awake": (awake,),
    "reminder": (reminder,),
    "low_mark": (low_mark,),
    "token_given": (token_given,),
}
EVERY = [(template, way) for template, ways in WAYS.items() for way in ways]


def newest(desk: Desk, template: str) -> Sent:
    """The newest mail of that kind to Bob."""
    mine = (mail for mail in reversed(desk.courier.sent) if mail.to == "bob@desk.example")
    return next(mail for mail in mine if desk.template_of(mail) == template)


def links(mail: Sent) -> list[str]:
    return [unescape(link) for link in re.findall(r'class="tap" href="(mailto:[^"]+)"', mail.html)]


def tap(desk: Desk, link: str) -> list[Sent]:
    """What leaves when Bob taps that link: his client writes a mail of its own, without any thread."""
    parts = urlsplit(link)
    fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
    before = len(desk.courier.sent)
    text = f"{fields['body']}He is not insured." if fields["body"] == "#note " else fields["body"]
    desk.receive(BOB, text, to=unquote(parts.path), subject=fields["subject"])
    return desk.courier.sent[before:]


def outcome(desk: Desk) -> tuple[str, str]:
    """What became of the newest mail."""
    with desk.app.sessions.begin() as session:
        number = session.execute(select(func.max(journal.c.id))).scalar_one()
    return desk.outcome(number)


def test_every_notice_is_tried() -> None:
    assert set(AGENT) <= {*WAYS, *NOTHING}


@pytest.mark.parametrize(("template", "way"), EVERY, ids=[way.__name__ for _, way in EVERY])
def test_whatever_a_notice_offers_is_done(desk: Desk, template: str, way: Callable[[Desk, str], None]) -> None:
    way(desk, "ann0@example.org")
    offered = links(newest(desk, template))
    assert offered

    for number in range(len(offered)):
        if number:
            way(desk, f"ann{number}@example.org")
        link = links(newest(desk, template))[number]
        told = tap(desk, link)

        assert [mail.words for mail in told if desk.template_of(mail) == "refused"] == [], link
        assert outcome(desk)[0] in ("commanded", "joined") or "says that he did not write" in outcome(desk)[1], link
