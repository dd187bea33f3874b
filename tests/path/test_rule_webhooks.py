"""Rules that tell other programs, with a real one that listens."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from desk import CONFIG, Desk
from listener import Listener
from mailtix.rules import BadRules
from mailtix.store.tables import hooks

NewDesk = Callable[..., Desk]
SECRET = "a secret of the tests, long enough"


@pytest.fixture
def listener() -> Iterator[Listener]:
    with closing(Listener()) as found:
        yield found


@pytest.fixture
def desk(new_desk: NewDesk, listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    rules: Path = tmp_path_factory.mktemp("rules") / "10.yaml"
    rules.write_text(
        f"- {{name: Pager, when: {{subject: down}}, then: {{tag: paged, webhook: 'http://{listener.host}/page?x=1'}}}}"
    )
    hooks = f"webhooks: {{hosts: ['{listener.host}'], secret: '{SECRET}'}}"
    return new_desk(f"rules: [{rules}]\n{hooks}\n{CONFIG}")


def test_another_program_is_told_once_of_the_ticket_and_can_tell_that_it_is_us(desk: Desk, listener: Listener) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Down")
    desk.wait(days=1)

    [(path, headers, body)] = listener.heard
    assert path == "/page?x=1"
    signed = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
    signature = base64.b64encode(hmac.digest(SECRET.encode(), signed, "sha256")).decode()
    assert headers["Webhook-Signature"] == f"v1,{signature}"
    told = json.loads(body)
    assert (told["rule"], told["cause"], told["because"]) == ("Pager", "J1", "subject contains 'down'")
    assert (told["ticket"]["number"], told["ticket"]["tags"]) == (desk.ticket(1).number, ["paged"])


def test_who_does_not_answer_well_is_told_again_under_the_same_id(desk: Desk, listener: Listener) -> None:
    listener.status = 503
    desk.receive("ann@example.org", "It burns.", subject="Down")
    listener.status = 200
    desk.wait(minutes=1)
    desk.wait(hours=10)

    assert len({headers["Webhook-Id"] for _, headers, _ in listener.heard}) == 1
    assert len(listener.heard) == 2


def test_who_never_answers_well_is_given_up_and_the_history_says_so(desk: Desk, listener: Listener) -> None:
    listener.status, listener.location = 302, f"http://{listener.host}/elsewhere"
    desk.receive("ann@example.org", "It burns.", subject="Down")
    for _ in range(20):
        desk.wait(hours=7)

    assert {path for path, _, _ in listener.heard} == {"/page?x=1"}
    assert len(listener.heard) == 10
    assert f"http://{listener.host}/page?x=1 was not told of rule Pager: it answered 302" in desk.history(1)


def test_gone_ends_it_at_once(desk: Desk, listener: Listener) -> None:
    listener.status = 410
    desk.receive("ann@example.org", "It burns.", subject="Down")
    desk.wait(days=1)

    assert len(listener.heard) == 1
    assert any("it answered 410" in line for line in desk.history(1))


def test_only_hosts_of_the_settings_are_told_of_anything(
    new_desk: NewDesk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rules = tmp_path_factory.mktemp("rules") / "10.yaml"
    rules.write_text("- {name: R, then: {webhook: 'http://127.0.0.1:8080/'}}\n")

    with pytest.raises(BadRules, match=r"the host '127\.0\.0\.1:8080' may not be told of anything"):
        new_desk(f"rules: [{rules}]\n{CONFIG}")


def calls(desk: Desk) -> int:
    with desk.app.sessions() as session:
        return session.execute(select(func.count()).select_from(hooks)).scalar_one()


def test_calls_that_are_over_are_forgotten_after_thirty_days_in_small_bites(desk: Desk, listener: Listener) -> None:
    listener.status = 410
    desk.receive("ann@example.org", "It burns.", subject="Down")
    listener.status = 204
    for _ in range(3):
        desk.receive("ann@example.org", "It burns again.", subject="Down")
    desk.wait(days=29)
    assert calls(desk) == 4

    desk.receive("ann@example.org", "It burns.", subject="Down once more")
    desk.wait(days=2)
    assert calls(desk) == 1


def test_calls_that_are_still_tried_are_not_forgotten(desk: Desk, listener: Listener) -> None:
    with desk.app.sessions.begin() as session:
        desk.receive("ann@example.org", "It burns.")
        ticket = desk.ticket(1).id
        old = {"rule": "Pager", "url": f"http://{listener.host}/", "body": "{}", "state": "waiting", "attempts": 1}
        at = desk.now - timedelta(days=60)
        session.execute(hooks.insert().values(**old, ticket_id=ticket, created_at=at, next_at=at))
    listener.status = 503
    desk.work()
    assert calls(desk) == 1
