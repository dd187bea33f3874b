"""Address fields (RFC 5322 section 3.4): what is not plain mail-parser reads, what it gives up is searched for an
address."""

from __future__ import annotations

import re

from mailtix.model.mail import Address
from mailtix.parsing import front
from mailtix.parsing.charset import decode
from mailtix.parsing.limits import MAX_ADDRESS, MAX_ADDRESSES
from mailtix.parsing.plain_addresses import plain_addresses
from mailtix.parsing.words import decode_words

# From its first character: the end of a name that is too long is somebody else's address.
_BARE = re.compile(r"(?<![\w.!#$%&*+/=?^`{|}~\-])[\w.!#$%&*+/=?^`{|}~\-]{1,64}@[\w.\-]{1,255}")
_COMMENTED = re.compile(r"([^\s()<>,]{1,320})\s*\(([^()]{0,300})\)\s*")
_QUOTED = re.compile(r'"[^"]*+"|\([^()]*+\)')
_ANGLE = re.compile(r"<\s*([^<>]{1,320}?)\s*>")
MAX_ADDRESS_FIELD = 20_000
"""Characters of a field that mail-parser reads: it goes through them one by one."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")


def read_addresses(values: tuple[bytes, ...], charset: str = "") -> tuple[Address, ...]:
    """The mailboxes of all fields of one name, groups flattened, in order. Never raises."""
    found: list[Address] = []
    for value in values:
        found += _read_field(decode(value, charset or "utf-8").text)
        if len(found) >= MAX_ADDRESSES:
            break
    return tuple(found[:MAX_ADDRESSES])


def _read_field(text: str) -> list[Address]:
    text = text.strip()
    if not text:
        return []
    begin = text[:MAX_ADDRESS_FIELD]
    read = [_address(name, addr) for name, addr in plain_addresses(begin) or front.addresses(begin)]
    addressed = sum("@" in address.addr for address in read)
    # Fewer mailboxes than @ signs outside of names and comments: the field was not understood as a whole.
    if read and addressed == len(read) >= _QUOTED.sub("", text).count("@"):
        return read
    found = _search(text)
    return found if not read or sum("@" in address.addr for address in found) > addressed else read


def _search(text: str) -> list[Address]:
    """Addresses in a field no grammar fits: angle brackets first, then anything with an @, else the text as a name."""
    if "@" not in text and text.rstrip("; ").endswith(":"):
        return []  # an empty group, as in "undisclosed-recipients:;"
    found = (_search_item(item) for item in _split(decode_words(text)))
    return [address for address in found if address is not None]


def _split(text: str) -> list[str]:
    """At commas and semicolons outside of quotes and angle brackets; a group's name goes away."""
    items, start, quoted, angle = [], 0, False, False
    for pos, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif char in "<>":
            angle = char == "<"
        elif char in ",;" and not angle:
            items.append(text[start:pos])
            start = pos + 1
    items.append(text[start:])
    return [item for item in items if item.strip()]


def _search_item(text: str) -> Address | None:
    if commented := _COMMENTED.fullmatch(text.strip()):
        return _address(commented[2], commented[1])
    angles = _ANGLE.findall(text)
    for inner in reversed(angles):
        if "@" in inner:
            bare = _BARE.search(inner)
            return _address(text.split("<", 1)[0], bare[0] if bare else inner)
    if bare := _BARE.search(text):
        return _address(text[: bare.start()].rstrip(" <("), bare[0])
    if angles:
        return _address(text.split("<", 1)[0], angles[-1])
    return _address(text, "") if text.strip() else None


def _without_controls(text: str) -> str:
    return text if text.isprintable() else _CONTROL.sub("", text)  # what is printable holds none of them


def _address(name: str, addr: str) -> Address:
    local, at, domain = addr.strip().strip("<>").rpartition("@")
    name = _without_controls(decode_words(name)).strip().strip("\"'").strip()
    clean = _without_controls(f"{local}{at}{domain.lower().rstrip('.')}")
    clean = clean if clean.startswith('"') else clean.replace(" ", "")
    if len(clean.encode("utf-8", "replace")) > MAX_ADDRESS:
        return Address("", "" if "@" in name else " ".join(name.split()))
    return Address(clean, "" if name.casefold() == clean.casefold() else " ".join(name.split()))
