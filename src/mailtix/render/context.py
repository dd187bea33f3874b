"""What a mail template may speak of: one flat vocabulary of plain values, the same for every template."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime

# A subject of 1 MB is legal on the way in; on the way out it would only fold into thousands of header lines.
LINE_LIMIT = 250

# Every control and line separator of Unicode, and the marks that turn writing around: a name that holds one of them
# could break a header (RFC 5322 section 2.2) or show "gpj.exe" as "exe.jpg". Lone surrogates cannot be encoded at all.
_UNFIT = "\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069"
_UNFIT_IN_LINE = re.compile(f"[{_UNFIT}\\s\u2028\u2029]+")
_UNFIT_IN_TEXT = re.compile(f"[{_UNFIT}]")
_FIT_IN_TEXT = bytes(range(0x20, 0x7F)) + b"\n\t"
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Link:
    """Something to tap: `url` is a mailto: (RFC 6068) or https: address."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class GridLine:
    """A line of a table, with what can be tapped in it."""

    cells: tuple[str, ...]
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `{{ grid | as_table }}` lays it out as text."""

    title: str
    heads: tuple[str, ...]
    lines: tuple[GridLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """The values of one mail. What is not known stays empty (or None), and templates leave it out.

    Times are aware UTC.
    """

    # the ticket
    number: str = ""
    subject: str = ""  # as the ticket has it: without "Re:" and without the [number]
    status: str = ""  # as in model.ticket.Status; `{{ status | word }}` says it in the reader's language
    previous_status: str = ""
    priority: str = ""
    category: str = ""
    assignee: str = ""
    team: str = ""
    company: str = ""
    requester_name: str = ""
    requester_email: str = ""
    # the mail that is being written
    mailbox_name: str = ""
    mailbox_address: str = ""
    recipient_name: str = ""
    agent_name: str = ""  # who answered, noted or assigned; a display name, never an address
    # what was said
    message: str = ""
    sender_name: str = ""  # who said it
    sender_email: str = ""
    attachments: tuple[str, ...] = ()  # names of the files that came with it
    quoted: str = ""  # what was said before, to be quoted under an answer
    quoted_from: str = ""  # who said that
    quoted_at: datetime | None = None
    # time
    answer_by: datetime | None = None  # when the requester may expect the first answer
    target: str = ""  # first_response | resolution: the target that `due` belongs to
    due: datetime | None = None
    # what went wrong
    reason: str = ""
    mistakes: tuple[str, ...] = ()
    failed_address: str = ""  # who did not get our mail
    sent_at: datetime | None = None  # when we had sent it
    # what was done, what to beware of, and what is told in tables
    done: tuple[str, ...] = ()
    warning: str = ""
    tables: tuple[Grid, ...] = ()
    details: tuple[tuple[str, str], ...] = ()  # what else is to be said of the ticket, as (label, value)
    token: str = ""  # TK000123: the number of a visit, and what it is about
    token_category: str = ""
    charts: tuple[Link, ...] = ()  # pictures that come with the mail: what each shows, and its cid:
    # what can be tapped
    ratings: tuple[Link, ...] = ()
    actions: tuple[Link, ...] = ()


_TEXTS = frozenset({"message", "quoted"})
FIELDS = tuple(field.name for field in fields(Context))


def variables(context: Context, names: Iterable[str] = FIELDS) -> dict[str, object]:
    """The context by name, made fit for a mail: everything is one short line, but `message` and `quoted`."""
    return {name: _fit(name, value) if (value := getattr(context, name)) else value for name in names}


def one_line(text: str, limit: int = LINE_LIMIT) -> str:
    """The text as one line of at most `limit` characters; every run of white space and controls is one space."""
    if len(text) <= limit and "  " not in text and text.isprintable():  # as nearly all are
        return text.strip()
    line = _UNFIT_IN_LINE.sub(" ", text[: limit * 4]).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def many_lines(text: str) -> str:
    """The text with `\\n` line ends and no control but the tabulator, no empty lines around it."""
    # Whether the patterns would find anything is told in a tenth of their time; most texts hold only what follows.
    beyond = text.encode("utf-8", "surrogatepass").translate(None, _FIT_IN_TEXT).decode("utf-8", "surrogatepass")
    if beyond and not beyond.replace("\xa0", "").isprintable():
        text = _UNFIT_IN_TEXT.sub("", _LINE_ENDS.sub("\n", text))
    return text.strip("\n")


def _fit(name: str, value: object) -> object:
    if isinstance(value, str):
        return many_lines(value) if name in _TEXTS else one_line(value)
    if isinstance(value, tuple):
        return tuple(_fit(name, item) for item in value)
    if isinstance(value, Grid):
        return Grid(one_line(value.title), _lines(value.heads), tuple(map(_fit_line, value.lines)))
    if isinstance(value, Link):
        return Link(one_line(value.label), one_line(value.url, limit=2000))
    return value


def _lines(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one_line(text) for text in texts)


def _fit_line(line: GridLine) -> GridLine:
    return GridLine(_lines(line.cells), tuple(Link(one_line(k.label), one_line(k.url, limit=2000)) for k in line.links))


_NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SAMPLE_NOW = _NOON
SPARSE = Context(number="TKT-2026-000123", mailbox_address="support@example.com")
RICH = Context(
    number="TKT-2026-000123",
    subject="The printer on the 3rd floor burns & smokes",
    status="in_progress",
    previous_status="open",
    priority="urgent",
    category="hardware",
    assignee="Bob Miller",
    team="printers",
    company="Example",
    requester_name="Ann Archer",
    requester_email="ann@example.org",
    mailbox_name="Example Support",
    mailbox_address="support@example.com",
    recipient_name="Bob Miller",
    agent_name="Bob Miller",
    message="Hello,\n\nit burns again, see https://status.example.com/printers.\nPlease call me.\n\nAnn",
    sender_name="Ann Archer",
    sender_email="ann@example.org",
    attachments=("smoke.jpg", "log.txt"),
    quoted="Please switch it off and on again.\n\n> It burns.",
    quoted_from="Bob Miller",
    quoted_at=_NOON.replace(hour=10, minute=2),
    answer_by=_NOON.replace(hour=16),
    target="first_response",
    due=_NOON.replace(hour=14, minute=30),
    reason="550 5.1.1 mailbox unavailable",
    mistakes=('line 1: nobody is called "bobb" (did you mean bob@example.com?)', "line 2: unknown status"),
    failed_address="ann@example.org",
    sent_at=_NOON.replace(hour=10, minute=2),
    done=("#priority high: medium → high", "#assign carla: the ticket is Carla's"),
    warning="the name shows ann@example.org, the mail is from eve@example.net",
    details=(("Tags", "refund, vip"), ("order", "4711")),
    tables=(
        Grid(
            "Mine",
            ("Number", "Subject"),
            (
                GridLine(
                    ("TKT-2026-000123", "The printer burns"),
                    (Link("Resolve", "mailto:support@example.com?body=%23resolve"),),
                ),
            ),
        ),
    ),
    token="TK000123",
    token_category="hardware",
    charts=(Link("New and resolved", "cid:chart1.abc@example.com"),),
    ratings=tuple(Link(mark, f"mailto:support@example.com?subject=%5BTKT-2026-000123%5D%20{mark}") for mark in "12345"),
    actions=(
        Link("Take", "mailto:support@example.com?subject=%5BTKT-2026-000123%5D&body=%23take"),
        Link("Resolve", "mailto:support@example.com?subject=%5BTKT-2026-000123%5D&body=%23resolve"),
    ),
)

# A missing text or list is rendered as nothing; a missing time is what templates trip over.
SAMPLES = (
    RICH,
    SPARSE,
    replace(RICH, quoted_at=None),
    replace(RICH, answer_by=None),
    replace(RICH, due=None),
    replace(RICH, sent_at=None),
)
