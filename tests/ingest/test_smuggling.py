"""A second mail hidden in the first: every line end that some server takes for the end of a mail.

Whoever passes on a mail with such an end, and whoever then takes it for one, lets its author send a mail in the name of
the one who passed it on. Here it is refused, or it is text like any other; it never is a mail of its own.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.wire import Wire
from mailtix.ingest.data import Chunks
from mailtix.ingest.doorman import Doorman, Limits

MAIL = b"Subject: It burns\r\n\r\nPlease help.\r\nx"
SMUGGLED = b"MAIL FROM:<ceo@example.com>\r\nRCPT TO:<support@helpdesk.example>\r\nDATA\r\nSubject: Pay\r\n\r\nNow!\r\n"
# The dot between lone line ends, as one server or the other has taken it for the end.
REFUSED = [
    b"\n.\n",
    b"\n.\r\n",
    b"\n.\r",
    b"\r.\r\n",
    b"\r.\r",
    b"\r.\n",
    b"\r\n.\n",
    b"\r\n.\r",
    b"\r\n.\r\r\n",
    b"\r\r\n.\r\r\n",
    b"\n\n.\n\n",
    b"\r\n\n.\r\n",
    b"\r\n\r.\r\n",
    b"\r\n.\n\r\n",
    b"\n\r.\n\r",
    b"\r\n.\r\0\n",
]
# What is no end at all, unless bytes are thrown away or other characters taken for line ends.
HARMLESS = [
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\r\0\n.\0\r\n",
    b"\n\0.\n",
    b"\n.\0\n",
    b"\0.\0",
    b"\r\n. \r\n",
    b"\r\n .\r\n",
    b"\r\n\t.\r\n",
    b"\r\n.\t\r\n",
    b"\x0b.\x0b",
    b"\x0c.\x0c",
    b"\x85.\x85",
    b"\r\n\xef\xbb\xbf.\r\n",
    b"\r\n.\xe2\x80\xa8",
    b"\xe2\x80\xa8.\xe2\x80\xa9",
]


def senders(journal) -> list[str]:
    return [parcel.envelope.mail_from for parcel in journal.parcels]


@pytest.mark.parametrize("end", REFUSED, ids=repr)
def test_a_dot_between_lone_line_ends_is_refused_with_all_that_stands_around_it(serve, journal, end):
    with Wire(serve().port) as wire:
        wire.begin()
        assert wire.say(MAIL + end + SMUGGLED + b".\r\n").startswith("550 5.5.2")
        assert wire.say(b"QUIT\r\n").startswith("221")
    assert journal.mails == []


@pytest.mark.parametrize("end", HARMLESS, ids=repr)
def test_what_only_looks_like_an_end_is_text_of_the_one_mail(serve, journal, end):
    with Wire(serve().port) as wire:
        wire.begin()
        assert wire.say(MAIL + end + SMUGGLED + b".\r\n").startswith("250")
        assert wire.say(b"QUIT\r\n").startswith("221")
    assert senders(journal) == ["ann@example.org"]
    assert journal.mails == [(MAIL + end + SMUGGLED).replace(b"\r\n.", b"\r\n")]


@pytest.mark.parametrize("end", REFUSED + HARMLESS, ids=repr)
@pytest.mark.parametrize("before", [b"", b"lone\nx", b"lone\rx"], ids=["clean", "after LF", "after CR"])
def test_no_variant_makes_two_mails_however_it_is_cut_and_pipelined(serve, journal, end, before):
    with Wire(serve().port) as wire:
        wire.begin()
        whole = MAIL + before + end + SMUGGLED + b".\r\nNOOP\r\nQUIT\r\n"
        middle = len(MAIL) + len(before) + len(end) // 2
        wire.socket.sendall(whole[:middle])
        wire.socket.sendall(whole[middle:])
        answers = [wire.reply()[:3] for _ in range(3)]
    assert answers in (["250", "250", "221"], ["550", "250", "221"])
    assert senders(journal) in ([], ["ann@example.org"])


@pytest.mark.parametrize("end", REFUSED, ids=repr)
def test_a_chunk_is_held_to_the_same_rule(serve, journal, end):
    content = MAIL + end + SMUGGLED
    with Wire(serve().port) as wire:
        wire.begin_chunks()
        assert wire.say(b"BDAT %d LAST\r\n" % len(content) + content).startswith("550 5.5.2")
        assert wire.say(b"QUIT\r\n").startswith("221")
    assert journal.mails == []


@pytest.mark.parametrize("end", [*HARMLESS, b"\r\n.\r\n"], ids=repr)
def test_in_a_chunk_nothing_ends_a_mail_but_its_size(serve, journal, end):
    content = MAIL + end + SMUGGLED
    with Wire(serve().port) as wire:
        wire.begin_chunks()
        assert wire.say(b"BDAT %d LAST\r\n" % len(content) + content).startswith("250")
        assert wire.say(b"QUIT\r\n").startswith("221")
    assert senders(journal) == ["ann@example.org"]
    assert journal.mails == [content]


@pytest.mark.parametrize("end", REFUSED, ids=repr)
def test_an_end_that_is_cut_in_two_chunks_is_seen_all_the_same(serve, journal, end):
    first, second = MAIL + end[:1], end[1:] + SMUGGLED
    with Wire(serve().port) as wire:
        wire.begin_chunks()
        assert wire.say(b"BDAT %d\r\n" % len(first) + first).startswith("250")
        assert wire.say(b"BDAT %d LAST\r\n" % len(second) + second).startswith("550 5.5.2")
    assert journal.mails == []


@pytest.mark.parametrize(
    "command", [b"BDAT\r\n", b"BDAT x LAST\r\n", b"BDAT -5\r\n", b"BDAT 5 FIRST\r\n", b"BDAT 5 \0\r\n"]
)
def test_after_a_chunk_of_unknown_size_nothing_is_a_command(serve, journal, command):
    with Wire(serve().port) as wire:
        wire.begin_chunks()
        assert wire.say(command + SMUGGLED + b".\r\n").startswith("501 5.5.4")
        assert wire.reply() == ""
    assert journal.mails == []


def test_a_chunk_without_recipients_is_read_and_is_no_command(serve, journal):
    with Wire(serve().port) as wire:
        wire.greet()
        wire.say(b"MAIL FROM:<ann@example.org>\r\n")
        smuggled = SMUGGLED + b".\r\n"
        assert wire.say(b"BDAT %d LAST\r\n" % len(smuggled) + smuggled + b"NOOP\r\n").startswith("503 5.5.1")
        assert wire.reply().startswith("250")
    assert journal.mails == []


@given(st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b".", b"x"])).map(b"".join))
def test_every_dot_between_line_ends_that_are_not_both_proper_is_found(raw):
    # A line of a single dot is the only one of them that may stand in a mail: in chunks, where it ends nothing.
    proper = (b"\r\n" + raw).replace(b"\r\n.\r\n", b"\r\nx\r\n").replace(b"\r\n.\r\n", b"\r\nx\r\n")
    chunks = Chunks(1000, Doorman(Limits()))
    chunks.add(raw)
    chunks.finish()
    assert (chunks.refusal is not None) == any(end in proper for end in (b"\n.\n", b"\n.\r", b"\r.\n", b"\r.\r"))
