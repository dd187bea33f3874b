"""DKIM signatures (RFC 6376, RFC 8301, RFC 8463): dkimpy computes them; which of them count is said here."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dkim  # type: ignore[import-untyped]
from dkim.util import InvalidTagValueList, parse_tag_value  # type: ignore[import-untyped]

from mailtix.evidence.auth.dns import Lookups, Unanswered
from mailtix.model.auth import Result, Signature

Tags = dict[bytes, bytes]
Fields = Sequence[tuple[bytes, bytes]]

# RFC 6376 section 6.1 lets a verifier look at a limited number of signatures.
_MOST_SIGNATURES = 5
# What is larger is not computed: dkimpy's time grows with the square of the header and of blanks in a signature.
_LARGEST_HEADER = 100_000
_LONGEST_SIGNATURE = 8_192
_HEADER_END = re.compile(rb"\n\r?\n")
# RFC 8301 section 3.2 asks for 1024 to 4096 bits; 65537 is the exponent that everybody uses.
_LARGEST_KEY, _LARGEST_EXPONENT = 8192, 2**33
_FOLDS = re.compile(rb"\s{100}")
_RUN = re.compile(rb"[ \t]+")
# How far the clock of a signer may be ahead of ours.
_AHEAD = timedelta(hours=1)
# dkimpy reports to a log what it also returns or raises.
_SILENT = logging.Logger("dkim")  # noqa: LOG001 - one that belongs to no tree, so that nobody hears it
_SILENT.disabled = True


class Unreadable(Exception):
    """The mail is not of a form whose signatures can be computed; the text says why."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A mail as dkimpy reads it. `fields` are those of the header with their values as they came, in order; `body` has
    CRLF line ends."""

    reader: Any
    fields: Fields
    body: bytes

    def values(self, name: bytes) -> list[bytes]:
        """The values of every field of that name (lower case), from the top."""
        return [value for key, value in self.fields if key.lower() == name]

    def relaxed(self) -> bytes:
        """The body with its blanks as section 3.4.4 wants them. dkimpy would come to the same, in the square of the
        time that a run of blanks is long."""
        lines = (line.rstrip(b" \t") for line in self.body.split(b"\r\n"))
        return _RUN.sub(b" ", b"\r\n".join(lines))


def read_sealed(raw: bytes, names: Sequence[str], reader: Callable[..., Any] = dkim.DKIM) -> Sealed:
    """The mail for dkimpy. Raises Unreadable when dkimpy would see other fields than `names`, those that we have read:
    what was signed must be what is acted on."""
    end = _HEADER_END.search(raw)
    if (end.start() if end else len(raw)) > _LARGEST_HEADER:
        raise Unreadable("its header is too large")
    try:
        sealed = reader(raw, logger=_SILENT)
    except Exception as error:
        raise Unreadable("its header is not well-formed") from error
    fields = [(bytes(name), bytes(value)) for name, value in sealed.headers]
    if [name.decode("latin-1").lower() for name, _ in fields] != [name.lower() for name in names]:
        raise Unreadable("its header can be read in more than one way")
    return Sealed(sealed, fields, bytes(sealed.body or b""))


def check_dkim(sealed: Sealed, lookups: Lookups, at: datetime) -> tuple[Signature, ...]:
    """What each signature is worth, the first ones of very many. `at` is when the mail came."""
    found = [(name, value) for name, value in sealed.fields if name.lower() == b"dkim-signature"]
    return tuple(_checked(sealed, field, lookups, at) for field in found[:_MOST_SIGNATURES])


def signature_of(value: bytes, fields: Fields) -> tuple[Signature, Tags]:
    """What a signature says of itself, not yet verified (result none), and its tags. Never raises: what cannot be
    read is a permerror without tags."""
    if not readable(value):
        return Signature(Result.PERMERROR, because="the signature is too long to be read"), {}
    try:
        tags: Tags = parse_tag_value(value)
    except InvalidTagValueList:
        tags = {}
    if not tags:
        return Signature(Result.PERMERROR, because="the signature is not well-formed"), {}
    signed = Counter(_names(tags))
    there = Counter(name.lower() for name, _ in fields)
    covered = frozenset(name.decode("latin-1") for name, number in there.items() if signed[name] >= number)
    domain, selector = _word(tags, b"d").lower(), _word(tags, b"s")
    return Signature(Result.NONE, domain, selector, "", covered, _time(tags, b"t")), tags


def readable(value: bytes) -> bool:
    """Whether a signature is of a size that dkimpy's patterns can be let loose on."""
    return len(value) <= _LONGEST_SIGNATURE and not _FOLDS.search(value)


def is_relaxed(tags: Tags) -> bool:
    """Whether a signature is over the relaxed body (section 3.5: the second half of c=)."""
    return tags.get(b"c", b"").partition(b"/")[2].strip() == b"relaxed"


def _names(tags: Tags) -> list[bytes]:
    return [name.lower() for name in re.split(rb"\s*:\s*", tags.get(b"h", b"").strip())]


def _word(tags: Tags, name: bytes) -> str:
    """A tag's value for people and lines of logs."""
    text = tags.get(name, b"").decode("utf-8", "replace")[:255]
    return "".join(char if char.isprintable() else "?" for char in text)


def _time(tags: Tags, name: bytes) -> datetime | None:
    text = tags.get(name, b"")
    if not text.isdigit() or len(text) > 11:  # section 3.5: up to the year 200,000; ours end before that
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _checked(sealed: Sealed, field: tuple[bytes, bytes], lookups: Lookups, at: datetime) -> Signature:
    signature, tags = signature_of(field[1], sealed.fields)
    if not tags:
        return signature
    if flaw := unfit(tags, signature, at):
        return replace(signature, result=Result.POLICY, because=flaw)
    try:
        # Its own check of t= and x= asks the clock of this moment; ours was the moment the mail came.
        dkim.validate_signature_fields({name: value for name, value in tags.items() if name not in (b"t", b"x")})
        key = key_of(signature, tags, lookups)
        sealed.reader.body = sealed.relaxed() if is_relaxed(tags) else sealed.body
        good = sealed.reader.verify_sig(tags, _names(tags), field, lambda name, timeout: key)
    except Unanswered as error:
        return replace(signature, result=Result.TEMPERROR, because=str(error))
    except KeyRefused as refusal:
        return replace(signature, result=refusal.result, because=str(refusal))
    except dkim.ValidationError as error:
        broken = "body hash mismatch" in str(error)
        because = "the text was changed" if broken else str(error)[:200]
        return replace(signature, result=Result.FAIL if broken else Result.PERMERROR, because=because)
    except Exception as error:  # dkimpy raises what its parts raise
        return replace(signature, result=Result.PERMERROR, because=f"it cannot be computed ({type(error).__name__})")
    if good:
        return replace(signature, result=Result.PASS)
    return replace(signature, result=Result.FAIL, because="a signed field was changed, or the key is another")


def unfit(tags: Tags, signature: Signature, at: datetime) -> str:
    """Why a signature proves nothing although it may verify; "" when it can."""
    if b"l" in tags:  # section 8.2: whatever is added below would count as signed
        return f"only the first {_word(tags, b'l')[:20]} octets of the text are signed (l=)"
    if b"from" not in _names(tags):  # section 5.4: From MUST be signed
        return "it does not cover From"
    if tags.get(b"a") == b"rsa-sha1":
        return "rsa-sha1 is broken (RFC 8301 section 3.1)"
    expires = _time(tags, b"x")
    if b"x" in tags and (expires is None or expires < at):
        return "the signature has expired (x=)"
    if signature.signed_at is not None and signature.signed_at > at + _AHEAD:
        return "it was signed in the future (t=)"
    return ""


class KeyRefused(Exception):
    """The key does not let the signature count."""

    def __init__(self, result: Result, because: str) -> None:
        super().__init__(because)
        self.result = result


def key_of(signature: Signature, tags: Tags, lookups: Lookups) -> bytes:
    """The key record of a signature (section 3.6.1). Raises Unanswered, or KeyRefused when nothing counts by it."""
    texts = lookups.texts(f"{signature.selector}._domainkey.{signature.domain}")
    if not texts:
        raise KeyRefused(Result.PERMERROR, "there is no key of that name")
    if len(texts) > 1:  # section 3.6.2.2: undefined
        raise KeyRefused(Result.PERMERROR, "there are several keys of that name")
    try:
        key: Tags = parse_tag_value(texts[0])
    except InvalidTagValueList as error:
        raise KeyRefused(Result.PERMERROR, "the key record is not well-formed") from error
    if not key.get(b"p"):
        raise KeyRefused(Result.PERMERROR, "the key was revoked")
    method, _, digest = tags.get(b"a", b"").partition(b"-")
    if key.get(b"k", b"rsa") != method:
        raise KeyRefused(Result.PERMERROR, "the key is of another algorithm")
    if b"h" in key and digest not in re.split(rb"\s*:\s*", key[b"h"]):
        raise KeyRefused(Result.PERMERROR, f"the key is not for {digest.decode('latin-1')}")
    flags = re.split(rb"\s*:\s*", key.get(b"t", b""))
    if b"y" in flags:  # section 3.6.1: to be treated as if it were not signed
        raise KeyRefused(Result.POLICY, "the key is only for testing (t=y)")
    if b"s" in flags and tags.get(b"i", b"").lower().rpartition(b"@")[2] not in (b"", signature.domain.encode()):
        raise KeyRefused(Result.PERMERROR, "the key is not for subdomains (t=s)")
    check_size(texts[0])
    return texts[0]


def check_size(record: bytes) -> None:
    """Raises KeyRefused when an RSA key is too weak, or so large that a single signature would keep us busy."""
    try:
        key, bits, kind, _ = dkim.evaluate_pk("key", record)
    except Exception as error:
        raise KeyRefused(Result.PERMERROR, "the key cannot be read") from error
    if kind != b"rsa":
        return
    if bits < 1024:
        raise KeyRefused(Result.POLICY, f"its key of {bits} bits is too weak (RFC 8301 section 3.2)")
    if bits > _LARGEST_KEY or key["publicExponent"] > _LARGEST_EXPONENT:
        raise KeyRefused(Result.POLICY, f"its key of {bits} bits is too large")
