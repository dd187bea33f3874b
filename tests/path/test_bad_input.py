"""Mail as bad as it comes: always a ticket or a parked mail, never a lost one, never a crash."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk import CONFIG, Desk
from mailtix.store import journal

HEAD = b"From: ann@example.org\r\nTo: support@desk.example\r\nMessage-ID: <bad@example.org>\r\n"

BAD = {
    "nothing at all": b"",
    "one line end": b"\r\n",
    "no header": b"just words\r\nand more\r\n",
    "no From": b"To: support@desk.example\r\nSubject: x\r\n\r\nHello\r\n",
    "empty From": b"From: \r\nSubject: x\r\n\r\nHello\r\n",
    "From without address": b"From: Ann\r\nSubject: x\r\n\r\nHello\r\n",
    "two From": b"From: a@example.org, b@example.org\r\nFrom: c@example.org\r\n\r\nHello\r\n",
    "odd address": b'From: "a b"@example.org\r\n\r\nHello\r\n',
    "address beyond ASCII": "From: Jörg <jörg@exämple.org>\r\n\r\nHello\r\n".encode(),
    "address literal": b"From: <ann@[192.0.2.1]>\r\n\r\nHello\r\n",
    "group": b"From: undisclosed:;\r\n\r\nHello\r\n",
    "no body": HEAD,
    "empty body": HEAD + b"\r\n",
    "unknown charset": HEAD + b"Content-Type: text/plain; charset=x-martian\r\n\r\nHell\xf6\r\n",
    "wrong charset": HEAD + b"Content-Type: text/plain; charset=us-ascii\r\n\r\nGr\xc3\xbc\xc3\x9fe \xff\r\n",
    "subject of 1 MB": HEAD + b"Subject: " + b"x" * 1_000_000 + b"\r\n\r\nHello\r\n",
    "body of 30 MB": HEAD + b"Subject: x\r\n\r\n" + b"0123456789abcdef" * 1_900_000,
    "NUL bytes": HEAD + b"Subject: a\x00b\r\n\r\nHel\x00lo\r\n",
    "lone line feeds and returns": b"From: ann@example.org\nSubject: x\n\nHello\rthere\n.\n",
    "bare dots": HEAD + b"Subject: dots\r\n\r\n.\r\n..\r\n...\r\n",
    "broken message id": b"From: ann@example.org\r\nMessage-ID: <\r\nReferences: <<>> <\r\n\r\nHello\r\n",
    "surrogates": HEAD + b"Subject: =?utf-8?q?=ED=A0=80?=\r\n\r\n\xed\xa0\x80\r\n",
    "endless multipart": HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n" * 20_000,
    "nested": HEAD
    + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(2_000)),
    "broken base64": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n!!!!notbase64====\r\n",
    "date of another world": HEAD + b"Date: Fri, 99 Foo 99999 99:99:99 +9999\r\n\r\nHello\r\n",
    "commands of nobody": HEAD + b"Subject: #close\r\n\r\n#close\r\n#assign bob\r\n",
    "template words": HEAD + b"Subject: {{ 7*7 }} {% for x in y %}\r\n\r\n{{ config }}\r\n",
    "format words": HEAD + b"Subject: {seq:06} %s {0.__class__}\r\n\r\n%(x)s\r\n",
    "other controls": HEAD + b"Subject: a\x1b[31mb\x07\r\n\r\n\x1b]0;x\x07\r\n",
}


@pytest.mark.parametrize("what", BAD)
def test_any_mail_becomes_a_ticket(desk: Desk, what: str) -> None:
    desk.accept(BAD[what], "ann@example.org")

    [ticket] = desk.tickets()
    assert ticket.number == "TKT-2026-000001"
    assert "\n" not in ticket.subject
    with desk.app.sessions.begin() as session:
        assert journal.waiting(session) == 0
        assert journal.parked(session) == []
    assert '"trouble"' not in desk.log.getvalue()


def test_what_cannot_be_processed_is_parked_and_stands_in_nobodys_way(
    new_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = new_desk("journal: {tries: 2}\n" + CONFIG)
    parse_with_files = __import__("mailtix.pipeline", fromlist=["parse_with_files"]).parse_with_files

    def choke(raw: bytes, envelope: object) -> object:
        if b"poison" in raw:
            raise RuntimeError("choked")
        return parse_with_files(raw, envelope)

    monkeypatch.setattr("mailtix.pipeline.parse_with_files", choke)
    desk.receive("eve@example.org", "poison")
    desk.receive("ann@example.org", "It burns.")
    assert [t.requester.email for t in desk.tickets()] == ["ann@example.org"]
    desk.wait(minutes=5)

    with desk.app.sessions.begin() as session:
        [parked] = journal.parked(session)
    assert (parked.mail_from, parked.attempts, parked.error) == ("eve@example.org", 2, "RuntimeError: choked")

    monkeypatch.undo()
    with desk.app.sessions.begin() as session:
        assert journal.retry(session, None, desk.now) == [parked.id]
    desk.work()
    assert [t.requester.email for t in desk.tickets()] == ["ann@example.org", "eve@example.org"]


def test_mail_of_a_company_that_left_the_config_waits_parked_until_it_is_back(new_desk: Callable[..., Desk]) -> None:
    two = "companies:\n  - {name: One, mailboxes: [{address: a@one.example}]}\n"
    desk = new_desk("journal: {tries: 1}\n" + two + "  - {name: Two, mailboxes: [{address: b@two.example}]}\n")
    raw, sender, _ = desk.compose("ann@example.org", "Hello", to="b@two.example")
    from mailtix.ingest.accept import Parcel
    from mailtix.model.mail import Envelope

    desk.app.commit([Parcel(raw, Envelope(sender, ("b@two.example",), desk.now))])
    desk.configure("journal: {tries: 1}\n" + two)
    desk.work()

    with desk.app.sessions.begin() as session:
        [parked] = journal.parked(session)
    assert "not in the configuration any more" in parked.error
