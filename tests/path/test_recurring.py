"""Mail that comes again and again: each once, whatever the clock and the machines do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.model.personal import Preferred
from mailtix.render import Context, Rendered
from mailtix.render.templates import Page
from mailtix.store import preferences
from mailtix.store.tables import jobs

DIGEST = 'recurring: {digest: {at: "07:30", days: mon-sun}}\n'
# Friday, 20 November 2026, 09:00 UTC: the digest of today is over.


def morning(desk: Desk, days: int = 1) -> list[Sent]:
    """What leaves at half past seven, some days on."""
    return at(desk, desk.now.replace(hour=7, minute=30) + timedelta(days=days))


def at(desk: Desk, moment: datetime) -> list[Sent]:
    return desk.wait(seconds=(moment - desk.now).total_seconds())


def titles(mail: Sent) -> list[str]:
    """The headings of the tables in a mail."""
    known = ("Overdue", "Due today", "It is your turn", "Others that are open", "Nobody has them yet", "Since the last")
    return [line for line in mail.text.splitlines() if line.startswith(known)]


@pytest.fixture
def digests(new_desk: Callable[..., Desk]) -> Desk:
    desk = new_desk(DIGEST + CONFIG)
    desk.work()
    return desk


def test_nothing_comes_unless_it_is_asked_for(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.wait(days=1)
    assert [mail for mail in desk.wait(days=40) if "Ticket" in mail.subject and "TKT" not in mail.subject] == []


def test_each_agent_finds_his_tickets_in_the_morning_where_they_are_most_urgent(digests: Desk) -> None:
    digests.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    digests.receive("bob@desk.example", "#take\nUse water.", reply_to=digests.notice_to("bob"))
    digests.receive("Ann <ann@example.org>", "It still burns.", reply_to=digests.notice_to("ann"))
    digests.receive("Joe <joe@example.net>", "Where is it?", subject="Parcel")

    told = {mail.to: mail for mail in morning(digests) if "Your tickets" in mail.subject}

    bob, carla = told["bob@desk.example"], told["carla@desk.example"]
    assert bob.subject == "Your tickets, 2026-11-21 (Example)"
    assert "Nobody has them yet" in titles(bob)
    assert titles(bob)[0] in ("Overdue", "Due today", "It is your turn")
    assert "Fire" in bob.text
    assert "Parcel" in bob.text
    assert "Fire" not in carla.text
    assert "Parcel" in carla.text


def test_a_ticket_is_taken_by_one_tap_in_the_digest(digests: Desk) -> None:
    digests.receive("ann@example.org", "It burns.", subject="Fire")
    digest = next(mail for mail in morning(digests) if mail.to.startswith("carla") and "Your tickets" in mail.subject)

    link = digest.link("Take")
    address = link.removeprefix("mailto:").partition("?")[0].replace("%2B", "+")
    digests.receive("carla@desk.example", "#take", to=address, subject="Re: Fire")

    assert digests.ticket(1).assignee == "carla@desk.example"


def test_who_has_nothing_to_read_gets_no_digest(digests: Desk) -> None:
    assert morning(digests) == []
    assert morning(digests) == []


def test_who_wants_no_digest_gets_none(digests: Desk) -> None:
    digests.receive("ann@example.org", "It burns.")
    with digests.app.sessions.begin() as session:
        preferences.save(session, 1, Preferred("bob@desk.example", "digest", "off"), digests.now)

    sent = morning(digests)

    assert (len(digest_mails(sent)), len(digest_mails(sent, "carla"))) == (0, 1)


def digest_mails(sent: list[Sent], to: str = "bob") -> list[Sent]:
    return [mail for mail in sent if mail.subject.startswith("Your tickets") and mail.to.startswith(to)]


def test_a_digest_comes_once_a_day_at_its_time_and_not_before(digests: Desk) -> None:
    digests.receive("ann@example.org", "It burns.")

    assert digest_mails(at(digests, datetime(2026, 11, 21, 7, 29, 59, tzinfo=UTC))) == []
    assert len(digest_mails(digests.wait(seconds=1))) == 1
    assert digest_mails(digests.wait(hours=23, minutes=59)) == []
    assert len(digest_mails(digests.wait(minutes=1))) == 1


def test_who_starts_after_its_time_waits_for_the_next(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(DIGEST + CONFIG)
    desk.receive("ann@example.org", "It burns.")  # at nine, the first time that anything runs
    assert digest_mails(desk.courier.sent) == []
    assert len(digest_mails(morning(desk))) == 1


def test_ten_missed_days_give_one_digest(digests: Desk) -> None:
    digests.receive("ann@example.org", "It burns.")

    assert len(digest_mails(digests.wait(days=10))) == 1
    assert digest_mails(digests.wait(hours=1)) == []
    assert len(digest_mails(morning(digests))) == 1


def test_a_restart_and_a_clock_that_is_put_back_send_nothing_twice(digests: Desk) -> None:
    digests.receive("ann@example.org", "It burns.")
    assert len(digest_mails(morning(digests))) == 1

    digests.configure(DIGEST + CONFIG)
    assert digest_mails(digests.wait(seconds=1)) == []
    assert digest_mails(digests.wait(hours=-30)) == []
    assert digest_mails(morning(digests)) == []  # half past seven of the same day, once more
    assert len(digest_mails(morning(digests))) == 1


def test_a_clock_that_was_a_year_ahead_for_a_while_stops_nothing(digests: Desk) -> None:
    digests.receive("ann@example.org", "It burns.")
    digests.wait(days=365)
    digests.wait(days=-365)

    assert len(digest_mails(morning(digests))) == 1


def test_two_nodes_at_the_same_moment_send_one(digests: Desk, new_desk: Callable[..., Desk]) -> None:
    digests.receive("ann@example.org", "It burns.")
    other = new_desk(DIGEST + CONFIG)
    digests.now = other.now = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)

    nodes = [Thread(target=node.work) for node in (digests, other)]
    for node in nodes:
        node.start()
    for node in nodes:
        node.join()

    both = digests.courier.sent + other.courier.sent
    assert (len(digest_mails(both)), len(digest_mails(both, "carla"))) == (1, 1)


def test_the_weekend_is_left_out_and_each_agents_own_clock_counts(new_desk: Callable[..., Desk]) -> None:
    shift = "shift: {days: mon-fri, hours: '09:00-17:00', zone: America/New_York}"
    config = CONFIG.replace("teams: [billing]}", f"teams: [billing], {shift}}}")
    desk = new_desk('recurring: {digest: {at: "07:30", days: mon-fri}}\n' + config)
    desk.receive("ann@example.org", "It burns.")
    assert len(digest_mails(at(desk, datetime(2026, 11, 20, 12, 30, tzinfo=UTC)))) == 1
    weekend = desk.wait(days=2)
    assert digest_mails(weekend) == digest_mails(weekend, "carla") == []

    early = at(desk, datetime(2026, 11, 23, 7, 30, tzinfo=UTC))
    assert (len(digest_mails(early)), len(digest_mails(early, "carla"))) == (0, 1)
    later = at(desk, datetime(2026, 11, 23, 12, 30, tzinfo=UTC))  # half past seven in New York
    assert (len(digest_mails(later)), len(digest_mails(later, "carla"))) == (1, 0)


def test_what_cannot_be_written_is_told_and_stands_in_nobodys_way(
    digests: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests.receive("ann@example.org", "It burns.")
    whole, digest = Page.render, digests.app.house.templates.page("digest", "en")

    def broken(self: Page, context: Context, now: datetime) -> Rendered:
        if self is digest and context.recipient_name.startswith("Bob"):
            raise RuntimeError("out of words")
        return whole(self, context, now)

    monkeypatch.setattr(Page, "render", broken)
    sent = morning(digests)

    assert (len(digest_mails(sent)), len(digest_mails(sent, "carla"))) == (0, 1)
    assert "out of words" in digests.log.getvalue()
    assert digests.log.getvalue().count("out of words") == 1
    with digests.app.sessions.begin() as session:
        passed = session.execute(
            jobs.select().where(jobs.c.reader == "bob@desk.example", jobs.c.period == "2026-11-21")
        )
        assert passed.one().fired_at is None


REPORTS = """
recurring: {sla_report: {at: "07:00"}, weekly: {at: "08:00"}, monthly: {at: "06:00"}}
notify: {managers: [Mia@boss.example]}
teams: [{name: billing, lead: bob@desk.example}]
"""


@pytest.fixture
def reported(new_desk: Callable[..., Desk]) -> Desk:
    """A desk with reports, where Bob solved one in time and Carla answered the other too late."""
    desk = new_desk(REPORTS + CONFIG)
    desk.work()
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("bob@desk.example", "#resolve\nUse water.", reply_to=desk.notice_to("bob"))
    desk.receive("joe@example.net", "And mine?", subject="Forgotten")
    desk.receive("carla@desk.example", "#take\n#priority critical\n#category billing", reply_to=desk.notice_to("carla"))
    notice = desk.notice_to("carla")
    desk.wait(hours=1)
    desk.receive("carla@desk.example", "We are sorry.", reply_to=notice)
    return desk


def pictures(mail: Sent) -> list[str]:
    """The Content-IDs of the pictures in a mail that its HTML shows."""
    parts = [part for part in mail.message.walk() if part.get_content_type() == "image/png"]
    assert all(part.get_content().startswith(b"\x89PNG") for part in parts)
    ids = [str(part["Content-ID"]).strip("<>") for part in parts]
    assert all(f"cid:{id_}" in mail.html for id_ in ids)
    return ids


def test_managers_and_leads_hear_on_monday_what_was_promised_and_kept_since_friday(reported: Desk) -> None:
    sent = at(reported, datetime(2026, 11, 23, 7, 0, tzinfo=UTC))
    reports = [mail for mail in sent if mail.subject.startswith("Promised times")]

    assert sorted(mail.to for mail in reports) == ["Mia@boss.example", "bob@desk.example"]
    report = reports[0]
    assert report.subject == "Promised times, 2026-11-20 – 2026-11-22 (Example)"
    assert "Forgotten" in report.text
    assert "Carla Reyes" in report.text
    assert len(pictures(report)) == 1


def test_each_agent_hears_on_monday_what_he_did_last_week(reported: Desk) -> None:
    sent = at(reported, datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    weeks = {mail.to: mail for mail in sent if mail.subject.startswith("Your week")}

    bob = weeks["bob@desk.example"]
    assert bob.subject == "Your week, 2026-11-16 – 2026-11-22 (Example)"
    lines = {line.split("  ")[0]: line.split()[-2:] for line in bob.text.splitlines() if "  " in line}
    assert lines["handled"] == ["1", "0"]
    assert lines["resolved"] == ["1", "0"]
    assert len(pictures(bob)) == 1


def test_managers_hear_on_the_first_how_the_month_was(reported: Desk) -> None:
    sent = at(reported, datetime(2026, 12, 1, 6, 0, tzinfo=UTC))
    [month] = [mail for mail in sent if mail.subject.startswith("The month")]

    assert (month.to, month.subject) == ("Mia@boss.example", "The month, 2026-11 (Example)")
    assert month.message["Auto-Submitted"] == "auto-generated"
    lines = {line.split("  ")[0]: line.split()[-2:] for line in month.text.splitlines() if "  " in line}
    assert lines["new"] == ["2", "0"]
    assert lines["resolved"] == ["1", "0"]
    assert lines["backlog"] == ["1", "0"]
    assert len(pictures(month)) == 2


def test_a_report_names_priorities_and_targets_in_the_language_of_the_company(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(REPORTS + CONFIG.replace("categories:", "language: de\n    categories:"))
    desk.work()
    desk.receive("ann@example.org", "Es brennt.")
    desk.receive("bob@desk.example", "Wasser!", reply_to=desk.notice_to("bob"))

    sent = at(desk, datetime(2026, 11, 23, 7, 0, tzinfo=UTC))
    report = next(mail for mail in sent if mail.subject.startswith("Zugesagte Zeiten"))

    assert any(line.split()[:3] == ["mittel", "erste", "Antwort"] for line in report.text.splitlines())


def test_reports_speak_the_language_of_the_company(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(DIGEST + CONFIG.replace("categories:", "language: de\n    categories:"))
    desk.receive("ann@example.org", "Es brennt.", subject="Feuer")

    [digest] = [mail for mail in morning(desk) if mail.to.startswith("bob") and "TKT" not in mail.subject]

    assert digest.subject == "Ihre Tickets, 2026-11-21 (Example)"
    assert "Noch bei niemandem" in digest.text
