"""The courier for a smarthost: connections are kept and reused, and every reply is judged by whose fault it is."""

from __future__ import annotations

import re
import smtplib
import ssl
import threading
import time
from dataclasses import dataclass

from mailtix.model.outgoing import Deferred, Delivered, DeliveryOutcome, OutgoingMail, Rejected
from mailtix.outbound.dialogue import Dialogue, Reply, Smarthost

__all__ = ["Smarthost", "SmtpCourier", "explained"]

_IDLE_CONNECTIONS = 4
_IDLE_SECONDS = 60.0  # firewalls forget connections without a word, and then a timeout must pass
_MAILS_PER_CONNECTION = 100  # Postfix and others end a connection at about this number, and not always politely
_REPLY_LIMIT = 300

# "Sign in first", "password too weak", "wrong password", "encryption needed" (RFC 4954 section 6), at whatever command.
_SIGN_IN_CODES = frozenset({530, 534, 535, 538})
_TOO_BIG = 552

_UNFIT = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_ADDRESS = re.compile(
    r"""(?: "(?: [^"\\\x00-\x1f\x7f] | \\[\x20-\x7e] )*"        # RFC 5321 section 4.1.2: Quoted-string
          | [^\s<>"@,;:\\()\[\]\x00-\x1f\x7f]+ )                # Dot-string, and what else was seen to work
        @ (?: [^\s<>"@,;:\\()\[\]\x00-\x1f\x7f]+ | \[[0-9A-Za-z:.]+\] )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Broken:
    """The connection ended before the final dot was sent: the server cannot have taken the mail."""

    why: str


class SmtpCourier:
    """Delivers to a smarthost. Safe for threads: each mail has a connection to itself while it is on its way.

    Raises OSError when it is made with a `cafile` that cannot be read.
    """

    def __init__(self, smarthost: Smarthost) -> None:
        self._smarthost = smarthost
        self._context = None if smarthost.tls == "none" else ssl.create_default_context(cafile=smarthost.cafile)
        self._idle: list[Dialogue] = []
        self._lock = threading.Lock()
        self._closed = False

    def deliver(self, mail: OutgoingMail) -> DeliveryOutcome:
        """Rejected only for what the server has against this mail or its recipient.

        What it has against us (greeting, TLS, password, sender) is Deferred: mail must not be lost by a wrong setting.
        """
        kept = self._take()
        if kept:
            outcome = self._carry(kept, mail)
            if not isinstance(outcome, _Broken):
                return outcome  # else the server had closed it meanwhile: once more on a fresh one
        try:
            fresh = Dialogue(self._smarthost, self._context)
        except (OSError, ValueError) as error:
            return Deferred(f"cannot use {self._smarthost.host}:{self._smarthost.port}: {explained(error)}")
        outcome = self._carry(fresh, mail)
        return Deferred(outcome.why) if isinstance(outcome, _Broken) else outcome

    def close(self) -> None:
        """Say goodbye on idle connections; those in use are closed when their mail is done."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for dialogue in idle:
            dialogue.leave()

    def _take(self) -> Dialogue | None:
        """The connection that was used last, so that the others grow old; None when it has grown old itself."""
        with self._lock:
            newest = self._idle.pop() if self._idle else None
        if newest and time.monotonic() - newest.last_used > _IDLE_SECONDS:
            newest.leave()
            return None
        return newest

    def _carry(self, dialogue: Dialogue, mail: OutgoingMail) -> DeliveryOutcome | _Broken:
        outcome = _hand_over(dialogue, mail)
        dialogue.mails += 1
        dialogue.last_used = time.monotonic()
        if not isinstance(outcome, Delivered) and dialogue.is_open:
            _reset(dialogue)
        self._keep(dialogue)
        return outcome

    def _keep(self, dialogue: Dialogue) -> None:
        with self._lock:
            is_wanted = not self._closed and len(self._idle) < _IDLE_CONNECTIONS
            if dialogue.is_open and is_wanted and dialogue.mails < _MAILS_PER_CONNECTION:
                self._idle.append(dialogue)
                return
        dialogue.leave()


def _hand_over(dialogue: Dialogue, mail: OutgoingMail) -> DeliveryOutcome | _Broken:
    """One mail transaction (RFC 5321 section 3.3)."""
    try:
        refusal = _envelope(dialogue, mail)
        if refusal:
            return refusal
        dialogue.send_blocks(_data(mail.raw))
    except (OSError, ValueError) as error:
        dialogue.close()
        return _Broken(explained(error))
    try:
        reply = dialogue.final_reply()
    except (OSError, ValueError) as error:
        dialogue.close()
        return Deferred(f"outcome unknown: {explained(error)} after the whole mail was sent", unknown=True)
    return _final(dialogue, reply)


def _envelope(dialogue: Dialogue, mail: OutgoingMail) -> Rejected | Deferred | _Broken | None:
    """MAIL, RCPT and DATA: None when the server waits for the mail."""
    sender, recipient = _sendable(mail.mail_from), _sendable(mail.rcpt_to)
    if sender is None or not recipient:
        return Rejected(f"not an address: {_one_line(mail.rcpt_to if sender is not None else mail.mail_from)}")
    is_international = not (sender + recipient).isascii() or not _header_of(mail.raw).isascii()
    if is_international and not dialogue.offers("smtputf8"):
        return Rejected("needs SMTPUTF8 (a name or address beyond ASCII, RFC 6531), which the server does not offer")
    if 0 < dialogue.size_limit < len(mail.raw):
        return Rejected(f"the mail has {len(mail.raw)} bytes, the server takes {dialogue.size_limit}")
    dialogue.command_encoding = "utf-8" if is_international else "ascii"
    options = _mail_options(dialogue, mail.raw, is_international)
    replies = dialogue.exchange(f"MAIL FROM:<{sender}>{options}", f"RCPT TO:<{recipient}>", "DATA")
    return (
        _refused(dialogue, next(replies), ours=True)
        or _refused(dialogue, next(replies))
        or _refused(dialogue, next(replies), wanted=3)
    )


def _data(raw: bytes) -> bytes:
    """The mail as it is sent after DATA, with its end (RFC 5321 section 4.5.2). `raw` has no lone line feeds; should
    one slip in, a dot too many is better than a line of one dot, which some servers take for the end of the mail."""
    stuffed = raw.replace(b"\n.", b"\n..")
    end = b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n"
    return b"".join((b"." if raw.startswith(b".") else b"", stuffed, end))


def _mail_options(dialogue: Dialogue, raw: bytes, is_international: bool) -> str:
    """What the server offered and the mail has use for. Eight bits go out as they are when 8BITMIME is not offered:

    recoding would break the signature, and servers that clear the eighth bit have died out.
    """
    size = f" SIZE={len(raw)}" if dialogue.offers("size") else ""
    body = " BODY=8BITMIME" if not raw.isascii() and dialogue.offers("8bitmime") else ""
    return size + body + (" SMTPUTF8" if is_international else "")


def _refused(
    dialogue: Dialogue, reply: Reply, wanted: int = 2, ours: bool = False
) -> Rejected | Deferred | _Broken | None:
    """None when the reply is of the wanted class. `ours`: a 5xx speaks of us and not of the mail, but for its size."""
    code, words = reply[0], _said(reply)
    if code // 100 == wanted:
        return None
    if code in (421, -1):  # the server is leaving (RFC 5321 section 3.8), or it does not speak SMTP
        dialogue.close()
        return _Broken(words)
    if code // 100 != 5 or code in _SIGN_IN_CODES or (ours and code != _TOO_BIG):
        return Deferred(words)
    return Rejected(words)


def _final(dialogue: Dialogue, reply: Reply) -> DeliveryOutcome:
    """The reply to the final dot (RFC 5321 section 4.2.5: with a 250 the mail is the server's)."""
    code, words = reply[0], _said(reply)
    if code // 100 == 2:
        return Delivered(words)
    if code in (421, -1) or code // 100 == 3:
        dialogue.close()
    if code // 100 in (4, 5):
        return Rejected(words) if code // 100 == 5 and code not in _SIGN_IN_CODES else Deferred(words)
    return Deferred(f"outcome unknown: the server answered {words}", unknown=True)


def _reset(dialogue: Dialogue) -> None:
    """Makes the connection fit for the next mail. Where the server waits for a mail that it has refused (it took a DATA
    that was sent at once with the rest, RFC 2920 section 3.1), only its end does."""
    try:
        if any(code // 100 == 3 for code, _ in dialogue.unheard()) or dialogue.rset()[0] != 250:
            dialogue.close()
    except (OSError, ValueError):
        dialogue.close()


def _sendable(address: str) -> str | None:
    """The address as it can stand in a command, its domain in ASCII if it is the only part that is not; or None."""
    if not address:
        return ""  # the null reverse-path (RFC 5321 section 4.5.5)
    if not _ADDRESS.fullmatch(address) or re.search(r"[\ud800-\udfff]", address):
        return None
    local, _, domain = address.rpartition("@")
    if not local.isascii() or domain.isascii():
        return address
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None


def _header_of(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[0]


def explained(error: Exception) -> str:
    """What went wrong in a dialogue, in one line that people understand."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"signing in failed, check username and password: {_said((error.smtp_code, _bytes(error.smtp_error)))}"
    if isinstance(error, smtplib.SMTPResponseException):
        return _said((error.smtp_code, _bytes(error.smtp_error)))
    if isinstance(error, ssl.SSLCertVerificationError):
        return _one_line(f"its certificate is not valid: {error.verify_message}")
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return _one_line(str(error) or type(error).__name__)


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode(errors="replace")


def _said(reply: Reply) -> str:
    """The reply as one bounded line with its code; a line that is no reply is quoted."""
    code, text = reply
    words = _one_line(text.decode("utf-8", "replace"))
    return f"{code} {words}".rstrip() if code > 0 else f"not an SMTP reply: {words!r}"


def _one_line(text: str) -> str:
    line = _UNFIT.sub(" ", text[: _REPLY_LIMIT * 4]).strip()
    return line if len(line) <= _REPLY_LIMIT else line[: _REPLY_LIMIT - 1] + "…"
