from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from mailtix.ingest import replies
from mailtix.ingest.data import Data
from mailtix.ingest.doorman import Doorman, Limits


def data(size_limit: int = 1_000_000) -> Data:
    return Data(size_limit, Doorman(Limits()))


lines = st.lists(st.binary(max_size=8).filter(lambda line: b"\r" not in line and b"\n" not in line) | st.just(b"."))


@given(lines, st.integers(1, 7), st.binary(max_size=10))
def test_a_mail_is_the_same_in_whatever_pieces_it_comes(lines, piece, rest):
    mail = b"".join(line + b"\r\n" for line in lines)
    sent = b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines) + b".\r\n"
    received = data()
    at = 0
    while not received.add(sent[at : at + piece] if at + piece < len(sent) else sent[at:] + rest):
        at += piece
    assert received.rest == rest
    assert received.refusal is None
    assert received.mail() == mail


@given(st.binary(), st.integers(1, 50))
def test_any_bytes_end_somewhere_or_are_refused_and_memory_is_given_back(raw, size_limit):
    doorman = Doorman(Limits(bytes_in_memory=100))
    received = Data(size_limit, doorman)
    if not received.add(raw):
        assert received.add(b"\r\n.\r\n")
    assert received.refusal is not None or len(received.mail()) <= size_limit
    received.release()
    assert doorman.take(100)


def test_a_mail_in_tiny_pieces_takes_no_longer_than_its_size():
    received = data(10_000_000)
    begin = time.perf_counter()
    for _ in range(200_000):
        received.add(b"\r\n.x")
    assert time.perf_counter() - begin < 5  # searched from the beginning each time, it takes hours
    assert received.add(b"\r\n.\r\n")


def test_what_is_too_big_is_not_kept_while_its_end_is_awaited():
    received = data(1000)
    for _ in range(1000):
        received.add(b"x" * 1000)
    assert len(received._bytes) < 10
    assert received.is_flood
    assert received.add(b"\r\n.\r\n")
    assert received.refusal == replies.TOO_BIG
