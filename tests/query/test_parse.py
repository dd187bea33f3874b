"""What queries mean, and what is wrong with those that mean nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mailtix.query import (
    Address,
    Age,
    All,
    AnyOf,
    DueWithin,
    Field,
    FieldIs,
    Known,
    Node,
    Not,
    Numbered,
    OneOf,
    Query,
    Rated,
    Snoozed,
    Sort,
    SortKey,
    Tagged,
    Who,
    Words,
    parse,
    phrase,
)
from mailtix.query.language import Moment
from mailtix.query.names import DONE, OPEN
from query.asking import ANN, BOB, COMPANY, asked, mistakes, whole

A, B, C = Words(("a",)), Words(("b",)), Words(("c",))
IS_OPEN = OneOf(Field.STATUS, OPEN)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("status:open", IS_OPEN),
        ("status:new", OneOf(Field.STATUS, ("open",))),
        ("status:waiting-customer,done", OneOf(Field.STATUS, ("waiting_customer", *DONE))),
        ("STATUS:Waiting_C", OneOf(Field.STATUS, ("waiting_customer",))),
        ("priority:urgent", OneOf(Field.PRIORITY, ("urgent",))),
        ("priority>=high", OneOf(Field.PRIORITY, ("high", "urgent", "critical"))),
        ("priority:>=high", OneOf(Field.PRIORITY, ("high", "urgent", "critical"))),
        ("priority≥high", OneOf(Field.PRIORITY, ("high", "urgent", "critical"))),
        ("priority<medium", OneOf(Field.PRIORITY, ("low",))),
        ("priority>critical", OneOf(Field.PRIORITY, ())),
        ("assignee:me,none", OneOf(Field.ASSIGNEE, (BOB.key, ""))),
        ("assignee:bob", OneOf(Field.ASSIGNEE, (BOB.key,))),
        ('assignee:"Ann Bell"', OneOf(Field.ASSIGNEE, (ANN.key,))),
        ("assignee:ann@desk.example", OneOf(Field.ASSIGNEE, (ANN.key,))),
        ('team:"second line",billing', OneOf(Field.TEAM, ("second line", "billing"))),
        ("team:sec", OneOf(Field.TEAM, ("second line",))),
        ("category:none", OneOf(Field.CATEGORY, ("",))),
        ("tag:Refund,vip", AnyOf((Tagged("refund"), Tagged("vip")))),
        ("requester:Ann@Example.org", Address(Who.REQUESTER, "ann@example.org")),
        ("requester:*@bigcorp.example", Address(Who.REQUESTER, "*@bigcorp.example")),
        ("requester:ann", Address(Who.REQUESTER, "*ann*")),
        ("from:ann@example.org", Address(Who.WRITER, "ann@example.org")),
        ("watching:me", Address(Who.WATCHER, BOB.key)),
        ("number:tkt-2026-000017", Numbered("TKT-2026-000017")),
        ("older:2d", Age(Moment.CREATED, timedelta(days=2), before=True)),
        ("newer:1d12h", Age(Moment.CREATED, timedelta(days=1, hours=12), before=False)),
        ("newer:2026-11-20", Age(Moment.CREATED, date(2026, 11, 20), before=False)),
        ("idle:3w", Age(Moment.UPDATED, timedelta(weeks=3), before=True)),
        ("due<4h", DueWithin(timedelta(hours=4))),
        ("due:<4h", DueWithin(timedelta(hours=4))),
        ("due:30m", DueWithin(timedelta(minutes=30))),
        ("overdue", DueWithin(timedelta())),
        ("rating<=2", Rated(1, 2)),
        ("rating:>4", Rated(5, 5)),
        ("rating:3", Rated(3, 3)),
        ("snoozed", Snoozed()),
        ('field.order:"A 1"', FieldIs("order", "A 1")),
        ("field.order:none", FieldIs("order", "")),
        ("print*", Words(("print",), prefix=True)),
        ('"paper j"*', Words(("paper", "j"), prefix=True)),
        ('"2 * 3"', Words(("2", "3"))),
        ('"a phrase"', Words(("a", "phrase"))),
        ("“a phrase”", Words(("a", "phrase"))),
        ('"open"', Words(("open",))),
        ("e-mail", Words(("e", "mail"))),
        ("10:30", Words(("10", "30"))),
        ("", All()),
        ("  ", All()),
        ("closed", OneOf(Field.STATUS, DONE)),
        ("unassigned", All((OneOf(Field.ASSIGNEE, ("",)), IS_OPEN))),
        ("mine", All((OneOf(Field.ASSIGNEE, (BOB.key,)), IS_OPEN))),
        ("mine status:done", All((OneOf(Field.ASSIGNEE, (BOB.key,)), OneOf(Field.STATUS, DONE)))),
        ("urgent closed", All((OneOf(Field.PRIORITY, ("urgent", "critical")), OneOf(Field.STATUS, DONE)))),
    ],
)
def test_each_term_has_its_meaning(text: str, meaning: Node) -> None:
    assert asked(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a b", All((A, B))),
        ("a and b", All((A, B))),
        ("a or b c", AnyOf((A, All((B, C))))),
        ("a OR b", AnyOf((A, B))),
        ("(a or b) c", All((AnyOf((A, B)), C))),
        ("-a", Not(A)),
        ("not a", Not(A)),
        ("not -a", A),
        ("-(a b)", Not(All((A, B)))),
        ("a not b", All((A, Not(B)))),
        ("((a))", A),
        ("status:open or status:done", OneOf(Field.STATUS, (*OPEN, *DONE))),
        ("status:open or team:billing", AnyOf((IS_OPEN, OneOf(Field.TEAM, ("billing",))))),
    ],
)
def test_terms_are_put_together(text: str, meaning: Node) -> None:
    assert asked(text) == meaning


def test_sorting_is_no_condition_and_may_stand_anywhere() -> None:
    query = whole("sort:-updated a sort:priority,due")

    assert query.where == A
    assert query.sort == (Sort(SortKey.UPDATED, True), Sort(SortKey.PRIORITY), Sort(SortKey.DUE))


@pytest.mark.parametrize(
    ("text", "at", "length", "words"),
    [
        ("satus:open", 0, 5, "did you mean 'status'?"),
        ("a status:opne", 9, 4, "did you mean 'open'?"),
        ("status:open,clsed", 12, 5, "did you mean 'closed'?"),
        ("status:re", 7, 2, "may be resolved or reopened"),
        ("status>open", 0, 11, "status cannot be asked with >"),
        ("status:", 0, 7, "has no value"),
        ("priority:hgh", 9, 3, "did you mean 'high'?"),
        ("assignee:bbo", 9, 3, "did you mean 'bob'?"),
        ("assignee:miller", 9, 6, "may be bob@desk.example or anne@desk.example"),
        ("assignee:zzz", 9, 3, "there are: bob@desk.example, ann@desk.example"),
        ("assignee:second", 9, 6, 'write team:"second line"'),
        ("team:biling", 5, 6, "did you mean 'billing'?"),
        ("category:technicl", 9, 8, "did you mean 'technical'?"),
        ("older:2", 6, 1, "2026-11-20"),
        ("older:2026-02-30", 6, 10, "there is no day"),
        ("older:99999w", 6, 6, "too long"),
        ("due:2026-11-20", 4, 10, "is no time"),
        ("rating:9", 7, 1, "1 to 5"),
        ("sort:age", 5, 3, "there are: created"),
        ("-sort:due", 1, 8, "sort:-updated"),
        ("(sort:due a)", 1, 8, "outside"),
        ("http://example.org/", 0, 4, "in quotes"),
        ("x*y", 0, 3, "only the end of a word may be open"),
        ("a & b", 2, 1, "letters and digits"),
        ('a "b c', 2, 4, "not closed"),
        ("(a", 0, 1, "not closed"),
        ("a)", 1, 1, "no ( for this"),
        ("()", 0, 1, "nothing in these"),
        ("a or", 2, 2, "both sides"),
        ("or a", 0, 2, "both sides"),
        ("a and", 2, 3, "both sides"),
        ("a not", 2, 3, "needs something after it"),
        ("a " * 200, 200, 1, "100 terms"),
        ("a" * 3000, 2000, 1, "2000 characters"),
        ("(" * 30 + "a" + ")" * 30, 20, 1, "20 deep"),
    ],
)
def test_a_mistake_has_its_place_and_says_what_to_do(text: str, at: int, length: int, words: str) -> None:
    [mistake] = mistakes(text)

    assert (mistake.at, mistake.length) == (at, length)
    assert words in str(mistake)


def test_every_mistake_is_told_at_once_each_under_its_place() -> None:
    found = mistakes("satus:open (priority:hgh or team:biling")

    assert [mistake.at for mistake in found] == [0, 11, 21, 33]
    assert found[1].pointed().splitlines()[:2] == ["satus:open (priority:hgh or team:biling", " " * 11 + "^"]


def test_nobody_is_me_where_nobody_asks() -> None:
    [mistake] = mistakes("mine", Known.of([COMPANY]))

    assert "who 'me' is" in str(mistake)


def test_any_category_will_do_where_a_company_lists_none() -> None:
    assert isinstance(asked("category:billing"), OneOf)
    assert mistakes("category:other")
    assert not isinstance(parse("category:other", Known()), tuple)


@pytest.mark.parametrize(
    "text", ["assignee:bob", "tag:vip", "from:bob@*", "team:billing", "field.x:1", "sort:priority"]
)
def test_a_customer_cannot_ask_about_the_desk(text: str) -> None:
    [mistake] = mistakes(text, Known(customer=True))

    assert "bob@desk" not in str(mistake)
    assert "there are: status, number" in str(mistake) or "there are: created" in str(mistake)


def test_what_stands_for_a_question_of_the_desk_is_text_to_a_customer() -> None:
    found = parse("mine open number:17", Known(customer=True))

    assert isinstance(found, Query)
    assert found.where == All((Words(("mine",)), IS_OPEN, Numbered("17")))


def test_plain_words_are_a_phrase_that_may_go_on() -> None:
    assert phrase("Smoke fro") == Words(("smoke", "fro"), prefix=True)
    assert phrase("%&") is None
