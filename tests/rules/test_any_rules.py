"""Whatever stands in a rule file: rules or mistakes come out, and rules that load also run."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.rules import BadRules, MailView, load, run
from rules.desk import KNOWN, mail

PATTERNS = [
    "",
    " ",
    *[">1MB", "<5", ">=high", "low", "human", "urgent", "en", "mon-fri", "09:00-17:00", "Europe/Berlin", "open"],
    *["refund", "/a|b/i", "/(/", "/(?i)x{1,9}/", "*@example.org", "ann@example.org", "//", "/\\C/", "/\\pN/", "ß"],
]
WORDS = [
    "any",
    "all",
    "not",
    "from",
    "to",
    "subject",
    "body",
    "header",
    "company",
    "mailbox",
    "has_attachment",
    *["recipient", "whole_body", "words", "kind", "attachment", "size", "time", "customer"],
    *["status", "priority", "category", "tags", "team", "assignee", "assigned"],
    *["list", "languages", "name", "type", "days", "hours", "zone", "address", "language", "first_ticket"],
    "X-A",
    "x",
]
SCALARS = st.none() | st.booleans() | st.integers() | st.sampled_from(PATTERNS) | st.text(max_size=6)
CONDITIONS = st.recursive(
    st.dictionaries(st.sampled_from(WORDS), SCALARS | st.lists(SCALARS, max_size=3), max_size=3),
    lambda inner: st.dictionaries(
        st.sampled_from(["any", "all", "not", "header", "time", "words", "customer", "attachment"]),
        inner | st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)
ACTIONS = st.dictionaries(
    st.sampled_from(
        [
            "category",
            "priority",
            "assign",
            "team",
            "tag",
            "untag",
            "status",
            "note",
            "notify",
            "reply",
            "drop",
            "stop",
            "x",
        ]
    ),
    SCALARS | st.sampled_from(["billing", "high", "raise", "closed", "bob@example.com", "Bob Miller", "Hi {name}"]),
    max_size=3,
)
RULES = st.fixed_dictionaries(
    {"name": st.text("abc", min_size=1, max_size=9), "then": ACTIONS | st.just({"tag": "x"})},
    optional={
        "when": CONDITIONS | SCALARS,
        "on": SCALARS | st.lists(st.sampled_from(["new", "reply"])),
        "until": SCALARS,
        "shadow": SCALARS,
    },
)


@given(
    st.lists(RULES | SCALARS, max_size=3) | SCALARS | st.dictionaries(st.sampled_from(["rules", "x"]), st.lists(RULES))
)
@settings(max_examples=800, deadline=None)
def test_any_data_gives_rules_that_run_or_mistakes(data: Any) -> None:
    view = MailView(mail(subject="refund a"), "Example", "a@example.com")
    try:
        rules = load([("rules.yaml", yaml.safe_dump(data, allow_unicode=True))], KNOWN)
    except BadRules as error:
        reasons = [str(mistake) for mistake in error.mistakes] or [""]
    else:
        reasons = [hit.because for event in ("new", "reply") for hit in run(rules, view, event).hits]
    assert all(reasons)
