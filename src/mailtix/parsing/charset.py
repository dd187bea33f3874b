"""Bytes to text when the declared charset is right, wrong, missing or unknown."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import cache, lru_cache
from io import IncrementalNewlineDecoder

from mailtix.parsing.data import load
from mailtix.parsing.guess import guess_charset
from mailtix.parsing.jis import vendor_jis

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Escapes of ISO 2022 and HZ are plain ASCII bytes, so an ASCII text may still need decoding (RFC 1468, 1557, 1843).
_ESCAPED = (
    (b"\x1b$)C", "iso2022_kr"),
    (b"\x1b$", "iso2022_jp_ext"),
    (b"\x1b(J", "iso2022_jp_ext"),
    (b"\x1b(I", "iso2022_jp_ext"),
)
_MULTIBYTE = ("utf", "gb", "big5", "cp9", "euc", "iso2022", "hz", "johab")
_FORBIDDEN = ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the charset that gave it, and whether that was not the declared one or lost characters."""

    text: str
    charset: str
    mended: bool = False


def decode(data: bytes, declared: str = "") -> Decoded:
    """The text of `data`; never raises. Without or against a declaration the charset is guessed from the bytes."""
    codec = codec_of(declared)
    if data.isascii() and not _ascii_needs_decoding(data, codec):
        return Decoded(data.decode("ascii"), "us-ascii")
    for bom, name in _BOMS:
        if data.startswith(bom):
            return Decoded(data.decode(name, "replace"), name)
    if data.isascii() and not codec.startswith(("utf-16", "utf-32", "utf-7", "hz")):
        codec = next((name for escape, name in _ESCAPED if escape in data), codec)
    if codec and not _is_really_utf8(data, codec) and (text := _strict(data, codec)) is not None:
        return Decoded(text, codec)
    guessed = guess_charset(data)
    if codec.startswith("utf-8") and _mostly_utf8(data):
        guessed = "utf-8"  # a truncated or slightly damaged UTF-8 text is still UTF-8
    elif codec and guessed == "cp1252" and any(codec.startswith(m) for m in _MULTIBYTE) and codec != "utf-8":
        guessed = codec
    return Decoded(_scalars(data.decode(guessed, "replace")), guessed, bool(codec))


def with_line_feeds(text: str) -> str:
    """The text with LF for each CR LF, and for each CR that stands alone."""
    # as open() reads files: in a third of the time that it takes to replace one and then the other
    return IncrementalNewlineDecoder(None, translate=True).decode(text, final=True)


def decode_header_bytes(data: bytes) -> str:
    """A raw header value as text: UTF-8 (RFC 6532), else Latin-1, so that nothing is lost."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


@lru_cache(maxsize=256)
def codec_of(declared: str) -> str:
    """The Python codec for a charset label as mails write it; "" when it is none or says nothing."""
    label = declared.strip().strip("\"'<>").lower().replace("charset=", "").split("*", 1)[0].strip()
    known = _known_labels()
    label = label if label in known else label.removeprefix("x-")
    if label in known:
        return known[label]
    if not label or len(label) > 40 or not label.isascii() or "\0" in label:
        return ""
    for name in (
        label,
        label.replace("cp-", "cp"),
        label.replace("windows", "windows-").replace("--", "-"),
        label.replace(" ", "-"),
    ):
        if (found := _lookup(name)) is not None:
            return known.get(found, found)
    return ""


@cache
def _known_labels() -> dict[str, str]:
    """Label → codec, "" for labels that say nothing."""
    table = load("charsets.toml")
    return {label: "" if codec == "says-nothing" else codec for codec, labels in table.items() for label in labels}


def _lookup(name: str) -> str | None:
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not info._is_text_encoding or info.name in _FORBIDDEN:
        return None
    return info.name


def _ascii_needs_decoding(data: bytes, codec: str) -> bool:
    return b"\x1b" in data or codec.startswith(("utf-7", "utf-16", "utf-32", "hz"))


def _strict(data: bytes, codec: str) -> str | None:
    try:
        text = data.decode(codec)
        text.encode("utf-8")  # some codecs make lone surrogates, which no database or terminal takes
    except (UnicodeError, ValueError, LookupError):
        if codec.startswith("iso2022_jp"):
            return vendor_jis(data)
        return _cp1252_with_holes(data) if codec == "cp1252" else None
    if codec.startswith(("utf-16", "utf-32")) and "\ufffe" in text:
        return None
    return text


def _cp1252_with_holes(data: bytes) -> str:
    """WHATWG windows-1252: its five undefined bytes are the control characters of Latin-1."""
    return "".join(_CP1252[byte] for byte in data)


_CP1252 = [bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(256)]


def _is_really_utf8(data: bytes, codec: str) -> bool:
    """A text in valid multi-byte UTF-8 is UTF-8 whatever single-byte charset its label says."""
    if any(codec.startswith(m) for m in _MULTIBYTE):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(data: bytes) -> bool:
    """Whether the broken sequences are few beside the good ones."""
    text = data.decode("utf-8", "replace")
    good = sum(1 for c in text if c > "\x7f" and c != "\ufffd")
    return good >= 3 * text.count("\ufffd")


def _scalars(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8") if any("\ud800" <= c <= "\udfff" for c in text) else text
