"""What an agent sets for himself: whether he takes work, how much, what he is told, and the queries that he keeps."""

from __future__ import annotations

import re
from datetime import datetime, time

from mailtix.commands.grammar import Command
from mailtix.commands.times import moment
from mailtix.commands.wrong import Wrong, hint
from mailtix.desk.errand import Errand, Handlers
from mailtix.model.copies import replace
from mailtix.model.decision import AskMine, Row, Table, Tap
from mailtix.model.desk import AgentState, Availability
from mailtix.model.personal import AvailabilitySet, FilterSaved, MaximumSet, Mine, Personal, Preferred
from mailtix.notify.preferences import PREFERENCES, chosen
from mailtix.query import KEYS, SHORTHANDS, Known, Query, parse

_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?", re.ASCII)
# Words of the language, which would hide a filter of that name.
_TAKEN = frozenset({*SHORTHANDS, *KEYS, "and", "or", "not", "sort"})
_MOST_FILTERS = 50
_HIGHEST = 100_000
_OFF = ("off", "none", "-")


def mine_of(errand: Errand) -> Mine | None:
    """What is set for the agent, as his mail has left it so far; None when that is still to be looked up."""
    if errand.facts.mine is None:
        errand.draft.ask(AskMine())
        return None
    mine = errand.facts.mine
    for change in errand.draft.personal:
        mine = _with(mine, change)
    return mine


def _with(mine: Mine, change: Personal) -> Mine:
    match change:
        case AvailabilitySet(to=to, until=until):
            return replace(mine, state=replace(mine.state, availability=to, until=until))
        case MaximumSet(to=maximum):
            return replace(mine, state=replace(mine.state, maximum=maximum))
        case Preferred(key=key, value=value):
            return replace(mine, preferences={**mine.preferences, key: value})
        case FilterSaved(name=name, query=query):
            kept = {**mine.filters, name: query}
            return replace(mine, filters={name: kept[name] for name in sorted(kept) if kept[name]})


def _available(errand: Errand, command: Command) -> str | Wrong:
    """He is (not) there, for a time or until he says otherwise."""
    to, until = Availability(command.word), None
    if command.argument:
        zone = errand.facts.company.zone_of(errand.agent)
        found = moment(command.argument, errand.draft.now, zone, time(0))
        if isinstance(found, Wrong):
            return found
        until = found
    errand.draft.set(AvailabilitySet(errand.agent.key, to, until))
    means = "new tickets come to you" if to is Availability.AVAILABLE else "no new tickets are given to you"
    return f"you are {to}{_until(errand, until)}; {means}"


def _until(errand: Errand, until: datetime | None) -> str:
    if until is None:
        return ""
    zone = errand.facts.company.zone_of(errand.agent)
    return f" until {until.astimezone(zone):%A, %Y-%m-%d %H:%M} ({zone})"


def _max(errand: Errand, command: Command) -> str | Wrong:
    """How many open tickets he is given at most."""
    wanted = command.name.lower()
    if wanted in _OFF:
        errand.draft.set(MaximumSet(errand.agent.key, None))
        own = errand.agent.maximum
        return f"you are given {_as_many(own)}, as the settings say"
    if not (wanted.isascii() and wanted.isdecimal() and int(wanted) <= _HIGHEST):
        return Wrong(f"#max needs a number from 0 to {_HIGHEST}, such as #max 8, or off")
    errand.draft.set(MaximumSet(errand.agent.key, int(wanted)))
    return f"you are given {_as_many(int(wanted))}"


def _as_many(number: int | None) -> str:
    return "any number of open tickets" if number is None else f"{number} open tickets at most"


def _filter(errand: Errand, command: Command) -> str | Wrong:
    """Queries that he keeps: #filter save NAME QUERY, #filter drop NAME, #filter list."""
    verb, _, rest = command.argument.partition(" ")
    name, _, query = rest.strip().partition(" ")
    match verb.lower():
        case "save":
            return _save_filter(errand, name.lower().removeprefix("@"), query.strip())
        case "drop":
            return _drop_filter(errand, name.lower().removeprefix("@"))
        case "list" | "" if not rest.strip():
            return _list_filters(errand)
        case _:
            return Wrong("write #filter save NAME QUERY, #filter list or #filter drop NAME")


def _save_filter(errand: Errand, name: str, query: str) -> str | Wrong:
    if not query:
        return Wrong("#filter save needs a name and a query, such as #filter save old-bills category:billing older:7d")
    if _NAME.fullmatch(name) is None:
        return Wrong(f"{name!r} is no name for a filter; take small letters, digits and dashes, such as old-bills")
    if name in _TAKEN:
        return Wrong(f"{name!r} is a word of the query language; take another name")
    read = parse(query, Known.of((errand.facts.company,), errand.agent.key))
    if not isinstance(read, Query):
        return Wrong("; ".join(map(str, read)))
    mine = mine_of(errand)
    if mine is not None and name not in mine.filters and len(mine.filters) >= _MOST_FILTERS:
        return Wrong(f"you keep {_MOST_FILTERS} filters already; #filter drop one of them first")
    errand.draft.set(FilterSaved(errand.agent.key, name, query))
    return f"#list {name} shows now: {query}"


def _drop_filter(errand: Errand, name: str) -> str | Wrong:
    mine = mine_of(errand)
    if mine is None:
        return ""
    if name not in mine.filters:
        return no_filter(name, mine)
    errand.draft.set(FilterSaved(errand.agent.key, name, ""))
    return f"there is no filter {name} any more"


def no_filter(name: str, mine: Mine) -> Wrong:
    """What is said of a name that no filter has."""
    if not name:
        return Wrong("#filter drop needs the name of one of your filters")
    there = f"there are: {', '.join(mine.filters)}" if mine.filters else "#filter save NAME QUERY makes one"
    return Wrong(f"you have no filter {name!r}{hint(name, list(mine.filters))}; {there}")


def _list_filters(errand: Errand) -> str | Wrong:
    mine = mine_of(errand)
    if mine is None:
        return ""
    rows = tuple(Row((name, query), (Tap("List", f"#list {name}"),)) for name, query in mine.filters.items())
    errand.tables.append(Table("Your filters", ("Name", "Query"), rows))
    return f"you have {len(rows)} {'filter' if len(rows) == 1 else 'filters'}"


def _prefs(errand: Errand, command: Command) -> str | Wrong:
    """What he is told: #prefs shows it, #prefs KEY VALUE sets it."""
    key, _, value = command.argument.lower().partition(" ")
    value = value.strip()
    if not key:
        return _show_preferences(errand)
    if key not in PREFERENCES:
        return Wrong(
            f"there is no preference {key!r}{hint(key, list(PREFERENCES))}; there are: {', '.join(PREFERENCES)}"
        )
    choices = PREFERENCES[key].choices
    if value not in choices:
        what = f"{value!r} is no choice" if value else "say how you want it"
        return Wrong(f"{what}; {key} may be {' or '.join(choices)}")
    if key == "notices" and value == "digest" and not errand.policy.digests:
        return Wrong("no digest is sent here (recurring.digest in the settings), so nothing would tell you; take mine")
    errand.draft.set(Preferred(errand.agent.key, key, "" if value == PREFERENCES[key].default else value))
    return f"{PREFERENCES[key].says}: {choices[value]}"


def _show_preferences(errand: Errand) -> str | Wrong:
    mine = mine_of(errand)
    if mine is None:
        return ""
    rows = []
    for key, preference in PREFERENCES.items():
        now = chosen(mine.preferences, key)
        others = tuple(Tap(value, f"#prefs {key} {value}") for value in preference.choices if value != now)
        rows.append(Row((key, now, f"{preference.says}: {preference.choices[now]}"), others))
    errand.tables.append(Table("Your preferences", ("Preference", "Now", "Which means"), tuple(rows)))
    errand.tables.append(_standing(errand, mine.state))
    return "your preferences and filters are below"


def _standing(errand: Errand, state: AgentState) -> Table:
    """What he takes on, as it holds now."""
    holds = state.availability is not None and (state.until is None or state.until > errand.draft.now)
    here = state.availability if holds and state.availability is not None else errand.agent.availability
    most = errand.agent.maximum if state.maximum is None else state.maximum
    others = tuple(Tap(word.value, f"#{word}") for word in Availability if word is not here)
    rows = (
        Row(("available", f"{here}{_until(errand, state.until if holds else None)}"), others),
        Row(("max", _as_many(most))),
    )
    return Table("How you work", ("What", "Now"), rows)


HANDLERS: Handlers = {
    **dict.fromkeys(Availability, _available),
    "max": _max,
    "filter": _filter,
    "prefs": _prefs,
}
