"""One mail of an agent while it is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mailtix.commands.grammar import Command
from mailtix.commands.situation import Situation
from mailtix.commands.wrong import Wrong
from mailtix.draft import Draft
from mailtix.facts import Facts, Policy
from mailtix.model.change import Change
from mailtix.model.decision import Table
from mailtix.model.desk import Agent
from mailtix.model.thread import Writer
from mailtix.model.ticket import Ticket


@dataclass(slots=True)
class Errand:
    """What an agent's mail asks for. Each command changes the draft, and leaves here what concerns the whole mail.

    `words` are the parts of the text that is meant for people, the agent's own the last of them; `internal` says that
    only the desk may read them, `silent` that the customer is told nothing.
    `asked` is what was asked of the ticket, even where it stood so already. `done` are the sentences of the transcript,
    `wrong` the mistakes: with one of them the whole draft is thrown away. `tables` and `shown` are told to the agent in
    the transcript, with the mail of the journal number `original`; `warning` is what he should beware of. `files_of` is
    the mail whose files go along with his words, 0 for the one that he has sent now. `origin` is the draft that the
    mail began with, when it has gone on with another ticket (#merge).
    """

    facts: Facts
    policy: Policy
    draft: Draft
    agent: Agent
    writer: Writer
    words: list[str] = field(default_factory=list)
    internal: bool = False
    silent: bool = False
    asked: list[Change] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    original: int = 0
    warning: str = ""
    files_of: int = 0
    origin: Draft | None = None

    @property
    def situation(self) -> Situation:
        """What a command is read against now."""
        facts, ticket = self.facts, self.ticket
        policy = self.policy
        return Situation(facts.company, self.agent, ticket, self.draft.now, policy.commands, policy.joining.most)

    @property
    def found(self) -> Ticket | None:
        """The ticket that the mail was sent to, as it was then."""
        return (self.origin or self.draft).before

    @property
    def ticket(self) -> Ticket:
        """The ticket as the commands so far have left it."""
        return self.draft.after

    def because(self, command: Command) -> str:
        """Why a change is made: the line that asked for it, and what proves who wrote it."""
        return f"{command.line} ({self.writer.because})"


# What a command does: it changes the draft and returns what was done in a sentence, or what is wrong with it.
Handler = Callable[[Errand, Command], str | Wrong]
Handlers = Mapping[str, Handler]
