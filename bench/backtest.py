"""How fast other rules are tried on the mail of the past: `python -m bench.backtest [MAILS] [RULES]`.

Puts mail of the load into a database of its own, then runs `mailtix rules backtest` twice: reading each mail from its
bytes, and with what the first run has read. Prints mails a second of wall time, and the CPU time of a mail, the start
of the processes included: on a machine that others use too, the second tells more.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bench.mails import RECIPIENT, mails
from mailtix.app import open_app
from mailtix.ingest.accept import Parcel
from mailtix.log import open_log
from mailtix.model.mail import Envelope
from mailtix.store import journal
from mailtix.terms import read_config

SEED = 20261120
_COMMIT = 50


def rules(count: int, chance: Random) -> str:
    """So many rules as a desk has them: words in the subject or the text, senders, header fields."""
    whens = (
        "{{subject: [{a}, {b}]}}",
        "{{body: {a}, not: {{subject: {b}}}}}",
        "{{from: '*@{a}.example'}}",
        "{{any: [{{header: {{X-{a}: true}}}}, {{subject: '/\\\\b{b}\\\\b/i'}}]}}",
    )
    words = ["".join(chance.choices("etaoinshrdlucmfwyp", k=chance.randint(4, 9))) for _ in range(500)]
    lines = []
    for number in range(count):
        when = whens[number % len(whens)].format(a=chance.choice(words), b=chance.choice(words))
        event = "reply" if number % 5 == 4 else "new"
        lines.append(f"- {{name: R{number}, on: {event}, when: {when}, then: {{tag: t{number % 20}}}}}")
    return "\n".join(lines) + "\n"


def fill(folder: Path, count: int) -> None:
    """Puts the mails in and has them processed."""
    app = open_app(read_config(folder / "mailtix.yaml", {}), open_log("json", "error"))
    load = [
        Parcel(mail.raw, Envelope(mail.sender, (RECIPIENT,), datetime(2026, 11, 20, tzinfo=UTC), "smtp"))
        for mail in mails(count, SEED)
    ]
    for begin in range(0, count, _COMMIT):
        app.commit(load[begin : begin + _COMMIT])
        while True:
            app.work.mails()
            with app.sessions() as session:
                if not journal.waiting(session):
                    break
    app.close()


def run(folder: Path, *options: str) -> tuple[float, float, dict[str, object]]:
    """Seconds of one backtest by the clock and of the CPUs, and what it found."""
    command = [sys.executable, "-m", "mailtix", "--config", str(folder / "mailtix.yaml")]
    begin, used = time.perf_counter(), _used()
    done = subprocess.run(
        [*command, "rules", "backtest", "--rules", str(folder / "other"), "--json", *options],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    return time.perf_counter() - begin, _used() - used, json.loads(done.stdout)


def _used() -> float:
    """Seconds of CPU time of all processes that were waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def main(count: int, rule_count: int) -> None:
    with TemporaryDirectory(prefix="mailtix-bench-") as name:
        folder = Path(name)
        (folder / "rules").mkdir()
        (folder / "other").mkdir()
        (folder / "rules" / "10.yaml").write_text(rules(rule_count, Random(1)))
        (folder / "other" / "10.yaml").write_text(rules(rule_count, Random(2)))
        (folder / "mailtix.yaml").write_text(
            f"database: sqlite:///{folder}/mailtix.db\n"
            f"companies: [{{name: Bench, mailboxes: [{{address: {RECIPIENT}}}]}}]\nsurvey: {{enabled: false}}\n"
            "security: {verify: never}\n"  # neither the DNS nor the limits are what is measured
            "limits: {new_tickets: {count: 100000, per: 1h}, answers: [], alike: {count: 1, per: 1d}}\n"
        )
        fill(folder, count)
        cache = ("--cache", str(folder / "cache"))
        print(f"{count:,} mails, {rule_count} rules before and after, {os.cpu_count()} cores")
        for title, options in (("from their bytes", ()), ("bytes, and kept", cache), ("as kept", cache)):
            seconds, used, found = run(folder, *options)
            asked = f"rules asked {found['asked']} times, {found['changed']} changed"
            cpu = f"{1000 * used / count:.2f} ms of CPU a mail ({2 * count / used:,.0f}/s on two idle cores)"
            print(f"{title:18}{count / seconds:>8,.0f} mails/s {seconds:>7.2f} s   {cpu}   {asked}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.backtest", description="How fast a backtest is.")
    parser.add_argument("mails", type=int, nargs="?", default=6_000, help="mails in the journal")
    parser.add_argument("rules", type=int, nargs="?", default=200, help="rules before and after")
    given = parser.parse_args()
    main(given.mails, given.rules)
