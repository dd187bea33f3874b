"""Who may use which command, and work on which ticket."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk import Desk, Sent
from mailtix.model.ticket import Status

CONFIG = """
companies:
  - name: Example
    mailboxes: [{address: support@desk.example, name: Example Support}]
    categories: [billing, technical]
agents:
  - {name: Bob Miller, email: bob@desk.example, teams: [billing], categories: billing}
  - {name: Carla Reyes, email: carla@desk.example, teams: [technical], role: manager, categories: technical}
  - {name: Dora Weiss, email: dora@desk.example, role: admin}
  - {name: Emil Kurz, email: emil@desk.example, teams: [technical]}
commands:
  permissions: {requester: manager, spam: admin}
"""


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    return new_desk(CONFIG)


@pytest.fixture
def notices(desk: Desk) -> Callable[[str], Sent]:
    """Each agent's notice of Joe's new ticket."""
    desk.receive("Joe <joe@example.org>", "It burns.", subject="Fire")
    return {name: desk.notice_to(name) for name in ("bob", "carla", "dora", "emil")}.__getitem__


@pytest.mark.parametrize(
    ("who", "line", "only"),
    [
        ("emil", "#requester ann@example.org", "only managers and admins may do that: Carla Reyes, Dora Weiss"),
        ("carla", "#spam", "only admins may do that: Dora Weiss"),
    ],
)
def test_some_commands_are_for_some_roles_and_the_refusal_says_whose(
    desk: Desk, notices: Callable[[str], Sent], who: str, line: str, only: str
) -> None:
    before = desk.ticket()
    [refusal] = desk.receive(f"{who}@desk.example", f"{line}\n#priority high", reply_to=notices(who))
    assert only in refusal.words
    assert desk.ticket().priority is before.priority

    desk.receive("dora@desk.example", line, reply_to=notices("dora"))
    assert (desk.ticket().requester, desk.ticket().status) != (before.requester, before.status)


def test_an_agent_with_categories_works_only_on_these_and_on_what_is_his(
    desk: Desk, notices: Callable[[str], Sent]
) -> None:
    desk.receive("bob@desk.example", "#tag seen", reply_to=notices("bob"))
    assert desk.ticket().tags == {"seen"}  # nobody has sorted it yet

    desk.receive("carla@desk.example", "#category technical", reply_to=notices("carla"))
    for text in ("#resolve", "I will help.", "#note I know him."):
        [refusal] = desk.receive("bob@desk.example", text, reply_to=notices("bob"))
        assert (
            "you may not work on this ticket: it is in the category technical, and yours are: billing" in refusal.words
        )
        assert "ask Carla Reyes, Dora Weiss, Emil Kurz" in refusal.words
    assert desk.ticket().status is Status.OPEN

    desk.receive("carla@desk.example", "#assign bob", reply_to=notices("carla"))
    desk.receive("bob@desk.example", "#resolve", reply_to=notices("bob"))
    assert desk.ticket().status is Status.RESOLVED


def test_managers_and_admins_work_on_everything(desk: Desk, notices: Callable[[str], Sent]) -> None:
    desk.receive("carla@desk.example", "#category billing", reply_to=notices("carla"))
    desk.receive("carla@desk.example", "#priority high", reply_to=notices("carla"))
    desk.receive("dora@desk.example", "#take", reply_to=notices("dora"))
    assert (desk.ticket().priority, desk.ticket().assignee) == ("high", "dora@desk.example")


def test_only_who_may_work_on_a_new_ticket_hears_of_it(new_desk: Callable[..., Desk], tmp_path_factory: object) -> None:
    desk = new_desk(CONFIG)
    (desk.folder / "rules").mkdir(exist_ok=True)
    rule = "rules:\n  - name: technical\n    when: {subject: Fire}\n    then: {category: technical}\n"
    (desk.folder / "rules" / "sort.yaml").write_text(rule)
    desk.configure(CONFIG)
    mails = desk.receive("joe@example.org", "It burns.", subject="Fire")

    assert {mail.to for mail in mails} == {
        "joe@example.org", "carla@desk.example", "dora@desk.example", "emil@desk.example",
    }  # fmt: skip


def test_help_shows_what_one_may_use(desk: Desk, notices: Callable[[str], Sent]) -> None:
    assert desk.receive("emil@desk.example", "#help", reply_to=notices("emil")) == []
    assert "#resolve" in desk.transcript().text
    assert "it is solved; the customer is told" in desk.transcript().text
    assert "#spam" not in desk.transcript().text
    assert "\u2026" not in desk.transcript().text  # nothing is cut

    desk.receive("emil@desk.example", "#help #snooze", reply_to=notices("emil"))
    assert "#snooze 1d" in desk.transcript().text
    assert "#resolve" not in desk.transcript().text

    [refusal] = desk.receive("emil@desk.example", "#help asign", reply_to=notices("emil"))
    assert "there is no help 'asign', did you mean 'assign'?" in refusal.words
    [refusal] = desk.receive("emil@desk.example", "#help spam", reply_to=notices("emil"))
    assert "only admins may do that" in refusal.words
