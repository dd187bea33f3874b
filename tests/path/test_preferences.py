"""What agents set for themselves by mail: whether they take work, what they are told, which queries they keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.cli import main
from mailtix.model.desk import AgentState, Availability
from mailtix.store import staff

ADDRESS = "support+desk@desk.example"
ROUND_ROBIN = f"{CONFIG}teams:\n  - {{name: billing, strategy: round_robin}}\n"
DIGESTS = f'{CONFIG}recurring: {{digest: {{at: "07:30"}}}}\n'


def asks(desk: Desk, text: str, who: str = "bob") -> Sent:
    """What an agent is answered by the desk; he writes with his key."""
    desk.receive(f"{who}@desk.example", text, to=key_of(desk, who))
    return desk.notice_to(who)


def key_of(desk: Desk, who: str = "bob", to: str = ADDRESS) -> str:
    """The address that an agent's answers to the desk go to. He asks for it, and says that it was him."""
    newest = [mail.reply_to for mail in reversed(desk.courier.sent) if mail.to.startswith(who) and not mail.number]
    if newest:
        return newest[0]
    desk.receive(f"{who}@desk.example", "#help", to=to)
    desk.receive(f"{who}@desk.example", "yes", reply_to=desk.notice_to(who))
    return desk.notice_to(who).reply_to


def state(desk: Desk, who: str = "bob") -> AgentState:
    with desk.app.sessions.begin() as session:
        return staff.states(session, [f"{who}@desk.example"]).get(f"{who}@desk.example", AgentState())


@pytest.mark.parametrize("word", ["available", "busy", "away", "offline"])
def test_an_agent_says_whether_he_is_there(desk: Desk, word: str) -> None:
    assert f"#{word}: you are {word}" in asks(desk, f"#{word}").words
    assert state(desk) == AgentState(Availability(word))


def test_away_until_monday_is_over_when_monday_begins(desk: Desk) -> None:
    answer = asks(desk, "#away until monday")

    assert "you are away until Monday, 2026-11-23 00:00 (UTC)" in answer.words
    assert state(desk).until == datetime(2026, 11, 23, tzinfo=UTC)


def test_the_clock_is_that_of_his_shift_else_of_the_company(new_desk: Callable[..., Desk]) -> None:
    berlin = CONFIG.replace("    categories:", "    zone: Europe/Berlin\n    categories:")
    there = berlin.replace("teams: [technical]}", "teams: [technical], shift: {zone: Asia/Tokyo}}")
    desk = new_desk(there)
    asks(desk, "#busy until 2026-12-01 15:00")
    asks(desk, "#busy until 2026-12-01 15:00", "carla")

    assert state(desk).until == datetime(2026, 12, 1, 14, tzinfo=UTC)
    assert state(desk, "carla").until == datetime(2026, 12, 1, 6, tzinfo=UTC)


def test_who_is_away_is_given_nothing_new_until_he_is_back(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(ROUND_ROBIN)
    asks(desk, "#away until tomorrow")
    desk.receive("ann@example.org", "It burns.")
    desk.receive("carla@desk.example", "#assign billing", reply_to=desk.notice_to("carla"))
    assert desk.ticket(1).assignee == ""

    desk.wait(days=1)
    desk.receive("joe@example.org", "It drips.")
    desk.receive("carla@desk.example", "#assign billing", reply_to=desk.notice_to("carla"))
    assert desk.ticket(2).assignee == "bob@desk.example"


def test_he_says_so_in_the_answer_to_any_notice_too(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    before = desk.ticket(1)
    desk.receive("bob@desk.example", "#away until monday\n#max 3", reply_to=desk.notice_to("bob"))

    assert state(desk) == AgentState(Availability.AWAY, datetime(2026, 11, 23, tzinfo=UTC), 3)
    assert desk.ticket(1) == before
    assert "you are away until Monday" in desk.transcript().words


def test_with_a_mistake_beside_it_nothing_is_set(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#away\n#assign nobody", reply_to=desk.notice_to("bob"))

    assert state(desk) == AgentState()


def test_a_list_can_be_asked_for_in_the_answer_to_a_notice(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("joe@example.org", "It drips.", subject="Water")
    desk.receive("bob@desk.example", "#take\n#list unassigned", reply_to=desk.notice_to("bob"))
    told = desk.transcript().text.partition("unassigned")[2]

    assert desk.ticket(2).assignee == "bob@desk.example"
    assert "Fire" in told


def test_the_maximum_is_set_and_given_back_to_the_settings(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(CONFIG.replace("teams: [billing]}", "teams: [billing], max: 5}"))

    assert "8 open tickets at most" in asks(desk, "#max 8").words
    assert "8 open tickets at most" in asks(desk, "#prefs").words
    assert state(desk).maximum == 8
    assert "5 open tickets at most, as the settings say" in asks(desk, "#max off").words
    assert state(desk).maximum is None


def test_the_maximum_and_the_availability_leave_each_other_alone(desk: Desk) -> None:
    asks(desk, "#max 8")
    asks(desk, "#busy")
    assert state(desk) == AgentState(Availability.BUSY, None, 8)
    asks(desk, "#max 9")
    assert state(desk) == AgentState(Availability.BUSY, None, 9)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("#away until never", "is no moment"),
        ("#away until 2020-01-01", "is over already"),
        ("#max", "#max needs a number"),
        ("#max -1", "#max needs a number"),
        ("#max 1000000", "#max needs a number"),
        ("#filter sav x mine", "write #filter save NAME QUERY"),
        ("#filter save x", "#filter save needs a name and a query"),
        ("#filter save open mine", "is a word of the query language"),
        ("#filter save Straße mine", "is no name for a filter"),
        ("#filter save old assignee:bobb", "did you mean 'bob'?"),
        ("#filter drop old", "you have no filter 'old'"),
        ("#filter list all", "write #filter save NAME QUERY"),
        ("#list @old", "you have no filter 'old'"),
        ("#list color:red", "there is nothing called 'color' to ask for"),
        ("#prefs volume loud", "there is no preference 'volume'"),
        ("#prefs notices", "notices may be all or mine or digest"),
        ("#prefs notices some", "'some' is no choice"),
        ("#prefs notices digest", "no digest is sent here"),
        ("#stats today", "#stats stands alone"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(desk: Desk, line: str, says: str) -> None:
    asks(desk, "#filter save water drips")
    answer = asks(desk, f"#prefs transcripts off\n{line}")

    assert says in answer.words
    assert "Nothing was done" in answer.words
    assert "transcripts on" in " ".join(asks(desk, "#prefs").words.split())


def test_a_filter_is_kept_used_narrowed_down_and_dropped(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("joe@example.org", "It drips.", subject="Water")
    asks(desk, "#filter save wet drips or rains sort:created\n#filter save Hot burns")

    assert "Water" in asks(desk, "#list wet").text
    assert "Fire" not in asks(desk, "#list wet").text
    assert "Water" in asks(desk, "#list @wet requester:joe@example.org").text
    assert "no tickets" in asks(desk, "#list wet requester:ann@example.org").words
    listed = asks(desk, "#filter list")
    assert "drips or rains sort:created" in listed.text
    assert listed.text.index("hot") < listed.text.index("wet")

    asks(desk, "#filter drop wet")
    assert "wet" not in asks(desk, "#filter").text
    assert "no tickets" in asks(desk, "#list wet").words


def test_a_filter_may_be_used_in_the_mail_that_makes_it(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")

    assert "Fire" in asks(desk, "#filter save hot burns\n#list hot").text


def test_a_filter_is_of_the_agent_who_made_it(desk: Desk) -> None:
    asks(desk, "#filter save hot burns")

    assert "you have no filter 'hot'" in asks(desk, "#list @hot", "carla").words


def test_nobody_keeps_more_filters_than_he_can_read(desk: Desk) -> None:
    asks(desk, "\n".join(f"#filter save number-{number} mine" for number in range(50)))

    assert "you keep 50 filters already" in asks(desk, "#filter save one-more mine").words
    assert "shows now" in asks(desk, "#filter save number-7 unassigned").words


def test_filters_and_preferences_outlive_a_restart(desk: Desk) -> None:
    asks(desk, "#filter save hot burns\n#prefs notices mine\n#max 4")
    desk.configure(CONFIG)

    shown = asks(desk, "#prefs\n#filter list").words
    assert "notices mine" in shown
    assert "hot burns" in shown
    assert "4 open tickets at most" in shown


def test_they_are_of_the_company_whose_desk_was_written_to(new_desk: Callable[..., Desk]) -> None:
    other = "  - name: Other\n    mailboxes: [{address: help@other.example}]\n"
    desk = new_desk(CONFIG.replace("agents:\n", f"{other}agents:\n"))
    asks(desk, "#filter save hot burns\n#prefs notices mine")
    desk.receive("bob@desk.example", "#prefs\n#filter list", to="help+desk@other.example")
    desk.receive("bob@desk.example", "yes", reply_to=desk.notice_to("bob"))

    assert "notices all" in desk.notice_to("bob").words
    assert "hot" not in desk.notice_to("bob").words


def test_news_of_others_tickets_are_left_out_when_he_wants_only_his(desk: Desk) -> None:
    asks(desk, "#prefs notices mine")
    told = desk.receive("ann@example.org", "It burns.", subject="Fire")
    assert [mail.to for mail in told] == ["ann@example.org", "carla@desk.example"]

    desk.receive("carla@desk.example", "#assign bob", reply_to=desk.notice_to("carla"))
    assert "Fire" in desk.notice_to("bob").subject
    told = desk.receive("ann@example.org", "It still burns.", reply_to=told[0])
    assert [mail.to for mail in told] == ["bob@desk.example"]


def test_with_the_digest_news_wait_for_the_morning_and_questions_do_not(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(DIGESTS)
    assert "only what the morning digest does not tell" in asks(desk, "#prefs notices digest").words
    [receipt, *_] = told = desk.receive("ann@example.org", "It burns.", subject="Fire")
    assert [mail.to for mail in told] == ["ann@example.org", "carla@desk.example"]

    desk.receive("carla@desk.example", "#assign bob", reply_to=desk.notice_to("carla"))
    assert "Fire" in desk.notice_to("bob").subject
    assert desk.receive("ann@example.org", "It still burns.", reply_to=receipt) == []
    [held] = desk.receive("eve@example.net", "Let me in.", reply_to=receipt)
    assert held.to == "bob@desk.example"


def test_of_a_ticket_that_nobody_wants_to_hear_of_all_hear(desk: Desk) -> None:
    for name in ("bob", "carla"):
        asks(desk, "#prefs notices mine", name)
    told = desk.receive("ann@example.org", "It burns.")

    assert {mail.to for mail in told} == {"ann@example.org", "bob@desk.example", "carla@desk.example"}


def test_transcripts_may_be_turned_off_but_not_what_was_asked_for(desk: Desk) -> None:
    asks(desk, "#prefs transcripts off")
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    before = len(desk.courier.sent)
    desk.receive("bob@desk.example", "#take\n#tag fire", reply_to=notice)
    assert len(desk.courier.sent) == before

    desk.receive("bob@desk.example", "#list", reply_to=notice)
    assert "#list: 1 ticket" in desk.transcript().words
    assert len(desk.courier.sent) == before + 1


def test_a_tap_sets_what_it_says(desk: Desk) -> None:
    shown = asks(desk, "#prefs")
    for label, holds in (("mine", "notices mine"), ("Offline", "available offline")):
        body = shown.link(label).partition("&body=%23")[2].replace("%20", " ")
        desk.receive("bob@desk.example", f"#{body}", to=shown.reply_to)
        assert holds in asks(desk, "#prefs").words


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--as", "bob@desk.example", "@hot", "--json"), 0, '"subject": "Fire"'),
        (("--as", "bob@desk.example", "@hot", "unassigned", "--company", "Example", "--json"), 0, '"subject": "Fire"'),
        (("--as", "bob@desk.example", "@hot mine", "--json"), 0, "[]"),
        (("--as", "bob@desk.example", "@cold"), 2, "has no filter 'cold'; there are: hot"),
        (("--as", "carla@desk.example", "@hot"), 2, "has no filter 'hot'; he keeps none"),
        (("@hot",), 2, "--as ADDRESS says of whom"),
    ],
)
def test_a_filter_is_of_use_in_the_terminal_too(
    desk: Desk, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, says: str
) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("joe@example.org", "It drips.", subject="Water")
    asks(desk, "#filter save hot burns")
    capsys.readouterr()

    assert main(["--config", str(desk.folder / "mailtix.yaml"), "tickets", "list", *arguments]) == code
    told = capsys.readouterr()
    assert says in told.out + told.err
    assert "Water" not in told.out


def test_agents_list_shows_what_everybody_has_set(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    asks(desk, "#away until monday\n#filter save hot burns\n#prefs notices mine")
    capsys.readouterr()
    main(["--config", str(desk.folder / "mailtix.yaml"), "agents", "list", "--json"])
    bob, carla = json.loads(capsys.readouterr().out)

    assert (bob["availability"], bob["until"]) == ("away", "2026-11-23T00:00:00+00:00")
    assert bob["preferences"] == {"Example": {"notices": "mine"}}
    assert bob["filters"] == {"Example": {"hot": "burns"}}
    assert (carla["preferences"], carla["filters"]) == ({}, {})
