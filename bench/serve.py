"""`mailtix serve` as a process of its own, with a config as a small help desk has it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.serving import HOST, server

_MAILTIX = """\
database: {database}
listen: {{smtp: "{host}:{port}", connections: 1000, per_address: 1000{shared}}}
{workers}companies:
  - name: Example
    mailboxes: [{{address: support@helpdesk.example, name: Example Support}}]
    categories: [billing, technical]
agents:
  - {{name: Bob Miller, email: bob@helpdesk.example, teams: [billing]}}
  - {{name: Carla Reyes, email: carla@helpdesk.example, teams: [technical]}}
outbound: {outbound}
rules: [{rules}]
# The load comes from few senders within minutes, and from domains that are not there: no limit is to hold it up,
# and no DNS is to be waited for. What these cost is measured by themselves (bench.limits, docs/performance.md).
limits: {{new_tickets: {{count: 100000, per: 1h}}, answers: [], alike: {{count: 1, per: 1d}}}}
security: {{verify: never}}
"""
# A few rules as an installation has them; the last one catches all, so that each new mail is somebody's.
_RULES = """\
- name: Invoices
  when: {subject: [invoice, payment, '/\\bINV-\\d{4}-\\d{5}\\b/']}
  then: {category: billing, team: billing}
- name: Nobody can work
  when: {any: [{subject: [down, outage]}, {body: ['/\\b(cannot|can not) (work|log in)\\b/i']}]}
  then: {priority: urgent, team: technical}
- name: Files
  when: {has_attachment: true}
  then: {tag: has-file}
- name: Everything else
  when: {to: support@helpdesk.example}
  then: {team: technical}
"""


def write_config(
    folder: Path,
    database: str,
    outbound: str,
    port: int,
    *,
    shared: bool = False,
    threads: int | None = None,
    line: str | None = None,
) -> Path:
    """A mailtix.yaml with two agents and four rules; `shared` for a port on which several listen."""
    rules, config = folder / "rules.yaml", folder / "mailtix.yaml"
    rules.write_text(_RULES)
    workers = [f"{key}: {value}" for key, value in (("threads", threads), ("line", line)) if value is not None]
    chosen = {
        "shared": ", reuse_port: true" if shared else "",
        "workers": f"workers: {{{', '.join(workers)}}}\n" if workers else "",
    }
    text = _MAILTIX.format(database=database, host=HOST, port=port, outbound=outbound, rules=rules, **chosen)
    config.write_text(text)
    return config


@contextmanager
def running(config: Path, port: int, name: str = "serve") -> Iterator[int]:
    """A running `mailtix serve`; gives its process id. Its log stands beside the config."""
    command = [sys.executable, "-m", "mailtix", "--config", str(config), "serve"]
    with server(command, config.with_name(f"{name}.log"), port, dict(os.environ)) as pid:
        yield pid
