"""Bytes to text when the declared charset is right, wrong, missing or unknown."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import lru_cache

from mailtix.parsing.guess import guess_charset
from mailtix.parsing.jis import vendor_jis

# What is declared and what is really sent: the superset that decodes both. https://encoding.spec.whatwg.org/#names-and-labels
_SUPERSETS = {
    "gb2312": "gb18030", "gbk": "gb18030", "euc-cn": "gb18030", "x-gbk": "gb18030", "cn-gb": "gb18030",
    "gb_2312-80": "gb18030", "chinesebig5": "big5hkscs", "big5": "big5hkscs", "big-5": "big5hkscs", "cn-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "ks_c_5601": "cp949", "euc-kr": "cp949", "x-windows-949": "cp949",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext", "iso-2022-jp-1": "iso2022_jp_ext", "iso-2022-jp-2": "iso2022_jp_2",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252",
    "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874",
    "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "iso-8859-6-i": "iso-8859-6",
    "unicode-1-1-utf-7": "utf-7", "utf7": "utf-7", "unicode-1-1-utf-8": "utf-8", "utf8mb4": "utf-8",
    "x-mac-roman": "mac-roman", "macintosh": "mac-roman", "x-mac-cyrillic": "mac-cyrillic",
    "x-unknown": "", "unknown-8bit": "", "unknown": "", "us-ascii": "", "ascii": "", "ansi_x3.4-1968": "", "binary": "",
    "8bit": "", "7bit": "", "x-user-defined": "", "default": "", "undefined": "", "default_charset": "", "none": "",
}  # fmt: skip
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
# Escapes of ISO 2022 and HZ are plain ASCII bytes, so an ASCII text may still need decoding (RFC 1468, 1557, 1843).
_ESCAPED = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$", "iso2022_jp_ext"), (b"\x1b(J", "iso2022_jp_ext"), (b"\x1b(I", "iso2022_jp_ext"))  # fmt: skip
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
    label = label.removeprefix("x-") if label not in _SUPERSETS else label
    if label in _SUPERSETS:
        return _SUPERSETS[label]
    if not label or len(label) > 40 or not label.isascii() or "\0" in label:
        return ""
    for name in (label, label.replace("cp-", "cp"), label.replace("windows", "windows-").replace("--", "-"), label.replace(" ", "-")):  # fmt: skip
        if (found := _lookup(name)) is not None:
            return _SUPERSETS.get(found, found)
    return ""


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
