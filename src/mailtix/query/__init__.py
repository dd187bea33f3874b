"""The language in which people ask for tickets by mail and in the terminal: text → Query, or every mistake in it."""

from mailtix.query.keys import KEYS
from mailtix.query.language import (
    Address,
    Age,
    All,
    AnyOf,
    DueWithin,
    Field,
    FieldIs,
    Mistake,
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
)
from mailtix.query.names import Known
from mailtix.query.parse import SHORTHANDS, parse, phrase
from mailtix.query.words import words

__all__ = [
    "KEYS",
    "SHORTHANDS",
    "Address",
    "Age",
    "All",
    "AnyOf",
    "DueWithin",
    "Field",
    "FieldIs",
    "Known",
    "Mistake",
    "Node",
    "Not",
    "Numbered",
    "OneOf",
    "Query",
    "Rated",
    "Snoozed",
    "Sort",
    "SortKey",
    "Tagged",
    "Who",
    "Words",
    "parse",
    "phrase",
    "words",
]
