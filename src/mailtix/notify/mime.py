"""The parts of a mail as bytes with CRLF line ends (RFC 2045, RFC 2046).

They are put together here, for email.generator takes ten times as long for lines that are nearly always the same. The
fields whose values come from outside are still written by the email package.
"""

from __future__ import annotations

import binascii
import re
import struct
from collections.abc import Iterable, Iterator
from email.message import Message
from email.policy import compat32
from functools import lru_cache
from itertools import chain

_CRLF = compat32.clone(linesep="\r\n")
# Lines of a page that say where its own content begins (HTML 4.2.2, 4.3.6, 4.4.1).
_TITLE_END = "</title>\n"
_CONTENT = re.compile(r"\n<(?:h1|p)\b")
_LONGEST_FRAME = 4_000
_LINE_END = re.compile(rb"\r\n|\r|\n")
# RFC 2045 section 6.8.
_BASE64_LINE = 76
_LINES = struct.Struct(f"{_BASE64_LINE}s" * 100)


def multipart(content_type: str, boundary: str, parts: Iterable[bytes]) -> bytes:
    """Content-Type (all but the boundary is given, with a semicolon at the end) and parts (RFC 2046 section 5.1.1)."""
    fields = f'Content-Type: {content_type} boundary="{boundary}"\r\n'.encode()
    delimiter = f"\r\n--{boundary}".encode()
    pieces = [fields]
    for part in parts:
        pieces += (delimiter, b"\r\n", part)
    return b"".join([*pieces, delimiter, b"--\r\n"])  # at once, for files are large


def words(text: str, subtype: str) -> bytes:
    """Text as quoted-printable: readable as it is, and no line longer than 76 (RFC 2045 section 6.7)."""
    fields = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return fields.encode() + (_page(text) if subtype == "html" else _readable(text))


def _page(html: str) -> bytes:
    begin, end = _frame(html)
    if begin == end:
        return _readable(html)
    return b"".join((_readable(html[:begin]), _kept(html[begin:end]), _readable(html[end:])))


def _readable(text: str) -> bytes:
    """As quoted-printable. Each line is encoded by itself, so this may be done piece by piece."""
    encoded = binascii.b2a_qp(text.encode("utf-8", "replace"), quotetabs=False, istext=True, header=False)
    return _with_crlf(encoded)


_kept = lru_cache(maxsize=64)(_readable)  # at most so many times _LONGEST_FRAME: a handful for each language


def _frame(html: str) -> tuple[int, int]:
    """Where the frame of a page begins and ends, which is the same in most mails and a third of many: whole lines, from
    below the title to above the first heading or paragraph. (0, 0) if there is none, or one that cannot be cut out."""
    title_end = html.find(_TITLE_END)
    if title_end < 0 or "\r" in html:  # with a CR somewhere, one line end decides about all of them
        return 0, 0
    begin = title_end + len(_TITLE_END)
    content = _CONTENT.search(html, begin, begin + _LONGEST_FRAME)
    return (begin, content.start() + 1) if content else (0, 0)


def whole(fields: Message, content: bytes) -> bytes:
    """A part whose content stands as it is."""
    return b"\r\n".join((_head(fields), content))


def file(fields: Message, data: bytes) -> bytes:
    """A part whose content is base64."""
    return b"\r\n".join([_head(fields), *_lines(binascii.b2a_base64(data, newline=False)), b""])


def _lines(encoded: bytes) -> Iterator[bytes]:
    """Cut by the hundred, for a large file has tens of thousands of lines."""
    cut = len(encoded) - len(encoded) % _LINES.size
    rest = (encoded[at : at + _BASE64_LINE] for at in range(cut, len(encoded), _BASE64_LINE))
    return chain(chain.from_iterable(_LINES.iter_unpack(memoryview(encoded)[:cut])), rest)


def _head(fields: Message) -> bytes:
    return b"".join(_CRLF.fold_binary(name, value) for name, value in fields.raw_items())


def _with_crlf(text: bytes) -> bytes:
    return _LINE_END.sub(b"\r\n", text) if b"\r" in text else text.replace(b"\n", b"\r\n")
