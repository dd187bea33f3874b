"""Calendar files that have an address are fetched; what is no calendar never takes the place of one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mailtix.config import Config
from mailtix.config.holidays import MAX_SIZE, NoHolidays, of_file
from mailtix.evidence.download import NotDownloaded, download

_SECONDS = 30.0


def feeds(config: Config) -> Iterator[tuple[str, Path]]:
    """The address and the file of each calendar that is to be fetched."""
    every = (feed for calendar in config.calendars for feed in calendar.holidays.ics if feed.url)
    return iter(dict.fromkeys((str(feed.url), feed.file) for feed in every))


def fetched(url: str, file: Path) -> str:
    """Fetches one file. Returns what went wrong, "" when it is there; the file stays as it was then."""
    try:
        data = download(url, MAX_SIZE, _SECONDS)
        of_file(data)
        _write(file, data)
    except (NotDownloaded, NoHolidays) as error:
        return str(error)
    except OSError as error:
        return f"{file} cannot be written: {error.strerror or error}"
    return ""


def _write(file: Path, data: bytes) -> None:
    """Whoever reads meanwhile gets the old file or the new one, never a part."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        new.write_bytes(data)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
