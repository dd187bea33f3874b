"""One mail of a customer while its commands are carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mailtix.commands.grammar import Command
from mailtix.draft import Draft
from mailtix.facts import Facts, Policy
from mailtix.model.decision import Phrase, Table
from mailtix.model.ticket import Person, Ticket


@dataclass(slots=True)
class Service:
    """What a customer's commands ask for. Each changes the draft, and leaves here what the customer is told.

    `ticket` is the one that he wrote to, as it was found, None for none; `because` says what proves that it is he.
    `acts` are sentences for the desk about what he has changed.
    """

    facts: Facts
    policy: Policy
    draft: Draft
    because: str
    phrases: list[Phrase] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)

    @property
    def ticket(self) -> Ticket | None:
        return self.draft.after if self.draft.before is not None else None

    @property
    def customer(self) -> Person:
        return self.facts.sender

    @property
    def addresses(self) -> tuple[Person, ...]:
        """All of his, the one he wrote from first."""
        return (self.facts.sender, *self.facts.same)

    def say(self, key: str, **places: str) -> None:
        """He is told that."""
        self.phrases.append(Phrase(key, tuple(places.items())))

    def why(self, command: Command) -> str:
        """Why a change is made: the line that asked for it, and what proves who wrote it."""
        return f"{command.shown} ({self.because})"


Handlers = Mapping[str, Callable[[Service, Command], None]]
