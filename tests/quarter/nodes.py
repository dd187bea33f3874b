"""Two nodes over one database: each has a clock of its own, stops, is killed, and comes back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path

from sqlalchemy import bindparam, event, select

import mailtix.app
from desk import Courier, templates_once
from mailtix import pipeline
from mailtix.app import App, open_app
from mailtix.config import load
from mailtix.draft import Draft
from mailtix.log import open_log
from mailtix.model.change import (
    Assigned,
    CategoryChanged,
    Change,
    DueSet,
    MessageAdded,
    Opened,
    PriorityChanged,
    Rated,
    Responded,
    Snoozed,
    StatusChanged,
    TeamChanged,
    Unanswered,
)
from mailtix.model.decision import Outcome
from mailtix.model.ticket import Author, Priority, Status, Ticket, Visibility
from mailtix.save import Cause, save
from mailtix.store import directory, tickets
from mailtix.store.engine import Session
from mailtix.store.tables import history, outbox, sla_log, timers
from quarter.life import Kept, Letter, Life, Line
from quarter.people import Done
from quarter.tables import SETTINGS, moment

_DUE = select(timers.c.id).where(timers.c.fired_at.is_(None), timers.c.due_at <= bindparam("now")).limit(1)


@dataclass
class Node:
    """One of them. `ahead` is how much its clock is ahead of the true time, in seconds; `app` None: it is down."""

    name: str
    ahead: int = 0
    app: App | None = None

    @property
    def is_up(self) -> bool:
        return self.app is not None


class Nodes:
    """The nodes, and what is in their database. `true` is the time that no clock knows."""

    def __init__(self, folder: Path, database: str, *, restart: bool) -> None:
        self.true = 0
        self.both = (Node("A"), Node("B"))
        self.log = StringIO()
        self._path = folder / "mailtix.yaml"
        text = SETTINGS.replace("ON_REOPEN", "restart" if restart else "continue")
        self._path.write_text(f"database: {database}\noutbound: {{maildir: sent}}\n{text}", encoding="utf-8")
        self._threads = ThreadPoolExecutor(2)
        self._acts = 0

    def now(self, node: Node) -> int:
        """What the node's clock shows."""
        return self.true + node.ahead

    @property
    def up(self) -> list[Node]:
        return [node for node in self.both if node.is_up]

    def start(self, node: Node) -> None:
        log = open_log("json", "error", self.log)
        mailtix.app.load_templates = templates_once  # type: ignore[assignment]
        app = open_app(load(self._path, {}), log, now=lambda: moment(self.now(node)), courier=Courier())
        app.work.ring_delivery = lambda number: None  # nothing is delivered here
        if app.engine.dialect.name == "sqlite":
            app.engine.dispose()
            # What is tested is not the disk.
            event.listen(app.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        node.app = app

    def stop(self, node: Node) -> None:
        if node.app is not None:
            node.app.close()
        node.app = None

    def close(self) -> None:
        for node in self.both:
            self.stop(node)
        self._threads.shutdown()

    # what the daemon does with what is due

    def look(self, nodes: Sequence[Node]) -> None:
        """These nodes do what is due, at the same time."""
        apps = [node.app for node in nodes if node.app is not None]
        calls = [app.work.timers for app in apps]
        if len(calls) == 1:
            calls[0]()
        else:
            for each in [self._threads.submit(call) for call in calls]:
                each.result()
        while self._due(apps[0], max(self.now(node) for node in nodes)):  # acts bring more that is due already
            apps[0].work.timers()

    def _due(self, app: App, now: int) -> bool:
        with app.engine.connect().execution_options(mailtix_reads=True) as connection:
            return connection.execute(_DUE, {"now": moment(now)}).first() is not None

    def killed_before_commit(self, node: Node) -> None:
        """The node does what is due and is killed before it has committed."""
        assert node.app is not None
        session = node.app.sessions()
        pipeline.process_timers(session, node.app.house, 10, moment(self.now(node)))
        session.rollback()
        session.close()
        self.stop(node)

    def killed_after_commit(self, node: Node) -> None:
        """The node does what is due and is killed before it can tell the desk what came late."""
        assert node.app is not None
        with node.app.sessions.begin() as session:
            pipeline.process_timers(session, node.app.house, 1_000_000, moment(self.now(node)))
        self.stop(node)

    # what people do

    def opens(self, node: Node, life: Life) -> None:
        """A customer's first mail is decided and saved; the ticket gets that life's number."""
        app, now = self._app(node), moment(self.now(node))
        with app.sessions.begin() as session:
            company_id = self._company(app)
            who = directory.person(session, company_id, life.requester, "", now)
            draft = Draft(None, "Example", now)
            first: list[Change] = [
                Opened(f"Help {life.number}", who, "support@desk.example", "email"),
                _words(Author.CUSTOMER, life.requester),
                PriorityChanged(Priority(life.priority)),
                CategoryChanged(life.category),
                TeamChanged(life.team),
                Assigned(life.assignee),
            ]
            saved = self._save(app, session, draft, first)
            assert saved.id == life.number, "tickets are numbered as they come"

    def does(self, node: Node, number: int, done: Iterable[Done]) -> None:
        """That is done with a ticket, by one mail."""
        app, now = self._app(node), moment(self.now(node))
        with app.sessions.begin() as session:
            ticket = tickets.by_ids(session, self._company(app), [number], lock=True)[number]
            draft = Draft(ticket, "Example", now)
            for one in done:
                for change in list(_changes(one, draft.after, now)):
                    draft.change(change, "somebody", "a mail")
            self._save(app, session, draft, ())

    def _save(self, app: App, session: Session, draft: Draft, changes: Iterable[Change]) -> Ticket:
        for change in changes:
            draft.change(change, "somebody", "a mail")
        self._acts += 1
        decision = draft.decision(Outcome.NOTED, "a mail", app.house.policy.sla)
        saved = save(session, app.house, self._company(app), decision, Cause(f"Q{self._acts}"), draft.now)
        assert saved.ticket is not None
        return saved.ticket

    def _app(self, node: Node) -> App:
        assert node.app is not None
        return node.app

    def _company(self, app: App) -> int:
        return next(iter(app.house.companies))

    # what is there

    def waiting(self) -> set[tuple[int, str, int]]:
        """The timers that have not fired: (ticket, what, when)."""
        with self._app(self.up[0]).sessions.begin() as session:
            rows = session.execute(select(timers).where(timers.c.fired_at.is_(None)))
            return {(row.ticket_id, row.kind, _seconds(row.due_at)) for row in rows}

    def lines(self) -> list[Line]:
        """What stands in the histories because of timers, clocks and due times aside."""
        with self._app(self.up[0]).sessions.begin() as session:
            rows = session.execute(select(history).where(history.c.cause.like("T%")))
            found = (Line(row.ticket_id, _what(row.field, row.old, row.new), _seconds(row.at)) for row in rows)
            return [line for line in found if line.what not in _FOLLOWS]

    def letters(self) -> list[Letter]:
        """All mails in the outbox."""
        columns = [outbox.c[name] for name in ("ticket_id", "template", "rcpt_to", "created_at")]
        with self._app(self.up[0]).sessions.begin() as session:
            rows = session.execute(select(*columns))
            return [Letter(row.ticket_id or 0, row.template, row.rcpt_to, _seconds(row.created_at)) for row in rows]

    def kept(self) -> list[Kept]:
        """What the log of promises says."""
        with self._app(self.up[0]).sessions.begin() as session:
            return [
                Kept(
                    row.ticket_id,
                    row.target,
                    _seconds(row.started_at),
                    None if row.due_at is None else _seconds(row.due_at),
                    row.missed,
                    None if row.met_at is None else _seconds(row.met_at),
                    row.working_seconds,
                )
                for row in session.execute(select(sla_log))
            ]


# What follows from something else that stands there as well.
_FOLLOWS = frozenset({"clock", "sla", "sla_met"})


def _what(field: str, old: str, new: str) -> str:
    match field:
        case "sla_missed":
            return f"{old} missed"
        case "escalation":
            return f"level {new}"
        case "status":
            return new
        case "snoozed_until":
            return "awake"
        case "closing":
            return "close warning"
        case "survey":
            return "asked"
        case "not_asked":
            return "not asked"
        case _:
            return field


def _seconds(moment: datetime) -> int:
    whole = int(moment.timestamp())
    assert whole == moment.timestamp(), "nothing here is due between two seconds"
    return whole


def _words(
    author: Author, sender: str, kind: str = "human", visibility: Visibility = Visibility.PUBLIC
) -> MessageAdded:
    return MessageAdded(author, sender, "", visibility, "Words.", kind=kind)


def _changes(done: Done, ticket: Ticket, now: datetime) -> Iterable[Change]:
    """The changes that the line makes of it."""
    match done.what:
        case "customer writes":
            yield _words(Author.CUSTOMER, ticket.requester.email)
            if ticket.status.is_done:
                yield StatusChanged(Status.REOPENED)
            elif ticket.status is Status.WAITING_CUSTOMER:
                yield StatusChanged(Status.WAITING_SUPPORT)
        case "machine writes":
            yield _words(Author.CUSTOMER, ticket.requester.email, "automatic")
        case "agent answers":
            yield _words(Author.AGENT, done.value)
            yield Responded(now)
            if not ticket.assignee:
                yield Assigned(done.value)
            if not ticket.status.is_done:
                yield StatusChanged(Status.WAITING_CUSTOMER)
        case "answer came back":
            yield Unanswered()
            if ticket.status is Status.WAITING_CUSTOMER:
                yield StatusChanged(Status.WAITING_SUPPORT)
        case "status":
            yield StatusChanged(Status(done.value))
        case "priority":
            yield PriorityChanged(Priority(done.value))
        case "category":
            yield CategoryChanged(done.value)
        case "team":
            yield TeamChanged(done.value)
        case "assignee":
            yield Assigned(done.value)
        case "snooze":
            yield Snoozed(moment(done.until))
        case "wake":
            yield Snoozed(None)
        case "promise":
            yield DueSet(moment(done.until))
        case "rate":
            yield Rated(5, "")
        case "note":
            yield _words(Author.AGENT, done.value, visibility=Visibility.INTERNAL)
        case _:
            raise ValueError(done.what)
