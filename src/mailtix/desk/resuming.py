"""#resume: mail of somebody that waits beyond the limits is processed, and they begin to count anew. Pure."""

from __future__ import annotations

from mailtix.commands.grammar import Command
from mailtix.commands.wrong import Wrong
from mailtix.desk.errand import Errand, Handlers
from mailtix.model.decision import AskWaiting
from mailtix.model.standing import LetIn


def resume(errand: Errand, command: Command) -> str | Wrong:
    """The named sender's, else that of everybody who takes part in the ticket."""
    named = command.argument.lower().strip("<>")
    if errand.facts.waiting is None:
        errand.draft.ask(AskWaiting((named,) if named else errand.ticket.participants))
        return "is still to be looked up"
    if not errand.facts.waiting:
        whose = f"mail of {named}" if named else "mail of anybody who takes part in this ticket"
        return Wrong(f"no {whose} waits; `mailtix parked list` shows what does")
    for email in errand.facts.waiting:
        errand.draft.mark(LetIn(email))
    return f"what has waited of {', '.join(errand.facts.waiting)} is processed now, and the limits count anew"


HANDLERS: Handlers = {"resume": resume}
