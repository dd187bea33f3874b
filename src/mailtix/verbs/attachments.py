"""tickets attachments: the files of a ticket, read from its raw mails; the held ones too, for who asks for them."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from mailtix.attachments import Terms, Verdict, judge
from mailtix.model.ticket import Ticket
from mailtix.parsing import attachments, parse
from mailtix.store import evidence, journal
from mailtix.store import tickets as store
from mailtix.store.engine import Session
from mailtix.terms import attachment_terms, read_config
from mailtix.verbs.wrong_use import WrongUse

# File systems take names of 255 bytes, and one character may need four of them.
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A file of one of the ticket's mails: the mail's number in the journal, the verdict on the file, and its bytes."""

    journal: int
    sender: str
    verdict: Verdict
    content: bytes

    @property
    def saved_name(self) -> str:
        """Its name on disk: no two files of a ticket have the same."""
        stem, dot, extension = self.verdict.file.filename.rpartition(".")
        stem, tail = (stem, f".{extension}") if dot and len(extension) <= 10 else (f"{stem}{dot}{extension}", "")
        room = _LONGEST_NAME - len(tail.encode(errors="replace"))
        return f"J{self.journal}-{stem.encode(errors='replace')[:room].decode(errors='ignore')}{tail}"


def show(session: Session, ticket: Ticket, arguments: argparse.Namespace) -> int:
    """Lists every file of a ticket; with --save, writes down those that are not held, with --all those too."""
    if arguments.all and not arguments.save:
        raise WrongUse("--all says what is saved; add --save FOLDER")
    terms = attachment_terms(read_config(Path(arguments.config), os.environ))
    files = list(files_of(session, ticket, terms))
    wanted = [file for file in files if arguments.save and (arguments.all or not file.verdict.held)]
    saved = {id(file): str(_save(file, Path(arguments.save))) for file in wanted}
    if arguments.json:
        print(json.dumps([_row(file, saved.get(id(file))) for file in files], ensure_ascii=False))
        return 0
    if not files:
        print(f"{ticket.number} has no files.")
        return 0
    columns = (Column(name, overflow="fold") for name in ("Mail", "From", "File", "Type", "Size", "Held, because"))
    table = Table(*columns, title=escape(f"{ticket.number} files"))
    for file in files:
        facts = file.verdict.file
        row = (f"J{file.journal}", file.sender, facts.filename, facts.mime, f"{facts.size:,}", file.verdict.held)
        table.add_row(*(escape(value) for value in row))
    Console().print(table)
    if arguments.save:
        left = len(files) - len(saved)
        held = f"; {left} held, --all saves these too" if left else ""
        print(f"{len(saved)} saved in {arguments.save}{held}")
    return 0


def files_of(session: Session, ticket: Ticket, terms: Terms) -> Iterator[TicketFile]:
    """Every file of a ticket's mails, in the order in which they came."""
    numbers = dict.fromkeys(row.journal_id for row in store.messages_of(session, ticket.id) if row.journal_id)
    for number in numbers:
        entry = journal.entry(session, number)
        if entry is None:
            continue
        mail = parse(entry.raw, entry.envelope)
        contents = attachments(entry.raw)
        verdicts = judge(mail.attachments, contents, terms, evidence.scan_of(session, entry.raw_id))
        sender = mail.from_.addr or entry.envelope.mail_from
        for verdict, content in zip(verdicts, contents, strict=True):
            yield TicketFile(number, sender, verdict, content)


def _save(file: TicketFile, folder: Path) -> Path:
    """Writes the file down, over no other one. Raises WrongUse when the name is taken by something else."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file.saved_name
    try:
        with path.open("xb") as target:
            target.write(file.content)
    except FileExistsError:
        if not path.is_file() or path.read_bytes() != file.content:
            raise WrongUse(f"{path} is there already, and is something else; choose another folder") from None
    return path


def _row(file: TicketFile, saved: str | None) -> dict[str, object]:
    facts = file.verdict.file
    return {
        "journal": f"J{file.journal}",
        "sender": file.sender,
        "name": facts.filename,
        "type": facts.mime,
        "size": facts.size,
        "sha256": facts.sha256,
        "inline": facts.inline,
        "held": file.verdict.held or None,
        "saved": saved,
    }
