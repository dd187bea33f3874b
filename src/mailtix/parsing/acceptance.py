"""Which files of a mail are handed on and which are held back: too many, too large, or able to run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from mailtix.model.mail import Attachment
from mailtix.parsing.data import load


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What one mail may bring; `size` in bytes for each file."""

    files: int = 10
    size: int = 10_000_000
    hold_dangerous: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """A file that is not handed on without a person's word, and why. It stays in the raw mail."""

    index: int
    because: str


def held_files(attachments: tuple[Attachment, ...], limits: FileLimits) -> tuple[Held, ...]:
    """The files to hold, in order. Inline images do not count: signatures are full of them."""
    held: list[Held] = []
    counted = 0
    for file in attachments:
        counted += not (file.inline and file.mime.startswith("image/"))
        because = _why_dangerous(file) if limits.hold_dangerous else ""
        if not because and file.size > limits.size:
            because = f"larger than {limits.size} bytes"
        if not because and counted > limits.files:
            because = f"more than {limits.files} files"
        if because:
            held.append(Held(file.index, because))
    return tuple(held)


def _why_dangerous(file: Attachment) -> str:
    extensions, types = _dangerous()
    extension = file.filename.lower().rstrip(". ").rpartition(".")[2]
    if group := extensions.get(extension):
        return f".{extension} files can run code ({group})"
    if file.mime in types:
        return f"it is a program ({file.mime})"
    return ""


@cache
def _dangerous() -> tuple[dict[str, str], frozenset[str]]:
    data = load("dangerous.toml")
    extensions = {ext: group.replace("_", " ") for group, found in data["extensions"].items() for ext in found}
    return extensions, frozenset(mime for found in data["types"].values() for mime in found)
