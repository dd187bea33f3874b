"""Counting what other rules would change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mailtix.rules.backtest import Result, Tally, compare, condition


def result(*rules: str, **fields: str) -> Result:
    names = ("category", "assignee", "tags")
    return Result(tuple((name, fields.get(name, "")) for name in names), rules)


ABOUT = ("J1", "TKT-1", "ann@example.org", "Hello")
results = some.builds(
    lambda rules, category, assignee: result(*rules, category=category, assignee=assignee),
    some.lists(some.sampled_from(["A", "B", "C"]), unique=True),
    some.sampled_from(["", "billing", "sales"]),
    some.sampled_from(["", "ann", "bob"]),
)


def test_fields_and_rules_that_differ_are_named() -> None:
    before = result("A", "B", category="billing", tags="x")
    after = result("B", "C", category="sales", tags="x")

    assert compare(before, after) == ((("category", "billing", "sales"),), ("A",), ("C",))


def test_a_mail_that_only_other_rules_match_is_shown_but_changes_nothing() -> None:
    tally = Tally()
    tally.count(result("A"), result("B"), ABOUT)

    assert (tally.asked, tally.changed, tally.lost["A"], tally.gained["B"]) == (1, 0, 1, 1)
    assert [sample.name for sample in tally.samples] == ["J1"]


@given(some.lists(some.tuples(results, results), max_size=12), some.integers(0, 12))
def test_the_counts_of_parts_add_up_to_the_count_of_all(mails: list[tuple[Result, Result]], cut: int) -> None:
    def counted(some_mails: list[tuple[Result, Result]]) -> Tally:
        tally = Tally(mails=len(some_mails))
        for before, after in some_mails:
            tally.count(before, after, ABOUT)
        return tally

    parts = counted(mails[:cut])
    parts.add(counted(mails[cut:]))
    assert parts == counted(mails)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("changed>5%", True),
        ("changed > 10 %", False),
        ("changed>=10%", True),
        ("changed>0", True),
        ("changed<1", False),
        ("gained=2", True),
        ("lost>0", False),
    ],
)
def test_a_condition_is_about_numbers_or_shares(text: str, holds: bool) -> None:
    tally = Tally(mails=12, asked=10, changed=1)
    tally.gained["A"] = 2

    assert condition(text).holds(tally) is holds


@pytest.mark.parametrize("text", ["changed", "5%", "changed>x", "mails>1", "changed>5%%"])
def test_what_is_no_condition_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no condition; write changed>5%"):
        condition(text)
