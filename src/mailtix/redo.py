"""Everything once more: from the journal of one database into an empty one, in the order in which it happened.

Each mail is decided at the moment, and by the rules, that it was decided by; each timer fires when it did. Nothing is
sent. What comes out is compared with what was there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from mailtix import pipeline
from mailtix.acts import again
from mailtix.app import build_house
from mailtix.config import Config
from mailtix.house import House
from mailtix.outbound.webhook import KEPT
from mailtix.recurring import Job
from mailtix.rules import BadRules, RuleSet
from mailtix.store import acts, backup, compare, happened, migrations, redo, rulesets
from mailtix.store.compare import Difference
from mailtix.store.engine import Engine, Session, reading, sessions
from mailtix.store.happened import Event, Kind
from mailtix.store.redo import Arrival
from mailtix.store.tickets import GIVEN_IDS, GIVEN_SEQUENCES
from mailtix.terms import load_rules
from mailtix.tickets import numbers

# Events that share a transaction here: nobody else waits for the lock.
_BATCH = 200
# Tickets that the sweep gives away at once, of those that nobody could take.
_GIVEN = 10
# Tickets that one event may open although it had opened none.
_SPARE = 100
# Mails about no ticket that no decision has written.
_BULLETINS = (*Job, "rules_refused", "calendars_refused", "parked")

Progress = Callable[[str, int, int], None]


class NotEmpty(Exception):
    """Something is in the database that everything was to be made again in; the text says what."""


@dataclass(frozen=True, slots=True)
class Redone:
    """How much was done again, and every difference of what came of it to what was there."""

    mails: int
    events: int
    tickets: int
    differences: tuple[Difference, ...]


@dataclass(slots=True)
class _Course:
    """How far it has come: who and what is still to become known, the houses by the version of their rules, and what
    could not be done as it was."""

    config: Config
    house: House
    arrivals: deque[Arrival]
    spare: int
    houses: dict[str, House] = field(default_factory=dict)
    failed: list[Difference] = field(default_factory=list)
    written: int = 0


def redo_all(
    config: Config,
    past: Engine,
    here: Engine,
    now: datetime,
    progress: Progress = lambda what, done, total: None,
) -> Redone:
    """Makes everything of the database `past`, as it is at this moment, once more in the empty database `here`, and
    compares both. Raises NotEmpty."""
    migrations.upgrade(here)
    made = sessions(here)
    with sessions(_at_one_moment(past))() as source:
        with made.begin() as session:
            _refuse_what_is_there(session)
            redo.copy_all(source, session)
            redo.go_on_counting(source, session)
            house = build_house(config, session)
        found = happened.events(source)
        course = _Course(config, house, deque(redo.arrivals(source)), redo.spare_ids(source))
        for start in range(0, len(found), _BATCH):
            with made.begin() as session:
                for event in found[start : start + _BATCH]:
                    _do(course, source, session, event)
            progress("making again", min(start + _BATCH, len(found)), len(found))
        with made.begin() as session:
            redo.arrive(session, course.arrivals)
            redo.settle(source, session, _BULLETINS, now - KEPT)
            backup.count_on(session.connection())
        with sessions(reading(here))() as session:
            differ = (*course.failed, *compare.differences(source, session))
            mails = sum(event.kind in (Kind.MAIL, Kind.RELEASED) for event in found)
            return Redone(mails, len(found), redo.count_tickets(session), differ)


def _at_one_moment(engine: Engine) -> Engine:
    """The same engine for one transaction that sees the database as it is when it begins."""
    if engine.dialect.name == "sqlite":
        return reading(engine)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _refuse_what_is_there(session: Session) -> None:
    if filled := redo.filled(session):
        raise NotEmpty(f"the database is not empty (there is something in {filled}); name a new one")


def _do(course: _Course, past: Session, here: Session, event: Event) -> None:
    """Does one event again. What goes wrong with it is kept as a difference."""
    redo.arrive(here, _arrived(course.arrivals, event.at))
    spare = list(range(course.spare + 1, course.spare + 1 + _SPARE))
    here.info[GIVEN_IDS] = given = [*event.opened, *spare]
    here.info[GIVEN_SEQUENCES] = _sequences(course, past, event)
    try:
        with here.begin_nested():
            why_not = _done(past, here, event, _house(course, past, event.rules))
    except Exception as error:
        why_not = f"{type(error).__name__}: {error}"
    if why_not:
        where = event.cause or f"{event.kind} of {event.at:%Y-%m-%d %H:%M:%S} UTC"
        course.failed.append(Difference(where, f"could not be done again: {why_not}"))
    course.spare += max(0, _SPARE - len(given))
    course.written = redo.settle_mails(past, here, course.written)


def _sequences(course: _Course, past: Session, event: Event) -> dict[int, int]:
    """What was counted for the tickets that it opened: who else was counted meanwhile, and in vain, nobody knows."""
    form = course.house.number_format
    found = {id_: numbers.sequence(form, number) for id_, number in redo.numbers(past, event.opened).items()}
    return {id_: sequence for id_, sequence in found.items() if sequence is not None}


def _arrived(arrivals: deque[Arrival], now: datetime) -> Iterator[Arrival]:
    while arrivals and arrivals[0].at <= now:
        yield arrivals.popleft()


def _done(past: Session, here: Session, event: Event, house: House) -> str:
    """Does it, and returns why that was not possible, "" when it was."""
    match event.kind:
        case Kind.ACT:
            again(here, house, acts.find(past, event.id), event.at)
        case Kind.HELD | Kind.MAIL | Kind.RELEASED:
            return _mail(past, here, event, house)
        case Kind.TIMER:
            return _timer(past, here, event, house)
        case Kind.LATE:
            pipeline.process_late(here, house, 1, event.at)
        case Kind.QUEUES:
            while len(pipeline.process_queues(here, house, _GIVEN, event.at)) == _GIVEN:
                pass
        case Kind.REJECTED:
            booked, reply = redo.rejected(past, event)
            pipeline.delivery_failed(here, house, booked, reply, event.at)
        case Kind.NETWORK:
            redo.note_network(past, here, event)
    return ""


def _mail(past: Session, here: Session, event: Event, house: House) -> str:
    entry = redo.mail(past, here, event)
    if entry is None:
        return ""  # it was held then and is not now; the comparison tells
    result = pipeline.process_mail(here, house, entry, event.at)
    return f"what it waits for is not known any more: {result.because}" if result.outcome == "awaiting" else ""


def _timer(past: Session, here: Session, event: Event, house: House) -> str:
    timer = redo.timer(past, here, event)
    if isinstance(timer, str):
        return timer
    result = pipeline.process_timer(here, house, timer, event.at)
    return result.because if result.outcome == "failed" else ""


def _house(course: _Course, past: Session, version: str) -> House:
    """The house with the rules of that version; where these are not there any more, or do not fit the settings, with
    those of now, and that is told."""
    if version not in course.houses:
        policy, rules = course.house.policy, _rules(course.config, rulesets.files_of(past, version))
        if isinstance(rules, str):
            course.failed.append(Difference(f"rules {version[:12]}", f"those of now were taken instead: {rules}"))
            rules = policy.rules
        course.houses[version] = replace(course.house, policy=replace(policy, rules=rules))
    return course.houses[version]


def _rules(config: Config, files: rulesets.Files | None) -> RuleSet | str:
    """The rules of these texts, or why they cannot be read."""
    if files is None:
        return "their texts are not there"
    try:
        return load_rules(config, files)
    except BadRules as error:
        return str(error).partition("\n")[0]
