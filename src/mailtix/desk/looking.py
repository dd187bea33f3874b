"""What an agent asks to see: lists of tickets, and the numbers of the day. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from mailtix.commands.grammar import Command
from mailtix.commands.wrong import Wrong
from mailtix.desk.errand import Errand, Handlers
from mailtix.desk.listed import as_table
from mailtix.desk.mine import mine_of, no_filter
from mailtix.figures import Moves
from mailtix.figures.counts import Counts
from mailtix.figures.today import ASKED, Stats
from mailtix.model.decision import AskQuery, AskStats, Row, Table, Tap
from mailtix.model.desk import AgentRole
from mailtix.query import SHORTHANDS, Known, Query, parse

_NARROWER = "say more of what you look for to see the others"


def _list(errand: Errand, command: Command) -> str | Wrong:
    """The tickets of a query; a filter's name may come first, and what follows narrows it down."""
    first, _, rest = command.argument.partition(" ")
    name = first.lower().removeprefix("@")
    if not command.argument:
        return _found(errand, AskQuery("mine"), "mine")
    mine = mine_of(errand)
    if mine is None:
        return ""
    if name in mine.filters:
        return _found(errand, AskQuery(rest.strip(), within=mine.filters[name]), command.argument)
    if first.startswith("@"):
        return no_filter(name, mine)
    return _found(errand, AskQuery(command.argument), command.argument)


def _search(errand: Errand, command: Command) -> str | Wrong:
    """The tickets in which all these words stand."""
    if not command.words:
        return Wrong("#search needs words, such as #search printer smoke")
    text = " ".join(f'"{word}"' for word in (written.replace('"', " ") for written in command.words))
    return _found(errand, AskQuery(text), command.argument)


def _found(errand: Errand, ask: AskQuery, title: str) -> str | Wrong:
    """The table of what is found, as soon as that is known."""
    for text in filter(None, (ask.within, ask.text)):
        read = parse(text, Known.of((errand.facts.company,), errand.agent.key))
        if not isinstance(read, Query):
            return Wrong("; ".join(map(str, read)))
    hits = errand.facts.hits.get(ask)
    if hits is None:
        errand.draft.ask(ask)
        return ""
    errand.tables.append(as_table(hits.tickets, title, errand.agent, errand.draft.now))
    if hits.total > len(hits.tickets):
        return f"{len(hits.tickets)} of {hits.total} tickets; {_NARROWER}"
    return f"{hits.total} {'ticket' if hits.total == 1 else 'tickets'}" if hits.total else "no tickets"


def _stats(errand: Errand, command: Command) -> str | Wrong:
    """The numbers of the day and the week."""
    if command.argument:
        return Wrong("#stats stands alone; it tells of today and of this week")
    stats = errand.facts.stats
    if stats is None:
        errand.draft.ask(AskStats())
        return ""
    errand.tables += [_flow(stats, errand.agent.key), _stock(stats)]
    if agents := _seen_by(errand):
        errand.tables.append(_by_agent(stats, agents))
    return "the numbers of today and of this week (since Monday) are below"


def _flow(stats: Stats, viewer: str) -> Table:
    spans = (stats.day, stats.week)
    rows = (
        ("new", [sum(made.new for made in span.created.values()) for span in spans]),
        ("resolved or closed", [sum(moved.resolved for moved in span.moves.values()) for span in spans]),
        ("of these by you", [span.moves.get(viewer, Moves()).resolved for span in spans]),
        ("reopened", [sum(moved.reopened for moved in span.moves.values()) for span in spans]),
        ("answered by you", [span.handled.get(viewer, 0) for span in spans]),
    )
    return Table("Tickets", ("", "Today", "This week"), tuple(Row((name, *map(str, n))) for name, n in rows))


def _stock(stats: Stats) -> Table:
    rows = (Row((text, str(stats.now[text]), SHORTHANDS[text]), (Tap("List", f"#list {text}"),)) for text in ASKED)
    return Table("Now", ("", "Tickets", "Which are"), tuple(rows))


def _seen_by(errand: Errand) -> tuple[tuple[str, str], ...]:
    """The agents (key, name) whose numbers he is told: a manager everybody's, a team's lead those of his people."""
    agent, company = errand.agent, errand.facts.company
    if agent.role.covers(AgentRole.MANAGER):
        return tuple((one.key, one.name) for one in company.agents)
    led = {team for team in company.teams if company.team(team).lead == agent.key}
    return tuple((one.key, one.name) for one in company.agents if led & set(one.teams))


def _by_agent(stats: Stats, agents: Iterable[tuple[str, str]]) -> Table:
    heads = ("Agent", "Open", "Answered today", "Resolved today", "Answered this week", "Resolved this week")
    rows = []
    for key, name in agents:
        numbers = [number for span in (stats.day, stats.week) for number in _work(span, key)]
        has = stats.week.open.get(key, 0)
        rows.append(Row((name, str(has), *map(str, numbers)), (Tap("List", f"#list open assignee:{key}"),)))
    return Table("By agent", heads, tuple(rows))


def _work(span: Counts, agent: str) -> tuple[int, int]:
    """The tickets that he answered and those that he resolved."""
    return span.handled.get(agent, 0), span.moves.get(agent, Moves()).resolved


HANDLERS: Handlers = {"list": _list, "search": _search, "stats": _stats}
