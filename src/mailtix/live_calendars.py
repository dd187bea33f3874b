"""Calendar files that are read again, and fetched once a day, while mail comes in. What is wrong never replaces what
works."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from mailtix.calendar_files import feeds, fetched
from mailtix.config import Config
from mailtix.config.calendars import CalendarConfig
from mailtix.log import MailLog

_FETCHED_EVERY = timedelta(days=1)
# A server that cannot be reached is asked again sooner than tomorrow, and not without end.
_TRIED_EVERY = timedelta(hours=1)


class LiveCalendars:
    """The settings with the calendars of this moment. `take` puts changed ones into use; `tell` tells the admins of a
    file that cannot be used: its subject, the text, and what makes it another one."""

    def __init__(
        self,
        config: Config,
        take: Callable[[Config], None],
        tell: Callable[[str, str, bytes], None],
        clock: Callable[[], datetime],
        log: MailLog,
    ) -> None:
        self._config = config
        self._take = take
        self._tell = tell
        self._clock = clock
        self._log = log
        self._files = tuple(dict.fromkeys(feed.file for one in config.calendars for feed in one.holidays.ics))
        self._seen = self._taken = self._stamps()
        self._next_try: dict[Path, datetime] = {}
        self._failed: dict[Path, str] = {}
        self._looking = threading.Lock()

    def config(self) -> Config:
        """The settings as they hold now."""
        return self._config

    def look(self) -> None:
        """Takes changed files into use. As with rules, a change counts when it has stayed for one more look."""
        with self._looking:
            stamps = self._stamps()
            settled = stamps == self._seen and stamps != self._taken
            self._seen = stamps
            if settled:
                self._taken = stamps
                self._read()

    def fetch(self) -> None:
        """Fetches what is older than a day; who fails is told of once, in the log, and tried again in an hour."""
        now = self._clock()
        for url, file in feeds(self._config):
            if now < self._next_try.get(file, now) or not _is_old(file, now):
                continue
            error = fetched(url, file)
            self._next_try[file] = now + (_TRIED_EVERY if error else _FETCHED_EVERY)
            if not error:
                self._log.info("calendar_fetched", url=url, file=str(file))
            elif error != self._failed.get(file):
                self._log.event("calendar_not_fetched", url=url, file=str(file), because=error)
            self._failed[file] = error

    def _stamps(self) -> object:
        return [(file, _stamp(file)) for file in self._files]

    def _read(self) -> None:
        try:
            calendars = tuple(_again(one) for one in self._config.calendars)
        except ValidationError as error:
            self._refuse(error.errors()[0]["msg"])
            return
        changed = self._config.model_copy(update={"calendars": calendars})
        self._take(changed)
        self._config = changed
        self._log.info("calendars_reloaded", calendars=len(calendars))

    def _refuse(self, because: str) -> None:
        self._log.event("calendars_refused", because=because)
        digest = hashlib.sha256(repr((because, self._taken)).encode()).digest()
        text = f"The changed calendars are not used, those from before stay in effect:\n\n{because}\n"
        self._tell("the changed calendars are not used", text, digest)


def _again(calendar: CalendarConfig) -> CalendarConfig:
    """The same calendar with its files as they are now. Raises ValidationError."""
    return CalendarConfig.model_validate(calendar.model_dump())


def _is_old(file: Path, now: datetime) -> bool:
    try:
        return now - datetime.fromtimestamp(file.stat().st_mtime, UTC) >= _FETCHED_EVERY
    except OSError:  # it is not there yet
        return True


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
