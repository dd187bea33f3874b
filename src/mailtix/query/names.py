"""What a query may name, and who asks."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mailtix.model.desk import Agent, Company
from mailtix.model.ticket import Priority, Status

T = TypeVar("T")

OPEN = tuple(status.value for status in Status if not status.is_done)
DONE = tuple(status.value for status in Status if status.is_done)
WAITING = tuple(status.value for status in Status if status.value.startswith("waiting_"))
# Several statuses under one word. `new` is the one status that shares its name with a group.
STATUSES: dict[str, tuple[str, ...]] = {
    **{status.value: (status.value,) for status in Status},
    "open": OPEN,
    "done": DONE,
    "waiting": WAITING,
    "new": (Status.OPEN.value,),
}
PRIORITIES = tuple(priority.value for priority in Priority)  # the least urgent first
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Known:
    """What a query may name. `viewer` is the key of the agent who asks, "" when nobody in particular does: then there
    is no `me`. `categories` empty: any name will do. `customer`: a customer asks, who is told nothing of the desk, so
    that he cannot find out by asking (who has his ticket, how it is tagged)."""

    agents: tuple[Agent, ...] = ()
    teams: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    viewer: str = ""
    customer: bool = False

    @classmethod
    def of(cls, companies: Sequence[Company], viewer: str = "") -> Known:
        """What those companies know. Categories are only checked if each company lists its own."""
        listed = all(company.categories for company in companies)
        return cls(
            agents=_each_once(agent for company in companies for agent in company.agents),
            teams=_each_once(team for company in companies for team in company.teams),
            categories=_each_once(name for company in companies for name in company.categories) if listed else (),
            viewer=viewer.lower(),
        )


def _each_once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))


def named(word: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that `word` may mean, case, dashes and underlines aside: the whole one, else those it begins."""
    wanted = _plain(word)
    by_form = {_plain(name): name for name in names}
    if wanted in by_form:
        return (by_form[wanted],)
    return tuple(name for form, name in by_form.items() if wanted and form.startswith(wanted))


def people(word: str, agents: Iterable[Agent]) -> tuple[Agent, ...]:
    """The agents that `word` may mean: by address or whole name, else by local part, or a word of the name."""
    wanted, everybody = word.casefold(), tuple(agents)
    exact = tuple(agent for agent in everybody if wanted in (agent.key, agent.name.casefold()))
    return exact or tuple(agent for agent in everybody if wanted in called(agent))


def called(agent: Agent) -> tuple[str, ...]:
    """What an agent may be called besides his whole address."""
    return (agent.key.partition("@")[0], *agent.name.casefold().split())


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A hint: the nearest of the choices, or the choices themselves; "" if there are none."""
    known = {_plain(choice): choice for choice in choices}
    near = difflib.get_close_matches(_plain(word), list(known), n=1, cutoff=0.6)
    if near:
        return f"did you mean '{known[near[0]]}'?"
    more = ", …" if len(known) > SHOWN else ""
    return f"there are: {', '.join(list(known.values())[:SHOWN])}{more}" if known else ""


def _plain(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")
