"""The one table from what happened to what the peer is told. Our fault is 4xx, the mail's fault is 5xx.

Reply codes: RFC 5321 section 4.2; enhanced codes: RFC 3463. No text here ever comes from an exception.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailtix.ingest.accept import AcceptorClosedError


@dataclass(frozen=True, slots=True)
class Reply:
    """One SMTP reply line, without its CRLF."""

    code: int
    enhanced: str
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.enhanced} {self.text}"


SENDER_OK = Reply(250, "2.1.0", "Ok")
RECIPIENT_OK = Reply(250, "2.1.5", "Ok")
BYE = Reply(221, "2.0.0", "Bye")
CANNOT_VERIFY = Reply(252, "2.5.0", "Send some mail and see")
SEE_RFC = Reply(214, "2.0.0", "See RFC 5321")

# The mail's fault: trying again cannot help.
NOT_OURS = Reply(550, "5.1.1", "No such mailbox here")
TOO_BIG = Reply(552, "5.3.4", "The mail is larger than the limit this server announces")
SMUGGLING = Reply(550, "5.5.2", "A line holding a single dot must end with CR LF (RFC 5321 section 2.3.8)")
MALFORMED_ADDRESS = Reply(553, "5.1.3", "Malformed address")
NO_RECIPIENTS = Reply(503, "5.5.1", "No valid recipients")
LINE_TOO_LONG = Reply(500, "5.5.2", "Command line too long")
BAD_SYNTAX = Reply(500, "5.5.2", "Bad syntax")
NO_COMMAND = Reply(500, "5.5.2", "Command not recognised")
TOO_MANY_UNKNOWN = Reply(502, "5.5.1", "Too many commands that are none, closing the connection")
UNKNOWN_COMMAND = Reply(500, "5.5.1", "Command not recognised here")
NO_AUTH = Reply(502, "5.5.1", "No authentication here")
ALREADY_TLS = Reply(503, "5.5.1", "TLS is already on")
DATA_SYNTAX = Reply(501, "5.5.4", "DATA takes no argument")
CHUNK_SYNTAX = Reply(501, "5.5.4", "BDAT needs the size of its chunk, closing the connection")
QUIT_SYNTAX = Reply(501, "5.5.4", "QUIT takes no argument")
DATA_AFTER_CHUNK = Reply(503, "5.5.1", "The mail was begun with BDAT")
HELLO_SYNTAX = Reply(501, "5.5.4", "A host name is missing")

# Our fault, or a matter of time: the sender tries again.
OUR_FAULT = Reply(451, "4.3.0", "Local trouble, please try again later")
DISK_FULL = Reply(452, "4.3.1", "Not enough storage now, please try again later")
BUSY = Reply(452, "4.3.1", "Too much mail at once, please try again later")
QUEUE_FULL = Reply(452, "4.3.1", "Too many mails wait to be processed, please try again later")
TOO_MANY_RECIPIENTS = Reply(452, "4.5.3", "Too many recipients, send the rest in another mail")
SHUTTING_DOWN = Reply(421, "4.3.2", "Shutting down, please try again later")
TOO_MANY_CONNECTIONS = Reply(421, "4.7.0", "Too many connections, please try again later")
TIMEOUT = Reply(421, "4.4.2", "That took too long, closing the connection")

SQLITE_FULL = 13  # SQLite, "Result and Error Codes"
SQLSTATE_DISK_FULL = "53100"  # PostgreSQL, appendix A

# aiosmtpd writes some replies of its own without the code that RFC 2034 asks for once it was offered.
_ENHANCED = {
    "221": "2.0.0",
    "250": "2.0.0",
    "454": "4.7.0",
    "500": "5.5.2",
    "501": "5.5.4",
    "502": "5.5.1",
    "503": "5.5.1",
    "530": "5.7.0",
    "552": "5.3.4",
    "553": "5.1.3",
    "554": "5.7.0",
    "555": "5.5.4",
}
_HAS_ENHANCED = re.compile(r"\d{3} [245]\.\d{1,3}\.\d{1,3} ")


def queued(journal: tuple[int, ...]) -> Reply:
    """What the sender of a durable mail is told; its journal numbers connect his log with ours."""
    return Reply(250, "2.0.0", "Ok: queued as " + " ".join(f"J{number}" for number in journal))


def chunk_taken(size: int) -> Reply:
    """What the sender of a chunk that is not the last one is told (RFC 3030 section 4.1)."""
    return Reply(250, "2.0.0", f"{size} octets received")


def reply_for(error: BaseException) -> Reply:
    """The reply when a mail could not be made durable: always 4xx, for it is never the mail's fault."""
    if isinstance(error, AcceptorClosedError):
        return SHUTTING_DOWN
    return DISK_FULL if any(map(_is_disk_full, _chain(error))) else OUR_FAULT


def with_enhanced_code(line: str) -> str:
    """The reply line with an enhanced status code (RFC 2034 section 4), added where it had none and should have one."""
    code = _ENHANCED.get(line[:3])
    if code is None or line[3:4] != " " or _HAS_ENHANCED.match(line):
        return line
    return f"{line[:3]} {code} {line[4:]}"


def _is_disk_full(error: BaseException) -> bool:
    return (
        (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT))
        or getattr(error, "sqlite_errorcode", None) == SQLITE_FULL
        or getattr(error, "sqlstate", None) == SQLSTATE_DISK_FULL
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it. A database library keeps the driver's own error as `orig` or as the cause."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__, getattr(one, "orig", None)]
