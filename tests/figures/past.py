"""A past of a desk, written line by line into a real database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import Engine

from mailtix.figures import By, Period, cut
from mailtix.model.change import MessageAdded
from mailtix.model.ticket import Author, Person, Priority, Status, Ticket, Visibility
from mailtix.store import directory, tickets
from mailtix.store.engine import Session, sessions
from mailtix.store.figures import Frame
from mailtix.store.tables import sla_log
from mailtix.store.tickets import HistoryRow

BOB, CARLA = "bob@desk.example", "carla@desk.example"
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


def at(day: int, hour: float = 12) -> datetime:
    """An hour of a day of the week that begins on Monday, 16 November 2026; day 1 is that Monday."""
    return MONDAY + timedelta(days=day - 1, hours=hour)


class Past:
    """Writes what happened; each call says when."""

    def __init__(self, session: Session, company: str = "Example") -> None:
        self.session = session
        self.company = company
        self.id = directory.company_ids(session, [company])[company]
        self._numbers = count(1)

    def ticket(self, opened: datetime, **values: object) -> int:
        """A ticket that is as `values` say today. Returns its id."""
        number = f"{self.company[:1]}-{next(self._numbers)}"
        requester: Person = directory.person(self.session, self.id, "ann@example.org", "Ann", opened)
        new = Ticket(
            0, self.company, number, "Help", requester, "support@desk.example", "email", opened, updated_at=opened,
            **values,  # type: ignore[arg-type]
        )  # fmt: skip
        return tickets.insert_ticket(self.session, new, self.id)

    def moved(self, ticket: int, when: datetime, old: Status, new: Status, actor: str = BOB) -> None:
        """A line about the status in the ticket's history."""
        self.line(ticket, when, "status", old, new, actor)

    def line(self, ticket: int, when: datetime, field: str, old: str = "", new: str = "", actor: str = BOB) -> None:
        tickets.add_history(self.session, ticket, [HistoryRow(when, actor, field, old, new, "", "", "J1")])

    def wrote(self, ticket: int, when: datetime, agent: str = BOB, visibility: Visibility = Visibility.PUBLIC) -> None:
        """An agent's message: to the customer, if it is public."""
        said = MessageAdded(Author.AGENT, agent, agent, visibility, "Hello", f"{ticket}.{when.timestamp()}")
        tickets.add_message(self.session, ticket, None, said, "", when)

    def ran(
        self, ticket: int, target: str, started: datetime, met: datetime | None, due: datetime | None,
        agent: str = BOB, working: int | None = None,
    ) -> None:  # fmt: skip
        """A target that ran from `started`, was promised for `due` and reached at `met`."""
        wall = int((met - started).total_seconds()) if met else None
        late = due is not None and (met is None or met > due)
        row = {
            "company_id": self.id, "ticket_id": ticket, "target": target, "policy": "", "agent": agent,
            "started_at": started, "due_at": due, "met_at": met, "missed": late, "wall_seconds": wall,
            "working_seconds": wall if working is None else working,
        }  # fmt: skip
        self.session.execute(sla_log.insert(), row)

    def frame(self, by: By | None = None, begin: datetime | None = None, end: datetime | None = None) -> Frame:
        """The week, cut by what is asked for."""
        periods: tuple[Period, ...] = cut(begin or at(1, 0), end or at(8, 0), by or By.AGENT, UTC)
        return Frame((self.id,), periods, by, (BOB, CARLA))


@contextmanager
def past(engine: Engine, company: str = "Example") -> Iterator[Past]:
    """A past that is written in one transaction."""
    with sessions(engine).begin() as session:
        yield Past(session, company)


__all__ = ["BOB", "CARLA", "Past", "Priority", "Status", "at", "past"]
