"""The load: mail as a help desk gets it, made from a seed. The same seed gives the same mails."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from email.utils import formatdate
from random import Random
from textwrap import wrap

RECIPIENT = "support@helpdesk.example"
# The mix: (kind, share in percent). Sizes are drawn within `_SIZES`, in bytes of text, HTML or file.
MIX = (("new", 60), ("reply", 30), ("html", 7), ("attachment", 3))
_SIZES = {"new": (1_000, 4_000), "reply": (200, 900), "html": (20_000, 60_000), "attachment": (200_000, 1_000_000)}
# A reply answers a mail that lies so many mails back: with 50 connections the nearer ones may still be under way.
_BACK = 150
_FIRST_DATE = 1_790_000_000
_B64_LINE = 76


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the load: its bytes, and the same as they stand on the wire after DATA (RFC 5321 section 4.5.2)."""

    kind: str
    sender: str
    raw: bytes
    wire: bytes


@dataclass(frozen=True, slots=True)
class _Asked:
    """An earlier mail that can be answered."""

    message_id: str
    subject: str
    name: str
    sender: str


def mails(count: int, seed: int) -> list[Mail]:
    """`count` mails of the mix. Replies come from the one who asked and name his mail in In-Reply-To."""
    return [*_Writer(Random(seed), seed).write(count)]


def with_large(count: int, seed: int, share: int = 10, size: int = 1_000_000) -> list[Mail]:
    """Mails of which `share` percent have a file of `size` bytes; the driver numbers them, so that each may be sent
    again and again and is another mail."""
    chance = Random(seed)
    writer = _Writer(chance, seed)
    return [writer.numbered(n, size if n * share // 100 != (n + 1) * share // 100 else 0) for n in range(count)]


class _Writer:
    def __init__(self, chance: Random, seed: int) -> None:
        self._chance = chance
        self._seed = seed
        self._words = ["".join(chance.choices("etaoinshrdlucmfwyp", k=chance.randint(2, 10))) for _ in range(3000)]
        self._people = [(f"{self._word()} {self._word()}".title(), f"user{n}@cust{n % 60}.example") for n in range(500)]
        self._asked: list[_Asked] = []
        # One blob for all attachments, each taking another piece of it: making noise must not take longer than sending.
        blob = base64.b64encode(chance.randbytes(1_600_000)).decode()
        self._lines = [blob[at : at + _B64_LINE] for at in range(0, len(blob) - _B64_LINE, _B64_LINE)]

    def write(self, count: int) -> list[Mail]:
        kinds = self._chance.choices([k for k, _ in MIX], [share for _, share in MIX], k=count)
        return [self._mail(number, kind) for number, kind in enumerate(kinds)]

    def numbered(self, number: int, file: int) -> Mail:
        """A new mail whose number is set when it is sent, with a file of that many bytes if they are not 0."""
        name, sender = self._chance.choice(self._people)
        unique = f"Message-ID: <{'@' * 10}.{self._seed}.{number}@{sender.partition('@')[2]}>"
        subject = f"Subject: {self._sentence(3, 8).capitalize()}"
        body = self._attachment(file) if file else self._new(self._chance.randint(*_SIZES["new"]))
        return _as_sent("numbered", sender, [*self._head(number, name, sender), unique, subject, *body, ""])

    def _mail(self, number: int, kind: str) -> Mail:
        if kind == "reply" and len(self._asked) <= _BACK:
            kind = "new"
        name, sender = self._chance.choice(self._people)
        subject, extra = self._sentence(3, 8).capitalize(), []
        message_id = f"<{self._chance.getrandbits(64):016x}.{self._seed}.{number}@{sender.partition('@')[2]}>"
        if kind == "reply":
            asked = self._asked[self._chance.randrange(len(self._asked) - _BACK)]
            name, sender, subject = asked.name, asked.sender, f"Re: {asked.subject}"
            extra = [f"In-Reply-To: {asked.message_id}", f"References: {asked.message_id}"]
        else:
            self._asked.append(_Asked(message_id, subject, name, sender))
        size = self._chance.randint(*_SIZES[kind])
        body = {"new": self._new, "reply": self._reply, "html": self._html, "attachment": self._attachment}[kind](size)
        head = [*self._head(number, name, sender), f"Subject: {subject}", f"Message-ID: {message_id}", *extra]
        return _as_sent(kind, sender, [*head, *body, ""])

    def _head(self, number: int, name: str, sender: str) -> list[str]:
        """The fields that a mail has when it has come through two servers."""
        domain, date = sender.partition("@")[2], formatdate(_FIRST_DATE + number * 7)
        if number % 10 == 0:
            name = f"=?utf-8?q?J=C3=BCrgen_{name.split()[0]}?="
        signature = "\r\n\t ".join(wrap(base64.b64encode(self._chance.randbytes(256)).decode(), 64))
        return [
            f"Return-Path: <{sender}>",
            f"Received: from mx.{domain} (mx.{domain} [192.0.2.{number % 254 + 1}])",
            f"\tby mail.helpdesk.example with ESMTPS id {self._chance.getrandbits(40):010X}",
            f"\tfor <{RECIPIENT}>; {date}",
            f"Received: from desktop-{number} ([198.51.100.{number % 250}]) by mx.{domain} with ESMTPSA; {date}",
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=s1;",
            f"\th=from:to:subject:date:message-id; bh={signature[:44]};\r\n\tb={signature}",
            f"From: {name} <{sender}>",
            f"To: Support <{RECIPIENT}>",
            f"Date: {date}",
            "MIME-Version: 1.0",
            "User-Agent: BenchMail/1.0",
        ]

    def _new(self, size: int) -> list[str]:
        lines = [line + (" café" if at % 5 == 0 else "") for at, line in enumerate(self._text(size))]
        return ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", *lines]

    def _reply(self, size: int) -> list[str]:
        quoted = [f"> {line}" for line in self._text(self._chance.randint(500, 2_000))]
        introduction = f"On Fri, 20 Nov 2026 at 10:02, Support <{RECIPIENT}> wrote:"
        return [*self._new(size), introduction, *quoted]

    def _html(self, size: int) -> list[str]:
        rows: list[str] = []
        while sum(map(len, rows)) < size * 5 // 6:
            link = f"https://shop.example/c/{self._chance.getrandbits(32):x}"
            rows += [
                '<tr><td style="padding:10px 20px;font-size:14px;color:#333333" valign="top">',
                f'<h2 style="margin:0"><a href="{link}?a=1&amp;b=2" target="_blank">{self._sentence(3, 8)}</a></h2>',
                f"<p>{self._sentence(15, 50)} &nbsp;<b>{self._word()}</b></p></td></tr>",
            ]
        html = ["<html><head><style>p{margin:0}</style></head><body><table>", *rows, "</table></body></html>"]
        return [
            *('Content-Type: multipart/alternative; boundary="=_b"', "", "--=_b"),
            *self._new(size // 6),
            *("--=_b", "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: 8bit", ""),
            *html,
            "--=_b--",
        ]

    def _attachment(self, size: int) -> list[str]:
        """A file whose base64 is `size` bytes long."""
        count = size // (_B64_LINE + 2)
        start = self._chance.randrange(len(self._lines) - count)
        return [
            *('Content-Type: multipart/mixed; boundary="=_m"', "", "--=_m"),
            *self._new(800),
            *("--=_m", 'Content-Type: application/pdf; name="scan.pdf"', "Content-Transfer-Encoding: base64"),
            *('Content-Disposition: attachment; filename="scan.pdf"', "", *self._lines[start : start + count]),
            "--=_m--",
        ]

    def _text(self, size: int) -> list[str]:
        lines: list[str] = []
        written = 0
        while written < size:
            paragraph = self._sentence(20, 70) + "."
            lines += [*wrap(paragraph), ""]
            written += len(paragraph) + 2
        return lines

    def _sentence(self, fewest: int, most: int) -> str:
        return " ".join(self._chance.choices(self._words, k=self._chance.randint(fewest, most)))

    def _word(self) -> str:
        return self._chance.choice(self._words)


def _as_sent(kind: str, sender: str, lines: list[str]) -> Mail:
    raw = "\r\n".join(lines).encode()
    return Mail(kind, sender, raw, raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
