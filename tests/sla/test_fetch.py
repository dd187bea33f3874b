"""mailtix sla fetch: calendars come from the web, with limits, and never spoil what is there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from config.settings import MINIMAL
from mailtix.cli import main
from mailtix.evidence.download import NotDownloaded, download

GOOD = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:1@example.org\r\n"
    b"DTSTART;VALUE=DATE:20261224\r\nSUMMARY:Closed\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


OVER = threading.Event()


class Pages(BaseHTTPRequestHandler):
    """A few addresses that behave differently."""

    def do_GET(self) -> None:
        match self.path:
            case "/good.ics":
                self.answer(200, GOOD)
            case "/page":
                self.answer(200, b"<html>Please sign in</html>")
            case "/moved":
                self.send_response(302)
                self.send_header("Location", "/good.ics")
                self.end_headers()
            case "/to-a-file":
                self.send_response(302)
                self.send_header("Location", "file:///etc/hostname")
                self.end_headers()
            case "/large":
                self.answer(200, b"x" * 1000)
            case "/silent":
                OVER.wait(30)
            case "/cut":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b"BEGIN:VCALENDAR\r\n")
            case _:
                self.answer(404, b"")

    def answer(self, code: int, data: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server that runs for the test."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        OVER.clear()
        yield f"http://127.0.0.1:{server.server_port}"
        OVER.set()
        server.shutdown()
        thread.join()


def fetched(folder: Path, *urls: str) -> int:
    feeds = ", ".join(f"{{file: holidays/{n}.ics, url: '{url}'}}" for n, url in enumerate(urls, 1))
    calendar = f"calendars: [{{name: office, hours: {{mon: 09:00-17:00}}, holidays: {{ics: [{feeds}]}}}}]\n"
    (folder / "mailtix.yaml").write_text(MINIMAL + calendar)
    return main(["--config", str(folder / "mailtix.yaml"), "sla", "fetch", "--json"])


def test_a_calendar_is_written_where_the_settings_say(
    tmp_path: Path, web: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetched(tmp_path, f"{web}/good.ics", f"{web}/moved") == 0
    assert (tmp_path / "holidays" / "1.ics").read_bytes() == GOOD
    assert (tmp_path / "holidays" / "2.ics").read_bytes() == GOOD
    assert [row["error"] for row in json.loads(capsys.readouterr().out)] == [None, None]


@pytest.mark.parametrize("page", ["/page", "/nowhere", "/to-a-file", "/cut"])
def test_what_cannot_be_fetched_leaves_the_old_file_and_the_others_alone(tmp_path: Path, web: str, page: str) -> None:
    (tmp_path / "holidays").mkdir()
    (tmp_path / "holidays" / "1.ics").write_bytes(GOOD + b"\r\n")

    assert fetched(tmp_path, web + page, f"{web}/good.ics") == 1
    assert (tmp_path / "holidays" / "1.ics").read_bytes() == GOOD + b"\r\n"
    assert (tmp_path / "holidays" / "2.ics").read_bytes() == GOOD
    assert len(list((tmp_path / "holidays").iterdir())) == 2


def test_people_are_told_which_address_fails_and_why(
    tmp_path: Path, web: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fetched(tmp_path, f"{web}/nowhere")
    capsys.readouterr()
    main(["--config", str(tmp_path / "mailtix.yaml"), "sla", "fetch"])

    told = capsys.readouterr().err
    assert told == f"{web}/nowhere: the server says 404 Not Found; {tmp_path}/holidays/1.ics stays as it was\n"


def test_without_an_address_there_is_nothing_to_fetch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mailtix.yaml").write_text(MINIMAL)
    assert main(["--config", str(tmp_path / "mailtix.yaml"), "sla", "fetch"]) == 0
    assert "No calendar has a url" in capsys.readouterr().out


def test_a_calendar_that_was_never_fetched_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed = "{file: works.ics, url: 'https://example.com/works.ics'}"
    calendar = f"calendars: [{{name: office, hours: {{mon: 09:00-17:00}}, holidays: {{ics: [{feed}]}}}}]\n"
    (tmp_path / "mailtix.yaml").write_text(MINIMAL + calendar)
    assert main(["--config", str(tmp_path / "mailtix.yaml"), "check"]) == 0
    assert "works.ics is not there yet" in capsys.readouterr().err

    (tmp_path / "works.ics").write_bytes(GOOD)
    main(["--config", str(tmp_path / "mailtix.yaml"), "check"])
    assert "works.ics is not there yet" not in capsys.readouterr().err


def test_more_than_the_limit_is_not_read(web: str) -> None:
    assert len(download(f"{web}/large", 1000, 5)) == 1000
    with pytest.raises(NotDownloaded, match="larger than 999 bytes"):
        download(f"{web}/large", 999, 5)


def test_a_server_that_says_nothing_is_left(web: str) -> None:
    with pytest.raises(NotDownloaded, match="timed out"):
        download(f"{web}/silent", 1000, 0.1)


def test_an_answer_that_breaks_off_is_no_file(web: str) -> None:
    with pytest.raises(NotDownloaded, match="the connection broke off"):
        download(f"{web}/cut", 1000, 5)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x.ics", "http://[::1/x.ics", "file:///etc/hostname"])
def test_an_address_that_leads_nowhere_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(NotDownloaded):
        download(url, 1000, 5)
