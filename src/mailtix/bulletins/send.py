"""Sends what is due: counted while nothing is locked, then claimed and put into the outbox in one short transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailtix import recurring
from mailtix.bulletins.content import Content
from mailtix.bulletins.digest import digest
from mailtix.bulletins.reports import Reports
from mailtix.house import House
from mailtix.letters import Writing, write
from mailtix.model.decision import Notice, Said
from mailtix.notify.compose import Picture
from mailtix.recurring import Due, Job
from mailtix.store import directory, jobs, outbox, preferences
from mailtix.store.engine import Session, Sessions, is_disk_full, is_passing

# A digest tells of no more than that, however long there was none.
_LOOKS_BACK = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one that was due: its name, who was to have it, the mail's number in the outbox (None: nothing was
    sent, and `because` says why). `failed`: it could not be made."""

    cause: str
    because: str
    outbox: int | None = None
    failed: bool = False


class Bulletins:
    """The recurring mail of an installation. `writing` and `reading` make sessions, the latter for what only reads."""

    def __init__(
        self, writing: Sessions, reading: Sessions, house: Callable[[], House], clock: Callable[[], datetime]
    ) -> None:
        self._writing = writing
        self._reading = reading
        self._house = house
        self._clock = clock

    def round(self) -> Iterator[Sent]:
        """Sends all that is due now; tells of each that was sent or could not be made."""
        house, now = self._house(), self._clock()
        if not house.recurring.schedules:
            return
        for company_id, company in house.companies.items():
            wanted = recurring.due(house.recurring, company, now)
            with self._reading() as session:
                waiting = jobs.open_of(session, company_id, wanted)
                reports = Reports(session, company_id, company, now)
                for item in waiting:
                    sent = self._one(session, reports, house, (company_id, item), now)
                    if sent is not None:
                        yield sent

    def _one(
        self, session: Session, reports: Reports, house: House, what: tuple[int, Due], now: datetime
    ) -> Sent | None:
        company_id, item = what
        if not jobs.has_begun(session, company_id, item):
            # He has just come, or recurring mail has just been switched on: it begins with the next, not with the last.
            self._pass_over(company_id, item, now)
            return None
        try:
            content = _content(session, reports, house, what, now)
            if content is None:
                self._pass_over(company_id, item, now)
                return None
            with self._writing.begin() as writing:
                if not jobs.claim(writing, company_id, item, now, sends=True):
                    return None  # another node was faster
                number = _send(writing, house, what, content, now)
        except Exception as error:
            if is_passing(error) or is_disk_full(error):
                raise
            self._pass_over(company_id, item, now)
            return Sent(_cause(item), f"{type(error).__name__}: {error}", failed=True)
        return Sent(_cause(item), f"for {item.reader.email}", number)

    def _pass_over(self, company_id: int, item: Due, now: datetime) -> None:
        with self._writing.begin() as session:
            jobs.claim(session, company_id, item, now, sends=False)


def _content(session: Session, reports: Reports, house: House, what: tuple[int, Due], now: datetime) -> Content | None:
    """What it tells; None when there is nothing to tell."""
    company_id, item = what
    words = house.templates.page(item.job, house.companies[company_id].language).words
    match item.job, item.reader.agent:
        case Job.DIGEST, agent if agent is not None:
            if preferences.chosen(session, company_id, [agent.key]).get(agent.key, {}).get("digest") == "off":
                return None
            last = jobs.last_sent(session, company_id, item) or item.begin
            return digest(session, company_id, agent, item, words, max(last, now - _LOOKS_BACK), now)
        case Job.WEEKLY, agent if agent is not None:
            return reports.week(agent, item, words)
        case Job.SLA, _:
            return reports.sla(item, words)
        case Job.MONTHLY, _:
            return reports.month(item, words)
    return None


def _send(session: Session, house: House, what: tuple[int, Due], content: Content, now: datetime) -> int | None:
    company_id, item = what
    company, reader = house.companies[company_id], item.reader
    cause = f"{item.job} {item.period}"
    # Content-IDs are unique like message ids, whose domain they share (RFC 2392 section 2).
    domain = company.mailboxes[0].address.rpartition("@")[2]
    pictures = tuple(
        Picture(f"chart{place}.{item.job}.{item.period}.{company_id}@{domain}", title, png)
        for place, (title, png) in enumerate(content.pictures, 1)
    )
    said = Said(reason=content.about, tables=content.tables)
    notice = Notice(item.job, reader.email, reader.name, agent=True, because=cause, said=said)
    letter = Writing(
        company=company,
        ticket=None,
        cause=cause,
        now=now,
        seal=house.seal,
        templates=house.templates,
        loop_mark=house.loop_mark,
        told={},
        heard={},
        people=directory.keyholders(session, company_id, {reader.key: reader.name}, now),
        pictures=pictures,
    )
    return outbox.put_in(session, company_id, None, item.job, write(notice, letter), now)


def _cause(item: Due) -> str:
    return f"{item.job} {item.period}"
