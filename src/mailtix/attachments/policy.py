"""Which files of a mail are passed on to others, and which are held: too many, too large, dangerous or infected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailtix.attachments.contents import MOST_NAMES, names_inside, true_extension
from mailtix.attachments.dangerous import HELD
from mailtix.model.mail import Attachment
from mailtix.model.scan import Scan

# Pictures inside the text do not count as files, for signatures are full of them; more than this is no signature.
_MOST_PICTURES = 100
_LONGEST_NAME = 80
# Two extensions in front of each other are a disguise only when the first is one that people trust.
_TRUSTED = frozenset(
    ("csv", "doc", "docx", "gif", "htm", "html", "jpeg", "jpg", "log", "mp3", "mp4", "odt", "pdf", "png", "ppt", "pptx",
     "rtf", "txt", "xls", "xlsx", "zip")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """What one mail may bring: so many files, each of so many bytes, and none of the extensions and media types in
    `held` (lower case). With `scanned`, nothing is passed on that no virus scanner has seen."""

    max_files: int = 10
    max_size: int = 10_000_000
    held: frozenset[str] = frozenset(HELD)
    scanned: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one file: `held` says in words why it is not passed on, "" when it is."""

    file: Attachment
    held: str = ""

    def __str__(self) -> str:
        return f"{self.file.filename} (held: {self.held})" if self.held else self.file.filename


def judge(
    files: Sequence[Attachment], contents: Sequence[bytes], terms: Terms, scan: Scan | None
) -> tuple[Verdict, ...]:
    """The verdict on each file of a mail, in order. `contents` are their bytes, `scan` what the scanner said."""
    surplus = _surplus(files, terms)
    return tuple(
        Verdict(file, _why(file, content, terms, scan, surplus.get(file.index, "")))
        for file, content in zip(files, contents, strict=True)
    )


def worth_scanning(files: Sequence[Attachment], terms: Terms) -> tuple[Attachment, ...]:
    """The files that are not held already for their size or number: so the scanner's work is bounded."""
    surplus = _surplus(files, terms)
    return tuple(file for file in files if file.index not in surplus and not _too_large(file, terms))


def _why(file: Attachment, content: bytes, terms: Terms, scan: Scan | None, surplus: str) -> str:
    """The weightiest reason to hold the file, "" if there is none."""
    said = scan.why_held(file.sha256) if scan is not None else "not scanned for viruses" if terms.scanned else ""
    infected = said if said.startswith("infected") else ""
    return infected or _danger(file, content, terms.held) or _too_large(file, terms) or surplus or said


def _surplus(files: Sequence[Attachment], terms: Terms) -> dict[int, str]:
    """The files beyond the number that is passed on, by their index, each with the reason."""
    pictures = [file for file in files if _is_picture(file)]
    others = [file for file in files if not _is_picture(file)]
    reason = f"one of {len(others)} files, and no more than {terms.max_files} are passed on"
    too_many = f"one of {len(pictures)} pictures, and no more than {_MOST_PICTURES} are passed on"
    found = {file.index: reason for file in others[terms.max_files :]}
    return found | {file.index: too_many for file in pictures[_MOST_PICTURES:]}


def _is_picture(file: Attachment) -> bool:
    return file.inline and file.mime.startswith("image/")


def _too_large(file: Attachment, terms: Terms) -> str:
    if file.size <= terms.max_size:
        return ""
    return f"{file.size:,} bytes large, and no more than {terms.max_size:,} are passed on"


def _danger(file: Attachment, content: bytes, held: frozenset[str]) -> str:
    """Why the file is of a kind that is held: by its name, by its bytes, by its type, by what is inside."""
    *_, before, last = ("", "", *_extensions(file.filename))
    if last in held:
        return f"a .{last} file that its name disguises as .{before}" if before in _TRUSTED else f"a .{last} file"
    inside = names_inside(content, file.mime if file.mime.startswith("message/") else file.declared_mime)
    true = true_extension(content, inside)
    if true in held:
        macros = true.endswith("m")
        return f"it holds macros, as a .{true} file does" if macros else f"its content is that of a .{true} file"
    for mime in (file.mime.lower(), file.declared_mime.lower()):
        if mime in held:
            return f"of the type {mime}"
    if len(inside) > MOST_NAMES:
        return f"it holds more than {MOST_NAMES:,} files"
    bad = next((name for name in inside if _extensions(name)[-1:] and _extensions(name)[-1] in held), "")
    return f"it holds {_printable(bad)}" if bad else ""


def _extensions(name: str) -> list[str]:
    """The extensions of a name as Windows sees them: without spaces and dots at the end, or a stream's name after the
    colon."""
    bare = name.replace("\\", "/").rpartition("/")[2].rstrip(". \t\0").lower()
    bare = bare.partition(":")[0] if _is_stream(bare) else bare
    return [part.strip() for part in bare.split(".")[1:]]


def _is_stream(name: str) -> bool:
    """Whether a colon follows the extension (`x.exe:y`); elsewhere it is part of a subject or a time."""
    before, colon, after = name.rpartition(":")
    return bool(colon) and "." in before and "." not in after


def _printable(name: str) -> str:
    shown = "".join(char if char.isprintable() else "_" for char in name[:_LONGEST_NAME])
    return shown if len(name) <= _LONGEST_NAME else f"{shown}…"
