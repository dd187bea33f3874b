"""What reading one mail costs: `python -m bench.read [COUNT]`.

Median milliseconds on one core for parse with the visible reply, for classify, and for mail-parser alone beside them,
for each kind of mail of the load.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

import mailparser  # type: ignore[import-untyped]

from bench.mails import MIX, Mail, mails
from mailtix.classify import classify
from mailtix.model.kind import OwnAddresses
from mailtix.model.mail import Envelope
from mailtix.parsing import parse

OWN = OwnAddresses(frozenset({"support@helpdesk.example"}), "bench")
SEED = 20261120


def measured(mail: Mail) -> tuple[float, float, float]:
    """Milliseconds for parse, classify and mail-parser."""
    envelope = Envelope(mail.sender, ("support@helpdesk.example",), datetime(2026, 11, 20, tzinfo=UTC))
    read = parse(mail.raw, envelope)  # the phrases are loaded, the bytes are in the cache
    return (
        milliseconds(lambda: parse(mail.raw, envelope)),
        milliseconds(lambda: classify(read, OWN)),
        milliseconds(lambda: mailparser.parse_from_bytes(mail.raw)),
    )


def milliseconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return (time.perf_counter() - begin) * 1_000


def show(name: str, load: list[Mail], figures: list[tuple[float, float, float]]) -> None:
    ours, kind, theirs = (median(column) for column in zip(*figures, strict=True))
    size = median(len(mail.raw) for mail in load) / 1_000
    print(f"{name:12}{len(load):>7}{size:>10.1f}{ours:>16.2f}{kind:>11.2f}{theirs:>20.2f}")


def main(count: int) -> None:
    load = mails(count, SEED)
    figures = [measured(mail) for mail in load]
    print(f"{'median ms':12}{'mails':>7}{'KB':>10}{'parse + reply':>16}{'classify':>11}{'mail-parser alone':>20}")
    for kind, _ in MIX:
        chosen = [(mail, row) for mail, row in zip(load, figures, strict=True) if mail.kind == kind]
        if chosen:
            show(kind, [mail for mail, _ in chosen], [row for _, row in chosen])
    show("all", load, figures)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
