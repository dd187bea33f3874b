"""The files of a mail: safe unique names, their type by content beside the declared one, size and digest."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from mailtix.model.mail import Attachment
from mailtix.parsing.body import Body, Loose
from mailtix.parsing.charset import decode
from mailtix.parsing.content_type import type_by_content
from mailtix.parsing.fields import read_header
from mailtix.parsing.structure import Part
from mailtix.parsing.words import decode_words

MAX_NAME = 150
"""Characters of a file name; file systems take 255 bytes, and one character may need four."""

MAX_SEARCHABLE = 65_536
"""Bytes of a plain file whose text is handed to the search; larger ones are logs and exports."""

_SEARCHABLE = frozenset(
    {"text/plain", "text/csv", "text/markdown", "text/x-log", "application/json", "application/xml", "text/xml"}
)
_NAMES = {
    "message/delivery-status": "delivery-status.txt", "message/global-delivery-status": "delivery-status.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "message/feedback-report": "feedback-report.txt",
    "text/rfc822-headers": "headers.txt", "text/calendar": "invite.ics", "application/ms-tnef": "winmail.dat",
    "application/pgp-signature": "signature.asc",
    "application/pkcs7-signature": "smime.p7s", "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m", "application/x-pkcs7-mime": "smime.p7m",
}  # fmt: skip
# The colon stays: names hold subjects and times, and a name is never a path here (bytes are read from the raw mail).
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>"|?*\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+')
_EXTENSIONS = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv", "text/rtf": ".rtf",
    "application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/bmp": ".bmp",
    "message/rfc822": ".eml", "message/global": ".eml", "application/zip": ".zip",
    "text/vcard": ".vcf", "text/x-vcard": ".vcf",
    "application/pgp-signature": ".asc", "application/pkcs7-signature": ".p7s", "application/x-pkcs7-signature": ".p7s",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """An attachment and the bytes it stands for."""

    attachment: Attachment
    content: bytes


def files_of(body: Body) -> list[File]:
    """The files of a mail in the order in which they stand."""
    taken: set[str] = set()
    return [_file(index, part, taken) for index, part in enumerate(body.files)]


def _file(index: int, part: Part | Loose, taken: set[str]) -> File:
    content = part.body()
    mime = type_by_content(content, part.mime)
    name = unique_name(safe_name(part.filename) or _made_name(part, mime, content), taken)
    inline = part.disposition == "inline" or (bool(part.content_id) and part.disposition != "attachment")
    digest = hashlib.sha256(content).hexdigest()
    text = _searchable(content, part) if part.mime in _SEARCHABLE else ""
    return File(Attachment(index, name, mime, len(content), digest, part.mime, inline, part.content_id, text), content)


def _searchable(content: bytes, part: Part | Loose) -> str:
    declared = part.params.get("charset", "") if isinstance(part, Part) else ""
    return decode(content[:MAX_SEARCHABLE], declared).text.replace("\0", "") if len(content) <= MAX_SEARCHABLE else ""


def safe_name(name: str) -> str:
    """`name` without directories, control and direction characters or a dot in front; "" if nothing is left."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = " ".join(_UNSAFE.sub("_", name).split()).strip(". ")
    if len(name) <= MAX_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    return f"{stem[: MAX_NAME - len(extension) - 1]}.{extension}" if dot and len(extension) <= 10 else name[:MAX_NAME]


def unique_name(name: str, taken: set[str]) -> str:
    """`name`, numbered if it is in `taken` already (without regard to case); adds it there."""
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    found, number = name, 1
    while found.casefold() in taken:
        number += 1
        found = f"{stem}-{number}{dot}{extension}"
    taken.add(found.casefold())
    return found


def _made_name(part: Part | Loose, mime: str, content: bytes) -> str:
    """A name for a part without one: an attached mail is called by its subject, anything else by its type."""
    if part.mime in ("message/rfc822", "message/global"):
        subject = decode_words(decode(read_header(content, 0, len(content)).get("subject"), "utf-8").text)
        if named := safe_name(subject.replace("/", "_")):
            return f"{named[: MAX_NAME - 4]}.eml"
    return _NAMES.get(part.mime) or "attachment" + (_EXTENSIONS.get(part.mime) or _EXTENSIONS.get(mime) or ".bin")
