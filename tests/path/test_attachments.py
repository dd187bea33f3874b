"""Files that come with mail: what is passed on, what is held, and where the held ones are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from desk import CONFIG, Desk
from mailtix.cli import main
from mailtix.model.ticket import Status

PDF = ("report.pdf", b"%PDF-1.7 harmless")
PROGRAM = ("invoice.pdf.exe", b"MZ\x90\0\x03\0")


def test_a_held_file_is_named_with_its_reason_and_not_passed_on(desk: Desk) -> None:
    desk.receive("ann@example.org", "See these.", attach=[PDF, PROGRAM])
    notice = desk.notice_to("bob")

    assert notice.files == dict([PDF])
    assert "report.pdf, invoice.pdf.exe (held: a .exe file that its name disguises as .pdf)" in notice.words
    assert "held: a .exe file" in notice.html
    assert any(line.startswith("the file invoice.pdf.exe was held: a .exe file") for line in desk.history(1))


def test_a_program_under_an_innocent_name_is_held_by_what_it_is(desk: Desk) -> None:
    desk.receive("ann@example.org", "See this.", attach=[("invoice.pdf", PROGRAM[1])])

    assert desk.notice_to("bob").files == {}
    assert "invoice.pdf (held: its content is that of a .exe file)" in desk.notice_to("bob").words


def test_a_customers_answer_with_a_held_file_joins_without_it(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    notices = desk.receive("ann@example.org", "Here.", reply_to=desk.notice_to("ann"), attach=[PROGRAM])

    assert notices
    assert [mail.files for mail in notices] == [{}] * len(notices)
    assert "held: a .exe file" in notices[0].text
    assert ("customer", "public", "Here.") in desk.messages(1)


def test_an_agents_answer_with_a_held_file_is_refused_and_nothing_is_sent(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    before = desk.ticket(1)

    text = "#resolve\nRun this."
    [refusal] = desk.receive("bob@desk.example", text, reply_to=notice, attach=[PDF, PROGRAM])

    assert refusal.to == "bob@desk.example"
    assert "invoice.pdf.exe cannot be sent: a .exe file" in refusal.words
    assert "report.pdf cannot" not in refusal.words
    assert refusal.files == {}
    assert (desk.ticket(1).status, desk.ticket(1).assignee) == (before.status, before.assignee)
    assert len(desk.messages(1)) == 1

    [answer] = desk.receive("bob@desk.example", text, reply_to=refusal, attach=[PDF])
    assert (answer.to, answer.files) == ("ann@example.org", dict([PDF]))
    assert desk.ticket(1).status is Status.RESOLVED


def test_what_is_too_large_or_too_much_is_held_as_the_settings_say(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("attachments: {max_files: 2, max_size: 1kB, held: [pdf]}\n" + CONFIG)
    given = [("big.txt", b"x" * 1001), PDF, ("run.exe", b"MZ is text here"), ("fourth.txt", b"4")]
    desk.receive("ann@example.org", "Many.", attach=given)
    notice = desk.notice_to("bob")

    assert notice.files == {}
    for reason in (
        "big.txt (held: 1,001 bytes large, and no more than 1,000 are passed on)",
        "report.pdf (held: a .pdf file)",
        "run.exe (held: one of 4 files, and no more than 2 are passed on)",
        "fourth.txt (held: one of 4 files, and no more than 2 are passed on)",
    ):
        assert reason in notice.words


def shown(desk: Desk, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    """What `mailtix tickets attachments` says of the first ticket."""
    capsys.readouterr()
    number = desk.ticket(1).number
    config = str(desk.folder / "mailtix.yaml")
    assert main(["--config", config, "tickets", "attachments", number, "--json", *arguments]) == 0
    rows: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return rows


def test_nothing_is_lost_the_files_of_a_ticket_are_listed_and_saved(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.receive("ann@example.org", "See these.", attach=[PDF, PROGRAM])
    desk.receive("ann@example.org", "And this.", reply_to=desk.notice_to("ann"), attach=[PDF])
    folder = tmp_path / "out" / "files"

    listed = shown(desk, capsys)
    assert [(row["journal"], row["name"], bool(row["held"]), row["saved"]) for row in listed] == [
        ("J1", "report.pdf", False, None), ("J1", "invoice.pdf.exe", True, None), ("J2", "report.pdf", False, None),
    ]  # fmt: skip
    shown(desk, capsys, "--save", str(folder))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "J1-report.pdf": PDF[1], "J2-report.pdf": PDF[1],
    }  # fmt: skip
    saved = shown(desk, capsys, "--save", str(folder), "--all")
    assert (folder / "J1-invoice.pdf.exe").read_bytes() == PROGRAM[1]
    assert saved[1]["saved"] == str(folder / "J1-invoice.pdf.exe")


def test_a_file_is_saved_over_no_other_one(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk.receive("ann@example.org", "See this.", attach=[PDF])
    (tmp_path / "J1-report.pdf").write_text("mine")
    config, number = str(desk.folder / "mailtix.yaml"), desk.ticket(1).number

    assert main(["--config", config, "tickets", "attachments", number, "--save", str(tmp_path)]) == 2
    assert "is there already, and is something else" in capsys.readouterr().err
    assert (tmp_path / "J1-report.pdf").read_text() == "mine"


def test_a_name_that_no_file_system_takes_is_cut(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.receive("ann@example.org", "See this.", attach=[("漢" * 140 + ".pdf", PDF[1])])
    [row] = shown(desk, capsys, "--save", str(tmp_path / "out"))

    [path] = (tmp_path / "out").iterdir()
    assert (path.read_bytes(), path.suffix) == (PDF[1], ".pdf")
    assert row["saved"] == str(path)


def test_the_list_of_files_is_readable_for_people(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.receive("ann@example.org", "See these.", attach=[PROGRAM])
    desk.receive("eve@example.org", "No file.")
    config = str(desk.folder / "mailtix.yaml")

    assert main(["--config", config, "tickets", "attachments", desk.ticket(1).number]) == 0
    assert "exe" in capsys.readouterr().out
    assert main(["--config", config, "tickets", "attachments", desk.ticket(2).number]) == 0
    assert "has no files" in capsys.readouterr().out
    assert main(["--config", config, "tickets", "attachments", desk.ticket(1).number, "--all"]) == 2
