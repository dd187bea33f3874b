from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mailtix.ingest.incoming import Incoming

pieces = st.lists(st.lists(st.sampled_from([b"NOOP", b"\r", b"\n", b"\r\n", b"\0", b" "])).map(b"".join))


def lines_of(incoming: Incoming) -> list[bytes]:
    lines = []
    while (line := incoming.line()) is not None:
        lines.append(line)
    return lines


@given(pieces)
def test_lines_are_the_same_in_whatever_pieces_they_come(chunks):
    incoming = Incoming(1000)
    lines = []
    for chunk in chunks:
        incoming.add(chunk)
        lines += lines_of(incoming)
    *complete, rest = b"".join(chunks).split(b"\n")
    assert lines == [line.rstrip(b"\r") for line in complete]
    assert incoming.take() == rest


@given(st.lists(st.binary(min_size=1, max_size=30).filter(lambda chunk: b"\n" not in chunk), min_size=1))
def test_a_line_that_does_not_end_is_kept_no_longer_than_it_may_be(chunks):
    incoming = Incoming(10)
    for chunk in chunks:
        incoming.add(chunk)
        assert incoming.line() is None
        assert len(incoming._bytes) <= 11
    incoming.add(b"more than ten\r\nNOOP\r\n")
    first, second = lines_of(incoming)
    assert (len(first), second) == (11, b"NOOP")


def test_a_mail_is_taken_from_between_the_lines():
    incoming = Incoming(100)
    incoming.add(b"BDAT 5\r\na\nb\ncNOOP\r\n")
    assert (incoming.line(), incoming.take(5), incoming.line()) == (b"BDAT 5", b"a\nb\nc", b"NOOP")
    assert (incoming.take(3), incoming.take()) == (b"", b"")


def test_what_is_forgotten_does_not_come_back():
    incoming = Incoming(100)
    incoming.add(b"NOOP\r\nQUI")
    incoming.clear()
    incoming.add(b"T\r\n")
    assert lines_of(incoming) == [b"T"]
