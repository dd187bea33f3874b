"""The database: whether it is there, ours, whole, writable and durable; and what waits in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from mailtix.config import Config
from mailtix.health.finding import Finding, bad, by_age, doubtful, fine, spoken
from mailtix.store import condition, migrations
from mailtix.store.condition import Waiting, sqlite_file
from mailtix.store.engine import (
    DatabaseError,
    Engine,
    Sessions,
    durability,
    is_disk_full,
    open_engine,
    reading,
    sessions,
    where,
)

# A quick check reads every page; what is larger than that takes is checked with a backup.
_CHECK_SECONDS = 5.0
_CLOCKS_APART = timedelta(seconds=10)
# Received a minute ahead of now: more than clocks differ that are set by NTP.
_FUTURE = timedelta(minutes=1)

# Doubtful from the first on, bad from the second. A failed mail is tried again for 6 minutes before it is parked.
_PROCESSING = (timedelta(minutes=10), timedelta(hours=1))
_SENDING = (timedelta(minutes=10), timedelta(hours=1))
_DELIVERING = (timedelta(hours=1), timedelta(days=1))
_FIRING = (timedelta(minutes=5), timedelta(hours=1))
_PARKED = (timedelta(0), timedelta(days=1))
_HELD = (timedelta(days=1), timedelta.max)
_CALLING = (timedelta(minutes=10), timedelta(days=1))


@contextmanager
def opened(config: Config) -> Iterator[Engine]:
    """The database to be looked at, as it is: neither made nor migrated."""
    engine = open_engine(config.database, pool=2)
    try:
        yield engine
    finally:
        engine.dispose()


def database(config: Config, now: datetime) -> Iterator[Finding]:
    """Whether the database can be used, and then what waits in it."""
    path = sqlite_file(config.database)
    if path is not None and not path.exists():
        text = f"there is no database {path}"
        yield bad(
            "database", text, "the first `mailtix serve` makes it; if there was one, see `database` in the settings"
        )
        return
    with opened(config) as engine:
        try:
            yield from _usable(engine)
            if migrations.standing(reading(engine)) == "current":
                yield from _contents(sessions(reading(engine)), now)
        except DatabaseError as error:
            yield _trouble(engine, error)


def _trouble(engine: Engine, error: DatabaseError) -> Finding:
    reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    if is_disk_full(error):
        return bad("database", f"its disk is full: {reason}", "make room; what is refused meanwhile is sent again")
    if "locked" in reason or "lock timeout" in reason:
        text = f"another program keeps {where(engine)} locked: {reason}"
        return bad("database", text, "end what holds it (a copy, a repair, a second daemon)")
    if "readonly" in reason or "read-only" in reason:
        text = f"{where(engine)} cannot be written to: {reason}"
        return bad("database", text, "let mailtix's user write to the database and the folder it is in")
    text = f"{where(engine)} does not answer: {reason}"
    return bad("database", text, "see that it runs, and `database` in the settings; mail is refused with 451 meanwhile")


def _usable(engine: Engine) -> Iterator[Finding]:
    match migrations.standing(reading(engine)):
        case "current":
            condition.try_to_write(engine)
            yield fine("database", f"{where(engine)} can be read and written")
        case "empty":
            yield bad("database", f"{where(engine)} has no tables of ours", "the first `mailtix serve` makes them")
        case "older":
            text = f"{where(engine)} is of an older mailtix"
            yield bad("database", text, "start mailtix once: it brings the tables up to date (make a backup before)")
        case "newer":
            text = f"{where(engine)} is of a newer mailtix than this one"
            yield bad("database", text, "run the newer mailtix, or restore the backup from before the upgrade")
    with reading(engine).connect() as connection:
        troubles = durability(connection)
    for trouble in troubles:
        text, _, advice = trouble.partition("; ")
        yield bad("durability", text, advice or "restart mailtix, and see that nothing else changes its database")
    if not troubles:
        yield fine("durability", "what is accepted outlasts a power cut")


def integrity(config: Config) -> Iterator[Finding]:
    """Whether the pages of the database are whole. It reads all of them, so it is a question of its own."""
    path = sqlite_file(config.database)
    if path is not None and not path.exists():
        return
    with opened(config) as engine:
        try:
            found = condition.damage(engine, _CHECK_SECONDS)
        except DatabaseError:
            return  # `database` tells it
    if found is None:
        text = f"the database is too large to be read within {_CHECK_SECONDS:g} s"
        yield doubtful("integrity", text, "check it with a backup: `mailtix backup FILE` reads and checks all of it")
    elif found:
        yield bad(
            "integrity", f"the database is damaged: {found}", "stop mailtix, keep the file, and restore the last backup"
        )
    else:
        yield fine("integrity", "no page of the database is damaged")


def _contents(open_session: Sessions, now: datetime) -> Iterator[Finding]:
    with open_session() as session:
        yield from _clock(condition.its_clock(session), condition.newest_arrival(session), now)
        yield _queue(
            "mail to process",
            condition.unprocessed(session),
            now,
            _PROCESSING,
            "J",
            "see that the daemon runs, and what its log says of that mail",
        )
        yield _queue("mail to send", condition.unsent(session, now), now, _SENDING, "O", "see that the daemon runs")
        yield _queue(
            "deferred mail",
            condition.undelivered(session),
            now,
            _DELIVERING,
            "O",
            "see what the smarthost has against it; it is tried for five days",
        )
        yield _queue(
            "timers",
            condition.overdue_timers(session, now),
            now,
            _FIRING,
            "T",
            "see that the daemon runs; `mailtix timers list` shows them",
        )
        yield _queue(
            "parked mail",
            condition.aside(session, "parked"),
            now,
            _PARKED,
            "J",
            "`mailtix parked list` says why; then `mailtix parked retry`",
        )
        yield _queue(
            "held mail",
            condition.aside(session, "held"),
            now,
            _HELD,
            "J",
            "`mailtix parked list` shows it; `mailtix parked retry NUMBER` lets one in",
        )
        yield _queue(
            "webhooks",
            condition.uncalled(session),
            now,
            _CALLING,
            "call ",
            "see that the program that is called answers",
        )


def _clock(its_clock: datetime | None, newest: datetime | None, now: datetime) -> Iterator[Finding]:
    ahead = newest - now if newest is not None else timedelta(0)
    apart = abs(its_clock - now) if its_clock is not None else timedelta(0)
    if ahead > _FUTURE:
        text = f"the newest mail was received {spoken(ahead)} from now: this clock was put back, or was ahead then"
        yield bad("clock", text, "set the clock (NTP); until then what is due by the old one waits")
    elif apart > _CLOCKS_APART:
        text = f"the clock of the database is {spoken(apart)} apart from this one"
        yield doubtful("clock", text, "have both set by NTP")
    else:
        yield fine("clock", "it goes with the database and its newest mail")


def _queue(
    name: str, waiting: Waiting, now: datetime, limits: tuple[timedelta, timedelta], letter: str, advice: str
) -> Finding:
    if waiting.since is None:
        return fine(name, "none waits")
    age = now - waiting.since
    said = f": {waiting.error}" if waiting.error else ""
    text = f"{waiting.count:,}, the oldest ({letter}{waiting.number}) for {spoken(age)}{said}"
    return by_age(name, text.partition("\n")[0], advice, age, limits)
