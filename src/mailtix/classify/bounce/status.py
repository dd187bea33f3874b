"""What an MTA's words mean as a status code. RFC 3463, RFC 5321 section 4.2."""

from __future__ import annotations

import re

from mailtix.classify.phrases import first_in, fold, reasons, reply_codes, words

# A diagnostic is a line or two; a whole page is not looked through.
_LONGEST = 4_000
# "550 5.1.1", "550-5.7.26", "550 #5.1.1", "(#5.5.0)": next to a reply code or a mark it is surely a status code.
_MARKED = re.compile(
    r"(?:\b[45]\d\d[\s:-]{1,3}[#(<']{0,2}|\(?#\s?|[Ss]tatus:?\s)([45])\.(\d{1,3})\.(\d{1,3})(?![\d]|\.\d)"
)
_BARE = re.compile(r"(?<![\d.\w/-])([45])\.(\d{1,3})\.(\d{1,3})(?![\d/]|\.\d|-\d)")
_REPLY = re.compile(
    r"(?<![\d.\[/-])(?<!\d:)([45][0-5]\d)(?=[\s\-:;,.]|$)(?!\s?(?:bytes|seconds|days|hours|minutes|kb|am|pm|attempts))",
    re.IGNORECASE,
)
_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
# The address itself is at fault (RFC 3463 section 3.2), or its mailbox is switched off (3.3): writing again is in vain.
# X.1.7 and X.1.8 blame the sender's address.
_TRANSIENT = frozenset({"4.1", "4.7", "3.1", "3.2"})
_DEAD = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})


def status_field(value: str) -> str:
    """The code in a Status field (RFC 3464 section 2.3.4), which may bear a comment, or ""."""
    match = _STATUS.search(value[:_LONGEST])
    return ".".join(_plain(part) for part in match.groups()) if match else ""


def enhanced_code(text: str) -> str:
    """The failure's code (4.x.x or 5.x.x) that stands in the text, or ""."""
    text = text[:_LONGEST]
    found = (*_MARKED.finditer(text), *_BARE.finditer(text))
    told = [".".join(_plain(part) for part in match.groups()) for match in found]
    return next((code for code in told if not code.endswith(".0.0")), told[0] if told else "")


def code_of_words(text: str, delayed: bool, final: bool = True) -> str:
    """A code made from the SMTP reply code and the words of a diagnostic; X.0.0 when neither says anything.

    The reply's first digit gives the class; words give subject and detail before the reply code does, for 550 and 554
    are used for everything.
    """
    text = text[:_LONGEST]
    reply = next((m[1] for m in _REPLY.finditer(text)), "")
    meaning = words_mean(text) or reply_codes().get(reply, "0.0")
    passing = meaning in _TRANSIENT or bool(first_in(words("bounce", "notice", "transient"), fold(text)))
    return f"{_class(reply, delayed, passing and not final)}.{meaning}"


def words_mean(text: str) -> str:
    """Subject and detail of the status code that the text's words mean, or ""."""
    folded = fold(text[:_LONGEST])
    return next((reason.status for reason in reasons() if first_in(reason.words, folded)), "")


def is_dead(status: str, reason: str = "") -> bool:
    """Whether this address will never work: the code says so, or where it says nothing the words do. Where the words
    say something milder than the code (a full mailbox under 5.1.1, a rate limit under 5.2.1), they are believed."""
    if status[:1] != "5":
        return False
    meant = words_mean(reason)
    told = meant if is_vague(status) else status[2:]
    return told in _DEAD and (not meant or meant in _DEAD)


def says_something(text: str) -> bool:
    """Whether the text holds a status code, a reply code or words that mean one."""
    return bool(enhanced_code(text) or _REPLY.search(text[:_LONGEST]) or words_mean(text))


def is_vague(status: str) -> bool:
    """Whether the code says no more than failed or delayed."""
    return status[2:] in ("", "0.0")


def _class(reply: str, delayed: bool, passing: bool) -> str:
    """The class: of the reply if there is one; no answer and time expired are transient (RFC 3463 section 3.5), unless
    the report itself calls its failure permanent."""
    if delayed:
        return "4"
    return reply[0] if reply else "4" if passing else "5"


def _plain(number: str) -> str:
    return str(int(number))
