"""sla fetch: calendar files that have an address are fetched anew."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from mailtix.config import Config
from mailtix.config.holidays import MAX_SIZE, NoHolidays, of_file
from mailtix.evidence.download import NotDownloaded, download

_SECONDS = 30.0


def fetch(config: Config, *, as_json: bool) -> int:
    """Writes each file that has a url. One that cannot be fetched, or is no calendar, stays as it was, and that is
    told. Exit 1 when there was one."""
    results = [(url, file, _fetched(url, file)) for url, file in _feeds(config)]
    if as_json:
        rows = [{"url": url, "file": str(file), "error": error or None} for url, file, error in results]
        print(json.dumps(rows, ensure_ascii=False))
    else:
        _tell(results)
    return 1 if any(error for _, _, error in results) else 0


def missing(config: Config) -> Iterator[str]:
    """A warning for each calendar that is to be fetched and is not there: until then its days off are worked."""
    for url, file in _feeds(config):
        if not file.exists():
            yield f"{file} is not there yet, so its days off do not count; get it from {url} with: mailtix sla fetch"


def _tell(results: list[tuple[str, Path, str]]) -> None:
    for url, file, error in results:
        if error:
            print(f"{url}: {error}; {file} stays as it was", file=sys.stderr)
        else:
            print(f"{url}: written to {file}")
    if not results:
        print("No calendar has a url; see `calendars: holidays: ics` in docs/config.md.")


def _feeds(config: Config) -> Iterator[tuple[str, Path]]:
    feeds = (feed for calendar in config.calendars for feed in calendar.holidays.ics if feed.url)
    return iter(dict.fromkeys((str(feed.url), feed.file) for feed in feeds))


def _fetched(url: str, file: Path) -> str:
    """Fetches one file. Returns what went wrong, "" when it is there."""
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
