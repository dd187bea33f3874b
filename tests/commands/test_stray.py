"""Lines that look like commands and are none, in mails that say nothing else."""

from __future__ import annotations

import pytest

from mailtix.commands.stray import strays

NONE = "there is no such command, and your mail says nothing else"


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("#cancel", "did you mean #status cancelled?"),
        ("#waiting_customer", "did you mean #status waiting_customer?"),
        ("#open", "did you mean #status open?"),
        (
            "#WAIT",
            "did you mean #status waiting_customer or #status waiting_support or #status waiting_internal?",
        ),
        ("#in", "#help shows all commands"),
        ("#refund now, please", "#help shows all commands"),
    ],
)
def test_such_a_line_alone_is_a_mistake_with_a_hint(line: str, hint: str) -> None:
    assert list(strays(line, "")) == [f"{line.split()[0]}: {NONE}; {hint}"]


@pytest.mark.parametrize(
    "text",
    [
        "#one\n\n#two",
        "> It burns.\n\n#one\n> Help.\n#two",
        "#one\n#two\n\nRegards,\nBob Miller",
        "\uff03one\n #two \nBob",
    ],
)
def test_neither_quotes_nor_taking_leave_make_it_an_answer(text: str) -> None:
    assert [line.partition(":")[0] for line in strays(text, "Bob Miller")] == ["#one", "#two"]


@pytest.mark.parametrize(
    "text", ["", "> #one", "#one\nHello", "Hello\n#one", "# one", "#1", "#one\n## Two", "Thanks!", "Hello #one"]
)
def test_with_other_words_around_it_is_text(text: str) -> None:
    assert list(strays(text, "Bob Miller")) == []
