"""A courier for a trial: sent mail is put into a Maildir, where any mail client can read it."""

from __future__ import annotations

import errno
import os
import re
import threading
from hashlib import sha256
from itertools import chain, combinations
from pathlib import Path

from mailtix.model.outgoing import Deferred, Delivered, DeliveryOutcome, OutgoingMail

# A reader moves what it has seen from new/ to cur/ and adds these: Draft, Flagged, Passed, Replied, Seen, Trashed.
_FLAGS = ["".join(f) for f in chain.from_iterable(combinations("DFPRST", n) for n in range(7))]
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_WHAT_TO_DO = {
    errno.ENOSPC: "the disk is full: make room",
    errno.EDQUOT: "the quota is used up: make room or raise it",
    errno.EACCES: "no permission: give the folder to the user that runs mailtix",
    errno.EPERM: "no permission: give the folder to the user that runs mailtix",
    errno.EROFS: "the file system is read-only: mount it for writing",
    errno.ENOTDIR: "there is a file where a folder should be: move it away",
}


class MaildirCourier:
    """Delivers into `folder`, which is made when it is missing.

    A mail's file name comes from its Message-ID and recipient: a repeated delivery is the same file, so a crash between
    delivering and recording it makes no second mail.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, mail: OutgoingMail) -> DeliveryOutcome:
        """Delivered when the mail and its directory entry are on the disk; Deferred, with what to do, when not."""
        name = _name(mail)
        try:
            self._make_folders()
            if not self._is_there(name):
                self._write(name, _with_envelope(mail))
            _sync(self._folder / "new")
        except OSError as error:
            return Deferred(f"cannot write to {self._folder}: {_WHAT_TO_DO.get(error.errno or 0, error.strerror)}")
        return Delivered(f"written to {self._folder / 'new' / name}")

    def close(self) -> None:
        """Nothing is kept open."""

    def _make_folders(self) -> None:
        for part in ("tmp", "new", "cur"):
            (self._folder / part).mkdir(parents=True, exist_ok=True)

    def _is_there(self, name: str) -> bool:
        """Asked name by name: listing a folder of 100,000 mails for each delivery would take longer than delivering."""
        seen = f"{self._folder}/cur/{name}:2,"
        return _exists(f"{self._folder}/new/{name}") or any(_exists(seen + flags) for flags in _FLAGS)

    def _write(self, name: str, content: bytes) -> None:
        """tmp → fsync → link into new: a reader never sees half a mail, and a crash leaves none."""
        draft = self._folder / "tmp" / f"{name}.{os.getpid()}-{threading.get_ident()}"
        try:
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _publish(draft, self._folder / "new" / name)
        finally:
            draft.unlink(missing_ok=True)


def _exists(path: str) -> bool:
    """Without a Path, which takes longer to make than the system to look."""
    try:
        os.stat(path)
    except FileNotFoundError:
        return False
    return True


def _publish(draft: Path, target: Path) -> None:
    try:
        os.link(draft, target)  # unlike a rename it fails when another thread has just delivered the same mail
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK):
            raise
        draft.rename(target)  # a file system without hard links


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _name(mail: OutgoingMail) -> str:
    return sha256(f"{mail.message_id}\0{mail.rcpt_to}".encode(errors="replace")).hexdigest()[:40] + ".mailtix"


def _with_envelope(mail: OutgoingMail) -> bytes:
    """The mail as delivery agents write it: the envelope in front (RFC 5321 section 4.4), line ends of the system."""
    envelope = f"Return-Path: <{_clean(mail.mail_from)}>\nDelivered-To: {_clean(mail.rcpt_to)}\n"
    return envelope.encode() + mail.raw.replace(b"\r\n", b"\n")


def _clean(address: str) -> str:
    return _CONTROLS.sub("", address)
