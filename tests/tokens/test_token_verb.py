"""`mailtix tokens` as it is typed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from desk import Desk
from mailtix.app import open_app
from running import asked, called

TWO = """
companies:
  - {name: One, mailboxes: [{address: support@desk.example}]}
  - {name: Two, mailboxes: [{address: help@two.example}]}
agents:
  - {name: Bob Miller, email: bob@desk.example}
"""


@pytest.fixture
def typed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of a desk whose verbs look at its clock."""
    monkeypatch.setattr("mailtix.verbs.tokens_list.clock", lambda: desk.now)
    monkeypatch.setattr("mailtix.verbs.tokens.open_app", partial(open_app, now=lambda: desk.now))
    return desk.folder / "mailtix.yaml"


def numbers(found: dict[str, list[dict[str, str]]]) -> list[str]:
    return [token["number"] for token in found["tokens"]]


def test_a_token_is_issued_and_the_customer_gets_its_number_by_mail(desk: Desk, typed: Path) -> None:
    token = asked(typed, "tokens", "issue", "Ann@example.org", "--name", "Ann Archer", "--category", "bill",
                  "--assign", "carla@desk.example", "--as", "bob@desk.example")  # fmt: skip
    desk.work()

    assert token == {
        "number": "TK000001", "status": "open", "company": "Example", "person": "ann@example.org",
        "name": "Ann Archer", "category": "billing", "assignee": "carla@desk.example", "ticket": None,
        "issued_at": "2026-11-20T09:00:00+00:00", "issued_by": "bob@desk.example", "closed_at": None,
        "closed_by": None, "printed_at": None,
    }  # fmt: skip
    assert {mail.to: "TK000001" in mail.text for mail in desk.courier.sent} == {
        "ann@example.org": True,
        "carla@desk.example": True,
    }


def test_one_for_a_ticket_belongs_to_its_thread_and_its_history(desk: Desk, typed: Path) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("bob@desk.example", "#take\n#category technical", reply_to=desk.notice_to("bob"))

    token = asked(typed, "tokens", "issue", "ann@example.org", "--ticket", desk.ticket().number)
    desk.work()

    ticket = desk.ticket()
    assert (token["ticket"], token["category"], token["assignee"]) == (ticket.number, "technical", "bob@desk.example")
    mail = next(mail for mail in desk.courier.sent if mail.to == "ann@example.org" and "TK000001" in mail.text)
    assert (mail.subject, mail.number) == (f"Re: [{ticket.number}] Fire", ticket.number)
    assert any("TK000001 was issued" in line for line in desk.history())


def test_each_change_is_kept_with_who_made_it(desk: Desk, typed: Path, tmp_path: Path) -> None:
    asked(typed, "tokens", "issue", "ann@example.org")
    for colleague in ("bob", "carla", "bob"):
        asked(typed, "tokens", "assign", "TK000001", f"{colleague}@desk.example")
    asked(typed, "tokens", "print", "1", str(tmp_path / "slip.pdf"))
    desk.now = desk.now.replace(hour=10)
    asked(typed, "tokens", "close", "tk-1", "--as", "carla@desk.example")
    desk.work()

    shown = asked(typed, "tokens", "show", "TK000001")
    assert [(line["actor"], line["text"]) for line in shown["log"]] == [
        ("mailtix", "the token TK000001 was issued to ann@example.org"),
        ("mailtix", "TK000001 of ann@example.org is looked after by Bob Miller"),
        ("mailtix", "TK000001 of ann@example.org is looked after by Carla Reyes"),
        ("mailtix", "TK000001 of ann@example.org is looked after by Bob Miller"),
        ("mailtix", "the slip of TK000001 of ann@example.org was printed"),
        ("carla@desk.example", "TK000001 of ann@example.org is closed"),
    ]
    assert (shown["status"], shown["closed_by"], shown["assignee"]) == (
        "closed",
        "carla@desk.example",
        "bob@desk.example",
    )
    assert (shown["printed_at"], shown["closed_at"]) == ("2026-11-20T09:00:00+00:00", "2026-11-20T10:00:00+00:00")
    assert (tmp_path / "slip.pdf").read_bytes().startswith(b"%PDF-")
    told = [mail.to.partition("@")[0] for mail in desk.courier.sent]
    assert sorted(told) == ["ann", "bob", "bob", "carla"]


def test_lists_are_narrowed_down_and_tell_the_numbers_of_the_day(desk: Desk, typed: Path) -> None:
    for address, name, category in (
        ("ann@example.org", "Änne Archer", "billing"),
        ("joe@example.net", "Joe", "technical"),
    ):
        asked(typed, "tokens", "issue", address, "--name", name, "--category", category)
    asked(typed, "tokens", "close", "TK000001", "--as", "carla@desk.example")
    desk.now = desk.now.replace(day=21)
    asked(typed, "tokens", "issue", "eve@example.net")

    today = asked(typed, "tokens", "list")
    assert (today["day"], today["issued"], today["closed"], today["open"]) == ("2026-11-21", 1, 0, 2)
    assert numbers(today) == ["TK000003", "TK000002", "TK000001"]
    first = asked(typed, "tokens", "list", "--day", "2026-11-20")
    assert (first["issued"], first["closed"], numbers(first)) == (2, 1, ["TK000002", "TK000001"])

    def found(*options: str) -> list[str]:
        return numbers(asked(typed, "tokens", "list", *options))

    assert found("--open") == ["TK000003", "TK000002"]
    assert found("--search", "ÄNNE billing") == ["TK000001"]
    assert found("--search", "example.net") == ["TK000003", "TK000002"]
    assert found("--search", "100%") == []
    assert found("--category", "technical") == ["TK000002"]
    assert found("--category", "") == ["TK000003"]
    assert found("--assignee", "Carla@desk.example") == ["TK000001"]
    assert found("--assignee", "") == ["TK000003", "TK000002"]
    assert found("--limit", "1") == ["TK000003"]


def test_people_read_tables(desk: Desk, typed: Path) -> None:
    assert called(typed, "tokens", "list").out.splitlines() == [
        "No tokens.",
        "2026-11-20: 0 issued, 0 closed; 0 are open now.",
    ]
    assert called(typed, "tokens", "issue", "ann@example.org").out == "TK000001 is issued to ann@example.org.\n"
    assert "TK000001" in called(typed, "tokens", "list").out
    assert "  person: ann@example.org\n" in called(typed, "tokens", "show", "1").out
    assert called(typed, "tokens", "close", "1").out == "TK000001 is closed.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        (("show", "TK000009"), 1, "there is no token TK000009; `mailtix tokens list` shows what there is"),
        (("close", "soon"), 1, "there is no token soon"),
        (("assign", "1", "bob@desk.example"), 1, "there is no token 1"),
        (("issue", "ann"), 2, "'ann' is no address"),
        (("issue", "bob@desk.example"), 2, "is an address of the desk"),
        (("issue", "ann@example.org", "--category", "x"), 2, "there is no category 'x'"),
        (("issue", "ann@example.org", "--ticket", "TKT-1"), 2, "there is no ticket TKT-1"),
        (("issue", "ann@example.org", "--assign", "eve@example.net"), 2, "there is no agent eve@example.net"),
        (("issue", "ann@example.org", "--as", "eve@example.net"), 2, "there is no agent with the address eve"),
        (("issue", "ann@example.org", "--company", "Nobody"), 2, "there is no company 'Nobody'; there are: Example"),
        (("print", "1", "slip.png"), 2, "name the file so: slip.pdf"),
        (("list", "--day", "soon"), 2, "write it as 2026-12-01, or today"),
        (("list", "--limit", "-1"), 2, "0 means all of them"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_do(
    typed: Path, arguments: tuple[str, ...], code: int, hint: str
) -> None:
    said = called(typed, "tokens", *arguments)

    assert (said.code, said.out) == (code, "")
    assert hint in said.err


def test_what_is_closed_stays_so(typed: Path) -> None:
    asked(typed, "tokens", "issue", "ann@example.org")
    asked(typed, "tokens", "close", "TK000001")

    for again in (("close", "TK000001"), ("assign", "TK000001", "bob@desk.example")):
        said = called(typed, "tokens", *again)
        assert (said.code, "TK000001 is closed since 2026-11-20 09:00 UTC" in said.err) == (1, True)


def test_each_company_counts_its_own(new_desk: Callable[..., Desk]) -> None:
    settings = new_desk(TWO).folder / "mailtix.yaml"
    for company in ("One", "Two"):
        assert asked(settings, "tokens", "issue", "ann@example.org", "--company", company)["number"] == "TK000001"

    assert "say for which company: --company with one of: One, Two" in called(
        settings, "tokens", "issue", "ann@example.org"
    ).err  # fmt: skip
    assert "exists in more than one company" in called(settings, "tokens", "close", "TK000001").err
    assert asked(settings, "tokens", "close", "TK000001", "--company", "Two")["company"] == "Two"
    assert numbers(asked(settings, "tokens", "list", "--open")) == ["TK000001"]
