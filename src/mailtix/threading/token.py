"""Signed reply addresses: support+t.TOKEN@…, short, lower case, bound to one person and one ticket.

A token is base32 (RFC 4648 section 6, lower case, no padding: it survives clients that change the case) of
purpose, ticket, person, generation, expiry day and 80 bits of HMAC-SHA256 over these and the company.
A generation of 0, which nearly every key has, takes no room.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from mailtix.model.thread import Claims, Purpose

PREFIX = "t."
_EPOCH = date(2020, 1, 1)
# 80 bits: a guess at 1,000 mails a second for a year hits with a chance below 1 in 10^13, and the address stays
# within the 64 octets of a local part (RFC 5321 section 4.5.3.1.1).
_MAC_BYTES = 10
_PURPOSES = tuple(Purpose)
_PLACES = {purpose: place for place, purpose in enumerate(_PURPOSES)}
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
# In the first byte, beside the purpose: a generation follows the person.
_HAS_GENERATION = 0x80


def mint(claims: Claims, company: str, secret: bytes) -> str:
    """The sub-address (with its prefix) that says `claims`, signed for that company."""
    body = _pack(claims)
    return PREFIX + base32(body + _mac(body, company, secret))


def read(detail: str, company: str, secrets: Sequence[bytes], today: date) -> Claims | str:
    """The claims of a sub-address, or the reason why it is not valid, in words. Any of `secrets` may have signed it."""
    if not detail.startswith(PREFIX):
        return "no token"
    text = detail[len(PREFIX) :].upper()
    try:
        blob = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return "the reply address is damaged"
    body, mac = blob[:-_MAC_BYTES], blob[-_MAC_BYTES:]
    if not any(hmac.compare_digest(mac, _mac(body, company, secret)) for secret in secrets):
        return "the reply address was not signed by us"
    claims = _unpack(body)
    if claims is None:
        return "the reply address is of an unknown form"
    if claims.expires < today:
        return f"the reply address expired on {claims.expires.isoformat()}"
    return claims


def base32(data: bytes) -> str:
    """The data in the alphabet of RFC 4648 section 6, in lower case and without padding. The base64 module takes twice
    as long."""
    bits = len(data) * 8
    filled = bits + -bits % 10
    number = int.from_bytes(data, "big") << (filled - bits)
    pairs = [_PAIRS[number >> at & 1023] for at in range(filled - 10, -1, -10)]
    return "".join(pairs)[: (bits + 4) // 5]


def sign(text: bytes, secret: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104). The hmac module takes twice as long, of which each letter would have several times."""
    inner, outer = _keyed(secret)
    inside, around = inner.copy(), outer.copy()
    inside.update(text)
    around.update(inside.digest())
    return around.digest()


@lru_cache(maxsize=16)
def _keyed(secret: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """The two hashes of RFC 2104 section 2, each begun with the padded key."""
    key = (hashlib.sha256(secret).digest() if len(secret) > _BLOCK else secret).ljust(_BLOCK, b"\0")
    return hashlib.sha256(key.translate(_INNER)), hashlib.sha256(key.translate(_OUTER))


# Of SHA-256, in bytes; and what each byte of the key becomes in the inner and in the outer hash (ipad and opad).
_BLOCK = 64
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


def _mac(body: bytes, company: str, secret: bytes) -> bytes:
    return sign(b"mailtix reply\0" + company.encode() + b"\0" + body, secret)[:_MAC_BYTES]


def _pack(claims: Claims) -> bytes:
    generation, days = claims.generation, (claims.expires - _EPOCH).days
    head = _PLACES[claims.purpose] | (_HAS_GENERATION if generation else 0)
    last = _varint(generation) if generation else b""
    return bytes((head,)) + _varint(claims.ticket) + _varint(claims.person) + last + days.to_bytes(2, "big")


def _unpack(body: bytes) -> Claims | None:
    if len(body) < 5:
        return None
    purpose, has_generation = body[0] & ~_HAS_GENERATION, bool(body[0] & _HAS_GENERATION)
    numbers: list[int] = []
    value = shift = 0
    for byte in body[1:-2]:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
    if shift or len(numbers) != 2 + has_generation or purpose >= len(_PURPOSES):
        return None
    expires = _EPOCH + timedelta(days=int.from_bytes(body[-2:], "big"))
    return Claims(numbers[0], numbers[1], _PURPOSES[purpose], expires, *numbers[2:])


def _varint(number: int) -> bytes:
    if number < 0x80:
        return bytes((number,))
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
