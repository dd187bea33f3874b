"""rules backtest: other rules on the mail of the past, in parallel. Nothing is written to the database or sent."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.progress import track

from mailtix.clock import clock
from mailtix.config import Config
from mailtix.facts import Policy
from mailtix.parsing import parse
from mailtix.replay import Archive, Asked, asked, followed, open_archive, sort, surroundings
from mailtix.rules import RuleSet, load
from mailtix.rules.backtest import Condition, Result, Tally, condition
from mailtix.store import journal
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
        numbers = journal.decided(session, begin)
    job = Job(arguments.config, before.files, after.files, arguments.cache)
    tally = Tally()
    for part in _parts(job, numbers):
        tally.add(part)
    tally.samples.sort(key=lambda sample: int(sample.name.removeprefix("J")))
    if arguments.html:
        Path(arguments.html).write_text(as_html(tally, before, after), encoding="utf-8")
    if arguments.json:
        print(json.dumps(as_json(tally, before, after), ensure_ascii=False))
    else:
        show(tally, Console(highlight=False))
    return 1 if fail_if is not None and fail_if.holds(tally) else 0


def _condition(text: str | None) -> Condition | None:
    try:
        return condition(text) if text else None
    except ValueError as error:
        raise WrongUse(f"--fail-if: {error}") from error


def _parts(job: Job, numbers: Sequence[int]) -> Iterator[Tally]:
    """The counts of each chunk; by journal number, so that a chunk is the same one the next time."""
    chunks = [(chunk, list(ids)) for chunk, ids in groupby(numbers, lambda number: number // _CHUNK)]
    if len(numbers) < _PARALLEL_FROM:
        worker = _Worker(job)
        yield from (worker.tally(chunk, ids) for chunk, ids in chunks)
        worker.close()
        return
    with ProcessPoolExecutor(os.cpu_count(), initializer=_begin, initargs=(job,)) as pool:
        done = as_completed([pool.submit(_tally, chunk, ids) for chunk, ids in chunks])
        console = Console(stderr=True)
        bar = track(done, "Trying rules", len(chunks), console=console, transient=True, disable=not console.is_terminal)
        yield from (future.result() for future in bar)


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

    def tally(self, chunk: int, ids: list[int]) -> Tally:
        """The counts of these mails."""
        tally = Tally(mails=len(ids))
        with self._sessions() as session:
            for found in self._asked(session, chunk, ids):
                before, after = sort(found, self._before), sort(found, self._after)
                mail = found.facts.mail
                about = (found.name, found.number, mail.from_.addr, mail.subject)
                was, would = Result.of(before.after, before.outcome), Result.of(after.after, after.outcome)
                tally.count(was, would, about, opens=found.event == "new")
        return tally

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


def _tally(chunk: int, ids: list[int]) -> Tally:
    return _worker[0].tally(chunk, ids)


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
            agent: {"before": tally.loads_before[agent], "after": tally.loads_after[agent]}
            for agent in sorted(tally.loads_before | tally.loads_after)
        },
        "samples": [asdict(sample) for sample in tally.samples],
    }
