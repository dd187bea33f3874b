"""Rules that change while the desk works."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk import CONFIG, Desk
from mailtix.store import journal
from running import called

BILLING = "- {name: Invoices, when: {subject: invoice}, then: {category: billing}}\n"
TECHNICAL = BILLING.replace("billing", "technical")
BAD = BILLING.replace("category", "categry")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules" / "10.yaml"
    path.parent.mkdir()
    path.write_text(BILLING)
    return path


@pytest.fixture
def ruled(new_desk: Callable[..., Desk], rules: Path) -> Desk:
    return new_desk(f"rules: [rules/*.yaml]\nnotify: {{admins: [admin@desk.example]}}\n{CONFIG}")


def change(path: Path, text: str) -> None:
    """The file says something else, and can be seen to have changed (a clock may be coarser than a test)."""
    before = path.stat().st_mtime_ns
    path.write_text(text)
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def sorted_into(desk: Desk) -> str:
    """The category of a new invoice, after two rounds of the sweep."""
    desk.work()
    desk.work()
    desk.receive("ann@example.org", "Please pay.", subject="Invoice")
    return desk.tickets()[-1].category


def logged(desk: Desk, event: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in desk.log.getvalue().splitlines()]
    return [line for line in lines if line["event"] == event]


def test_changed_rules_are_taken_without_a_restart(ruled: Desk, rules: Path) -> None:
    assert sorted_into(ruled) == "billing"
    change(rules, TECHNICAL)
    assert sorted_into(ruled) == "technical"
    (rules.parent / "20.yaml").write_text("- {name: More, then: {category: billing}}\n")
    assert sorted_into(ruled) == "billing"

    assert [line["rules"] for line in logged(ruled, "rules_reloaded")] == [1, 2]


def test_a_file_that_is_still_being_written_waits_for_one_more_look(ruled: Desk, rules: Path) -> None:
    ruled.app.live.look()
    ruled.app.live.look()
    change(rules, "")
    ruled.app.live.look()
    change(rules, TECHNICAL)
    ruled.app.live.look()
    assert logged(ruled, "rules_reloaded") == []

    ruled.app.live.look()
    assert [line["rules"] for line in logged(ruled, "rules_reloaded")] == [1]


def test_each_mail_keeps_the_version_of_its_rules(ruled: Desk, rules: Path) -> None:
    sorted_into(ruled)
    change(rules, TECHNICAL)
    sorted_into(ruled)

    with ruled.app.sessions() as session:
        first, second = (journal.entry(session, number) for number in (1, 2))
    assert first is not None
    assert second is not None
    assert len({first.rules, second.rules, ""}) == 3
    assert second.rules == ruled.app.live.house().policy.rules.version


def test_a_bad_file_changes_nothing_and_the_admins_hear_of_it_once(ruled: Desk, rules: Path) -> None:
    sorted_into(ruled)
    before = len(ruled.courier.sent)
    change(rules, BAD)
    for _ in range(4):
        ruled.work()

    [mail] = ruled.courier.sent[before:]
    assert (mail.to, mail.envelope_from) == ("admin@desk.example", "")
    assert mail.subject == "mailtix: the changed rules are not used (1 mistake)"
    assert f"{rules}:1:" in mail.message.get_content()
    assert "unknown key 'categry'" in mail.message.get_content()
    assert mail.message["Auto-Submitted"] == "auto-generated"
    [line] = logged(ruled, "rules_refused")
    assert line["place"].startswith(f"{rules}:1:")
    assert sorted_into(ruled) == "billing"


def test_another_mistake_is_told_again_and_a_mended_file_is_taken(ruled: Desk, rules: Path) -> None:
    for text in (BAD, BAD.replace("subject", "sbject"), TECHNICAL):
        change(rules, text)
        ruled.work()
        ruled.work()

    assert [mail.to for mail in ruled.courier.sent] == ["admin@desk.example"] * 2
    assert sorted_into(ruled) == "technical"


def test_a_folder_that_is_gone_leaves_the_rules_as_they_were(ruled: Desk, rules: Path) -> None:
    sorted_into(ruled)
    rules.unlink()

    assert sorted_into(ruled) == "billing"
    assert [line["because"] for line in logged(ruled, "rules_refused")] == ["there are no rule files any more"]


def test_the_wish_in_the_database_reaches_who_cannot_see_the_change(ruled: Desk, rules: Path) -> None:
    sorted_into(ruled)
    stat = rules.stat()
    rules.write_text(BILLING.replace("billing}", "sales}  "))  # as long as before
    os.utime(rules, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    ruled.work()
    ruled.work()
    assert logged(ruled, "rules_reloaded") == []
    rules.write_text(TECHNICAL)
    os.utime(rules, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    assert called(ruled.folder / "mailtix.yaml", "rules", "reload").code == 0
    ruled.work()
    assert len(logged(ruled, "rules_reloaded")) == 1


def test_rules_with_mistakes_are_not_wished_for(ruled: Desk, rules: Path) -> None:
    ruled.work()
    change(rules, BAD)

    said = called(ruled.folder / "mailtix.yaml", "rules", "reload")
    assert said.code == 2
    assert "unknown key 'categry'" in said.err
