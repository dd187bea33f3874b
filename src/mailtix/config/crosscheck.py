"""What one part of the settings says about another.

It works on the plain data, so that it also runs beside other mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mailtix.config.crosscommands import crosscommands
from mailtix.config.crossmoments import crossmoments
from mailtix.config.crosstimes import crossconditions, crosstimes
from mailtix.model.desk import without_detail
from mailtix.yamltext import Document, Mistake, Path, did_you_mean

Named = tuple[Path, str]


def crosscheck(document: Document) -> tuple[Mistake, ...]:
    """Duplicates, unknown companies, and agents whose mail would come back to us."""
    return (
        *_twice(document, list(_companies(document.data)), "the company"),
        *_twice(document, list(_mailboxes(document.data)), "the mailbox"),
        *_twice(document, list(_agents(document.data)), "the agent"),
        *_twice(document, list(_texts(_items(document.data, "teams"), "name")), "the team"),
        *_unknown_companies(document),
        *_teams(document),
        *_categories(document),
        *_loops(document),
        *_two_ways_out(document),
        *_one_file_for_many(document),
        *crosstimes(document),
        *crossconditions(document),
        *crosscommands(document),
        *crossmoments(document),
    )


def _items(data: Any, *keys: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The mappings of nested lists: companies, then the mailboxes of each, wherever the data has that shape."""
    found: list[tuple[Path, Any]] = [((), data)]
    for key in keys:
        lists = [((*path, key), entry.get(key)) for path, entry in found if isinstance(entry, dict)]
        found = [((*path, i), item) for path, items in lists if isinstance(items, list) for i, item in enumerate(items)]
    return ((path, item) for path, item in found if isinstance(item, dict))


def _texts(entries: Iterator[tuple[Path, dict[str, Any]]], key: str) -> Iterator[Named]:
    return (((*path, key), entry[key]) for path, entry in entries if isinstance(entry.get(key), str))


def _companies(data: Any) -> Iterator[Named]:
    return _texts(_items(data, "companies"), "name")


def _mailboxes(data: Any) -> Iterator[Named]:
    return _texts(_items(data, "companies", "mailboxes"), "address")


def _agents(data: Any) -> Iterator[Named]:
    return _texts(_items(data, "agents"), "email")


def _twice(document: Document, entries: list[Named], what: str) -> Iterator[Mistake]:
    first: dict[str, Path] = {}
    for path, text in entries:
        before = first.setdefault(text.strip().lower(), path)
        if before != path:
            line = document.where(before).line
            hint = f"it stands in line {line} already" if line else ""
            yield document.mistake(path, f"{what} '{text}' stands twice", hint)


def _unknown_companies(document: Document) -> Iterator[Mistake]:
    known = [name for _, name in _companies(document.data)]
    for path, agent in _items(document.data, "agents"):
        named = agent.get("company")
        names = enumerate(named) if isinstance(named, list) else [(0, named)]
        for index, name in names:
            if isinstance(name, str) and name not in known:
                place: Path = (*path, "company", index) if isinstance(named, list) else (*path, "company")
                yield document.mistake(place, f"there is no company '{name}'", did_you_mean(name, known))


def _members(data: Any) -> set[tuple[str, str]]:
    """Who is in which team: (team, the agent's address in lower case)."""
    found = set()
    for _, agent in _items(data, "agents"):
        teams, email = agent.get("teams"), agent.get("email")
        for team in [teams] if isinstance(teams, str) else teams if isinstance(teams, list) else ():
            if isinstance(team, str) and isinstance(email, str):
                found.add((team, email.strip().lower()))
    return found


def _teams(document: Document) -> Iterator[Mistake]:
    """A team without people, or one whose lead or helpers nobody is."""
    known = sorted({team for team, _ in _members(document.data)})
    people = {address.strip().lower() for _, address in _agents(document.data)}
    for path, team in _items(document.data, "teams"):
        name, lead, fallback = (team.get(key) for key in ("name", "lead", "fallback"))
        if isinstance(name, str) and name not in known:
            yield document.mistake((*path, "name"), f"nobody is in the team '{name}'", did_you_mean(name, known))
        if isinstance(lead, str) and lead.strip().lower() not in people:
            hint = did_you_mean(lead, sorted(people))
            yield document.mistake((*path, "lead"), f"there is no agent '{lead}'", hint)
        if isinstance(fallback, str) and fallback == name:
            yield document.mistake((*path, "fallback"), "a team cannot help itself out", "name another team")
        elif isinstance(fallback, str) and fallback not in known:
            hint = did_you_mean(fallback, known)
            yield document.mistake((*path, "fallback"), f"nobody is in the team '{fallback}'", hint)
        if isinstance(fallback, str) and team.get("strategy") is None:
            hint = "give the team a strategy: round_robin, least_busy or skill"
            yield document.mistake((*path, "fallback"), "a team without a strategy is never helped out", hint)


def _categories(document: Document) -> Iterator[Mistake]:
    """A category's team must work for that company."""
    for path, company in _items(document.data, "companies"):
        known = sorted({team for team, email in _members(document.data) if _serves(document.data, email, company)})
        for inner, entry in _items(company, "categories"):
            team = entry.get("team")
            if isinstance(team, str) and team not in known:
                text = f"nobody who works for {company.get('name')} is in the team '{team}'"
                yield document.mistake((*path, *inner, "team"), text, did_you_mean(team, known))


def _serves(data: Any, email: str, company: dict[str, Any]) -> bool:
    """Whether the agent with that address names the company, or none."""
    for _, agent in _items(data, "agents"):
        if str(agent.get("email")).strip().lower() == email:
            named = agent.get("company") or [company.get("name")]
            return company.get("name") in (named if isinstance(named, list) else [named])
    return False


def _loops(document: Document) -> Iterator[Mistake]:
    """An agent behind one of our own mailboxes: his notices would come back to us as new mail."""
    ours = {without_detail(address) for _, address in _mailboxes(document.data)}
    for path, address in _agents(document.data):
        if without_detail(address) in ours:
            text = f"the agent's address '{address}' is one of our own mailboxes"
            yield document.mistake(path, text, "mail to him would come back as a ticket: give his own address")


def _two_ways_out(document: Document) -> Iterator[Mistake]:
    match document.data:
        case {"outbound": {"maildir": maildir, "smtp": smtp}} if maildir is not None and smtp is not None:
            hint = "keep `maildir` (for a trial) or `smtp`"
            yield document.mistake(("outbound",), "mail can go out one way only", hint, key=True)


def _one_file_for_many(document: Document) -> Iterator[Mistake]:
    """Several listeners on one SQLite file: each would take what another sends for left over by one who is gone."""
    match document.data:
        case {"listen": {"reuse_port": True}, "database": str(url)} if not url.startswith("sqlite"):
            return
        case {"listen": {"reuse_port": True}}:
            hint = "use PostgreSQL, or leave `reuse_port` out"
            yield document.mistake(("listen", "reuse_port"), "one SQLite file is for one process", hint)
