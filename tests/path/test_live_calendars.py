"""Calendar files that change, and are fetched, while the desk works."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from desk import CONFIG, Desk

NewDesk = Callable[..., Desk]


def off(day: str) -> str:
    """A calendar in which that day (20261123) is off."""
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:1@example.org\r\n"
        f"DTSTART;VALUE=DATE:{day}\r\nSUMMARY:Closed\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def house(feed: str) -> str:
    return (
        f"calendars: [{{name: office, hours: {{mon-sun: '00:00-24:00'}}, holidays: {{ics: [{feed}]}}}}]\n"
        f"sla: {{calendar: office}}\nnotify: {{admins: [admin@desk.example]}}\n{CONFIG}"
    )


def change(path: Path, text: str) -> None:
    """The file says something else, and can be seen to have changed (a clock may be coarser than a test)."""
    before = path.stat().st_mtime_ns
    path.write_text(text)
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def looked(desk: Desk) -> None:
    desk.work()
    desk.work()


def promised(desk: Desk, customer: str) -> timedelta:
    """How long after its opening the first answer to a new ticket is due; four hours of work are promised."""
    desk.receive(customer, "It burns.")
    ticket = desk.tickets()[-1]
    assert ticket.first_response_due is not None
    return ticket.first_response_due - ticket.created_at


def events(desk: Desk, name: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in desk.log.getvalue().splitlines()]
    return [line for line in lines if line["event"] == name]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "works.ics"
    path.write_text(off("20270101"))
    return path


def test_a_changed_calendar_counts_without_a_restart(new_desk: NewDesk, file: Path) -> None:
    desk = new_desk(house(str(file)))
    assert promised(desk, "ann@example.org") == timedelta(hours=4)

    change(file, off("20261120"))
    looked(desk)

    assert promised(desk, "joe@example.org") == timedelta(hours=15 + 4)
    assert len(events(desk, "calendars_reloaded")) == 1


def test_rules_ask_the_changed_calendar_too(new_desk: NewDesk, file: Path, tmp_path: Path) -> None:
    rules = tmp_path / "here.yaml"
    rules.write_text("- {name: Closed, when: {not: {business_hours: office}}, then: {category: billing}}\n")
    desk = new_desk(f"rules: [{rules}]\n{house(str(file))}")
    change(file, off("20261120"))
    looked(desk)

    desk.receive("ann@example.org", "It burns.")

    assert desk.ticket().category == "billing"


def test_what_is_no_calendar_leaves_the_old_one_and_admins_hear_of_it_once(new_desk: NewDesk, file: Path) -> None:
    desk = new_desk(house(str(file)))
    change(file, "<html>Please sign in</html>")
    looked(desk)
    looked(desk)

    [told] = [mail for mail in desk.courier.sent if mail.to == "admin@desk.example"]
    assert told.subject == "mailtix: the changed calendars are not used"
    assert str(file) in told.text
    assert promised(desk, "ann@example.org") == timedelta(hours=4)

    change(file, off("20261120"))
    looked(desk)
    assert promised(desk, "joe@example.org") == timedelta(hours=15 + 4)


class Pages(BaseHTTPRequestHandler):
    """One address, whose answer a test chooses."""

    answers: list[str | None]

    def do_GET(self) -> None:
        text = self.answers.pop(0)
        self.send_response(404 if text is None else 200)
        self.send_header("Content-Length", str(len(text or "")))
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/works.ics"
        server.shutdown()
        thread.join()


def fetched(desk: Desk) -> None:
    desk.app.work.fetch_calendars()
    looked(desk)


def test_it_is_fetched_once_a_day_and_taken_into_use(new_desk: NewDesk, tmp_path: Path, url: str) -> None:
    file = tmp_path / "works.ics"
    Pages.answers = [off("20261120"), off("20261121")]
    desk = new_desk(house(f"{{file: {file}, url: '{url}'}}"))
    fetched(desk)
    assert promised(desk, "ann@example.org") == timedelta(hours=15 + 4)
    age(file, desk, hours=0)

    desk.now += timedelta(hours=23)
    fetched(desk)
    assert len(Pages.answers) == 1
    desk.now += timedelta(hours=1)
    fetched(desk)

    assert Pages.answers == []
    assert promised(desk, "joe@example.org") == timedelta(hours=15 + 4)  # it is the 21st now


def age(file: Path, desk: Desk, hours: float) -> None:
    """The file was written so long ago by the clock of the desk."""
    at = desk.now.timestamp() - hours * 3600
    os.utime(file, (at, at))


def test_a_failure_is_logged_once_and_the_old_file_stays(new_desk: NewDesk, file: Path, url: str) -> None:
    Pages.answers = [None, None, "<html>", off("20261120")]
    desk = new_desk(house(f"{{file: {file}, url: '{url}'}}"))
    age(file, desk, hours=24)
    for _ in range(3):
        fetched(desk)
        fetched(desk)  # not before an hour has gone by
        desk.now += timedelta(hours=1)

    assert ["404" in event["because"] for event in events(desk, "calendar_not_fetched")] == [True, False]
    assert "20270101" in file.read_text()

    fetched(desk)
    assert "20261120" in file.read_text()
