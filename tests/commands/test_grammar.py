"""Which lines are commands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.commands.grammar import WORDS, parse
from mailtix.commands.notice import RULE, without_notice

MARKER = "-- Please reply above this line --"
NOTICE = f"{MARKER}\n\nIt is yours.\n\n{RULE}\n\nIt burns."


@pytest.mark.parametrize("example", WORDS.values())
def test_every_command_is_read_with_its_argument(example: str) -> None:
    [command] = parse(f"{example}\n\nHello").commands
    word, _, argument = example[1:].partition(" ")

    assert (command.word, command.argument) == (word, argument)


def test_commands_stand_at_the_top_in_any_case_and_blank_lines_do_no_harm() -> None:
    parsed = parse("\n\n  #TAKE  \n\n#Priority   high \n\nHello\n#close\n")

    assert [(c.word, c.argument) for c in parsed.commands] == [("take", ""), ("priority", "high")]
    assert parsed.rest == "Hello\n#close"


@pytest.mark.parametrize("line", ["#asign bob", "#resolved", "#closed", "#prioritty high", "#statuss open"])
def test_a_near_miss_is_a_mistake_and_never_text(line: str) -> None:
    parsed = parse(f"{line}\nHello")

    assert len(parsed.mistakes) == 1
    assert "did you mean" in parsed.mistakes[0]
    assert line not in parsed.rest


@pytest.mark.parametrize("line", ["# Heading", "#1 problem", "#hashtag", "##", "#", "#-", "C#", "#thanks"])
def test_other_lines_with_a_hash_are_text(line: str) -> None:
    assert parse(f"{line}\n#close").rest == f"{line}\n#close"


@settings(derandomize=True, database=None, max_examples=300)
@given(st.text(max_size=400))
def test_nothing_is_lost_and_nothing_raises(text: str) -> None:
    parsed = parse(text)
    whole = text.strip()

    assert whole.endswith(parsed.rest.splitlines()[-1]) if parsed.rest else True
    assert len(parsed.commands) + len(parsed.mistakes) <= len(whole.splitlines())


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
