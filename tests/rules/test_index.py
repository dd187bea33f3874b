"""Looking rules up finds exactly what asking each of them finds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import yaml
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from mailtix.model.auth import Authentication, Check, Result
from mailtix.model.desk import Account
from mailtix.model.mail import Address, InboundMail
from mailtix.rules import BadRules, MailView, RuleSet, load, run
from mailtix.rules.engine import run_over
from mailtix.rules.index import Automaton
from mailtix.rules.match import Reading
from rules.desk import KNOWN, PLAIN, attachment
from rules.desk import mail as a_mail

PIECES = ["refund", "ref", "fund", "ß", "SS", "Straße", "İ", "K", "K", "ſ", "é", "é", "?", " ", "\n", "urgent", "x"]
TEXTS = st.lists(st.sampled_from([*PIECES, "\ud800", "\0"]), max_size=6).map("".join)
LITERALS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join).filter(str.strip)
REGEXES = st.sampled_from(
    ["/ref/", "/REF/i", "/^x/", "/x$/", "/(?m)^x$/", "/\\bfund\\b/", "/k/i", "/s+/i", "/a|b|ß/", "/.{2,4}x/", "/x?/"]
)


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A piece of text or a regex."""
    return draw(LITERALS | REGEXES)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(ADDRESSES))


PATTERNS = patterns()
ADDRESSES = [
    "ann@example.org", "Ann@Example.org", "*@example.org", "*@*.example.org", "a?n@example.org", "*n@example.org",
    "ann@*", "/ann/i", "kim@example.net", "*@EXAMPLE.net",
]  # fmt: skip
SENDERS = ["ann@example.org", "ANN@EXAMPLE.ORG", "joe@sub.example.org", "Kim@example.net", "kim@example.net", "x", ""]


def some(values: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=1, max_size=3)


LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "subject": some(PATTERNS),
        "body": some(PATTERNS),
        "whole_body": some(PATTERNS),
        "from": some(addresses()),
        "to": some(addresses()),
        "header": st.dictionaries(st.sampled_from(["X-A", "x-b"]), st.booleans() | PATTERNS, min_size=1, max_size=2),
        "words": st.sampled_from(["urgent", {"list": "urgent", "languages": ["de"]}, "money"]),
        "kind": st.sampled_from(["human", "bulk"]),
        "company": st.just("Example"),
        "has_attachment": st.booleans(),
        "attachment": st.just({"name": "*.pdf"}),
        "tags": st.sampled_from(["a", "b"]),
        "priority": st.sampled_from([">=high", "low"]),
        "spam_score": st.sampled_from([">5", "<=0"]),
        "auth": st.sampled_from([{"dmarc": "pass"}, {"spf": ["fail", "none"]}]),
        "business_hours": st.just("support"),
        "customer": st.sampled_from([{"vip": True}, {"account": "Big*"}]),
        "field": st.sampled_from([{"order": True}, {"plan": "gold"}]),
    },
).filter(bool)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "any": st.lists(inner, min_size=1, max_size=3),
            "all": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
        },
    ).filter(bool),
    max_leaves=5,
)
ACTIONS = st.sampled_from(
    [
        {"tag": "a"},
        {"field": {"plan": "gold"}},
        {"hold": True},
        {"tag": "b", "stop": True},
        {"untag": "a"},
        {"priority": "raise"},
    ]
)
RULES = st.fixed_dictionaries(
    {"then": ACTIONS},
    optional={"when": CONDITIONS, "on": st.sampled_from(["new", "reply", ["new", "reply"]]), "shadow": st.booleans()},
)
MAILS = st.builds(
    lambda subject, reply, quoted, sender, to, headers, files: a_mail(
        subject=subject,
        reply=reply,
        text=reply + quoted,
        from_=Address(sender),
        to=(Address(to),),
        headers=tuple(headers),
        attachments=files,
    ),
    TEXTS,
    TEXTS,
    TEXTS,
    st.sampled_from(SENDERS),
    st.sampled_from(SENDERS),
    st.lists(
        st.tuples(st.sampled_from(["x-a", "X-B"]), TEXTS) | st.just(("X-Spam-Score", "7.5")),
        max_size=2,
    ),
    st.sampled_from([(), (attachment("a.pdf"),), (attachment("a.png", inline=True),)]),
)


AUTHS = st.sampled_from([None, Authentication(), Authentication(dmarc=Check(Result.PASS))])
ACCOUNTS = st.sampled_from([None, Account("Bigcorp", (), vip=True)])


@given(st.lists(RULES, min_size=1, max_size=6), MAILS, st.sampled_from(["human", "bulk"]), AUTHS, ACCOUNTS)
@settings(max_examples=600, deadline=None)
def test_what_is_looked_up_is_what_asking_every_rule_finds(
    rules: list[dict[str, Any]],
    mail: InboundMail,
    kind: str,
    auth: Authentication | None,
    account: Account | None,
) -> None:
    named = [{"name": f"Rule {number}", **rule} for number, rule in enumerate(rules)]
    try:
        loaded = load([("rules.yaml", yaml.safe_dump(named, allow_unicode=True))], KNOWN)
    except BadRules:  # some contradict themselves
        reject()
    view = MailView(mail, "Example", "support@example.com", kind, auth=auth, account=account)
    assert run(loaded, view, "new") == run_over(loaded.rules, Reading(view), "new")
    assert run(loaded, view, "reply") == run_over(loaded.rules, Reading(view), "reply")


def many(count: int) -> RuleSet:
    text = "\n".join(
        f"- {{name: R{n}, when: {{subject: product {n:04} broken}}, then: {{tag: t{n}}}}}" for n in range(count)
    )
    return load([("rules.yaml", text)], KNOWN)


def test_only_the_rules_whose_texts_are_there_are_asked() -> None:
    rules = many(500)
    reading = Reading(MailView(replace(PLAIN, subject="My Product 0123 broken"), "Example", "support@example.com"))
    assert list(rules.index.possible(reading, "new")) == [123]
    assert list(rules.index.possible(reading, "reply")) == []


def test_an_automaton_without_memory_says_so_instead_of_finding_nothing() -> None:
    automaton = Automaton([f"(?i:a.{{0,200}}b{n}.{{0,200}}c)" for n in range(400)])
    assert automaton.found_in(b"nothing of it") is None
    assert Automaton(["b", "zz"]).found_in(b"abc") == [0]
