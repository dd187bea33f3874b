"""The rules of a running daemon change under load; no mail is lost, and none is sorted by half a set."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

from running import Daemon, Senders, asked, letter, settings, until

MAILS = 120
RULES = "- {{name: One, then: {{tag: {0}1}}}}\n- {{name: Two, then: {{tag: {0}2}}}}\n"


def test_no_mail_is_lost_while_rules_change(tmp_path: Path, start: Callable[..., Daemon]) -> None:
    rules = tmp_path / "10.yaml"
    rules.write_text(RULES.format("a"))
    config = settings(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", rules=["10.yaml"], survey={"enabled": False})
    daemon = start(config)
    mails = [
        (f"m{n}", letter(f"c{n}@example.org", f"m{n}"), f"c{n}@example.org", "support@desk.example")
        for n in range(MAILS)
    ]
    senders = Senders(daemon.port(), mails)

    for round_, name in enumerate("bcd", start=1):
        senders.wait_for(round_ * MAILS // 5)
        new = rules.with_suffix(".new")
        new.write_text(RULES.format(name))
        new.replace(rules)
        daemon.signal(signal.SIGHUP)
        daemon.wait("rules_reloaded", round_)
    rules.write_text("- {name: broken")
    daemon.signal(signal.SIGHUP)
    daemon.wait("rules_refused")
    assert len(senders.finish()) == MAILS
    daemon.wait("opened", MAILS)

    found = until(lambda: asked(config, "tickets", "list", "--limit", "1000"))
    assert len(found) == MAILS
    tags = {tuple(ticket["tags"]) for ticket in found}
    assert tags <= {(f"{name}1", f"{name}2") for name in "abcd"}
    assert len(tags) > 1
    assert daemon.stop() == 0
