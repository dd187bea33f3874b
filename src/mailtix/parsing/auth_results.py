"""Authentication-Results (RFC 8601): what a server on a mail's way said of who wrote it. Whether it is believed is
not said here: anybody can write such a field."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONGEST = 20_000
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*+)"|([;=])|([^\s;="()]+)|(\()|.', re.DOTALL)
_COMMENT_PART = re.compile(r"\\.|[()]|[^\\()]+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One result: method and result in lower case, properties (header.d, smtp.mailfrom …), comments as one text."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()
    comment: str = ""

    def value(self, *names: str) -> str:
        """The first of these properties that is there, "" when none is."""
        known = dict(reversed(self.properties))
        return next((known[name] for name in names if known.get(name)), "")


@dataclass(frozen=True, slots=True)
class AuthResults:
    """One field: who says it (authserv-id, lower case), and what."""

    authserv_id: str
    results: tuple[MethodResult, ...] = ()


def read_auth_results(value: str) -> AuthResults:
    """The field in `value`. Total: what is no result is passed over."""
    sections = _sections(value[:_LONGEST])
    first = next((text for kind, text in sections[0] if kind == "word"), "")
    results = (_result(section) for section in sections[1:])
    return AuthResults(first.lower(), tuple(result for result in results if result is not None))


def _sections(value: str) -> list[list[tuple[str, str]]]:
    """The words, equals signs and comments between semicolons that are outside of quotes and comments."""
    sections: list[list[tuple[str, str]]] = [[]]
    pos = 0
    while match := _TOKEN.match(value, pos):
        pos = match.end()
        if match[4]:
            text, pos = _comment(value, pos)
            sections[-1].append(("comment", text))
        elif match[2] == ";":
            sections.append([])
        elif match[2]:
            sections[-1].append(("=", "="))
        elif match[1] is not None or match[3]:
            sections[-1].append(("word", re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else match[3]))
    return sections


def _comment(value: str, pos: int) -> tuple[str, int]:
    """A comment's text (RFC 5322 section 3.2.2: they nest) and where it ends."""
    begin, depth = pos, 1
    while depth and (match := _COMMENT_PART.match(value, pos)):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        pos = match.end()
    return value[begin : pos - 1 if not depth else pos], pos


def _result(section: list[tuple[str, str]]) -> MethodResult | None:
    words = [item for item in section if item[0] != "comment"]
    pairs = [
        (words[i - 1][1].lower(), words[i + 1][1])
        for i in range(1, len(words) - 1)
        if words[i][0] == "=" and words[i - 1][0] == words[i + 1][0] == "word"
    ]
    if not pairs:
        return None
    (method, result), *properties = pairs
    comment = "; ".join(text for kind, text in section if kind == "comment")
    return MethodResult(method.partition("/")[0], result.lower(), tuple(properties), comment)
