"""Whose mails a reader's letters answer: his own first and newest of a ticket."""

from __future__ import annotations

from datetime import UTC, datetime

from mailtix.model.change import MessageAdded
from mailtix.model.ticket import Author, Ticket, Visibility
from mailtix.store import directory, migrations, tickets
from mailtix.store.engine import Session, open_engine, sessions

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LONG = "a" * 200 + "@example.org"


def say(session: Session, ticket_id: int, sender: str, message_id: str, visibility: Visibility) -> None:
    said = MessageAdded(Author.CUSTOMER, sender, "", visibility, "It burns.", message_id, "human", "")
    tickets.add_message(session, ticket_id, None, said, "", NOW)


def new_ticket(session: Session, number: str) -> int:
    [company] = directory.company_ids(session, ["One"]).values()
    person = directory.person(session, company, "ann@example.org", "", NOW)
    ticket = Ticket(0, "One", number, "", person, "support@desk.example", "email", NOW, updated_at=NOW)
    return tickets.insert_ticket(session, ticket, company)


def test_of_each_reader_the_first_and_the_newest_public_mail_of_that_ticket_are_known(database: str) -> None:
    engine = open_engine(database)
    migrations.upgrade(engine)
    with sessions(engine)() as session:
        other, ticket = new_ticket(session, "1"), new_ticket(session, "2")
        say(session, other, "ann@example.org", "elsewhere@x.example", Visibility.PUBLIC)
        for number in range(3):
            say(session, ticket, "ann@example.org", f"held{number}@x.example", Visibility.HELD)
            say(session, ticket, "ann@example.org", f"a{number}@x.example", Visibility.PUBLIC)
        say(session, ticket, "bob@example.org", "b@x.example", Visibility.PUBLIC)
        say(session, ticket, "eve@example.org", "e@x.example", Visibility.HELD)
        say(session, ticket, LONG + ".example", "long@x.example", Visibility.PUBLIC)

        readers = ["ann@example.org", "bob@example.org", "eve@example.org", "dan@example.org", LONG]
        heard = tickets.heard(session, ticket, readers)
    engine.dispose()

    assert heard == {
        "ann@example.org": ("a0@x.example", "a2@x.example"),
        "bob@example.org": ("b@x.example", "b@x.example"),
    }
