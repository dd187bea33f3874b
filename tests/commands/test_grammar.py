"""Which lines are commands."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.commands.explained import EXPLAINED
from mailtix.commands.grammar import WORDS, Command, parse
from mailtix.commands.notice import RULE, without_notice

SECONDS = 4.0  # what a loaded test machine may take for what takes a fraction of one alone
MARKER = "-- Please reply above this line --"
NOTICE = f"{MARKER}\n\nIt is yours.\n\n{RULE}\n\nIt burns."


@pytest.mark.parametrize("example", WORDS.values())
def test_every_command_is_read_with_its_argument(example: str) -> None:
    [command] = parse(f"{example}\n\nHello").commands
    word, _, argument = example[1:].partition(" ")

    assert (command.word, command.argument) == (word, argument)


def test_every_command_is_explained() -> None:
    assert set(EXPLAINED) == set(WORDS)
    # the table in the transcript has 78 columns
    assert [word for word, text in EXPLAINED.items() if len(text) > 78 - 2 - len("#") - max(map(len, WORDS))] == []


def test_commands_stand_at_the_top_and_at_the_bottom_and_blank_lines_do_no_harm() -> None:
    parsed = parse("\n\n  #TAKE  \n\n#Priority   high \n\nHello\n\nBye\n\n#tag fire\n\n#close\n\n")

    assert [(c.word, c.argument) for c in parsed.commands] == [
        ("take", ""),
        ("priority", "high"),
        ("tag", "fire"),
        ("close", ""),
    ]
    assert parsed.rest == "Hello\n\nBye"


@pytest.mark.parametrize(
    "end",
    [
        "Regards,\nBob Miller",
        "Bob",
        "Best regards\n\nBob Miller\nExample Support",
        "Viele Gr\u00fc\u00dfe\nBob",
        "Thanks!",
    ],
)
def test_commands_may_stand_above_the_words_that_take_leave(end: str) -> None:
    parsed = parse(f"Use water.\n\n#tag fire\n#resolve\n\n{end}", name="Bob Miller")

    assert [c.word for c in parsed.commands] == ["tag", "resolve"]
    assert parsed.rest == f"Use water.\n\n{end}"
    assert parse(f"Use water.\n#resolv\n{end}", name="Bob Miller").mistakes


@pytest.mark.parametrize(
    "end",
    [
        "to close it.",
        "Bob",
        "Regards to your boss, who wanted to know about it",
        "> Thanks",
        "Thanks to that it will close.",
    ],
)
def test_other_last_words_are_text_like_what_stands_above(end: str) -> None:
    text = f"Please write\n#close\n{end}"
    assert parse(text, name="Carla Reyes").rest == text


def test_a_name_below_commands_is_no_answer() -> None:
    assert parse("#take\n\nBob Miller\n", name="Bob Miller").rest == ""
    assert parse("#take\n\nThanks!", name="Bob Miller").rest == "Thanks!"
    assert parse("Bob Miller", name="Bob Miller").rest == "Bob Miller"


def test_commands_between_lines_of_text_are_text() -> None:
    assert parse("Please write\n#close\nto close it.") == parse("\nPlease write\n#close\nto close it.\n")
    assert parse("Please write\n#close\nto close it.").commands == ()


@pytest.mark.parametrize(
    ("line", "word", "argument"),
    [
        ("#Resolve", "resolve", ""),
        ("#un-assign", "unassign", ""),
        ("#UN_WATCH me", "unwatch", "me"),
        ("#un\u2013watch", "unwatch", ""),
        ("#note: careful", "note", "careful"),
        ("#priority\xa0high", "priority", "high"),
        ("\u200b#take", "take", ""),
        ("\uff03take", "take", ""),
        ("#assign\tbob", "assign", "bob"),
    ],
)
def test_case_dashes_and_what_clients_put_around_do_not_matter(line: str, word: str, argument: str) -> None:
    [command] = parse(f"{line}\nHello").commands

    assert (command.word, command.argument) == (word, argument)


@pytest.mark.parametrize("place", ["{}\nHello", "Hello\n{}", "Hello\n{}\n#take", "#take\n{}\nHello"])
@pytest.mark.parametrize(
    "line",
    [
        "#asign bob",
        "#resolved",
        "#closed",
        "#prioritty high",
        "#statuss open",
        "#prio high",
        "#tga x",
        "#resolve.",
        "#ntoe x",
    ],
)
def test_a_near_miss_at_either_end_is_a_mistake_and_never_text(line: str, place: str) -> None:
    parsed = parse(place.format(line))

    assert len(parsed.mistakes) == 1
    assert parsed.mistakes[0].startswith(f"{line}: ")
    assert line not in parsed.rest


def test_what_may_have_been_meant_is_said() -> None:
    assert parse("#asign bob").mistakes == ("#asign bob: there is no command #asign; did you mean #assign?",)
    assert parse("#watsch me").mistakes[0].endswith("did you mean #watch?")
    assert parse("#resolve!").mistakes[0].endswith("write #resolve without '!', if that is meant")


@pytest.mark.parametrize("line", ["# Heading", "#1 problem", "#hashtag", "##", "#", "#-", "C#", "#thanks", "#2: no"])
def test_other_lines_with_a_hash_are_text(line: str) -> None:
    assert parse(f"{line}\nHello").rest == f"{line}\nHello"
    assert parse(f"Hello\n{line}").rest == f"Hello\n{line}"


def test_aliases_are_other_words_for_commands_and_never_instead_of_them() -> None:
    parsed = parse("#Done\n#p high\n#take\n\nHello", {"done": "resolve", "p": "priority", "take": "close"})

    assert [(c.word, c.argument) for c in parsed.commands] == [("resolve", ""), ("priority", "high"), ("take", "")]
    assert parse("#doen", {"done": "resolve"}).mistakes[0].endswith("did you mean #resolve?")


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("", ()),
        ("a  b", ("a", "b")),
        ('"Ann Archer" b', ("Ann Archer", "b")),
        ('name="Ann B" day=Monday', ("name=Ann B", "day=Monday")),
        ("\u201cAnn Archer\u201d", ("Ann Archer",)),
        ("\u201eAnn Archer\u201c", ("Ann Archer",)),
        ('"never closed', ("never closed",)),
        ('""', ("",)),
        ("O'Brien 5\"", ("O'Brien", '5"')),
    ],
)
def test_quotes_keep_words_together(argument: str, words: tuple[str, ...]) -> None:
    assert Command("tag", argument, "").words == words


@pytest.mark.parametrize(
    ("argument", "name"),
    [("bob", "bob"), ('"Ann Archer"', "Ann Archer"), ('"a" and "b"', '"a" and "b"'), ('"', '"'), ('""', "")],
)
def test_a_name_may_stand_in_quotes(argument: str, name: str) -> None:
    assert Command("assign", argument, "").name == name


LINES = st.one_of(
    st.sampled_from([*WORDS.values(), "", "  ", "Hello", "#asign x", "# Title", "#1", "> #close", "\u200b", "#note:"]),
    st.text(max_size=30),
)


@settings(derandomize=True, database=None, max_examples=400)
@given(st.lists(LINES, max_size=12).map("\n".join))
def test_any_text_is_read_and_nothing_of_it_is_lost(text: str) -> None:
    parsed = parse(text)
    lines = [line for line in text.strip().splitlines() if line.strip()]
    unseen = " \t\r\f\v\xa0\u200b\u200e\u200f\u2060\ufeff"

    read = [c.line for c in parsed.commands] + [mistake.rpartition(": ")[0] for mistake in parsed.mistakes]
    kept = [line for line in parsed.rest.splitlines() if line.strip()]
    blank = [line for line in lines if not line.strip(unseen)]
    assert len(read) + len(kept) <= len(lines) <= len(read) + len(kept) + len(blank)
    assert parsed.rest in "\n".join(text.strip().splitlines())
    assert all(command.word in WORDS for command in parsed.commands)


@settings(derandomize=True, database=None, max_examples=300)
@given(st.text(max_size=100))
def test_any_argument_has_words(argument: str) -> None:
    command = Command("tag", argument, "")

    assert all(char in argument for word in command.words for char in word)
    assert command.name in argument


@settings(derandomize=True, database=None, max_examples=300)
@given(st.lists(LINES, max_size=12).map("\n".join))
def test_what_is_left_holds_no_command_at_its_ends(text: str) -> None:
    rest = parse(text).rest

    assert (parse(rest).commands, parse(rest).mistakes) == ((), ())


@pytest.mark.parametrize(
    ("text", "words", "rest"),
    [
        ("Hello\n#note secret\nBest\n#close", ["note", "close"], "Hello\n\nBest"),
        ("Hello\n\n#note secret\n\nBest, Bob\n\n#close\n#tag urgent", ["note", "close", "tag"], "Hello\n\nBest, Bob"),
        (
            "#tag urgent\nHello\n#note secret\nBest\n#note more\nBob\n#close",
            ["tag", "note", "note", "close"],
            "Hello\n\nBest\n\nBob",
        ),
    ],
)
def test_commands_stand_above_and_below_the_words_that_take_leave(text: str, words: list[str], rest: str) -> None:
    parsed = parse(text, name="Bob Miller")

    assert [command.word for command in parsed.commands] == words
    assert parsed.rest == rest


def test_a_mail_of_nothing_but_closings_and_commands_is_read_in_time() -> None:
    text = "Hello\n" + "Best\n#close\n" * 50_000
    begin = time.process_time()

    parsed = parse(text)

    assert time.process_time() - begin < SECONDS
    assert (len(parsed.commands), parsed.rest.splitlines()[0]) == (50_000, "Hello")


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def test_a_quoted_notice_goes_and_the_customers_words_stay() -> None:
    text = f"Bob wrote on Friday\n<support@desk.example> wrote:\n{quoted(NOTICE)}\n\nUse water."

    assert without_notice(text, [MARKER]) == "> It burns.\n\nUse water."


def test_answers_inside_of_the_notice_lose_the_notice_around_them() -> None:
    first, second = NOTICE.split("It is yours.")
    text = f"{quoted(first)}\nI know.\n{quoted(second)}\nUse water."

    assert without_notice(text, [MARKER]) == "I know.\n> It burns.\nUse water."


def test_a_text_without_the_marker_stays_as_it_is() -> None:
    assert without_notice(f"a\n> b\n{RULE}\nc:", [MARKER]) == f"a\n> b\n{RULE}\nc:"


def test_only_quotes_are_nothing() -> None:
    assert without_notice(quoted(NOTICE), [MARKER]) == ""
