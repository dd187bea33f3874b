"""sla fetch: calendar files that have an address are fetched anew."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from mailtix.calendar_files import feeds, fetched
from mailtix.config import Config


def fetch(config: Config, *, as_json: bool) -> int:
    """Writes each file that has a url. One that cannot be fetched, or is no calendar, stays as it was, and that is
    told. Exit 1 when there was one."""
    results = [(url, file, fetched(url, file)) for url, file in feeds(config)]
    if as_json:
        rows = [{"url": url, "file": str(file), "error": error or None} for url, file, error in results]
        print(json.dumps(rows, ensure_ascii=False))
    else:
        _tell(results)
    return 1 if any(error for _, _, error in results) else 0


def missing(config: Config) -> Iterator[str]:
    """A warning for each calendar that is to be fetched and is not there: until then its days off are worked."""
    for url, file in feeds(config):
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
