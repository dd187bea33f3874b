"""What cannot be processed stands aside: it is told of, tried again after an upgrade, or dropped with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from desk import CONFIG, Desk
from mailtix.parsing import parse_with_files
from mailtix.store import journal
from mailtix.store.engine import open_engine
from running import called

ADMINS = "journal: {tries: 1}\nnotify: {admins: [root@desk.example]}\n" + CONFIG


@pytest.fixture
def choking(new_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk that parks every mail in which "poison" stands, as long as nobody undoes that."""

    def choke(raw: bytes, envelope: object) -> object:
        if b"poison" in raw:
            raise RuntimeError("choked")
        return parse_with_files(raw, envelope)  # type: ignore[arg-type]

    monkeypatch.setattr("mailtix.pipeline.parse_with_files", choke)
    return new_desk(ADMINS)


def poison(desk: Desk, *numbers: int) -> None:
    for number in numbers:
        desk.receive("eve@example.org", f"poison {number}", subject=f"{number}")


def parked(desk: Desk, *arguments: str) -> str:
    said = called(desk.folder / "mailtix.yaml", "parked", *arguments)
    return said.out + said.err


def test_the_admin_is_told_of_what_is_parked(choking: Desk) -> None:
    poison(choking, 1)

    [told] = choking.courier.sent
    assert (told.to, told.subject) == ("root@desk.example", "Parked mail: 1 (Example)")
    assert "J1 eve@example.org 2026-11-20 09:00 UTC RuntimeError: choked" in told.words
    assert "mailtix parked retry --all" in told.words
    assert told.message["Auto-Submitted"] == "auto-generated"


def test_of_many_parked_mails_he_is_told_once_in_a_quarter_of_an_hour(choking: Desk) -> None:
    poison(choking, 1)
    choking.wait(seconds=30)
    poison(choking, 2, 3, 4)
    assert len(choking.courier.sent) == 1

    [told] = choking.wait(minutes=15)
    assert told.subject == "Parked mail: 4 (Example)"
    assert [choking.wait(minutes=16), choking.wait(days=1)] == [[], []]


def test_a_mail_that_is_parked_again_is_told_of_again(choking: Desk) -> None:
    poison(choking, 1)
    choking.now = choking.now.replace(hour=12)
    with choking.app.sessions.begin() as session:
        journal.retry(session, 1, choking.now)

    assert [mail.subject for mail in choking.wait()] == ["Parked mail: 1 (Example)"]


def test_a_desk_without_admins_parks_and_tells_nobody(choking: Desk) -> None:
    choking.configure(ADMINS.replace("root@desk.example", ""))
    poison(choking, 1)

    assert choking.courier.sent == []
    assert "choked" in parked(choking, "list")


def test_a_dropped_mail_stays_in_the_journal_with_the_reason_and_is_never_processed(choking: Desk) -> None:
    poison(choking, 1, 2)

    assert "J1 dropped by" in parked(choking, "drop", "J1", "--because", "a test of   ours")
    assert "J1" not in parked(choking, "list")
    [row] = json.loads(parked(choking, "list", "--dropped", "--json"))
    assert (row["id"], row["state"]) == (1, "dropped")
    assert row["error"].endswith(": a test of ours")
    assert json.loads(parked(choking, "show", "J1", "--json"))["state"] == "dropped"
    assert parked(choking, "retry", "J1") == "J1 is not parked or held; `mailtix parked list` shows what is\n"
    assert parked(choking, "drop", "J1", "--because", "again").startswith("J1 is not parked or held")
    parked(choking, "retry", "--all")
    assert choking.outcome(1)[0] == "dropped"


def test_whoever_drops_a_mail_says_why(choking: Desk) -> None:
    poison(choking, 1)

    said = called(choking.folder / "mailtix.yaml", "parked", "drop", "J1", "--because", "  ")
    assert (said.code, "--because says why" in said.err) == (2, True)
    assert choking.outcome(1) == ("", "")


def test_after_an_upgrade_all_that_is_parked_is_processed(choking: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    poison(choking, 1, 2, 3)
    parked(choking, "drop", "J2", "--because", "nobody wants it")
    assert parked(choking, "retry", "--all").count("parked: RuntimeError: choked") == 2

    monkeypatch.undo()
    said = parked(choking, "retry", "--all")

    assert said.splitlines() == [f"J{number} opened: nothing in it points to a ticket" for number in (1, 3)]
    assert [ticket.subject for ticket in choking.tickets()] == ["1", "3"]
    assert parked(choking, "list") == "Nothing is parked or held.\n"


def test_a_backup_keeps_what_was_dropped(choking: Desk) -> None:
    poison(choking, 1)
    parked(choking, "drop", "J1", "--because", "a test")
    file = choking.folder / "kept.db"
    assert called(choking.folder / "mailtix.yaml", "backup", str(file)).code == 0

    from sqlalchemy import text

    engine = open_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        [row] = connection.execute(text("SELECT state, outcome, because FROM journal")).all()
    engine.dispose()
    assert (row.state, row.outcome, row.because.endswith(": a test")) == ("dropped", "dropped", True)
