"""letter → outgoing mail, with all its headers."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import format_datetime, quote
from functools import lru_cache

from mailtix.model.outgoing import OutgoingMail
from mailtix.notify import mime
from mailtix.notify.encoded_words import encoded_words

_UNFIT = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_UNFIT_IN_ID = re.compile(r"[<>\s\x00-\x1f\x7f]+")
# A field as RFC 5322 section 2.1.1 wants it; the first line leaves room for the name.
_LINE = 76
# The first line of a name comes after that of the field, and the last before the address.
_NAME_LINE = 60
_MOST_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with a mail."""

    filename: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG that the HTML shows as cid:… (RFC 2392); `cid` stands without angle brackets. `alt` says what it shows."""

    cid: str
    alt: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """All that a mail is made of. Ids stand without angle brackets; `references` are in order, the root first.

    `automatic` is the value of Auto-Submitted (RFC 3834 section 5), "" for words of a person. `list_id` names the
    mailbox to filters (RFC 2919), "" where the mail is no notification to the desk. `unsubscribe` is a mailto: link
    that asks for no more of these mails.
    """

    to: str
    to_name: str
    from_name: str
    from_addr: str
    reply_to: str
    envelope_from: str
    subject: str
    text: str
    html: str
    date: datetime
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    ticket: str
    loop_mark: str
    automatic: str = ""
    bulk: bool = False
    list_id: str = ""
    unsubscribe: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    pictures: tuple[Picture, ...] = ()


def compose(letter: Letter) -> OutgoingMail:
    """The mail as it will leave. The same letter gives the same bytes: a repeat is the same mail."""
    fields = "".join(_field(name, value) for name, value in _fields(letter))
    raw = b"".join((fields.encode("utf-8", "replace"), b"MIME-Version: 1.0\r\n", _body(letter)))
    return OutgoingMail(letter.message_id, letter.envelope_from, letter.to, raw)


def _fields(letter: Letter) -> list[tuple[str, str]]:
    fields = [
        ("Date", _date(letter.date)),
        ("Message-ID", _id(letter.message_id)),
        ("From", _mailbox(letter.from_name, letter.from_addr)),
        ("To", _mailbox(letter.to_name, letter.to)),
        ("Reply-To", _mailbox(letter.from_name, letter.reply_to)),
        ("Subject", _text(letter.subject, "Subject")),
    ]
    if letter.in_reply_to:
        fields.append(("In-Reply-To", _id(letter.in_reply_to)))
    references = list(dict.fromkeys(id_ for id_ in letter.references if id_ and id_ != letter.message_id))
    if references:
        kept = references[:1] + references[1:][-_MOST_REFERENCES:]
        fields.append(("References", " ".join(map(_id, kept))))
    fields += [("X-Mailtix-Ticket", letter.ticket), ("X-Mailtix-Loop", letter.loop_mark)]
    if letter.automatic:
        # Exchange answers mail with Auto-Submitted all the same, unless it is asked not to ([MS-OXCMAIL] 2.2.3.2.14).
        fields += [("Auto-Submitted", letter.automatic), ("X-Auto-Response-Suppress", "All")]
    if letter.bulk:
        # Old vacation programs read only this (RFC 3834 section 3.1.8); it has no place on mail that is waited for.
        fields.append(("Precedence", "bulk"))
    if letter.unsubscribe:
        fields.append(("List-Unsubscribe", f"<{letter.unsubscribe}>"))  # RFC 2369 section 3.2
    if letter.list_id:
        fields.append(("List-Id", letter.list_id))
    return fields


def _date(when: datetime) -> str:
    """As RFC 5322 section 3.3 has it."""
    # only for UTC it follows from the moment alone, by which the cache knows it
    return _date_in_utc(when) if when.tzinfo is UTC else format_datetime(when)


_date_in_utc = lru_cache(maxsize=16)(format_datetime)  # the mails of a decision have the same


def _id(message_id: str) -> str:
    """A message id in its angle brackets; what is no part of one cannot get out of them."""
    return f"<{_UNFIT_IN_ID.sub('', message_id)}>"


def _field(name: str, value: str) -> str:
    is_done = len(name) + len(": ") + len(value) <= _LINE or "\r\n" in value
    return f"{name}: {value}\r\n" if is_done else _folded(name, value)


def _folded(name: str, value: str) -> str:
    """The field with its lines folded at spaces (RFC 5322 section 2.2.3), never inside a word."""
    lines, line = [], f"{name}:"
    for word in value.split(" "):
        if len(line) + 1 + len(word) > _LINE and line.strip() != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line, ""])


def _text(value: str, name: str) -> str:
    """Unstructured text, as encoded words where it is not plain ASCII or would be taken for one (RFC 2047)."""
    value = _fit(value).strip()
    if value.isascii() and "=?" not in value and max(map(len, value.split(" "))) < _LINE:
        return value
    return encoded_words(value, _LINE, taken=len(f"{name}: "))


def _mailbox(name: str, addr: str) -> str:
    """name-addr of RFC 5322 section 3.4; an address beyond ASCII stays as it is (RFC 6532)."""
    name, addr = _fit(name).strip(), _fit(addr, "")
    if not name:
        return f"<{addr}>"
    if name.isascii() and "=?" not in name:
        return f'"{quote(name)}" <{addr}>'
    return f"{encoded_words(name, _NAME_LINE)} <{addr}>"


def _fit(value: str, instead: str = " ") -> str:
    """The value without what would end its line. What is printable holds none of that, and is told so much faster."""
    return value if value.isprintable() else _UNFIT.sub(instead, value)


def _body(letter: Letter) -> bytes:
    """Content-Type and all that follows. Boundaries are derived from the message id, not random."""
    seed = hashlib.sha256(letter.message_id.encode()).hexdigest()[:24]
    both = (mime.words(letter.text, "plain"), _html(letter, seed))
    body = mime.multipart("multipart/alternative;", f"=_a{seed}", both)
    if letter.enclosures:
        body = mime.multipart("multipart/mixed;", f"=_m{seed}", (body, *map(_part, letter.enclosures)))
    return body


def _html(letter: Letter, seed: str) -> bytes:
    """The HTML, with the pictures that it shows beside it (RFC 2387)."""
    html = mime.words(letter.html, "html")
    if not letter.pictures:
        return html
    # folded, for with its boundary it is longer than a line
    return mime.multipart(
        'multipart/related; type="text/html";\r\n', f"=_r{seed}", (html, *map(_shown, letter.pictures))
    )


def _shown(picture: Picture) -> bytes:
    fields = _file_fields("image/png")
    fields["Content-ID"] = f"<{picture.cid}>"
    fields.add_header("Content-Disposition", "inline", filename=f"{picture.cid.partition('.')[0]}.png")
    return mime.file(fields, picture.data)


def _part(enclosure: Enclosure) -> bytes:
    """A file as a part: its type as given when that is one, its name by RFC 2231 where it is not plain ASCII."""
    if enclosure.mime == "message/rfc822" and _is_plain(enclosure.data):
        fields = Message()
        fields["Content-Type"] = "message/rfc822"
        return mime.whole(_named(fields, enclosure.filename), enclosure.data)
    main = enclosure.mime.partition("/")[0].lower()
    plain = re.fullmatch(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+", enclosure.mime)
    # message/* may not be base64 (RFC 2046 section 5.2.1), and a multipart would need its boundary
    fits = plain is not None and main not in ("message", "multipart")
    fields = _file_fields(enclosure.mime if fits else "application/octet-stream")
    return mime.file(_named(fields, enclosure.filename), enclosure.data)


def _is_plain(data: bytes) -> bool:
    """Whether a mail may stand in another one as it is: it must not be encoded (RFC 2046 section 5.2.1), and lines of
    eight bits or of more than 998 would not survive every way (RFC 5322 section 2.1.1)."""
    lines = data.split(b"\r\n")
    return data.isascii() and not any(len(line) > 998 or set(line) & set(b"\0\r\n") for line in lines)


def _file_fields(content_type: str) -> Message:
    fields = Message()
    fields["Content-Type"] = content_type
    fields["Content-Transfer-Encoding"] = "base64"
    return fields


def _named(fields: Message, filename: str) -> Message:
    name = _fit(filename)
    fields.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    return fields
