"""PyYAML's complaints in words that say what to do."""

from __future__ import annotations

import yaml

# part of PyYAML's problem → what is wrong, what to do. The first that fits is taken.
_KNOWN: tuple[tuple[str, str, str], ...] = (
    ("'\\t' that cannot start", "a tab stands where spaces belong", "indent YAML with spaces only"),
    ("that cannot start any token", "a value cannot begin with this character", "put the value in quotes"),
    ("mapping values are not allowed here", "a ':' is in a wrong place", "quote the value or check the indentation"),
    ("could not find expected ':'", "a ':' is missing after the key", "write it as `key: value`"),
    ("but found '-'", "a list item stands where a key should be", "check the indentation"),
    ("expected <block end>", "the indentation does not fit the lines above", "line the keys up with each other"),
    ("found unexpected end of stream", "a quote is opened here and never closed", "close the quote"),
    ("found unexpected document separator", "a quote is opened here and never closed", "close the quote"),
    ("expected ',' or ']'", "this list is not closed", "a ',' or ']' is missing, or a value needs quotes"),
    ("expected ',' or '}'", "this mapping is not closed", "a ',' or '}' is missing, or a value needs quotes"),
    ("found unknown escape character", "this is not an escape that YAML knows", "use single quotes"),
    ("found undefined alias", "an alias (*name) without its anchor (&name)", "put the value in quotes"),
    ("found duplicate anchor", "the anchor (&name) stands twice", ""),
    ("found another document", "the file holds a second document", "write one document: leave the '---' out"),
    ("nested too deep", "lists and mappings are nested too deep here", ""),
)  # fmt: skip
_OPENED_EARLIER = ("found unexpected", "expected ',' or")  # the place that matters is where it was opened


def explain(error: yaml.MarkedYAMLError) -> tuple[yaml.Mark | None, str, str]:
    """Where it is, what is wrong, and a hint."""
    problem = str(error.problem or "")
    mark = error.problem_mark or error.context_mark
    if problem.startswith(_OPENED_EARLIER) and error.context_mark:
        mark = error.context_mark
    if str(error.context or "").startswith("while scanning an alias"):
        begin = error.context_mark or mark
        return begin, "a '*' at the beginning is an alias in YAML", "put the value in quotes"
    if str(error.context or "").startswith("while scanning an anchor"):
        return error.context_mark or mark, "a '&' at the beginning is an anchor in YAML", "put the value in quotes"
    for part, text, hint in _KNOWN:
        if part in problem:
            return mark, text, hint
    return mark, f"this is not YAML: {problem or 'it cannot be read'}", ""
