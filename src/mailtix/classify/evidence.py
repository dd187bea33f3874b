"""A mail as the questions of this folder look at it: header fields by name, the sender, the first lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from mailtix.classify.phrases import fold, words
from mailtix.model.mail import InboundMail

# What says that a mail is automatic stands in its first screen; beyond it is quotation, and time.
HEAD = 2_000
_SUBJECT = 300
# Values are kept with the ticket as reasons; no field that is asked for says more than this.
_VALUE = 500
# A mail, or its header section alone, inside another (RFC 6522 section 3, RFC 6533).
ENCLOSED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "message/partial")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the questions are asked of. Built once for a mail by `evidence`."""

    mail: InboundMail
    headers: dict[str, tuple[str, ...]]
    subject: str

    def first(self, name: str) -> str:
        """The first value of that field (name in lower case), stripped, or ""."""
        values = self.headers.get(name)
        return values[0].strip() if values else ""

    def has(self, name: str) -> bool:
        return name in self.headers

    @property
    def null_sender(self) -> bool:
        """Whether the reverse-path was null, as reports have it (RFC 5321 section 4.5.5), and responders."""
        if "return-path" in self.headers:
            return self.first("return-path").strip("<> ").lower() in ("", "mailer-daemon")
        return not self.mail.envelope.mail_from and self.mail.envelope.source in ("smtp", "lmtp")

    @property
    def auto_submitted(self) -> str:
        """The keyword of Auto-Submitted, bare of parameters and comment (RFC 3834 section 5); "" for none and "no"."""
        keyword = self.first("auto-submitted").partition(";")[0].partition("(")[0].strip().lower()
        return "" if keyword == "no" else keyword

    @property
    def is_reply_or_forward(self) -> bool:
        """Whether a person's mail program put Re: or Fwd: (in any language) before the subject."""
        return _reply_or_forward().match(self.subject) is not None

    @property
    def answers_something(self) -> bool:
        return bool(self.mail.in_reply_to or self.mail.references)

    @property
    def local_part(self) -> str:
        return self.mail.from_.addr.partition("@")[0].lower()

    @property
    def from_system(self) -> str:
        """Why the sender calls itself a mail system, or ""."""
        if self.local_part in words("bounce", "senders", "strong"):
            return f"From is {self.mail.from_.addr}"
        name = fold(self.mail.from_.name[:_SUBJECT])
        if not self.mail.from_.addr and name in words("bounce", "senders", "strong"):
            return f"From is {self.mail.from_.name}"
        return f'the sender is called "{self.mail.from_.name}"' if name.startswith(_system_names()) else ""

    @property
    def from_daemon(self) -> str:
        """Why the sender is a machine for sure, or ""."""
        return self.from_system or ("the reverse-path is null" if self.null_sender else "")

    @property
    def from_robot(self) -> str:
        """Why the sender may be a machine, or "": a role or no-reply address, behind which a person may sit too."""
        if self.local_part in words("bounce", "senders", "weak"):
            return f"From is {self.mail.from_.addr}"
        if not self.mail.from_.addr and self.has("from"):
            return "From holds no address"
        return ""

    @property
    def own_parts(self) -> list[tuple[str, str]]:
        """The parts up to the first enclosed mail; what stands behind that may belong to the enclosed one."""
        parts = self.mail.report_parts
        end = next((i for i, (mime, _) in enumerate(parts) if mime in ENCLOSED), len(parts))
        return list(parts[: end + 1])

    def part(self, mime: str) -> str | None:
        """The text of the first of the mail's own parts of that type."""
        return next((text for found, text in self.own_parts if found == mime), None)

    def enclosed(self) -> str:
        """The header section and begin of the first enclosed mail, or ""."""
        return next((text for mime, text in self.mail.report_parts if mime in ENCLOSED), "")

    def head(self) -> str:
        """The first lines of the text, folded."""
        return fold(self.mail.text[:HEAD])


@cache
def _reply_or_forward() -> re.Pattern[str]:
    """Re:, AW:, Re[2]: and their like in other languages, before the folded subject."""
    prefixes = "|".join(re.escape(prefix) for prefix in words("automatic", "reply", "prefixes"))
    return re.compile(rf"(?:{prefixes})\s?(?:\[\d{{1,4}}\]|\(\d{{1,4}}\)|\d{{1,3}})?\s?[:\uff1a]")


def _system_names() -> tuple[str, ...]:
    return words("bounce", "senders", "names")


def title(name: str) -> str:
    """The field's name as people write it: X-Autoreply."""
    return "-".join(word.capitalize() for word in name.split("-"))


def evidence(mail: InboundMail) -> Evidence:
    """Gather the header fields by lower-case name, no longer than a reason may be, and fold the subject."""
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in mail.headers:
        key = name.lower()
        headers[key] = (*headers.get(key, ()), value[:_VALUE])
    return Evidence(mail, headers, fold(mail.subject[:_SUBJECT]))
