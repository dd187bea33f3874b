"""The base subject of a thread (RFC 5256 section 2.1, with the prefixes of other languages)."""

from __future__ import annotations


def thread_subject(subject: str) -> str:
    return subject
