"""What a command is read against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from mailtix.commands.terms import Terms
from mailtix.model.desk import Agent, Company
from mailtix.model.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits beside the ticket. `journal` is the number of the mail that brought it, 0 for none."""

    message: int
    sender: str
    journal: int = 0


@dataclass(frozen=True, slots=True)
class Situation:
    """Who gives a command, in which company, about which ticket and when; and what is laid down. `most` people may take
    part in a ticket."""

    company: Company
    agent: Agent
    ticket: Ticket
    now: datetime
    terms: Terms
    most: int

    @property
    def zone(self) -> tzinfo:
        """The clock that the agent lives by."""
        return self.company.zone_of(self.agent)
