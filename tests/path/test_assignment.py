"""A team's tickets find their agent: by rule, by category, by command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk import Desk, Sent
from mailtix.store import tickets
from mailtix.store.tickets import HistoryRow
from running import asked, called

AGENTS = """
companies:
  - name: Example
    mailboxes: [{address: support@desk.example}]
    categories: [billing, technical, {name: refund, team: billing}]
agents:
  - {name: Bob, email: bob@desk.example, teams: [billing], max: 3}
  - {name: Cy, email: cy@desk.example, teams: [billing, technical], max: 2, skills: [outage], languages: [de]}
  - {name: Dan, email: dan@desk.example, teams: [technical]}
  - {name: Lea, email: lea@desk.example}
"""
RULES = """
- name: Bills
  when: {subject: bill}
  then: {team: billing}
- name: Technical
  when: {subject: outage}
  then: {team: technical, tag: outage}
- name: Refunds
  when: {subject: refund}
  then: {category: refund}
"""
NewDesk = Callable[..., Desk]


@pytest.fixture
def new_team(new_desk: NewDesk, tmp_path: Path) -> Callable[[str], Desk]:
    """Opens a desk whose `teams` are these."""

    def make(teams: str, agents: str = AGENTS) -> Desk:
        (tmp_path / "rules.yaml").write_text(RULES)
        return new_desk(f"rules: [{tmp_path}/rules.yaml]\n{agents}teams:\n{teams}")

    return make


def whys(desk: Desk, index: int) -> list[HistoryRow]:
    """The history of the ticket's assignee and of not finding one."""
    with desk.app.sessions.begin() as session:
        rows = tickets.history_of(session, desk.ticket(index).id)
    return [row for row in rows if row.field in ("assignee", "nobody")]


def owners(desk: Desk) -> list[str]:
    return [ticket.assignee.partition("@")[0] for ticket in desk.tickets()]


def bills(desk: Desk, count: int, first: int = 0) -> list[Sent]:
    """So many bills, each of another customer."""
    return [m for i in range(first, first + count) for m in desk.receive(f"c{i}@example.org", "Why?", subject="bill")]


LEAST_BUSY = "  - {name: billing, strategy: least_busy, sticky: false, lead: lea@desk.example}\n"


def test_a_rule_that_names_a_team_gives_the_ticket_to_one_of_it_who_alone_is_told(
    new_team: Callable[[str], Desk],
) -> None:
    desk = new_team(LEAST_BUSY)
    mails = bills(desk, 1)

    ticket = desk.ticket(1)
    assert (ticket.team, ticket.assignee) == ("billing", "bob@desk.example")
    assert {mail.to for mail in mails} == {"c0@example.org", "bob@desk.example"}
    assert [(row.text, row.because, row.actor) for row in whys(desk, 1)] == [
        ("assignee: none → bob@desk.example", "least_busy: Bob 0/3, Cy 0/2", "team billing")
    ]


def test_nobody_gets_more_than_his_maximum_and_then_the_queue_and_its_lead_are_told(
    new_team: Callable[[str], Desk],
) -> None:
    desk = new_team(LEAST_BUSY)
    bills(desk, 5)
    assert Counter(owners(desk)) == {"bob": 3, "cy": 2}

    mails = bills(desk, 1, first=5)

    ticket = desk.ticket(6)
    assert (ticket.team, ticket.assignee) == ("billing", "")
    assert {mail.to for mail in mails} == {"c5@example.org", "bob@desk.example", "cy@desk.example", "lea@desk.example"}
    assert "Nobody could be given it: nobody in billing can take it: Bob 3/3 full, Cy 2/2 full." in (
        desk.notice_to("lea").words
    )
    assert [row.text for row in whys(desk, 6)] == ["nobody in billing can take it: Bob 3/3 full, Cy 2/2 full"]


def test_a_solved_ticket_makes_room(new_team: Callable[[str], Desk]) -> None:
    desk = new_team(LEAST_BUSY)
    bills(desk, 5)
    desk.receive("bob@desk.example", "#resolve\nDone.", reply_to=desk.notice_to("bob"))
    bills(desk, 1, first=5)

    assert whys(desk, 6)[0].because == "least_busy: Bob 2/3, Cy 2/2 full"


def test_a_waiting_ticket_finds_somebody_when_its_customer_writes_again(new_team: Callable[[str], Desk]) -> None:
    desk = new_team(LEAST_BUSY)
    config = desk.folder / "mailtix.yaml"
    for name in ("bob", "cy"):
        called(config, "agents", "set", f"{name}@desk.example", "--availability", "away")
    bills(desk, 1)
    assert desk.ticket(1).assignee == ""
    called(config, "agents", "set", "bob@desk.example", "--reset")

    told = desk.receive("c0@example.org", "Hello?", reply_to=desk.notice_to("c0@"))

    assert desk.ticket(1).assignee == "bob@desk.example"
    assert {mail.to for mail in told} == {"bob@desk.example"}
    assert [row.text for row in whys(desk, 1)] == [
        "nobody in billing can take it: Bob away, Cy away",
        "assignee: none → bob@desk.example",
    ]


def test_round_robin_goes_on_where_it_was_after_a_restart(new_team: Callable[[str], Desk]) -> None:
    desk = new_team("  - {name: technical, strategy: round_robin, sticky: false}\n")
    config = (desk.folder / "mailtix.yaml").read_text().partition("}\n")[2]
    for i in range(3):
        desk.receive(f"c{i}@example.org", "It is dark.", subject="outage")
        desk.configure(config)

    assert owners(desk) == ["cy", "dan", "cy"]
    assert [whys(desk, i)[0].because for i in (1, 2)] == [
        "round_robin: Cy (no turn yet), Dan (no turn yet)",
        "round_robin: Dan (no turn yet), Cy (turn 1)",
    ]
    assert whys(desk, 3)[0].because == "round_robin: Cy (turn 1), Dan (turn 2)"


def test_a_customer_comes_back_to_who_looked_after_him(new_team: Callable[[str], Desk]) -> None:
    desk = new_team("  - {name: billing, strategy: round_robin}\n")
    desk.receive("ann@example.org", "Why?", subject="bill")
    desk.receive("joe@example.org", "Why?", subject="bill")
    desk.receive("joe@example.org", "And why?", subject="bill again")
    desk.receive("ann@example.org", "And why?", subject="bill again")

    assert owners(desk) == ["bob", "cy", "cy", "bob"]
    assert whys(desk, 3)[0].because == "sticky: Cy 1/2 looked after joe@example.org before"


def test_a_category_brings_its_team(new_team: Callable[[str], Desk]) -> None:
    desk = new_team(LEAST_BUSY)
    desk.receive("ann@example.org", "My money.", subject="refund")

    ticket = desk.ticket(1)
    assert (ticket.category, ticket.team, ticket.assignee) == ("refund", "billing", "bob@desk.example")
    assert "team: none → billing" in desk.history(1)


def test_who_speaks_the_language_and_knows_the_matter_gets_it(new_team: Callable[[str], Desk]) -> None:
    desk = new_team("  - {name: technical, strategy: skill}\n")
    desk.receive("ann@example.org", "Dunkel.", subject="outage", Content_Language="de-AT")

    assert whys(desk, 1)[0].because == "skill: Cy 0/2 (speaks de-AT, knows outage), Dan 0 (no match)"


def test_a_team_without_anybody_is_helped_out(new_team: Callable[[str], Desk]) -> None:
    absent = AGENTS.replace("max: 3}", "availability: away}").replace("max: 2,", "availability: offline,")
    desk = new_team(
        "  - {name: billing, strategy: least_busy, fallback: technical}\n"
        "  - {name: technical, strategy: round_robin}\n",
        absent,
    )
    mails = bills(desk, 1)

    ticket = desk.ticket(1)
    assert (ticket.team, ticket.assignee) == ("technical", "dan@desk.example")
    assert {mail.to for mail in mails} == {"c0@example.org", "dan@desk.example"}
    assert whys(desk, 1)[0].because == (
        "nobody in billing can take it: Bob away, Cy offline; technical helps out, "
        "round_robin: Dan (no turn yet), Cy offline"
    )


def test_a_fallback_without_a_strategy_takes_it_into_its_queue(new_team: Callable[[str], Desk]) -> None:
    absent = AGENTS.replace("max: 3}", "availability: away}").replace("max: 2,", "availability: offline,")
    desk = new_team("  - {name: billing, strategy: least_busy, fallback: technical}\n", absent)
    mails = bills(desk, 1)

    assert (desk.ticket(1).team, desk.ticket(1).assignee) == ("technical", "")
    assert {mail.to for mail in mails} == {"c0@example.org", "cy@desk.example", "dan@desk.example"}


def test_a_ticket_that_is_given_to_a_team_does_not_come_back_to_who_gave_it(new_team: Callable[[str], Desk]) -> None:
    desk = new_team(LEAST_BUSY)
    bills(desk, 1)
    [told] = desk.receive("bob@desk.example", "#assign billing", reply_to=desk.notice_to("bob"))

    assert (told.to, desk.ticket(1).assignee) == ("cy@desk.example", "cy@desk.example")
    assert [row.because for row in whys(desk, 1)][-1] == "least_busy: Cy 0/2, Bob gave it away"


def test_a_command_to_a_team_where_nobody_can_is_told_to_the_others(new_team: Callable[[str], Desk]) -> None:
    absent = AGENTS.replace("max: 2,", "availability: offline,")
    desk = new_team(LEAST_BUSY, absent)
    bills(desk, 1)
    told = desk.receive("bob@desk.example", "#assign billing", reply_to=desk.notice_to("bob"))

    assert (desk.ticket(1).team, desk.ticket(1).assignee) == ("billing", "")
    assert {mail.to for mail in told} == {"cy@desk.example", "lea@desk.example"}
    assert "Bob gave it away, Cy offline" in told[0].words


def test_sorting_a_ticket_gives_it_away_and_answering_it_does_not(new_team: Callable[[str], Desk]) -> None:
    desk = new_team(LEAST_BUSY)
    for i in range(2):
        desk.receive(f"c{i}@example.org", "Hello", subject=f"Question {i}")
    first, second = (m for m in desk.courier.sent if m.to == "lea@desk.example")
    desk.receive("lea@desk.example", "#category refund", reply_to=first)
    desk.receive("lea@desk.example", "#category refund\nIt is on its way.", reply_to=second)

    assert owners(desk) == ["bob", "lea"]


def test_somebodys_word_goes_before_the_maximum(new_team: Callable[[str], Desk]) -> None:
    desk = new_team(LEAST_BUSY, AGENTS.replace("max: 2,", "max: 0,"))
    bills(desk, 1)
    desk.receive("bob@desk.example", "#assign cy", reply_to=desk.notice_to("bob"))

    assert desk.ticket(1).assignee == "cy@desk.example"


def test_a_shift_ends_and_begins(new_team: Callable[[str], Desk]) -> None:
    shift = "max: 3, shift: {hours: 09:00-17:00, zone: Europe/Berlin}}"
    desk = new_team(LEAST_BUSY, AGENTS.replace("max: 3}", shift))
    desk.now = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
    bills(desk, 1)
    assert whys(desk, 1)[0].because == "least_busy: Cy 0/2, Bob off shift"
    desk.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    bills(desk, 1, first=1)
    assert whys(desk, 2)[0].because == "least_busy: Bob 0/3, Cy 1/2"


# ---------------------------------------------------------------- what holds for now


def test_what_is_set_for_now_holds_until_its_end(new_team: Callable[[str], Desk]) -> None:
    desk = new_team(LEAST_BUSY)
    config = desk.folder / "mailtix.yaml"
    said = called(config, "agents", "set", "BOB@desk.example", "--availability", "away", "--until", "2099-01-01T10:00")
    assert said.code == 0, said.err
    bills(desk, 1)
    assert whys(desk, 1)[0].because == "least_busy: Cy 0/2, Bob away until 2099-01-01 10:00 UTC"

    desk.now = datetime(2099, 1, 1, 10, tzinfo=UTC)
    bills(desk, 1, first=1)
    assert desk.ticket(2).assignee == "bob@desk.example"


def test_the_list_shows_what_everybody_has_and_what_was_set(new_team: Callable[[str], Desk]) -> None:
    desk = new_team(LEAST_BUSY)
    config = desk.folder / "mailtix.yaml"
    bills(desk, 2)
    [bob] = asked(config, "agents", "set", "bob@desk.example", "--max", "8")
    assert (bob["max"], bob["open"], bob["availability"]) == (8, 1, "available")
    asked(config, "agents", "set", "bob@desk.example", "--availability", "busy")

    bob, cy, dan, lea = asked(config, "agents", "list")
    assert [(a["email"], a["open"], a["max"], a["availability"]) for a in (bob, cy, dan, lea)] == [
        ("bob@desk.example", 1, 8, "busy"),
        ("cy@desk.example", 1, 2, "available"),
        ("dan@desk.example", 0, None, "available"),
        ("lea@desk.example", 0, None, "available"),
    ]
    [bob] = asked(config, "agents", "set", "bob@desk.example", "--reset")
    assert (bob["max"], bob["availability"]) == (3, "available")
    assert "bob@desk.example" in called(config, "agents", "list").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("bobb@desk.example", "--max", "1"), "there is no agent bobb@desk.example"),
        (("bob@desk.example",), "say what is to be set"),
        (("bob@desk.example", "--until", "2099-01-01"), "--until says how long --availability holds"),
        (("bob@desk.example", "--availability", "away", "--until", "soon"), "'soon' is no moment"),
        (("bob@desk.example", "--availability", "away", "--until", "2001-01-01"), "2001-01-01 is over already"),
        (("bob@desk.example", "--max", "-1"), "--max is a number from 0"),
        (("bob@desk.example", "--max", "1", "--reset"), "--reset goes back to the settings; give it alone"),
    ],
)
def test_a_wrong_use_of_agents_set_is_told_and_changes_nothing(
    new_team: Callable[[str], Desk], arguments: tuple[str, ...], says: str
) -> None:
    config = new_team(LEAST_BUSY).folder / "mailtix.yaml"
    before = asked(config, "agents", "list")
    said = called(config, "agents", "set", *arguments)

    assert (said.code, says in said.err) == (2, True), said.err
    assert asked(config, "agents", "list") == before


def test_a_ticket_of_somebody_who_has_left_goes_to_another_when_its_customer_writes(
    new_team: Callable[[str], Desk],
) -> None:
    desk = new_team(LEAST_BUSY)
    bills(desk, 1)
    config = (desk.folder / "mailtix.yaml").read_text().partition("}\n")[2]
    desk.configure("".join(line for line in config.splitlines(keepends=True) if "bob@" not in line))
    desk.receive("c0@example.org", "Hello?", reply_to=desk.notice_to("c0@"))

    assert desk.ticket(1).assignee == "cy@desk.example"


def test_a_customers_mail_to_a_ticket_that_somebody_has_moves_nothing(new_team: Callable[[str], Desk]) -> None:
    desk = new_team(LEAST_BUSY)
    bills(desk, 1)
    called(desk.folder / "mailtix.yaml", "agents", "set", "bob@desk.example", "--availability", "away")
    told = desk.receive("c0@example.org", "Hello?", reply_to=desk.notice_to("c0@"))

    assert ({mail.to for mail in told}, desk.ticket(1).assignee) == ({"bob@desk.example"}, "bob@desk.example")
    assert len(whys(desk, 1)) == 1


def test_companies_share_nobodys_turn_but_everybodys_load(new_team: Callable[[str], Desk]) -> None:
    second = "  - {name: Other, mailboxes: [{address: help@other.example}]}\nagents:\n"
    desk = new_team(LEAST_BUSY, AGENTS.replace("agents:\n", second))
    bills(desk, 1)
    desk.receive("ann@example.org", "Why?", subject="bill", to="help@other.example")

    assert whys(desk, 2)[0].because == "least_busy: Cy 0/2, Bob 1/3"


def test_a_mail_that_a_machine_wrote_finds_its_agent_too_and_is_not_answered(new_team: Callable[[str], Desk]) -> None:
    desk = new_team(LEAST_BUSY)
    mails = desk.receive("robot@example.org", "Sum.", subject="bill", Auto_Submitted="auto-generated")

    assert ([mail.to for mail in mails], desk.ticket(1).assignee) == (["bob@desk.example"], "bob@desk.example")


def test_an_agents_forward_of_a_customers_mail_finds_its_agent(new_team: Callable[[str], Desk]) -> None:
    desk = new_team(LEAST_BUSY)
    inside = (
        "---------- Forwarded message ---------\nFrom: Ann <ann@example.org>\nDate: Fri, Nov 20, 2026 at 8:00 AM\n"
        "Subject: bill\nTo: Lea <lea@desk.example>\n\nWhy so much?\n"
    )
    mails = desk.receive("lea@desk.example", inside, subject="Fwd: bill")

    ticket = desk.ticket(1)
    assert (ticket.requester.email, ticket.assignee) == ("ann@example.org", "bob@desk.example")
    assert [mail.to for mail in mails] == ["bob@desk.example"]


def test_a_rule_may_name_the_strategy_also_for_a_team_that_has_none(new_desk: NewDesk, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(
        "- {name: Bills, when: {subject: bill}, then: {team: billing, strategy: least_busy}}\n"
        "- {name: Plain, when: {subject: plain}, then: {team: billing}}\n"
    )
    desk = new_desk(f"rules: [{tmp_path}/rules.yaml]\n{AGENTS}")
    bills(desk, 1)
    mails = desk.receive("ann@example.org", "Why?", subject="plain")

    assert whys(desk, 1)[0].because == "least_busy: Bob 0/3, Cy 0/2"
    assert {mail.to for mail in mails} == {"ann@example.org", "bob@desk.example", "cy@desk.example"}
    bills(desk, 4, first=1)
    assert [row.field for row in whys(desk, 6)] == ["assignee"]
    told = bills(desk, 1, first=5)
    assert (desk.ticket(7).assignee, len(told)) == ("", 3)
