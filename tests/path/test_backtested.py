"""`mailtix rules backtest`: other rules on the mail that came, without a trace."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from desk import CONFIG, Desk
from mailtix.clock import clock
from mailtix.store.tables import metadata
from running import Said, called

RULES = """
- name: Invoices
  when: {subject: invoice}
  then: {category: billing, assign: bob@desk.example}
- name: Impatient
  on: reply
  when: {body: waiting}
  then: {priority: urgent}
"""
OTHER = RULES.replace("bob@", "carla@").replace("body: waiting", "status: reopened") + (
    "- {name: Adverts, when: {subject: buy}, then: {drop: true}}\n"
)


@pytest.fixture
def ruled(new_desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    (tmp_path / "now").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "now" / "10.yaml").write_text(RULES)
    (tmp_path / "other" / "10.yaml").write_text(OTHER)
    desk = new_desk(f"rules: [now/*.yaml]\n{CONFIG}")
    [receipt, *_] = desk.receive("ann@example.org", "Please pay.", subject="Invoice 12")
    desk.receive("ann@example.org", "I am waiting.", reply_to=receipt)
    desk.receive("joe@example.net", "Now!", subject="Buy this")
    desk.receive("joe@example.net", "Hello.", subject="Hello")
    return desk


def backtest(desk: Desk, *arguments: str) -> Said:
    return called(desk.folder / "mailtix.yaml", "rules", "backtest", "--rules", str(desk.folder / "other"), *arguments)


def counts(desk: Desk, *arguments: str) -> dict[str, Any]:
    said = backtest(desk, "--json", *arguments)
    assert said.code == 0, said.err
    found: dict[str, Any] = json.loads(said.out)
    return found


def everything(desk: Desk) -> Iterator[object]:
    """All rows of all tables."""
    with desk.app.sessions() as session:
        for table in metadata.sorted_tables:
            yield table.name, session.execute(select(table).order_by(*table.primary_key.columns)).all()


def test_what_would_come_out_otherwise_is_counted_by_field_rule_and_agent(ruled: Desk) -> None:
    found = counts(ruled)

    assert (found["mails"], found["asked"], found["changed"]) == (4, 4, 3)
    assert {(move["field"], move["from"], move["to"]) for move in found["moves"]} == {
        ("assignee", "bob@desk.example", "carla@desk.example"),
        ("priority", "urgent", "medium"),
        ("mail", "kept", "dropped"),
    }
    assert (found["gained"], found["lost"]) == ({"Adverts": 1}, {"Impatient": 1})
    assert found["loads"]["bob@desk.example"] == {"before": 1, "after": 0, "most_before": 1, "most_after": 0}
    assert [sample["name"] for sample in found["samples"]] == ["J1", "J2", "J3"]


def test_nothing_is_written_and_nothing_is_sent(ruled: Desk) -> None:
    before, sent = list(everything(ruled)), len(ruled.courier.sent)
    counts(ruled)

    assert list(everything(ruled)) == before
    assert len(ruled.courier.sent) == sent


def test_what_was_read_once_gives_the_same_counts_without_the_mails(ruled: Desk, tmp_path: Path) -> None:
    first = counts(ruled, "--cache", str(tmp_path / "cache"))
    [kept] = (tmp_path / "cache").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600

    ruled.receive("ann@example.org", "More.", subject="Invoice 13")
    second = counts(ruled, "--cache", str(tmp_path / "cache"))
    assert (first["changed"], second["changed"], second["mails"]) == (3, 4, 5)
    kept.write_text("{")
    assert counts(ruled, "--cache", str(tmp_path / "cache")) == second


def test_a_script_is_told_by_the_exit_code(ruled: Desk) -> None:
    assert backtest(ruled, "--fail-if", "changed>50%").code == 1
    assert backtest(ruled, "--fail-if", "changed>75%").code == 0
    refused = backtest(ruled, "--fail-if", "much")
    assert refused.code == 2
    assert "'much' is no condition" in refused.err


def test_only_mail_since_a_time_is_looked_at(ruled: Desk) -> None:
    ruled.now = ruled.now.replace(year=2020)
    ruled.receive("ann@example.org", "Old.", subject="Invoice 1")

    assert counts(ruled)["mails"] == 5
    days = (clock() - datetime(2026, 1, 1, tzinfo=UTC)).days
    assert counts(ruled, "--since", f"{days}d")["mails"] == 4
    assert "is no time; write 30d" in backtest(ruled, "--since", "soon").err


def test_the_page_escapes_what_customers_write(ruled: Desk, tmp_path: Path) -> None:
    ruled.receive("ann@example.org", "Hi", subject="Invoice <script>alert(1)</script>")
    said = backtest(ruled, "--html", str(tmp_path / "report.html"))

    page = (tmp_path / "report.html").read_text()
    assert "5 mails; rules were asked 5 times; 4 would come out otherwise (80.0 %)" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page
    assert "Would match no more" in said.out
