"""Raw bytes to an InboundMail. Total: any bytes give one, with defects for what was not as it should be."""

from __future__ import annotations

import re
from functools import lru_cache

from mailtix.model.mail import Address, Defect, Envelope, Forward, InboundMail
from mailtix.parsing.addresses import read_addresses
from mailtix.parsing.attachments import files_of
from mailtix.parsing.body import Body, read_body
from mailtix.parsing.charset import decode, decode_header_bytes
from mailtix.parsing.dates import read_date
from mailtix.parsing.fields import Header
from mailtix.parsing.forward import forward_in_text
from mailtix.parsing.limits import MAX_SUBJECT
from mailtix.parsing.quoting import Look, look_at
from mailtix.parsing.reply import cut_reply
from mailtix.parsing.reports import report_parts
from mailtix.parsing.structure import Part, Structure, read_structure, with_newlines
from mailtix.parsing.subject import is_forward_subject, is_reply_subject, thread_subject
from mailtix.parsing.words import decode_words

_MESSAGE_ID = re.compile(r"<\s*([^<>]{1,998}?)\s*>")
_DEFECTS = {
    "part-limit": "more parts than are read; the rest stays in the raw mail",
    "depth-limit": "parts nested deeper than are read",
    "header-limit": "more header fields than are read",
    "field-limit": "a header field was cut at the length that is read",
    "header-line": "a line in the header is not a field; it was passed over",
    "no-blank-line": "no blank line between header and body",
    "boundary-missing": "the declared boundary does not occur",
    "end-missing": "a multipart is not closed",
    "text-limit": "the text was cut at the length that is shown",
    "charset": "the declared charset is not the one of the text",
    "encrypted": "the mail is encrypted and cannot be read here",
    "subject-limit": "the subject was cut at the length that is shown",
    "no-from": "no sender is named",
    "no-date": "no date that can be read",
}


def parse(raw: bytes, envelope: Envelope) -> InboundMail:
    """The mail in `raw`. Never raises; time and memory are bounded (limits.py)."""
    return parse_with_files(raw, envelope)[0]


def parse_with_files(raw: bytes, envelope: Envelope) -> tuple[InboundMail, tuple[bytes, ...]]:
    """The mail in `raw`, and the decoded bytes of each of its attachments, in order: what `parse` and `attachments` say
    together, for what they cost once."""
    structure = read_structure(with_newlines(raw))
    root = structure.root
    body = read_body(root)
    fields = HeaderFields(root.header, root.params.get("charset", ""))
    date = read_date(fields.text("date"))
    subject = fields.words("subject")
    wrong = {
        "no-from": not fields.named_sender(),
        "no-date": date is None,
        "encrypted": bool(body.encrypted),
        "subject-limit": len(subject) > MAX_SUBJECT,
    }
    subject = subject[:MAX_SUBJECT]
    look = look_at(body.lines)
    reply = cut_reply(body.lines, body.marked, look)
    files = files_of(body)
    mail = InboundMail(
        message_id=next(iter(fields.ids("message-id")), ""),
        in_reply_to=fields.ids("in-reply-to"),
        references=fields.ids("references"),
        from_=fields.author(),
        sender=next(iter(fields.mailboxes("sender")), None),
        reply_to=fields.mailboxes("reply-to"),
        to=fields.mailboxes("to"),
        cc=fields.mailboxes("cc"),
        subject=subject,
        thread_subject=thread_subject(subject),
        date=date,
        text=body.text(),
        html="\n".join(body.html),
        reply=reply.text,
        reply_because=reply.because,
        attachments=tuple(file.attachment for file in files),
        headers=tuple((name, decode_header_bytes(value)) for name, value in root.header.fields),
        envelope=envelope,
        size=len(raw),
        forward=_forward(root, body, look, subject, answers=bool(fields.ids("in-reply-to"))),
        defects=_defects(structure, body, wrong),
        content_type=root.mime,
        content_params=tuple(root.params.items()),
        report_parts=report_parts(root),
    )
    return mail, tuple(file.content for file in files)


def _defects(structure: Structure, body: Body, wrong: dict[str, bool]) -> tuple[Defect, ...]:
    """What was not as it should be, each once. `wrong` says of some codes whether they apply."""
    codes = dict.fromkeys([*structure.defects, *body.defects, *(code for code, there in wrong.items() if there)])
    return tuple(Defect(code, _DEFECTS[code]) for code in codes)


def _forward(root: Part, body: Body, look: Look, subject: str, *, answers: bool) -> Forward | None:
    """The mail that was forwarded, attached or copied in; what a delivery report returns is no forward (RFC 3464)."""
    if root.mime == "multipart/report":
        return None
    says = "forward" if is_forward_subject(subject) else "reply" if answers or is_reply_subject(subject) else ""
    if attached := _attached_mail(body):
        inner, text = attached
        author = inner.author()
        if author.addr:
            confidence = 0.95 if says == "forward" or not body.lines else 0.7
            ident = next(iter(inner.ids("message-id")), "")
            to = ", ".join(str(address) for address in inner.addresses("to"))
            return Forward(author, to, inner.words("subject"), text, read_date(inner.text("date")), ident, confidence)
    return forward_in_text(look, subject_says=says)


def _attached_mail(body: Body) -> tuple[HeaderFields, str] | None:
    """The header and text of the first attached mail."""
    for file in body.files:
        if isinstance(file, Part) and file.mime in ("message/rfc822", "message/global"):
            inner = file.children[0] if file.children else read_structure(with_newlines(file.body())).root
            return HeaderFields(inner.header, inner.params.get("charset", "")), read_body(inner).text()
    return None


class HeaderFields:
    """The fields of a header by lower-case name, read in the ways mails need. `charset` is that of undeclared bytes."""

    def __init__(self, header: Header, charset: str) -> None:
        self.by_name: dict[str, list[bytes]] = {}
        for name, value in header.fields:
            self.by_name.setdefault(name.lower(), []).append(value)
        self.charset = charset if _keeps_ascii(charset) else ""
        self._addresses: dict[str, tuple[Address, ...]] = {}

    def mailboxes(self, name: str) -> tuple[Address, ...]:
        """The addresses of a field that can be written to: a name alone is none."""
        return tuple(address for address in self.addresses(name) if address.addr)

    def named_sender(self) -> bool:
        return bool(self.mailboxes("from"))

    def author(self) -> Address:
        """The first author; where From names nobody, whom an answer would go to, with the name From gave."""
        authors = self.addresses("from")
        if authors and authors[0].addr:
            return authors[0]
        others = (address for name in ("reply-to", "sender") for address in self.mailboxes(name))
        other = next(others, Address(""))
        return Address(other.addr, authors[0].name or other.name) if authors else other

    def text(self, name: str) -> str:
        """The first value of that name; undeclared 8-bit bytes are read in the body's charset or guessed."""
        values = self.by_name.get(name)
        return decode(values[0], self.charset or "utf-8").text if values else ""

    def words(self, name: str) -> str:
        return " ".join(decode_words(self.text(name)).split())

    def addresses(self, name: str) -> tuple[Address, ...]:
        """All that the fields of a name name, read once: who wrote a mail is asked in several ways."""
        if name not in self._addresses:
            self._addresses[name] = read_addresses(tuple(self.by_name.get(name, ())), self.charset)
        return self._addresses[name]

    def ids(self, name: str) -> tuple[str, ...]:
        """Message ids without their brackets (RFC 5322 section 3.6.4), each once, in order."""
        text = " ".join(decode_header_bytes(value) for value in self.by_name.get(name, ()))
        found = _MESSAGE_ID.findall(text) or [word.strip("<>,;") for word in text.split() if "@" in word]
        return tuple(dict.fromkeys("".join(ident.split()) for ident in found if ident))


@lru_cache(maxsize=64)
def _keeps_ascii(charset: str) -> bool:
    """Whether a field may be read in it: its ASCII bytes must stay what they are, or From names somebody else."""
    plain = bytes(range(32, 127))
    try:
        return plain.decode(charset or "ascii") == plain.decode("ascii")
    except (LookupError, ValueError):
        return False


def attachments(raw: bytes) -> tuple[bytes, ...]:
    """The decoded bytes of every attachment of the mail in `raw`, in order."""
    return tuple(file.body() for file in read_body(read_structure(with_newlines(raw)).root).files)


def attachment(raw: bytes, index: int) -> bytes:
    """The decoded bytes of attachment `index` of the mail in `raw`; IndexError if it has no such one."""
    return files_of(read_body(read_structure(with_newlines(raw)).root))[index].content
