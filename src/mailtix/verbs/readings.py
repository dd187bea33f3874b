"""What was read of mails, kept in a folder between one backtest and the next: reading costs more than all rules do.

The folder holds customers' mail. Only its owner may look into it, and it may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from mailtix.model.mail import InboundMail

Mails = dict[int, InboundMail]


@cache
def _form() -> TypeAdapter[Mails]:
    return TypeAdapter(Mails)


@cache
def _reader() -> str:
    """Another text whenever the reader is another: what an older one has read is not used."""
    digest = hashlib.sha256()
    for package in ("mailtix.parsing", "mailtix.model"):
        for file in sorted(files(package).iterdir(), key=lambda file: file.name):
            if file.name.endswith((".py", ".txt", ".json", ".yaml")):
                digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def kept(folder: Path, chunk: int) -> Mails:
    """The mails of that chunk by their journal number; none when they were not kept, or not by this reader."""
    try:
        return _form().validate_json(_path(folder, chunk).read_bytes())
    except (OSError, ValidationError):
        return {}


def keep(folder: Path, chunk: int, mails: Mails) -> None:
    """Keeps the mails of a chunk. A mail whose text cannot be written (half of a surrogate pair) is left out."""
    try:
        content = _form().dump_json(mails)
    except PydanticSerializationError:
        content = _form().dump_json({number: mail for number, mail in mails.items() if _writable(mail)})
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _path(folder, chunk)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    new.replace(path)  # whole, or not at all


def _writable(mail: InboundMail) -> bool:
    try:
        _form().dump_json({0: mail})
    except PydanticSerializationError:
        return False
    return True


def _path(folder: Path, chunk: int) -> Path:
    return folder / f"{_reader()}-{chunk:08}.json"
