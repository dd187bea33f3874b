"""The desk address: agents ask for lists and numbers, and set what concerns themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.commands.grammar import WORDS

ADDRESS = "support+desk@desk.example"


@pytest.fixture
def asked(desk: Desk) -> Callable[..., Sent]:
    """Bob writes to the desk with his key; what comes back."""
    key = first_key(desk)

    def ask(text: str, **how: object) -> Sent:
        desk.receive("bob@desk.example", text, **{"reply_to": key, **how})
        return desk.notice_to("bob")

    return ask


def first_key(desk: Desk, who: str = "bob") -> Sent:
    """A mail that carries the key of an agent to the desk: what answers him when he has shown that he is there."""
    desk.receive(f"{who}@desk.example", "#help", to=ADDRESS)
    desk.receive(f"{who}@desk.example", "yes", reply_to=desk.notice_to(who))
    return desk.notice_to(who)


def three_tickets(desk: Desk) -> None:
    """1 is Bob's and urgent, 2 is nobody's, 3 is solved."""
    desk.receive("Ann Archer <ann@example.org>", "It burns.", subject="Fire")
    desk.receive("bob@desk.example", "#take\n#priority urgent", reply_to=desk.notice_to("bob"))
    desk.receive("Eve <eve@example.net>", "It drips from above.", subject="Water")
    desk.receive("joe@example.com", "It shakes.", subject="Earth")
    desk.receive("carla@desk.example", "#resolve", reply_to=desk.notice_to("carla"))


def tapped(desk: Desk, mail: Sent, label: str, place: int = 0) -> list[Sent]:
    """The mail that a client makes of the link is sent."""
    link = urlsplit(mail.link(label) if not place else links(mail, label)[place])
    fields = {name: values[0] for name, values in parse_qs(link.query).items()}
    return desk.receive(mail.to, fields["body"], to=unquote(link.path), subject=fields["subject"])


def links(mail: Sent, label: str) -> list[str]:
    parts = mail.html.split('href="')[1:]
    found = [part.split('"')[0].replace("&amp;", "&") for part in parts if part.split(">")[1].startswith(label + "<")]
    assert found, f"no link {label}"
    return found


def test_an_agent_without_his_key_is_asked_at_his_own_address_and_nothing_is_done(desk: Desk) -> None:
    three_tickets(desk)
    desk.receive("bob@desk.example", "#list mine\n#away", to=ADDRESS)
    question = desk.notice_to("bob")

    assert "Was this you?" in question.subject
    assert "#list mine: 1 ticket" in question.words
    assert "#away: you are away" in question.words
    assert "Fire" not in question.text

    desk.receive("bob@desk.example", "Yes.", reply_to=question)
    assert "Fire" in desk.notice_to("bob").text
    assert "#away: you are away" in desk.notice_to("bob").words
    assert len(desk.tickets()) == 3


def test_what_he_denies_is_not_done(desk: Desk) -> None:
    desk.receive("bob@desk.example", "#max 3", to=ADDRESS)
    desk.receive("bob@desk.example", "#no", reply_to=desk.notice_to("bob"))
    key = first_key(desk)
    desk.receive("bob@desk.example", "#prefs", reply_to=key)

    assert "any number of open tickets" in desk.notice_to("bob").words


def test_nobody_is_asked_again_and_again(desk: Desk) -> None:
    for _ in range(6):
        desk.receive("bob@desk.example", "#away", to=ADDRESS)

    assert len(desk.courier.sent) == 3


def test_the_key_of_a_colleague_opens_nothing(desk: Desk) -> None:
    three_tickets(desk)
    key = first_key(desk, "carla")
    desk.receive("bob@desk.example", "#list", reply_to=key)

    assert "the key of carla@desk.example was used by bob@desk.example" in desk.notice_to("bob").words
    assert "Fire" not in desk.notice_to("bob").text


def test_who_is_no_agent_writes_to_the_mailbox_and_learns_nothing(desk: Desk) -> None:
    desk.receive("Eve <eve@example.net>", "#list open", subject="Fire")
    there = desk.notice_to("eve")
    desk.receive("Eve <eve@example.net>", "#list open", to=ADDRESS, subject="Fire")
    here = desk.notice_to("eve")

    assert len(desk.tickets()) == 2
    assert here.text.replace(desk.ticket(2).number, desk.ticket(1).number) == there.text


def test_the_key_of_an_agent_is_of_no_use_to_a_customer(desk: Desk) -> None:
    three_tickets(desk)
    key = first_key(desk)
    mails = desk.receive("Eve <eve@example.net>", "#list open", reply_to=key)

    assert len(desk.tickets()) == 4
    assert not [mail for mail in mails if mail.to == "eve@example.net" and "Fire" in mail.text]


def test_a_machine_that_writes_to_the_desk_is_left_alone(desk: Desk) -> None:
    key = first_key(desk)
    assert desk.receive("bob@desk.example", "I am away.", reply_to=key, Auto_Submitted="auto-replied") == []
    assert desk.tickets() == []


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("mine", ["Fire"]),
        ("", ["Fire"]),
        ("unassigned", ["Water"]),
        ("urgent", ["Fire"]),
        ("open", ["Water", "Fire"]),
        ("open sort:created", ["Fire", "Water"]),
        ("status:resolved", ["Earth"]),
        ("requester:eve@example.net or priority>=high", ["Water", "Fire"]),
        ('"drips from"', ["Water"]),
        ("tag:nothing", []),
    ],
)
def test_a_list_shows_what_the_query_finds(
    desk: Desk, asked: Callable[..., Sent], query: str, subjects: list[str]
) -> None:
    three_tickets(desk)
    text = asked(f"#list {query}").text

    places = [text.index(subject) for subject in subjects]
    assert places == sorted(places)
    assert not [other for other in {"Fire", "Water", "Earth"} - set(subjects) if other in text]


def test_a_line_of_a_list_tells_what_is_to_be_known(desk: Desk, asked: Callable[..., Sent]) -> None:
    three_tickets(desk)
    desk.wait(hours=3)
    answer = asked("#list mine")

    line = next(line for line in answer.text.splitlines() if "Fire" in line)
    assert line.split()[:7] == [desk.ticket(1).number, "Fire", "Ann", "Archer", "assigned", "urgent", "3h"]
    assert "#list mine: 1 ticket" in answer.words
    assert answer.to == "bob@desk.example"
    assert answer.message["Auto-Submitted"] == "auto-replied"
    assert max(map(len, answer.text.splitlines())) <= 78


def test_more_tickets_than_a_mail_holds_are_counted(desk: Desk, asked: Callable[..., Sent]) -> None:
    for number in range(52):
        desk.put(*desk.compose(f"ann{number}@example.org", "It burns.", subject=f"Fire {number}"))
    desk.work()
    answer = asked("#list open")

    assert "50 of 52 tickets" in answer.words
    assert len(links(answer, "Take")) == 50


def test_a_search_finds_what_holds_all_its_words(desk: Desk, asked: Callable[..., Sent]) -> None:
    three_tickets(desk)

    assert "Water" in asked("#search above drips").text
    assert "no tickets" in asked('#search "above drips"').words
    assert "no tickets" in asked("#search drips burns").words
    assert "#search needs words" in asked("#search").words


def test_the_tap_take_takes(desk: Desk, asked: Callable[..., Sent]) -> None:
    three_tickets(desk)
    tapped(desk, asked("#list unassigned"), "Take")

    assert desk.ticket(2).assignee == "bob@desk.example"
    assert {desk.ticket(number).assignee for number in (1, 3)} == {"bob@desk.example", ""}


def test_the_tap_resolve_resolves_the_line_that_it_stands_in(desk: Desk, asked: Callable[..., Sent]) -> None:
    three_tickets(desk)
    tapped(desk, asked("#list open"), "Resolve", 1)

    assert [str(ticket.status) for ticket in desk.tickets()] == ["resolved", "open", "resolved"]


def test_a_ticket_that_is_his_is_not_to_be_taken_and_one_that_is_done_not_to_be_resolved(
    desk: Desk, asked: Callable[..., Sent]
) -> None:
    three_tickets(desk)

    assert ">Take<" not in asked("#list mine").html.replace(" ", "").replace("\n", "")
    assert ">Resolve<" not in asked("#list closed").html.replace(" ", "").replace("\n", "")


def test_a_long_list_fits_into_lines_that_still_say_which_ticket_they_are_about(
    desk: Desk, asked: Callable[..., Sent]
) -> None:
    name, subject = "Archibald Theophilus Featherstonehaugh-Cholmondeley", "It burns on the third floor " * 5
    desk.receive(f"{name} <ann@example.org>", "It burns.", subject=subject)
    lines = asked("#list unassigned").text.splitlines()

    assert max(map(len, lines)) <= 78
    assert any(line.startswith(f"{desk.ticket(1).number}  It burns") for line in lines)


def test_a_key_that_has_expired_opens_no_ticket(desk: Desk, asked: Callable[..., Sent]) -> None:
    old = asked("#list")
    desk.wait(days=100)
    question = asked("#prefs", reply_to=old)

    assert "Was this you?" in question.subject
    assert "expired on" in question.words
    assert "Your preferences" in asked("yes", reply_to=question).text
    assert desk.tickets() == []


def test_one_mistake_and_nothing_is_done(desk: Desk, asked: Callable[..., Sent]) -> None:
    refusal = asked("#away until monday\n#max many\n#list assignee:bobb\n#lst mine\n#resolve\n#prefs notice mine")

    assert "#max needs a number" in refusal.words
    assert "there is no agent 'bobb'; did you mean 'bob'?" in refusal.words
    assert "there is no command #lst; did you mean #list" in refusal.words
    assert "#resolve: that is about a ticket" in refusal.words
    assert "there is no preference 'notice', did you mean 'notices'?" in refusal.words
    assert "(no subject)" not in refusal.text
    assert "away" not in asked("#prefs").text.split("How you work")[1].splitlines()[4]


def test_a_refused_mail_is_corrected_by_answering_it(desk: Desk, asked: Callable[..., Sent]) -> None:
    refusal = asked("#lst")

    assert "no tickets" in asked("#list", reply_to=refusal).words


@pytest.mark.parametrize("text", ["Hello, is anybody there?", "#hurrah\n#list", "", "Yes.\n# Heading"])
def test_what_is_no_command_is_asked_about(desk: Desk, asked: Callable[..., Sent], text: str) -> None:
    asked(text)

    assert desk.outcome(3)[0] == "refused"
    assert desk.tickets() == []


def test_text_beside_commands_goes_nowhere_and_that_is_said(desk: Desk, asked: Callable[..., Sent]) -> None:
    answer = asked("#list\n\nWe are on our way,\nDear Ann.")

    assert 'the rest went nowhere: "We are on our way, Dear Ann."' in answer.words
    assert {mail.to for mail in desk.courier.sent} == {"bob@desk.example"}


def test_a_command_may_stand_in_the_subject(desk: Desk, asked: Callable[..., Sent]) -> None:
    three_tickets(desk)

    assert "Fire" in asked("", subject="#list mine").text
    assert "Fire" in asked("Sent from my telephone", subject="#list mine").text


def test_the_answer_belongs_to_the_mail_that_asked(desk: Desk, asked: Callable[..., Sent]) -> None:
    answer = asked("#list", Message_ID="<question@desk.example>")

    assert answer.message["In-Reply-To"] == "<question@desk.example>"
    assert answer.reply_to.startswith("support+t.")
    assert "no tickets" in asked("#list", reply_to=answer).words


def test_help_shows_every_command_or_one(desk: Desk, asked: Callable[..., Sent]) -> None:
    everything, one = asked("#help"), asked("#help away")

    assert [word for word in WORDS if f"#{word} " not in everything.text] == []
    assert "such as #away until monday" in one.text
    assert "#list" not in one.text


def test_the_key_of_a_ticket_counts_more_than_the_desk_address(desk: Desk) -> None:
    three_tickets(desk)
    notice = next(mail for mail in desk.courier.sent if mail.to == "bob@desk.example" and "Water" in mail.subject)
    desk.receive("bob@desk.example", "#take", reply_to=notice, Cc=ADDRESS)

    assert desk.ticket(2).assignee == "bob@desk.example"


def test_the_numbers_of_the_day_are_counted(desk: Desk, asked: Callable[..., Sent]) -> None:
    three_tickets(desk)
    desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    text = asked("#stats").text

    def numbers(name: str) -> list[str]:
        line = next(line for line in text.splitlines() if line.startswith(name))
        return line.removeprefix(name).split()[:2]

    assert numbers("new") == ["3", "3"]
    assert numbers("resolved or closed") == ["1", "1"]
    assert numbers("of these by you") == ["0", "0"]
    assert [numbers(name)[0] for name in ("open", "unassigned", "urgent")] == ["2", "1", "1"]
    assert "By agent" not in text


def test_yesterdays_tickets_are_of_this_week_and_not_of_today(desk: Desk, asked: Callable[..., Sent]) -> None:
    three_tickets(desk)
    desk.wait(days=1)
    desk.receive("zoe@example.org", "It is dark.", subject="Night")
    line = next(line for line in asked("#stats").text.splitlines() if line.startswith("new"))

    assert line.split()[1:] == ["1", "4"]


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ("", []),
        ("role: manager", ["Bob Miller", "Carla Reyes"]),
    ],
)
def test_managers_see_the_numbers_of_everybody(new_desk: Callable[..., Desk], more: str, names: list[str]) -> None:
    config = CONFIG.replace("teams: [billing]}", f"teams: [billing]{', ' + more if more else ''}}}")
    desk = new_desk(config)
    three_tickets(desk)
    key = first_key(desk)
    desk.receive("bob@desk.example", "#stats", reply_to=key)
    text = desk.notice_to("bob").text

    assert ("By agent" in text) is bool(names)
    assert [name for name in ("Bob Miller", "Carla Reyes") if f"{name} " in text.partition("By agent")[2]] == names


def test_the_lead_of_a_team_sees_the_numbers_of_his_people(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(f"{CONFIG}teams:\n  - {{name: billing, lead: bob@desk.example}}\n")
    key = first_key(desk)
    desk.receive("bob@desk.example", "#stats", reply_to=key)
    told = desk.notice_to("bob").text.partition("By agent")[2]

    assert "Bob Miller" in told
    assert "Carla Reyes" not in told
    desk.receive("bob@desk.example", "#stats", reply_to=key)
    tapped(desk, desk.notice_to("bob"), "List", 7)
    assert "#list open assignee:bob@desk.example: no tickets" in desk.notice_to("bob").words


def test_the_tap_list_of_a_number_lists_what_was_counted(desk: Desk, asked: Callable[..., Sent]) -> None:
    three_tickets(desk)
    tapped(desk, asked("#stats"), "List", 2)

    assert "#list unassigned: 1 ticket" in desk.notice_to("bob").words


def test_the_tap_list_of_a_filter_lists_what_it_keeps(desk: Desk, asked: Callable[..., Sent]) -> None:
    three_tickets(desk)
    tapped(desk, asked("#filter save wet drips\n#filter list"), "List")

    assert "#list wet: 1 ticket" in desk.notice_to("bob").words
    assert "Water" in desk.notice_to("bob").text


def test_nothing_of_another_company_is_found(new_desk: Callable[..., Desk]) -> None:
    other = "  - name: Other\n    mailboxes: [{address: help@other.example}]\n"
    desk = new_desk(CONFIG.replace("agents:\n", f"{other}agents:\n"))
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("ann@example.org", "It drips.", subject="Water", to="help@other.example")
    key = first_key(desk)
    desk.receive("bob@desk.example", "#list open", reply_to=key)
    assert "Fire" in desk.notice_to("bob").text
    assert "Water" not in desk.notice_to("bob").text

    moved = key.reply_to.replace("support+", "help+").replace("desk.example", "other.example")
    desk.receive("bob@desk.example", "#list open", to=moved)
    assert "Water" not in desk.notice_to("bob").text


def test_who_works_in_some_categories_sees_no_tickets_of_others(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(CONFIG.replace("teams: [billing]}", "teams: [billing], categories: [billing]}"))
    three_tickets(desk)
    desk.receive("carla@desk.example", "#category technical", reply_to=desk.notice_to("carla"))
    key = first_key(desk)
    desk.receive("bob@desk.example", "#list", reply_to=key)
    desk.receive("bob@desk.example", "#list status:resolved,open,assigned", reply_to=key)

    assert "Earth" not in desk.notice_to("bob").text
    assert "Water" in desk.notice_to("bob").text


def test_a_ticket_is_shown_by_its_number(desk: Desk, asked: Callable[..., Sent]) -> None:
    three_tickets(desk)
    shown = asked(f"#show {desk.ticket(2).number.lower()}\n#show [{desk.ticket(1).number}]").text

    assert "It drips from above." in shown
    assert "It burns." in shown
    assert "It shakes." not in shown


def test_the_tap_show_shows(desk: Desk, asked: Callable[..., Sent]) -> None:
    three_tickets(desk)
    tapped(desk, asked("#list unassigned"), "Show")

    assert "It drips from above." in desk.transcript().text


def test_a_mail_is_sent_as_it_came(desk: Desk, asked: Callable[..., Sent]) -> None:
    three_tickets(desk)
    answer = asked(f"#full {desk.ticket(2).number} 1")

    [whole] = [part for part in answer.message.walk() if part.get_content_type() == "message/rfc822"]
    assert "It drips from above." in whole.as_string()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("#show", "#show needs the number of a ticket here"),
        ("#show TKT-2026-000004", "there is no ticket TKT-2026-000004"),
        ("#full 3", "there is no ticket 3"),
    ],
)
def test_only_what_is_there_can_be_shown(desk: Desk, asked: Callable[..., Sent], line: str, says: str) -> None:
    three_tickets(desk)

    assert says in asked(line).words


def test_another_ticket_is_shown_in_the_answer_to_a_notice_too(desk: Desk) -> None:
    three_tickets(desk)
    [notice] = [mail for mail in desk.courier.sent if mail.to == "bob@desk.example" and "Water" in mail.subject]
    desk.receive("bob@desk.example", f"#show {desk.ticket(1).number}\n#take", reply_to=notice)

    assert "It burns." in desk.transcript().text
    assert "It drips" not in desk.transcript().text
    assert desk.ticket(2).assignee == "bob@desk.example"


def test_what_the_page_for_agents_says_is_obeyed(new_desk: Callable[..., Desk]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "agents.md").read_text(encoding="utf-8")
    section = page.partition("## The desk address")[2]
    lines = [line for line in re.findall(r"`(#[^`]+)`", section) if line != "#no"]
    desk = new_desk(f'{CONFIG}recurring: {{digest: {{at: "07:30"}}}}\n')
    three_tickets(desk)
    number = desk.ticket(2).number
    text = "\n".join(lines).replace("TKT-2026-000012 3", f"{number} 1").replace("TKT-2026-000012", number)
    desk.receive("bob@desk.example", text, reply_to=first_key(desk))

    assert len(lines) > 20
    assert desk.outcome(len(desk.tickets()) + 5) == ("commanded", "the signed reply address of bob@desk.example")
