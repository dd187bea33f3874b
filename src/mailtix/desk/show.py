"""#show and #full: an agent reads the whole ticket, or one mail as it came. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mailtix.commands.grammar import Command
from mailtix.commands.wrong import Wrong
from mailtix.desk.errand import Errand, Handlers
from mailtix.model.conversation import Conversation, Original, Spoken
from mailtix.model.decision import AskOriginal, AskThread
from mailtix.model.ticket import Author, Visibility

# A mail that a person can still read through; the newest messages that fit are shown.
_MOST_MESSAGES = 50
_MOST_TEXT = 100_000
_MARKS = {Visibility.INTERNAL: "note", Visibility.HELD: "held", Visibility.DISCARDED: "taken out"}
# What tells where a mail comes from, beside its addresses.
_FIELDS = ("Date", "Subject", "Message-ID", "In-Reply-To", "Return-Path", "Auto-Submitted", "List-Id")


def show(errand: Errand, command: Command) -> str | Wrong:
    """Every message with its number, newest first."""
    ticket = errand.ticket
    found = errand.facts.conversations.get(ticket.id)
    if found is None or not found.files_asked:
        errand.draft.ask(AskThread(ticket.id, files=_MOST_MESSAGES))
        return "is still to be looked up"
    shown: list[str] = []
    room = _MOST_TEXT
    for number, message in list(enumerate(found.messages, 1))[-1 : -_MOST_MESSAGES - 1 : -1]:
        text = _message(number, message, found)
        if shown and len(text) > room:
            break
        shown.append(text[:_MOST_TEXT])
        room -= len(text)
    left = len(found.messages) - len(shown)
    errand.shown += shown
    if left:
        errand.shown.append(f"Left out: the oldest {left} of {len(found.messages)} messages. #full 1 shows the first.")
    links = "; ".join(dict.fromkeys(line.text for line in found.history if line.field in ("link", "absorbed")))
    what = f"{ticket.number}, {_counted(len(found.messages), 'message')}"
    return f"{what}; {links}" if links else what


def _message(number: int, message: Spoken, found: Conversation) -> str:
    files = found.files.get(message.journal, ())
    named = f"\n[Attached: {', '.join(files)}]" if files else ""
    return f"{_head(number, message)}\n{message.text.strip() or '(no text)'}{named}"


def _head(number: int, message: Spoken) -> str:
    """Who wrote it and when: `#3  2026-11-20 09:00 UTC  Ann Archer <ann@example.org>, customer [note]`."""
    name = f"{message.name} <{message.sender}>" if message.name and message.sender else message.who
    marks = [_MARKS[message.visibility]] if message.visibility in _MARKS else []
    marks += [message.kind] if message.kind != "human" and message.author is Author.CUSTOMER else []
    marked = f" [{', '.join(marks)}]" if marks else ""
    return f"#{number}  {message.at:%Y-%m-%d %H:%M} UTC  {name}, {message.author}{marked}"


def full(errand: Errand, command: Command) -> str | Wrong:
    """One mail as it came: its fields, all its text, and the mail itself as a file."""
    found = errand.facts.conversations.get(errand.ticket.id)
    if found is None:
        errand.draft.ask(AskThread(errand.ticket.id))
        return "is still to be looked up"
    chosen = _chosen(found, command.argument)
    if isinstance(chosen, Wrong):
        return chosen
    number, message = chosen
    original = errand.facts.originals.get(message.journal)
    if original is None:
        errand.draft.ask(AskOriginal(message.journal))
        return "is still to be looked up"
    if errand.original and errand.original != message.journal:
        return Wrong("one mail can bring one original only; write a second mail for the next")
    errand.shown.append("\n".join((_head(number, message), *_fields(original), "", *_text(original))))
    if original.withheld:
        return f"message {number}; the mail itself does not come along: {original.withheld}"
    errand.original = message.journal
    return f"message {number}, with the mail itself as original.eml"


def _chosen(found: Conversation, argument: str) -> tuple[int, Spoken] | Wrong:
    """The message that is meant: by its number, else the newest that a mail has brought from outside."""
    numbered = [(number, message) for number, message in enumerate(found.messages, 1) if message.journal]
    wanted = argument.strip().lstrip("#")
    if not wanted:
        outside = [item for item in numbered if item[1].author is not Author.AGENT]
        return (outside or numbered)[-1] if numbered else Wrong("no mail belongs to this ticket")
    chosen = [item for item in numbered if str(item[0]) == wanted]
    return chosen[0] if chosen else Wrong(f"there is no message {argument}; #show tells their numbers")


def _fields(original: Original) -> Iterator[str]:
    mail = original.mail
    yield f"From: {mail.from_}"
    for name, addresses in (("To", mail.to), ("Cc", mail.cc), ("Reply-To", mail.reply_to)):
        if addresses:
            yield f"{name}: {', '.join(map(str, addresses))}"
    for name in _FIELDS:
        if value := mail.header(name):
            yield f"{name}: {' '.join(value.split())[:500]}"
    yield f"Size: {mail.size:,} bytes"
    if mail.attachments:
        yield f"Attached: {', '.join(file.filename for file in mail.attachments)}"


def _text(original: Original) -> Iterator[str]:
    text = original.mail.text.strip()
    yield text[:_MOST_TEXT]
    if len(text) > _MOST_TEXT:
        yield f"[The text goes on for {len(text) - _MOST_TEXT:,} characters; they are in original.eml.]"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


HANDLERS: Handlers = {"show": show, "full": full}
