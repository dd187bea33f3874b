"""`python -m bench.fuzz`: mails bent and broken at random, against parse, reply cut, classify and bounce reading.

Each target gets `--seconds` of CPU time. A mail that raises, or takes longer than its size allows, is written to
`--out` and ends the run with exit code 1. The same `--seed` gives the same mails.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from mailtix.classify import classify, facts, may_answer
from mailtix.model.kind import OwnAddresses
from mailtix.model.mail import Envelope
from mailtix.parsing import attachment, parse

_ENVELOPE = Envelope("ann@example.org", ("support@desk.example",), datetime(2026, 11, 20, tzinfo=UTC))
_OWN = OwnAddresses(frozenset({"support@desk.example"}), "mark")
# CPU seconds that a mail may take: a floor for the noise of the machine, and so much for each megabyte.
_FLOOR, _PER_MEGABYTE = 0.5, 1.0

_PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff\xfe",
    b"\x1b$B",
    b"=?utf-8?q?=?=",
    b"=?x?b?====?=",
    b"--b",
    b"--b--",
    b"> ",
    b">>>> ",
    b"On Fri wrote:",
    b"-----Original Message-----",
    b"From: a@example.org\n",
    b"-- \n",
    b"begin 644 x\n",
    b"<blockquote>",
    b"<div ",
    b'Content-Type: multipart/mixed; boundary="b"\n\n',
    b"Content-Type: message/rfc822\n\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Type: message/delivery-status\n\n",
    b"Final-Recipient: rfc822; ",
    b"Status: 5.1.1\n",
    b"Diagnostic-Code: smtp; 550 ",
    b"Auto-Submitted: auto-replied\n",
    b"Subject: Undelivered Mail Returned to Sender\n",
    b"((((((",
    b'""""',
    b"<<<<",
    b"&#x;",
    b"=\n",
]


def _parse(raw: bytes) -> None:
    mail = parse(raw, _ENVELOPE)
    for file in mail.attachments[:3]:
        attachment(raw, file.index)


def _reply(raw: bytes) -> None:
    mail = parse(b"From: a@example.org\n\n" + raw, _ENVELOPE)
    lines = {line.strip() for line in mail.text.split("\n")}
    strange = [line for line in mail.reply.split("\n") if line.strip() and line.strip() not in lines]
    if strange:
        raise AssertionError(f"the reply holds what the text does not: {strange[0]!r}")


def _classify(raw: bytes) -> None:
    mail = parse(raw, _ENVELOPE)
    kind = classify(mail, _OWN)
    may_answer(mail, kind)
    facts(mail, kind)


def _bounce(raw: bytes) -> None:
    head = (
        b"From: MAILER-DAEMON@example.org\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    )
    _classify(head + b"--b\n\n" + raw)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "parse": _parse,
    "reply": _reply,
    "classify": _classify,
    "bounce": _bounce,
}


def _seeds(folders: list[Path]) -> list[bytes]:
    found = [path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.eml"))]
    return [mail[:200_000] for mail in found] or [b"From: a@example.org\n\nHello\n"]


def _bent(seeds: list[bytes], chance: random.Random) -> Iterator[bytes]:
    """Mails without end: cut, doubled, spliced, and strewn with what confuses parsers."""
    while True:
        mail = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 12)):
            at = chance.randint(0, len(mail))
            match chance.randint(0, 5):
                case 0:
                    del mail[at : at + chance.randint(1, 400)]
                case 1:
                    mail[at:at] = chance.choice(_PIECES) * chance.choice([1, 1, 1, 2, 50, 2000])
                case 2:
                    mail[at:at] = mail[at : at + chance.randint(1, 400)] * chance.choice([1, 2, 20])
                case 3 if mail:
                    mail[at % len(mail)] = chance.randrange(256)
                case 4:
                    other = chance.choice(seeds)
                    start = chance.randint(0, len(other))
                    mail[at:at] = other[start : start + chance.randint(1, 2000)]
                case _:
                    mail[at:at] = chance.randbytes(chance.randint(1, 20))
        yield bytes(mail[:2_000_000])


def fuzz(name: str, seeds: list[bytes], seconds: float, seed: int, out: Path) -> bool:
    """Whether the target took everything for so many CPU seconds."""
    target, start, count, slowest = TARGETS[name], time.process_time(), 0, 0.0
    for mail in _bent(seeds, random.Random(f"{name} {seed}")):
        before = time.process_time()
        try:
            target(mail)
        except Exception as error:  # whatever it is, it is what was looked for
            return _found(name, mail, f"{type(error).__name__}: {error}", out)
        now = time.process_time()
        count, slowest = count + 1, max(slowest, now - before)
        if now - before > _FLOOR + _PER_MEGABYTE * len(mail) / 1e6:
            return _found(name, mail, f"{now - before:.2f} s for {len(mail):,} bytes", out)
        if now - start > seconds:
            break
    print(f"{name}: {count:,} mails in {now - start:.0f} CPU seconds, the slowest {slowest * 1000:.0f} ms")
    return True


def _found(name: str, mail: bytes, what: str, out: Path) -> bool:
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{name}-{zlib.crc32(mail):08x}.eml"
    path.write_bytes(mail)
    print(f"{name}: {what}\n  {path}", file=sys.stderr)
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="default: all")
    parser.add_argument("--seconds", type=float, default=600, help="CPU time for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mails", type=Path, action="append", help="folders of .eml to begin with")
    parser.add_argument("--out", type=Path, default=Path("fuzz-found"))
    a = parser.parse_args()
    seeds = _seeds(a.mails or [Path(__file__).parents[1] / "tests" / "mails"])
    done = [fuzz(name, seeds, a.seconds, a.seed, a.out) for name in a.targets or TARGETS]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
