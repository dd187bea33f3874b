"""The load is the mix that it claims to be."""

from __future__ import annotations

from collections import Counter
from email import message_from_bytes

from bench.mails import mails


def test_the_same_seed_gives_the_same_mails_and_another_seed_others() -> None:
    assert mails(50, 1) == mails(50, 1)
    assert not {mail.raw for mail in mails(50, 1)} & {mail.raw for mail in mails(50, 2)}


def test_the_mix_has_its_shares_and_sizes() -> None:
    load = mails(3000, 5)

    kinds = Counter(mail.kind for mail in load)
    assert 600 < kinds["reply"] < 1000
    assert 150 < kinds["html"] < 270
    assert 50 < kinds["attachment"] < 140
    sizes = {kind: [len(mail.raw) for mail in load if mail.kind == kind] for kind in kinds}
    assert max(sizes["new"]) < 9_000
    assert min(sizes["html"]) > 19_000
    assert 190_000 < min(sizes["attachment"]) <= max(sizes["attachment"]) < 1_050_000


def test_a_reply_names_a_mail_that_was_sent_before_it_by_the_same_person() -> None:
    load = [message_from_bytes(mail.raw) for mail in mails(400, 3)]

    senders: dict[str, str] = {}
    replies = 0
    for mail in load:
        if mail["In-Reply-To"]:
            assert senders[mail["In-Reply-To"]] == mail["From"].rpartition("<")[2]
            replies += 1
        senders[mail["Message-ID"]] = mail["From"].rpartition("<")[2]
    assert replies > 20


def test_what_is_sent_is_the_mail_with_its_dots_doubled_and_its_end() -> None:
    for mail in mails(200, 4):
        assert mail.wire.endswith(b"\r\n.\r\n")
        assert mail.wire[:-3].replace(b"\r\n..", b"\r\n.") == mail.raw
