"""What closing and accounts say about the rest of the settings.

It works on the plain data, so that it also runs beside other mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mailtix.config.crosstimes import categories_of, each, items, twice
from mailtix.yamltext import Document, Mistake, Path, did_you_mean


def crossmoments(document: Document) -> Iterator[Mistake]:
    """Categories and companies that do not exist, and names that stand twice."""
    data = document.data
    companies = [company for _, company in items(data, "companies")]
    listed = [set(categories_of(company)) for company in companies]
    known = set().union(*listed) if all(listed) else set()
    named = list(_closed(data))
    yield from twice(document, named, "the category")
    for path, name in named:
        if known and name not in known:
            yield document.mistake(path, f"there is no category '{name[:60]}'", did_you_mean(name, sorted(known)))
    yield from _accounts(document, {str(company.get("name")) for company in companies})


def _closed(data: Any) -> Iterator[tuple[Path, str]]:
    close = data.get("close") if isinstance(data, dict) else None
    for index, item in items(close, "categories"):
        if isinstance(item.get("name"), str):
            yield ("close", "categories", index, "name"), item["name"]


def _accounts(document: Document, companies: set[str]) -> Iterator[Mistake]:
    names: list[tuple[Path, str]] = []
    for index, account in items(document.data, "accounts"):
        if isinstance(account.get("name"), str):
            names.append((("accounts", index, "name"), account["name"]))
        for place, company in each(account.get("company")):
            if company not in companies:
                path: Path = ("accounts", index, "company", *place)
                hint = did_you_mean(company, sorted(companies))
                yield document.mistake(path, f"there is no company '{company[:60]}'", hint)
    yield from twice(document, names, "the account")
