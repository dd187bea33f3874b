"""The base subject of a thread: RFC 5256 section 2.1, with the prefixes that clients write in other languages."""

from __future__ import annotations

import re
from functools import cache

from mailtix.parsing.data import load

_MAX_ROUNDS = 100  # prefixes and tags taken off one subject; nobody's Re: chain is longer
_BLOB = re.compile(r"\s*\[[^\[\]]*\]\s*")
_TRAILER = re.compile(r"(?:\s*\((?:fwd|fw)\))+\s*\Z", re.IGNORECASE)
_WRAPPED = re.compile(r"\[(?:fwd|fw):\s*(.*)\]\Z", re.IGNORECASE | re.DOTALL)


def thread_subject(subject: str) -> str:
    """The subject without Re:, Fwd: and their like, list tags and outer blanks; "" if nothing else was there."""
    text = " ".join(subject.split())
    if _is_bare(text):
        return text
    for _ in range(_MAX_ROUNDS):
        before = text
        text = _without_leaders(_TRAILER.sub("", text).strip())
        if wrapped := _WRAPPED.fullmatch(text):
            text = wrapped[1].strip()
        if text == before:
            break
    return text


def is_forward_subject(subject: str) -> bool:
    """Whether the outermost prefix says that the mail was forwarded."""
    if _is_bare(subject):
        return False
    text = _BLOB.sub(" ", subject, count=3).strip()
    match = _leader().match(text)
    return bool(match and match["word"].lower() in _words("forward")) or bool(
        _WRAPPED.match(text) or _TRAILER.search(text)
    )


def is_reply_subject(subject: str) -> bool:
    """Whether the outermost prefix says that the mail answers another."""
    if _is_bare(subject):
        return False
    match = _leader().match(_BLOB.sub(" ", subject, count=3).strip())
    return bool(match and match["word"].lower() in _words("reply") - _words("forward"))


def _is_bare(subject: str) -> bool:
    """A quick yes for most subjects: without one of these signs there is no prefix, tag or trailer."""
    return not any(sign in subject for sign in ":：[]()")


def _without_leaders(text: str) -> str:
    for _ in range(_MAX_ROUNDS):
        if leader := _leader().match(text):
            text = text[leader.end() :]
        elif (blob := _BLOB.match(text)) and blob.end() < len(text):  # section 2.1 (5): not if it is all there is
            text = text[blob.end() :]
        else:
            break
    return text


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(load("subject_prefixes.toml")[kind])


@cache
def _leader() -> re.Pattern[str]:
    """A prefix with its counter (Re[2]:, RE(3):, Re^2:) and list tags before or in it, up to the colon."""
    words = sorted(_words("reply") | _words("forward"), key=lambda word: (-len(word), word))
    any_word = "|".join(re.escape(word) for word in words)
    return re.compile(
        rf"(?:\s*\[[^\[\]]*\]\s*)*\s*(?P<word>{any_word})\s*(?:[\[(^]?\d{{1,3}}[\])]?)?\s*(?:\[[^\[\]]*\]\s*)?[:：]\s*",
        re.IGNORECASE,
    )
