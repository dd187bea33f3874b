"""What an attack is, and what it is measured by: an honest mail of the same kind that does act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from attacks.scene import Incoming, Scene
from mailtix.model.ticket import Status

Mails = Callable[[Scene], Incoming]


@dataclass(frozen=True)
class Attack:
    """A mail that must do nothing. `says` is the reason that must be kept, word by word: in the journal, in the
    ticket's history, or with the message. `security` are settings under which it is tried. `goes_on`: the words are a
    customer's or an agent's own and join his ticket, as words. So many `days` after the scene it comes. `to` are people
    outside who may hear something of it, besides whom From names."""

    name: str
    says: str
    mails: Mails
    security: str = ""
    goes_on: bool = False
    days: int = 0
    to: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


def owned(scene: Scene) -> bool:
    """Whether the orders were carried out, on whatever ticket."""
    return any("owned" in ticket.tags and ticket.status is Status.CLOSED for ticket in scene.desk.tickets())


@dataclass(frozen=True)
class Twin:
    """A mail like those attacks, but from whom it says, with what is his: it acts."""

    name: str
    mails: Mails
    acts: Callable[[Scene], bool] = field(default=owned)
    security: str = ""

    def __str__(self) -> str:
        return self.name
