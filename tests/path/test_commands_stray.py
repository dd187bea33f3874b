"""Lines that look like commands, in mails that say nothing else."""

from __future__ import annotations

import pytest

from desk import Desk, Sent


@pytest.fixture
def notice(desk: Desk) -> Sent:
    desk.receive("ann@example.org", "It burns.")
    return desk.notice_to("bob")


@pytest.mark.parametrize("text", ["#cancel", "#take\n\n#cancel\n\nRegards,\nBob Miller", "> It burns.\n\n#cancel"])
def test_a_mail_of_nothing_but_lines_like_commands_never_leaves(desk: Desk, notice: Sent, text: str) -> None:
    [refused] = desk.receive("Bob Miller <bob@desk.example>", text, reply_to=notice)

    assert refused.to == "bob@desk.example"
    assert "#cancel: there is no such command" in refused.words
    assert "did you mean #status cancelled?" in refused.words
    assert (desk.ticket().assignee, desk.ticket().first_response_at) == ("", None)


def test_with_other_words_around_such_a_line_is_a_part_of_the_answer(desk: Desk, notice: Sent) -> None:
    [answer] = desk.receive("bob@desk.example", "#one\nHello\n#two", reply_to=notice)

    assert answer.to == "ann@example.org"
    assert answer.words.startswith("#one Hello #two")
