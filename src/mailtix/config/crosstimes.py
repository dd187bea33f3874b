"""What the settings of calendars and service levels say about each other, and about the rest.

It works on the plain data, so that it also runs beside other mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mailtix.sla import ALWAYS
from mailtix.yamltext import Document, Mistake, Path, did_you_mean

Named = tuple[Path, str]


def crosstimes(document: Document) -> Iterator[Mistake]:
    """Names that stand twice, and calendars that are not there."""
    named = list(_texts(document.data, "calendars", "name"))
    known = [*(name for _, name in named), ALWAYS.name]
    yield from twice(document, named, "the calendar")
    yield from twice(document, list(_texts(_sla(document.data), "policies", "name", ("sla",))), "the policy")
    for path, name in _calendars(document.data):
        if name not in known:
            yield document.mistake(path, f"there is no calendar '{name[:60]}'", did_you_mean(name, known))


def crossconditions(document: Document) -> Iterator[Mistake]:
    """Policies for companies, teams or categories that nobody knows."""
    known = _known(document.data)
    for index, policy in items(_sla(document.data), "policies"):
        when = policy.get("when")
        for kind, names in known.items():
            wanted = when.get(kind) if isinstance(when, dict) else None
            for place, name in each(wanted):
                if names and name not in names:
                    path: Path = ("sla", "policies", index, "when", kind, *place)
                    yield document.mistake(path, f"there is no {kind} '{name[:60]}'", did_you_mean(name, sorted(names)))


def _sla(data: Any) -> Any:
    return data.get("sla") if isinstance(data, dict) else None


def items(data: Any, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The mappings of a list, each with its place; none when the data has not that shape."""
    found = data.get(key) if isinstance(data, dict) else None
    return ((i, item) for i, item in enumerate(found if isinstance(found, list) else ()) if isinstance(item, dict))


def _texts(data: Any, section: str, key: str, above: Path = ()) -> Iterator[Named]:
    for index, item in items(data, section):
        if isinstance(item.get(key), str):
            yield (*above, section, index, key), item[key]


def twice(document: Document, entries: list[Named], what: str) -> Iterator[Mistake]:
    """Names that were there before."""
    first: dict[str, Path] = {}
    for path, text in entries:
        before = first.setdefault(text, path)
        if before != path:
            yield document.mistake(path, f"{what} '{text}' stands twice", _line(document, before))


def _line(document: Document, path: Path) -> str:
    line = document.where(path).line
    return f"it stands in line {line} already" if line else ""


def _calendars(data: Any) -> Iterator[Named]:
    """Every calendar that a service level names: one, or one for each priority."""
    sla = _sla(data)
    places: list[tuple[Path, Any]] = [(("sla", "calendar"), sla.get("calendar"))] if isinstance(sla, dict) else []
    places += [(("sla", "policies", i, "calendar"), policy.get("calendar")) for i, policy in items(sla, "policies")]
    for path, named in places:
        if isinstance(named, str):
            yield path, named
        elif isinstance(named, dict):
            yield from (((*path, key), name) for key, name in named.items() if isinstance(name, str))


def each(value: Any) -> Iterator[tuple[Path, str]]:
    """One text, or those of a list, each with its place."""
    if isinstance(value, str):
        yield (), value
    elif isinstance(value, list):
        yield from (((index,), item) for index, item in enumerate(value) if isinstance(item, str))


def _known(data: Any) -> dict[str, set[str]]:
    """The names that conditions may hold; none: any. A company without a list of categories allows any."""
    companies = [company for _, company in items(data, "companies")]
    listed = [set(categories_of(company)) for company in companies]
    categories = set().union(*listed) if all(listed) else set()
    agents = [agent for _, agent in items(data, "agents")]
    teams = {team for agent in agents for _, team in each(agent.get("teams"))}
    return {
        "company": {company["name"] for company in companies if isinstance(company.get("name"), str)},
        "team": teams,
        "category": categories,
    }


def categories_of(company: dict[str, Any]) -> Iterator[str]:
    """The names of a company's categories."""
    listed = company.get("categories")
    for entry in listed if isinstance(listed, list) else ():
        name = entry.get("name") if isinstance(entry, dict) else entry
        if isinstance(name, str):
            yield name
