"""imap reconcile: whether everything that is in the mailboxes is in the journal, too."""

from __future__ import annotations

import argparse
import json
import os
import ssl
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mailtix.app import App, open_app
from mailtix.collecting import mailboxes, tokens_of
from mailtix.config import ImapConfig
from mailtix.figures import read_moment
from mailtix.ingest.accept import Parcel
from mailtix.ingest.collect import envelope_of
from mailtix.ingest.imap import explained
from mailtix.ingest.mailbox import Mailbox
from mailtix.ingest.reconcile import Compared, Missing, Reconciliation, Why
from mailtix.ingest.settings import ImapSettings
from mailtix.log import open_log
from mailtix.store import imap_ledger, mailbox_health
from mailtix.terms import read_config
from mailtix.verbs.wrong_use import WrongUse

_SHOWN = 20
_WHAT_TO_DO = {
    Why.FRESH: "came within the last minutes; the next visit takes it",
    Why.WAITING: "waits longer than it should: does mailtix run? `mailtix doctor` says what is wrong with the mailbox",
    Why.TOO_LARGE: "is larger than we take; read it there, or take it all the same: mailtix imap reconcile --take",
    Why.PASSED_OVER: "was read or moved by somebody before it was taken; take it now: mailtix imap reconcile --take",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What was found in one mailbox. `trouble` says why it could not be looked at; `lines` what else there is to say;
    `taken` are the journal numbers of what was taken now, by folder and UID."""

    address: str
    folders: tuple[Compared, ...] = ()
    trouble: str = ""
    lines: tuple[str, ...] = ()
    taken: dict[tuple[str, int], str] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        missing = [lost for folder in self.folders for lost in folder.missing if lost.why is not Why.FRESH]
        return not self.trouble and all((lost.folder, lost.uid) in self.taken for lost in missing)


def imap(arguments: argparse.Namespace) -> int:
    """imap reconcile. Exit 1 when mail is missing, or a mailbox cannot be looked at."""
    config = read_config(Path(arguments.config), os.environ)
    chosen = [(s, i) for s, i in mailboxes(config) if arguments.mailbox in (None, s.address)]
    if not chosen:
        known = ", ".join(settings.address for settings, _ in mailboxes(config))
        raise WrongUse(f"no such mailbox is collected by IMAP; these are: {known or 'none'}")
    app = open_app(config, open_log(config.log.format, "error"))
    try:
        results = [_reconciled(app, settings, imap, arguments) for settings, imap in chosen]
    finally:
        app.close()
    if arguments.json:
        print(json.dumps([_plain(result) for result in results], ensure_ascii=False, default=str))
    else:
        for result in results:
            print("\n".join(_told(result)))
    return 0 if all(result.is_good for result in results) else 1


def _reconciled(app: App, settings: ImapSettings, imap: ImapConfig, arguments: argparse.Namespace) -> Result:
    settings = replace(settings, since=_since(settings, arguments.since, app.clock()))
    taken: dict[tuple[str, int], str] = {}

    def found(raw: bytes, lost: Missing) -> None:
        if arguments.take and lost.why in (Why.PASSED_OVER, Why.TOO_LARGE):
            envelope = envelope_of(raw, settings.address, app.ours, app.clock())
            [numbers] = app.commit([Parcel(raw, envelope)])
            taken[lost.folder, lost.uid] = " ".join(f"J{number}" for number in numbers)

    work = Reconciliation(settings, lambda digests: _known(app, settings.address, digests), found, app.clock())
    try:
        folders = tuple(_compared(app, settings, imap, work))
    except Exception as error:
        return Result(settings.address, trouble=explained(error, settings))
    return Result(settings.address, folders, lines=tuple(_remarks(app, folders[0])), taken=taken)


def _since(settings: ImapSettings, wanted: str, now: datetime) -> datetime:
    try:
        begin = read_moment(wanted, UTC, now)
    except ValueError as error:
        raise WrongUse(str(error)) from None
    return max(begin, settings.since) if settings.since else begin


def _compared(app: App, settings: ImapSettings, imap: ImapConfig, work: Reconciliation) -> Iterator[Compared]:
    tls = ssl.create_default_context() if settings.tls != "none" else None
    mailbox = Mailbox(settings, tls, tokens_of(app.sessions, imap.oauth) if imap.oauth else None)
    try:
        yield work.compare(mailbox, settings.folder)
        if settings.done and mailbox.has(settings.done):
            yield work.compare(mailbox, settings.done)
    finally:
        mailbox.close()


def _known(app: App, address: str, digests: Any) -> set[bytes]:
    owner = app.house.company_of(address)
    with app.sessions() as session:
        return imap_ledger.in_journal(session, digests, owner[0]) if owner else set()


def _remarks(app: App, inbox: Compared) -> Iterator[str]:
    """What the ledger and the mailbox's health say beside it."""
    folder = inbox.folder
    with app.sessions() as session:
        left = imap_ledger.unsettled(session, folder)
        health = next((h for h in mailbox_health.healths(session) if h.address == folder.address), None)
    if health is None:
        yield "it was never visited; is `mailtix serve` running?"
    elif health.folder == folder.name and health.uidvalidity not in (0, folder.uidvalidity):
        yield "the server has numbered the folder anew since the last visit; mail is known by its bytes"
    if left:
        yield f"{len(left)} mails are taken and not yet moved or marked; the next visit does that"
    if health is not None and health.is_troubled:
        yield f"the last visit went wrong: {health.trouble}"


def _told(result: Result) -> Iterator[str]:
    if result.trouble:
        yield f"{result.address}: {result.trouble}"
        return
    for compared in result.folders:
        yield f"{result.address}, {compared.folder.name}: {compared.mails:,} mails looked at, {_counted(compared)}"
        for lost in compared.missing[:_SHOWN]:
            when = f"{lost.arrived_at:%Y-%m-%d %H:%M}" if lost.arrived_at else "at an unknown time"
            number = result.taken.get((lost.folder, lost.uid))
            todo = f"is in the journal now: {number}" if number else _WHAT_TO_DO[lost.why]
            yield f"  UID {lost.uid} of {when} from {lost.sender or 'nobody'} ({lost.size:,} bytes) {todo}"
        if len(compared.missing) > _SHOWN:
            yield f"  and {len(compared.missing) - _SHOWN:,} more; --json shows all"
    yield from (f"  {line}" for line in result.lines)


def _counted(compared: Compared) -> str:
    counts = Counter(lost.why for lost in compared.missing)
    parts = [f"{number:,} {why}" for why, number in sorted(counts.items())] or ["all of them in the journal"]
    if compared.not_put_away:
        parts.append(f"{compared.not_put_away:,} in the journal and not yet put away")
    return ", ".join(parts)


def _plain(result: Result) -> dict[str, Any]:
    return {
        "mailbox": result.address,
        "good": result.is_good,
        "trouble": result.trouble,
        "remarks": list(result.lines),
        "folders": [
            {
                "folder": compared.folder.name,
                "uidvalidity": compared.folder.uidvalidity,
                "mails": compared.mails,
                "not_put_away": compared.not_put_away,
                "missing": [
                    {
                        "uid": lost.uid,
                        "size": lost.size,
                        "arrived_at": lost.arrived_at,
                        "sender": lost.sender,
                        "why": str(lost.why),
                        "taken_as": result.taken.get((lost.folder, lost.uid), ""),
                    }
                    for lost in compared.missing
                ],
            }
            for compared in result.folders
        ],
    }
