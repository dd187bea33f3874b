"""mailtix tickets list: what a query finds, in the terminal."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest

from desk import Desk
from mailtix.cli import main


@pytest.fixture
def listed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> object:
    """Two tickets: 1 is Bob's, 2 is nobody's and has a subject that a spreadsheet would calculate."""
    desk.receive("ann@example.org", "There is smoke from it.", subject="The printer burns")
    desk.receive("bob@desk.example", "#take\n#priority urgent\n#tag fire", reply_to=desk.notice_to("bob"))
    desk.receive("Eve <eve@example.net>", "Two, please.", subject="=1+1")

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["--config", str(desk.folder / "mailtix.yaml"), "tickets", "list", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.mark.parametrize(
    ("arguments", "subjects"),
    [
        ((), ["=1+1", "The printer burns"]),
        (("assignee:bob",), ["The printer burns"]),
        (("assignee:none",), ["=1+1"]),
        (("--as", "bob@desk.example", "mine", "urgent"), ["The printer burns"]),
        (("unassigned", "status:done"), []),
        (("tag:fire", "or", "requester:*@example.net", "sort:created"), ["The printer burns", "=1+1"]),
        (("not", '"smoke from"'), ["=1+1"]),
        (("--search", "smoke fro"), ["The printer burns"]),
        (("--search", "from smoke"), []),
        (("--status", "open", "--assignee", ""), ["=1+1"]),
        (("--company", "Example", "number:1"), ["The printer burns"]),
    ],
)
def test_a_query_and_the_options_find_together(listed: object, arguments: tuple[str, ...], subjects: list[str]) -> None:
    code, out, _ = listed(*arguments, "--json")  # type: ignore[operator]

    assert (code, [ticket["subject"] for ticket in json.loads(out)]) == (0, subjects)


def test_the_table_tells_when_there_are_more(listed: object) -> None:
    assert "There are more" in listed("--limit", "1")[2]  # type: ignore[operator]
    assert listed("--limit", "2")[2] == ""  # type: ignore[operator]
    assert "There are more" not in listed("--limit", "0")[2]  # type: ignore[operator]


def test_csv_names_its_columns_and_holds_no_formula(listed: object) -> None:
    _, out, _ = listed("--csv", "sort:created")  # type: ignore[operator]

    first, second = csv.DictReader(StringIO(out))
    assert (first["subject"], first["tags"], first["priority"]) == ("The printer burns", "fire", "urgent")
    assert (second["subject"], second["requester"], second["assignee"]) == ("'=1+1", "eve@example.net", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("status:opne", "prioritty:high"), ("did you mean 'open'?", "did you mean 'priority'?", "^^^^")),
        (("mine",), ("who 'me' is",)),
        (("--as", "bbo@desk.example"), ("agents list",)),
        (("--search", "&"), ("letters and digits",)),
        (("--company", "Exmaple"), ("there are: Example",)),
        (("--json", "--csv"), ("one of",)),
        (("--limit", "-1"), ("0 means all",)),
        (("--status", "opne"), ("there are: assigned",)),
    ],
)
def test_every_mistake_is_told_with_what_to_do(listed: object, arguments: tuple[str, ...], words: tuple[str]) -> None:
    code, out, err = listed(*arguments)  # type: ignore[operator]

    assert (code, out) == (2, "")
    assert all(word in err for word in words), err
