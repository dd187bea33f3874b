"""Everything made again from the journal is what it was; and what is not, is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from desk import Desk
from mailtix.redo import NotEmpty, Redone, redo_all
from mailtix.store import compare, happened, redo
from mailtix.store.engine import Engine, open_engine, sessions
from mailtix.store.tables import metadata
from replay import busy
from running import called


@pytest.fixture
def desk(tmp_path: Path, database: str) -> Iterator[Desk]:
    desk = busy.opened(tmp_path, database)
    yield desk
    desk.close()


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> Iterator[Engine]:
    """A second database, of the same kind as the desk's."""
    url = f"sqlite:///{tmp_path}/again.db"
    if not database.startswith("sqlite"):
        make: Callable[[], str] = request.getfixturevalue("postgres")
        url = make()
    engine = open_engine(url)
    yield engine
    engine.dispose()


def again(desk: Desk, empty: Engine) -> Redone:
    return redo_all(desk.app.config, desk.app.engine, empty, desk.now)


def told(redone: Redone) -> list[str]:
    return [str(difference) for difference in redone.differences]


def test_a_busy_desk_is_made_again_as_it_was_and_goes_on(desk: Desk, empty: Engine) -> None:
    busy.fill(desk)
    all_has_happened(desk)
    before = state(desk)
    sent = len(desk.courier.sent)

    redone = again(desk, empty)

    assert told(redone) == []
    assert redone.tickets == len(before) > 12
    assert redone.mails > 45
    assert redone.events > 2 * redone.mails
    assert len(desk.courier.sent) == sent
    desk.database = empty.url.render_as_string(hide_password=False)
    busy.start(desk)
    assert state(desk) == before
    desk.wait(seconds=1)
    assert len(desk.courier.sent) == sent  # nothing is sent twice
    desk.receive("carla@desk.example", "#reopen", reply_to=desk.notice_to("carla"))  # her key is still good
    desk.receive("new@example.net", "A new one", subject="New")
    assert desk.ticket(len(before) + 1).subject == "New"


def state(desk: Desk) -> list[object]:
    return [(ticket, desk.messages(n), desk.history(n)) for n, ticket in enumerate(desk.tickets(), 1)]


def all_has_happened(desk: Desk) -> None:
    """Each kind of thing that can be made again was among what was."""
    with desk.app.sessions() as session:
        kinds = {event.kind for event in happened.events(session)}
        outcomes = set(session.execute(text("SELECT outcome FROM journal")).scalars())
        states = set(session.execute(text("SELECT state FROM journal")).scalars())
        outbox = set(session.execute(text("SELECT state FROM outbox")).scalars())
        fields = set(session.execute(text("SELECT field FROM history")).scalars())
        timers = set(session.execute(text("SELECT kind FROM timers WHERE fired_at IS NOT NULL")).scalars())
    assert kinds == set(happened.Kind)
    assert {"opened", "joined", "commanded", "duplicate", "held", "bounced", "dropped"} <= outcomes
    assert states == {"done", "held", "dropped"}
    assert outbox == {"sent", "failed", "undone"}
    assert {"merged_into", "absorbed", "link", "rule", "undelivered", "undo", "survey", "nobody"} <= fields
    assert {"close", "survey", "first_response_breach", "rule_idle_172800"} <= timers
    assert any(kind.startswith("rule_time_") for kind in timers)


def test_every_table_is_copied_or_made_again_and_compared() -> None:
    copied, made = {table.name for table in redo.COPIED}, {table.name for table in compare.TABLES}

    apart = {"nodes", "letters"}  # which processes work now; the bytes of what stands in the outbox
    assert copied | made == set(metadata.tables) - apart
    assert copied & made == {"journal"}  # its mails are copied, what became of them is not


@pytest.fixture
def small(desk: Desk) -> Desk:
    """A desk with one conversation, and another ticket."""
    busy.conversation(desk)
    desk.receive("dan@example.net", "Where is my refund?", subject="Refund")
    return desk


TAMPERED = {
    "a ticket": ("UPDATE tickets SET status = 'closed' WHERE id = 2", 'status was "closed", is "'),
    "a word of a message": (
        "UPDATE messages SET text = 'Other' WHERE ticket_id = 2",
        'messages is missing: journal_id "',
    ),
    "a line of history": (
        "UPDATE history SET because = 'other' WHERE ticket_id = 2 AND field = 'ticket'",
        'history is missing: at "',
    ),
    "an outcome": ("UPDATE journal SET outcome = 'joined' WHERE ticket_id = 2", 'outcome was "joined", is "opened"'),
    "a moment": ("UPDATE tickets SET updated_at = created_at WHERE id = 1", "updated_at was"),
    "a timer": ("DELETE FROM timers WHERE ticket_id = 2", 'timers is new: kind "'),
    "the texts of rules": ("DELETE FROM rule_sets", "those of now were taken instead: their texts are not there"),
    "a missing mail of ours": ("DELETE FROM outbox WHERE ticket_id = 2", 'outbox is new: template "'),
}


def test_whatever_was_tampered_with_is_told(small: Desk, empty: Engine) -> None:
    for statement, _ in TAMPERED.values():
        with small.app.engine.begin() as connection:
            connection.execute(text(statement))

    found = told(again(small, empty))

    unseen = [what for what, (_, expected) in TAMPERED.items() if not any(expected in line for line in found)]
    assert unseen == [], found
    assert all(line.startswith(("ticket ", "J", "rules ", "without a ticket", "person ")) for line in found)


def test_a_mail_that_says_something_else_now_makes_another_ticket(small: Desk, empty: Engine) -> None:
    with small.app.engine.begin() as connection:
        raw_id, data = connection.execute(text("SELECT id, data FROM raw_mails ORDER BY id DESC LIMIT 1")).one()
        changed = {"id": raw_id, "data": bytes(data).replace(b"Subject: Refund", b"Subject: Reward")}
        connection.execute(text("UPDATE raw_mails SET data = :data WHERE id = :id"), changed)

    found = told(again(small, empty))

    [line] = [line for line in found if ": subject was" in line]
    assert line == f'ticket {small.ticket(2).number}: subject was "Refund", is "Reward"'
    assert not any(small.ticket(1).number in line for line in found)


def test_what_can_not_be_processed_any_more_is_told_and_the_rest_is_made(
    small: Desk, empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    classify = __import__("mailtix.pipeline", fromlist=["classify"]).classify

    def choke(mail: object, own: object) -> object:
        if getattr(mail, "subject", "") == "Refund":
            raise RuntimeError("choked")
        return classify(mail, own)

    monkeypatch.setattr("mailtix.pipeline.classify", choke)

    redone = again(small, empty)

    assert redone.tickets == 1
    assert any(line.endswith("could not be done again: RuntimeError: choked") for line in told(redone))
    assert f"ticket {small.ticket(2).number}: tickets is missing" in "\n".join(told(redone))


def test_each_mail_meets_the_rules_of_its_time(desk: Desk, empty: Engine) -> None:
    desk.receive("ann@example.org", "My invoice is wrong.")
    desk.now += timedelta(days=1)
    busy.rules_change(desk)
    assert [ticket.category for ticket in desk.tickets()] == ["billing", "technical"]

    assert told(again(desk, empty)) == []


def test_mail_that_waits_waits_in_the_new_database_too(desk: Desk, empty: Engine) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.put(*desk.compose("dan@example.net", "Later", subject="Later"))
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("mailtix.pipeline.parse_with_files", lambda raw, envelope: 1 / 0)
        desk.receive("ida@example.net", "Parked")
    desk.put(*desk.compose("joe@example.net", "New", subject="New"))

    assert told(again(desk, empty)) == []
    with sessions(empty)() as session:
        states = session.execute(text("SELECT state FROM journal ORDER BY id")).scalars().all()
    assert states == ["done", "parked", "parked", "new"]


def test_calls_that_were_forgotten_are_forgotten_again(desk: Desk, empty: Engine) -> None:
    desk.receive("ann@example.org", "My invoice is wrong.")
    with desk.app.engine.begin() as connection:
        connection.execute(text("UPDATE hooks SET state = 'sent'"))
    desk.wait(days=40)
    with desk.app.sessions() as session:
        assert session.execute(text("SELECT count(*) FROM hooks")).scalar_one() == 0

    assert told(again(desk, empty)) == []


def test_only_an_empty_database_is_taken(small: Desk, empty: Engine) -> None:
    again(small, empty)

    with pytest.raises(NotEmpty, match="there is something in"):
        again(small, empty)
    with pytest.raises(NotEmpty, match="name a new one"):
        again(small, small.app.engine)


def test_the_verb_says_what_it_did_and_whether_all_is_as_it_was(small: Desk) -> None:
    config, folder = small.folder / "mailtix.yaml", small.folder

    said = called(config, "replay", "--all", "--into", f"sqlite:///{folder}/one.db")
    assert (said.code, "everything is as it was" in said.out) == (0, True), said
    assert called(config, "replay", "--all", "--into", f"sqlite:///{folder}/one.db").code == 1
    assert "--into names a database" in called(config, "replay", "--all", "--into", "mysql://x/y").err

    with small.app.engine.begin() as connection:
        connection.execute(text("UPDATE tickets SET priority = 'low' WHERE id = 2"))
    said = called(config, "replay", "--all", "--json", "--into", f"sqlite:///{folder}/two.db")
    [difference] = json.loads(said.out)["differences"]
    assert (said.code, difference["what"], difference["was"], difference["now"]) == (1, "priority", '"low"', '"medium"')


def test_what_admins_do_at_the_command_line_is_kept(small: Desk) -> None:
    config = small.folder / "mailtix.yaml"
    assert called(config, "agents", "set", "bob@desk.example", "--max", "7").code == 0
    assert called(config, "keys", "revoke", "bob@desk.example").code == 0
    assert called(config, "tokens", "issue", "dan@example.net").code == 0
    assert called(config, "tokens", "close", "TK000002").code == 0

    with small.app.sessions() as session:
        kept = session.execute(text("SELECT what FROM acts ORDER BY id")).scalars().all()
    assert kept == ["agent", "keys", "token issued", "token moved"]
