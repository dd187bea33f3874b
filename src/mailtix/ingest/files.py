"""Mail from files: .eml, mbox, Maildir, folders of them, and standard input."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

# One mail is held in memory as a whole; nothing that people send is larger, and a disk image is no mail.
MAIL_BYTES = 256 * 1024 * 1024
# In a folder, what is a mail by its name. MH folders number their mails; an mbox is known by its first line.
SUFFIXES = {".eml", ".mbox", ".mbx", ".mail", ".mime", ".rfc822"}
FROM_ = b"From "
# RFC 4155 appendix A: sender, then asctime(). "From here on" in an unquoted text has no time of day.
_SEPARATOR = re.compile(rb"From .*\d{1,2}:\d\d")
# mboxrd quotes any `>*From `, mboxo only `From `; one level is taken away either way.
_QUOTED = re.compile(rb">+From ")


class UnreadableError(Exception):
    """A path that gives no mail. Its text names the path, the reason and what to do."""


def read_mails(paths: Sequence[str], stdin: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Each mail with its name (`path`, or `path#3` for the third of an mbox), one in memory at a time.

    A path is a mail, an mbox, a Maildir, a folder that is searched with all it holds, or `-` for `stdin`.
    Raises UnreadableError at the path that cannot be read, after the mails before it.
    """
    for path in paths:
        try:
            yield from _read_path(path, stdin)
        except OSError as error:
            raise UnreadableError(_advice(path, error)) from error


def _advice(path: str, error: OSError) -> str:
    name = path if error.filename is None else os.fsdecode(error.filename)
    match error:
        case FileNotFoundError():
            return f"{name}: no such file or folder; check the path, or use - for standard input"
        case PermissionError():
            return f"{name}: may not be read; run as a user who may, or change its permissions"
        case _:
            return f"{name}: cannot be read: {error.strerror or error}"


def _read_path(path: str, stdin: BinaryIO) -> Iterator[tuple[str, bytes]]:
    if path == "-":
        yield from _read_stream("-", stdin)
    elif Path(path).is_dir():
        for file in _mails_in_folder(path):
            yield from _read_file(file)
    else:
        yield from _read_file(path)


def _mails_in_folder(folder: str) -> Iterator[str]:
    for root, folders, files in os.walk(folder, onerror=_raise):
        is_maildir = {"cur", "new"} <= set(folders)
        if is_maildir and "tmp" in folders:
            folders.remove("tmp")  # not yet delivered (the Maildir specification, "How a message is delivered")
        folders.sort()
        in_maildir = Path(root).name in ("cur", "new")
        for name in sorted(files):
            path = os.path.join(root, name)
            if not name.startswith(".") and (in_maildir or _looks_like_mail(path)):
                yield path


def _raise(error: OSError) -> None:
    raise error


def _looks_like_mail(path: str) -> bool:
    name = Path(path)
    if name.suffix.lower() in SUFFIXES or name.name.isdecimal():
        return True
    if name.suffix or not name.is_file():  # an mbox of Thunderbird or Unix has no suffix
        return False
    with name.open("rb") as file:
        return file.read(len(FROM_)) == FROM_


def _read_file(path: str) -> Iterator[tuple[str, bytes]]:
    with Path(path).open("rb") as file:
        yield from _read_stream(path, file)


def _read_stream(name: str, stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """The mail, or the mails of the mbox, in the stream; an empty stream is an empty mail."""
    first = stream.readline(MAIL_BYTES)
    if first.startswith(FROM_):
        for number, mail in enumerate(_split_mbox(name, stream), start=1):
            yield f"{name}#{number}", mail
        return
    mail = first + stream.read(MAIL_BYTES)
    _check_size(name, len(mail))
    yield name, mail


def _split_mbox(name: str, stream: BinaryIO) -> Iterator[bytes]:
    """The mails of an mbox (RFC 4155) whose first From_ line was read, without From_ lines and their quoting."""
    mail = bytearray()
    after_blank = False
    while line := stream.readline(MAIL_BYTES):
        if after_blank and _SEPARATOR.match(line):
            yield _without_last_blank(mail)
            mail = bytearray()
        else:
            mail += line[1:] if _QUOTED.match(line) else line
            _check_size(name, len(mail))
        after_blank = line in (b"\n", b"\r\n")
    yield _without_last_blank(mail)


def _without_last_blank(mail: bytearray) -> bytes:
    """The blank line before the next From_ line belongs to the mbox, not to the mail."""
    for end in (b"\r\n", b"\n"):
        if mail.endswith(end + end) or bytes(mail) == end:
            return bytes(mail[: -len(end)])
    return bytes(mail)


def _check_size(name: str, size: int) -> None:
    if size > MAIL_BYTES:
        raise UnreadableError(f"{name}: holds a mail of more than {MAIL_BYTES >> 20} MB; is it a mail at all?")
