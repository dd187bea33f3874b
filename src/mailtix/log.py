"""The mail log: one method per event, and on each line the number of the journal, timer or outbox row it is about."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog

from mailtix.pipeline import Result

_LONGEST = 300  # text from outside, of any length, is shown this far
# What one of our libraries has to say matters from here on; below it they talk about themselves.
_LIBRARIES = logging.WARNING
# Events that somebody should look at, though nothing is lost.
_TROUBLES = frozenset(
    (
        "not_accepted",
        "ring_failed",
        "imap_trouble",
        "imap_left",
        "imap_renumbered",
        "imap_polling",
        "smtp_trouble",
        "tls_failed",
        "not_scanned",
        "not_authenticated",
        "not_durable",
        "rules_refused",
    )
)


class MailLog:
    """What happens to mail, in words that are always the same. Text from outside is quoted and cut."""

    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def event(self, name: str, /, **fields: object) -> None:
        """What a door has to tell (mailtix.ingest.events)."""
        journal = fields.pop("journal", ())  # one number, or one for each company that the mail is for
        numbers = journal if isinstance(journal, tuple) else (journal,)
        named = {"number": " ".join(f"J{number}" for number in numbers)} if numbers else {}
        (self._logger.warning if name in _TROUBLES else self._logger.info)(name, **named, **_quoted(fields))

    def done(self, result: Result) -> None:
        """What became of a mail or a timer: opened, joined, held, commanded, refused, parked …"""
        bad = result.outcome in ("failed", "parked")
        fields = _quoted({"ticket": result.ticket, "because": result.because})
        (self._logger.error if bad else self._logger.info)(result.outcome, number=result.cause, **fields)

    def queued(self, outbox: int, cause: str) -> None:
        self._logger.info("queued", number=f"O{outbox}", cause=cause)

    def sent(self, outbox: int, rcpt: str, reply: str) -> None:
        self._logger.info("sent", number=f"O{outbox}", **_quoted({"to": rcpt, "reply": reply}))

    def deferred(self, outbox: int, rcpt: str, reply: str, next_at: object) -> None:
        self._logger.warning(
            "deferred", number=f"O{outbox}", next_at=str(next_at), **_quoted({"to": rcpt, "reply": reply})
        )

    def rejected(self, outbox: int, rcpt: str, reply: str) -> None:
        self._logger.error("rejected", number=f"O{outbox}", **_quoted({"to": rcpt, "reply": reply}))

    def outcome_unknown(self, outbox: int, rcpt: str, because: str) -> None:
        self._logger.warning("outcome_unknown", number=f"O{outbox}", **_quoted({"to": rcpt, "because": because}))

    def trouble(self, what: str, error: BaseException) -> None:
        """Something of ours failed and will be tried again."""
        self._logger.error("trouble", what=what, error=_short(f"{type(error).__name__}: {error}"))

    def info(self, name: str, **fields: object) -> None:
        self._logger.info(name, **fields)


def open_log(form: str, level: str, stream: TextIO | None = None) -> MailLog:
    """The log on standard error: `form` is console or json, `level` one of debug, info, warning, error."""
    out = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if form == "json"
        else [structlog.dev.ConsoleRenderer(colors=out.isatty())]
    )
    logger = structlog.wrap_logger(
        structlog.PrintLogger(out),
        processors=shared + last,
        wrapper_class=structlog.make_filtering_bound_logger(number),
    )
    logging.basicConfig(handlers=[_Handler(logger)], level=_LIBRARIES, force=True)
    return MailLog(logger)


class _Handler(logging.Handler):
    """Lets the libraries speak in our log."""

    def __init__(self, logger: Any) -> None:
        super().__init__(_LIBRARIES)
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        text = _short(record.getMessage())
        self._logger.warning("library", name=record.name, text=text, error=_short(repr(error)) if error else "")


def _quoted(fields: dict[str, object]) -> dict[str, object]:
    return {key: _short(value) if isinstance(value, str) else value for key, value in fields.items()}


def _short(text: str) -> str:
    """One line of printable text: whoever wrote it cannot forge a line of the log."""
    if len(text) <= _LONGEST and text.isprintable():
        return text
    line = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[: _LONGEST + 1])
    return line if len(text) <= _LONGEST else f"{line[:_LONGEST]}…"
