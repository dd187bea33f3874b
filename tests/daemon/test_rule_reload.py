"""The rules of a running daemon change under load; no mail is lost, and none is sorted by half a set."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

from running import Daemon, Senders, asked, letter, settings

BATCH = 60
RULES = "- {{name: One, then: {{tag: {0}1}}}}\n- {{name: Two, then: {{tag: {0}2}}}}\n"


def batch(name: str) -> list[tuple[str, bytes, str, str]]:
    """Mails of customers of their own."""
    senders = [f"{name}{number}@example.org" for number in range(BATCH)]
    return [(sender, letter(sender, f"from {sender}"), sender, "support@desk.example") for sender in senders]


def test_no_mail_is_lost_while_rules_change(tmp_path: Path, start: Callable[..., Daemon]) -> None:
    """A batch is on its way whenever the rules change; the next begins when they have changed."""
    rules = tmp_path / "10.yaml"
    rules.write_text(RULES.format("a"))
    config = settings(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", rules=["10.yaml"], survey={"enabled": False})
    daemon = start(config)
    senders = [Senders(daemon.port(), batch("a"))]
    daemon.wait("opened")

    for count, name in enumerate("bcd", start=1):
        senders[-1].wait_for(1)
        new = rules.with_suffix(".new")
        new.write_text(RULES.format(name))
        new.replace(rules)
        daemon.signal(signal.SIGHUP)
        daemon.wait("rules_reloaded", count)
        senders.append(Senders(daemon.port(), batch(name)))
    senders[-1].wait_for(1)
    rules.write_text("- {name: broken")
    daemon.signal(signal.SIGHUP)
    daemon.wait("rules_refused")
    assert [len(each.finish()) for each in senders] == [BATCH] * 4
    daemon.wait("opened", 4 * BATCH)

    found = asked(config, "tickets", "list", "--limit", "1000")
    assert len(found) == 4 * BATCH
    tags = {tuple(ticket["tags"]) for ticket in found}
    assert {("a1", "a2"), ("d1", "d2")} <= tags <= {(f"{name}1", f"{name}2") for name in "abcd"}
    assert {ticket["tags"][0] for ticket in found if ticket["requester"].startswith("d")} == {"d1"}
    assert daemon.stop() == 0
