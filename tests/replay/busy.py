"""A desk on which everything happens that a replay has to do again, by a clock that runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from desk import Desk, Sent
from mailtix.acts import TokenIssue, TokenMove, issue_token, move_token
from mailtix.model.desk import AgentState, Availability
from mailtix.model.outgoing import Deferred, Rejected
from mailtix.store import acts, journal

CONFIG = """
journal: {tries: 1}
limits: {new_tickets: {count: 4, per: 1h}, answers: [{count: 20, per: 10m}], alike: {count: 9, per: 1h}}
survey: {enabled: true}
webhooks: {secret: a-secret-of-16-or-more, hosts: [127.0.0.1:9]}
rules: [rules.yaml]
companies:
  - name: Example
    mailboxes: [{address: support@desk.example, name: Example Support}]
    categories: [billing, technical]
teams:
  - {name: billing, strategy: round_robin}
agents:
  - {name: Bob Miller, email: bob@desk.example, teams: [billing], max: 9}
  - {name: Carla Reyes, email: carla@desk.example, teams: [technical], role: admin}
"""
RULES = """
- {name: Money, when: {body: [invoice, refund]}, then: {category: billing, team: billing, webhook: "http://127.0.0.1:9/hook"}}
- {name: Idle, on: {idle: 2d}, then: {tag: forgotten}}
- {name: Daily, on: {time: "0 8 * * *"}, then: {tag: seen}}
"""
LATER = """
- {name: Money, when: {body: [invoice, refund]}, then: {category: technical, priority: high}}
"""
BOUNCE = b"""\
From: MAILER-DAEMON@mx.example.org\r
Subject: Undelivered Mail Returned to Sender\r
Message-ID: <bounce@mx.example.org>\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary=x\r
\r
--x\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example.org\r
\r
Final-Recipient: rfc822; %s\r
Action: failed\r
Status: 5.1.1\r
\r
--x\r
Content-Type: text/rfc822-headers\r
\r
Message-ID: <%s>\r
--x--\r
"""
MAILS = Path(__file__).parents[1] / "mails"


class RunningDesk(Desk):
    """Each look at its clock is a millisecond later: no two things happen at the same moment, as in life."""

    @property
    def now(self) -> datetime:
        self._at += timedelta(milliseconds=1)
        return self._at

    @now.setter
    def now(self, at: datetime) -> None:
        self._at = at


def opened(folder: Path, database: str) -> RunningDesk:
    """The desk before anything has happened."""
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    desk = RunningDesk(folder, database, CONFIG)
    start(desk)
    return desk


def start(desk: Desk) -> None:
    """Starts it (again). What agents write to customers waits for a minute."""
    desk.configure(CONFIG, outbound="hold: 60s")


def fill(desk: Desk) -> None:
    """Some weeks of it."""
    conversation(desk)
    strangers(desk)
    tickets_together(desk)
    failures(desk)
    too_much(desk)
    at_the_command_line(desk)
    desk.wait(hours=7)
    desk.wait(days=1)
    rules_change(desk)
    machines(desk)
    desk.wait(days=5)
    desk.receive("ann@example.org", "5 - thank you", reply_to=desk.notice_to("ann"))
    desk.wait(days=20)


def receipt(mails: list[Sent], to: str) -> Sent:
    return next(mail for mail in mails if mail.to == to)


def conversation(desk: Desk) -> None:
    """A ticket with a file, commands, an answer that is taken back, and the same mail twice."""
    created = receipt(
        desk.receive("Ann <ann@example.org>", "It burns.", attach=[("a.txt", b"smoke")]), "ann@example.org"
    )
    desk.receive("bob@desk.example", "#priority high\n#take\nUse water.", reply_to=desk.notice_to("bob"))
    raw, sender, recipients = desk.compose("ann@example.org", "It still burns.", reply_to=created)
    desk.accept(raw, sender, recipients)
    desk.accept(b"Received: from another door\r\n" + raw, sender, recipients)
    desk.receive("bob@desk.example", "#priority low\nUse more.", reply_to=desk.notice_to("bob"))
    desk.receive("bob@desk.example", "#undo", reply_to=desk.notice_to("bob"))
    desk.receive("ann@example.org", "And now?", reply_to=created)
    desk.receive("bob@desk.example", "#token billing\n#snooze 3d", reply_to=desk.notice_to("bob"))
    desk.receive("bob@desk.example", "#note\nLook at it.", subject=f"Re: [{desk.ticket().number}]")  # he is asked
    desk.receive("bob@desk.example", "yes", reply_to=desk.notice_to("bob"))
    desk.receive("bob@desk.example", "#help", to="support+desk@desk.example")
    desk.receive("bob@desk.example", "yes", reply_to=desk.notice_to("bob"))
    desk.receive("bob@desk.example", "#max 8\n#filter save hot priority:high", reply_to=desk.notice_to("bob"))


def strangers(desk: Desk) -> None:
    """Somebody writes into a ticket, waits beside it, and is let in."""
    number = desk.ticket(1).number
    desk.receive("eve@example.net", "Let me in.", subject=f"Re: [{number}]")
    desk.receive("bob@desk.example", "#allow", reply_to=desk.notice_to("bob"))
    desk.receive("eve@example.net", "Thank you. And one more thing.", subject=f"Re: [{number}]")
    desk.receive("bob@desk.example", "#resolve", reply_to=desk.notice_to("bob"))


def tickets_together(desk: Desk) -> None:
    """Tickets are merged, split, taken and given."""
    desk.receive("dan@example.net", "Where is my refund?", subject="Refund")
    desk.receive("dan@example.net", "The same invoice again.", subject="Invoice")
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", f"#merge {desk.ticket(2).number}", reply_to=notice)
    desk.receive("gus@example.net", "A broken door and a broken lift.", subject="Broken")
    desk.receive("carla@desk.example", "#take\nWhich door?", reply_to=desk.notice_to("carla"))
    desk.receive("gus@example.net", "The lift is worse.", reply_to=desk.notice_to("gus"))
    desk.receive("carla@desk.example", "#split The lift", reply_to=desk.notice_to("carla"))
    desk.receive("gus@example.net", "#close", reply_to=desk.notice_to("gus"))


def failures(desk: Desk) -> None:
    """A mail of ours is refused, one of theirs is parked and processed later, another is dropped."""
    desk.courier.outcomes = [Rejected("550 5.1.1 unknown"), Deferred("the line broke", unknown=True)]
    desk.receive("hal@example.net", "Where is the invoice?", subject="Lost")
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("mailtix.pipeline.parse_with_files", lambda raw, envelope: 1 / 0)
        desk.receive("ida@example.net", "Hello?", subject="Parked")
        desk.receive("ida@example.net", "Hello??", subject="Dropped")
    desk.receive("joe@example.net", "I came later.", subject="Later")
    first, second = parked(desk)
    with desk.app.sessions.begin() as session:
        journal.retry(session, first, desk.now)
        journal.drop(session, second, "dropped by root: not for us", desk.now)
    desk.wait(seconds=1)


def parked(desk: Desk) -> list[int]:
    with desk.app.sessions() as session:
        return [mail.id for mail in journal.parked(session)]


def too_much(desk: Desk) -> None:
    """Mail beyond the limits is held, one of it let in by the terminal and the rest by an agent."""
    for number in range(7):
        desk.receive("kim@example.net", f"Problem {number}", subject=f"Problem {number}")
    with desk.app.sessions.begin() as session:
        journal.retry(session, parked(desk)[-1], desk.now)
    desk.wait(seconds=1)
    told = next(mail for mail in reversed(desk.courier.sent) if desk.template_of(mail) == "limited")
    desk.receive(told.to, "#resume", reply_to=told)


def at_the_command_line(desk: Desk) -> None:
    """An admin sets an agent away, revokes keys, and issues and closes tokens."""
    house, [company] = desk.app.house, desk.app.house.companies
    because = "mailtix tokens issue"
    with desk.app.sessions.begin() as session:
        wanted = TokenIssue(company, "ann@example.org", "", "billing", "bob@desk.example", 1, "mailtix", because)
        token = issue_token(session, house, wanted, desk.now)
        to_carla = TokenMove(company, token.number, "assign", "mailtix", because, "carla@desk.example")
        move_token(session, house, to_carla, desk.now)
        move_token(session, house, TokenMove(company, token.number, "close", "mailtix", because), desk.now)
        acts.revoke_keys(session, "carla@desk.example", [company], desk.now)
        acts.set_agent(
            session, "bob@desk.example", AgentState(Availability.AWAY, desk.now + timedelta(hours=6)), desk.now
        )
    desk.receive("leo@example.net", "A refund, please.", subject="Nobody is there")


def rules_change(desk: Desk) -> None:
    """Other rules hold from now on."""
    (desk.folder / "rules.yaml").write_text(LATER, encoding="utf-8")
    start(desk)
    desk.receive("mia@example.net", "My invoice is wrong.", subject="By other rules")


def machines(desk: Desk) -> None:
    """Reports, one of them about a mail of ours, robots and odd mails."""
    answer = next(mail for mail in desk.courier.sent if desk.template_of(mail) == "reply")
    desk.accept(BOUNCE % (answer.to.encode(), answer.id.encode()), "")
    for path in sorted(MAILS.glob("[4-6]*/mail.eml"))[::2]:
        desk.accept(path.read_bytes(), "ned@example.net")
