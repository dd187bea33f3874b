"""rules backtest: other rules on the mail of the past, in parallel. Nothing is written to the database or sent."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.progress import track

from mailtix.assign import Came, Floor, Loads
from mailtix.clock import clock
from mailtix.config import Config
from mailtix.facts import Policy
from mailtix.model.ticket import Ticket
from mailtix.parsing import parse
from mailtix.replay import Archive, Asked, asked, came, followed, moment, open_archive, sort, surroundings
from mailtix.rules import RuleSet, load
from mailtix.rules.backtest import Condition, Load, Result, Tally, condition
from mailtix.store import journal, past, tickets
from mailtix.store.engine import Session, Sessions, open_engine, reading, sessions
from mailtix.terms import known_to_rules, policy_of, read_config, read_rules
from mailtix.verbs import readings
from mailtix.verbs.archive import rule_files, since
from mailtix.verbs.looking import looking
from mailtix.verbs.rules_report import as_html, show
from mailtix.verbs.wrong_use import WrongUse

# Mails that one process takes at a time: enough to make asking the database cheap, few enough for a bar that moves.
_CHUNK = 500
# Below that, starting processes costs more than they save.
_PARALLEL_FROM = 1_000


@dataclass(frozen=True, slots=True)
class Job:
    """What a process needs to know: the settings' file, both sets of rules as texts, where readings are kept."""

    config: str
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]
    cache: str | None


def backtest(arguments: argparse.Namespace) -> int:
    """Tells what other rules would have changed. Exit 1 when what --fail-if names is so."""
    config = read_config(Path(arguments.config), os.environ)
    fail_if = _condition(arguments.fail_if)
    before, after = read_rules(config), read_rules(config, rule_files(config, arguments.rules))
    begin = clock() - since(arguments.since) if arguments.since else None
    with looking(config) as session:
        numbers, timers = journal.decided(session, begin), past.fired(session, begin)
    job = Job(arguments.config, before.files, after.files, arguments.cache)
    whole = Part()
    for part in _parts(job, numbers, timers):
        whole.add(part)
    tally = whole.tally
    tally.samples.sort(key=lambda sample: (sample.name[:1], int(sample.name[1:])))
    with looking(config) as session:
        tally.loads = _loads(session, config, begin, whole)
    if arguments.html:
        Path(arguments.html).write_text(as_html(tally, before, after), encoding="utf-8")
    if arguments.json:
        print(json.dumps(as_json(tally, before, after), ensure_ascii=False))
    else:
        show(tally, Console(highlight=False))
    return 1 if fail_if is not None and fail_if.holds(tally) else 0


def _loads(session: Session, config: Config, begin: datetime | None, whole: Part) -> tuple[Load, ...]:
    """Who would have got the tickets, from what people had at the beginning on."""
    companies = {company.name: company for company in config.companies_as_model()}
    had = past.had_before(session, begin) if begin is not None else []
    people = list(past.by_people(session, begin))

    def lived(sorted_: Iterable[Came]) -> Loads:
        moments = sorted([*sorted_, *people], key=lambda moment: (moment.at, not isinstance(moment, Came)))
        return Floor(companies, had).live(moments)

    old, new = lived(whole.before), lived(whole.after)
    agents = sorted(old.given | new.given | old.most | new.most)
    return tuple(Load(a, old.given[a], new.given[a], old.most[a], new.most[a]) for a in agents)


def _condition(text: str | None) -> Condition | None:
    try:
        return condition(text) if text else None
    except ValueError as error:
        raise WrongUse(f"--fail-if: {error}") from error


@dataclass(slots=True)
class Part:
    """What a process has found: the counts, and what both sets of rules have sorted."""

    tally: Tally = field(default_factory=Tally)
    before: list[Came] = field(default_factory=list)
    after: list[Came] = field(default_factory=list)

    def add(self, other: Part) -> None:
        self.tally.add(other.tally)
        self.before += other.before
        self.after += other.after


def _parts(job: Job, numbers: Sequence[int], timers: Sequence[int]) -> Iterator[Part]:
    """What is found in each chunk of mails, by journal number, so that a chunk is the same one the next time; then in
    each chunk of moments."""
    chunks: list[Task] = [(chunk, list(ids)) for chunk, ids in groupby(numbers, lambda number: number // _CHUNK)]
    chunks += [(None, list(timers[first : first + _CHUNK])) for first in range(0, len(timers), _CHUNK)]
    if len(numbers) + len(timers) < _PARALLEL_FROM:
        worker = _Worker(job)
        yield from (worker.part(chunk, ids) for chunk, ids in chunks)
        worker.close()
        return
    with ProcessPoolExecutor(os.cpu_count(), initializer=_begin, initargs=(job,)) as pool:
        done = as_completed([pool.submit(_part, chunk, ids) for chunk, ids in chunks])
        console = Console(stderr=True)
        bar = track(done, "Trying rules", len(chunks), console=console, transient=True, disable=not console.is_terminal)
        yield from (future.result() for future in bar)


Task = tuple[int | None, list[int]]
"""A chunk of mails with its number, or of timers (None)."""


class _Worker:
    """One process at work: its own connection, and both sets of rules."""

    def __init__(self, job: Job) -> None:
        config = read_config(Path(job.config), os.environ)
        self._cache = Path(job.cache) if job.cache else None
        self._engine = open_engine(config.database)
        self._sessions: Sessions = sessions(reading(self._engine))
        with self._sessions() as session:
            self._archive: Archive = open_archive(session, config.companies_as_model())
        self._before, self._after = (_policy(config, files) for files in (job.before, job.after))

    def part(self, chunk: int | None, ids: list[int]) -> Part:
        """What is found in these mails, or without the number of a chunk in these timers."""
        part = Part(Tally(mails=0 if chunk is None else len(ids)))
        with self._sessions() as session:
            for found in self._moments(session, ids) if chunk is None else self._asked(session, chunk, ids):
                before, after = sort(found, self._before), sort(found, self._after)
                mail = found.facts.mail
                about = (found.name, found.number, mail.from_.addr, mail.subject)
                was, would = Result.of(before.after, before.outcome), Result.of(after.after, after.outcome)
                part.tally.count(was, would, about)
                part.before += filter(None, [came(found, before)])
                part.after += filter(None, [came(found, after)])
        return part

    def _moments(self, session: Session, ids: list[int]) -> Iterator[Asked]:
        """The moments of these timers that either set of rules is for."""
        fired = past.fired_timers(session, ids)
        by_company: dict[int, set[int]] = {}
        for timer in fired:
            by_company.setdefault(timer.company_id, set()).add(timer.ticket_id)
        found: dict[int, Ticket] = {}
        for company, own in by_company.items():
            found |= tickets.by_ids(session, company, own)
        changes = tickets.changes_of(session, sorted(found))
        rules = (self._before.rules, self._after.rules)
        for timer in fired:
            ticket = found[timer.ticket_id]
            asked_ = moment(self._archive, timer, ticket, changes.get(ticket.id, ()), rules)
            if asked_ is not None:
                yield asked_

    def _asked(self, session: Session, chunk: int, ids: list[int]) -> Iterator[Asked]:
        """Those of the mails that rules were asked about; read from their bytes unless that was done before."""
        entries = journal.entries(session, ids)
        mails = readings.kept(self._cache, chunk) if self._cache else {}
        missing = [entry for entry in entries if entry.id not in mails]
        raw = journal.raw_of(session, [entry.id for entry in missing]) if missing else {}
        mails |= {entry.id: parse(raw[entry.id], entry.envelope) for entry in missing}
        if self._cache and missing:
            readings.keep(self._cache, chunk, mails)
        around = surroundings(session, entries)
        for entry in entries:
            found = asked(self._archive, entry, around, mails[entry.id])
            if not isinstance(found, str):
                yield found
            wanted = self._before.rules.follows | self._after.rules.follows
            yield from followed(self._archive, entry, around, wanted, mails[entry.id])

    def close(self) -> None:
        self._engine.dispose()


def _policy(config: Config, files: tuple[tuple[str, str], ...]) -> Policy:
    return policy_of(config, load(files, known_to_rules(config)))


_worker: list[_Worker] = []  # of this process; the pool's tasks find it here


def _begin(job: Job) -> None:
    _worker[:] = [_Worker(job)]


def _part(chunk: int | None, ids: list[int]) -> Part:
    return _worker[0].part(chunk, ids)


def as_json(tally: Tally, before: RuleSet, after: RuleSet) -> dict[str, object]:
    """The counts as programs see them."""
    return {
        "rules_before": before.version,
        "rules_after": after.version,
        "mails": tally.mails,
        "asked": tally.asked,
        "changed": tally.changed,
        "changed_percent": round(tally.share, 2),
        "moves": [
            {"field": field, "from": old, "to": new, "mails": count}
            for (field, old, new), count in tally.moves.most_common()
        ],
        "gained": dict(tally.gained.most_common()),
        "lost": dict(tally.lost.most_common()),
        "loads": {
            load.agent: {name: getattr(load, name) for name in ("before", "after", "most_before", "most_after")}
            for load in tally.loads
        },
        "samples": [asdict(sample) for sample in tally.samples],
    }
