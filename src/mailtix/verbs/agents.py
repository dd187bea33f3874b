"""agents: who is there, how much everybody has, and what holds for now."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from mailtix.assign import Member, member_of
from mailtix.clock import clock
from mailtix.config import Config
from mailtix.model.desk import Agent, AgentState, Availability
from mailtix.store import acts, directory, migrations, preferences, staff
from mailtix.store.engine import Session, open_engine, reading, sessions
from mailtix.terms import read_config
from mailtix.verbs.wrong_use import WrongUse

Own = dict[str, dict[str, dict[str, str]]]


def agents(arguments: argparse.Namespace) -> int:
    """agents list or set."""
    config, now = read_config(Path(arguments.config), os.environ), clock()
    people = _people(config)
    shown: Sequence[Agent] = people
    if arguments.action == "set":
        shown = [_one(people, arguments.address)]
        change = _change(shown[0], arguments, now)
    engine = open_engine(config.database)
    try:
        migrations.upgrade(engine)
        with sessions(engine if arguments.action == "set" else reading(engine)).begin() as session:
            if arguments.action == "set":
                before = staff.lock(session, [shown[0].key], now)[shown[0].key]
                acts.set_agent(session, shown[0].key, _laid_over(before, change, arguments), now)
            members = _members(session, config, shown, now)
            own = _own(session, config, shown)
    finally:
        engine.dispose()
    _print(members, own if arguments.json else None, now)
    return 0


def _people(config: Config) -> list[Agent]:
    return [agent.as_model() for agent in config.agents]


def _one(people: Sequence[Agent], address: str) -> Agent:
    found = next((agent for agent in people if agent.key == address.strip().lower()), None)
    if found is None:
        raise WrongUse(f"there is no agent {address}; there are: {', '.join(agent.email for agent in people)}")
    return found


def _change(agent: Agent, arguments: argparse.Namespace, now: datetime) -> AgentState:
    """What the arguments want of him. Raises WrongUse when that is nothing, or cannot be."""
    wanted = (arguments.availability, arguments.until, arguments.max)
    if arguments.reset:
        if any(value is not None for value in wanted):
            raise WrongUse("--reset goes back to the settings; give it alone")
        return AgentState()
    if all(value is None for value in wanted):
        raise WrongUse("say what is to be set: --availability, --max or --reset")
    if arguments.until is not None and arguments.availability is None:
        raise WrongUse("--until says how long --availability holds; give both")
    if arguments.max is not None and not 0 <= arguments.max <= 100_000:
        raise WrongUse("--max is a number from 0 to 100000")
    availability = Availability(arguments.availability) if arguments.availability else None
    until = _moment(arguments.until, agent.shift.zone if agent.shift else UTC) if arguments.until else None
    if until is not None and until <= now:
        raise WrongUse(f"{arguments.until} is over already")
    return AgentState(availability, until, arguments.max)


def _moment(text: str, zone: tzinfo) -> datetime:
    """The moment as aware UTC; one without an offset is meant on the clock of `zone`."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongUse(f"{text!r} is no moment; write it as 2026-12-01 or 2026-12-01T09:00") from None


def _laid_over(before: AgentState, change: AgentState, arguments: argparse.Namespace) -> AgentState:
    """What is not named stays as it was; a new availability takes its own end, or none."""
    if arguments.reset:
        return change
    held = before if change.availability is None else change
    return AgentState(held.availability, held.until, before.maximum if change.maximum is None else change.maximum)


def _members(session: Session, config: Config, people: Sequence[Agent], now: datetime) -> list[Member]:
    keys = [agent.key for agent in people]
    served = {company.name for company in config.companies}
    companies = [id_ for id_, name in directory.company_names(session).items() if name in served]
    states = staff.states(session, keys)
    loads = staff.open_tickets(session, companies, keys)
    return [member_of(a, states.get(a.key, AgentState()), loads.get(a.key, 0), 0, now) for a in people]


def _own(session: Session, config: Config, people: Sequence[Agent]) -> dict[str, Own]:
    """What each agent (key) has set for himself by mail: by `preferences` and `filters`, then by company."""
    served, keys = {company.name for company in config.companies}, [agent.key for agent in people]
    found: dict[str, Own] = {key: {"preferences": {}, "filters": {}} for key in keys}
    for id_, name in directory.company_names(session).items():
        if name not in served:
            continue
        for key, chosen in preferences.chosen(session, id_, keys).items():
            found[key]["preferences"][name] = chosen
        for key, filters in preferences.filters(session, id_, keys).items():
            found[key]["filters"][name] = filters
    return found


def as_json(member: Member, own: Own, now: datetime) -> dict[str, object]:
    """An agent as programs see him; `until` is ISO 8601 in UTC."""
    agent = member.agent
    return {
        "email": agent.email,
        "name": agent.name,
        "employee_id": agent.employee_id or None,
        "teams": list(agent.teams),
        "skills": list(agent.skills),
        "languages": list(agent.languages),
        "availability": member.availability,
        "until": member.until.isoformat() if member.until else None,
        "on_shift": agent.shift is None or agent.shift.covers(now),
        "open": member.open,
        "max": member.maximum,
        **own,
    }


def _print(members: Sequence[Member], own: Mapping[str, Own] | None, now: datetime) -> None:
    """A table, or as JSON when it is given what everybody has set for himself."""
    if own is not None:
        found = [as_json(member, own[member.agent.key], now) for member in members]
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    table = Table(Column("Agent", no_wrap=True), "Name", "Id", "Teams", "Open", "Max", "Availability", "On shift")
    for member in members:
        agent = member.agent
        until = f" until {member.until:%Y-%m-%d %H:%M} UTC" if member.until else ""
        shift = "yes" if agent.shift is None or agent.shift.covers(now) else "no"
        maximum = "" if member.maximum is None else str(member.maximum)
        row = (agent.email, agent.name, agent.employee_id, ", ".join(agent.teams), str(member.open), maximum)
        table.add_row(*(escape(cell) for cell in (*row, f"{member.availability}{until}", shift)))
    Console().print(table if members else "No agents.")
