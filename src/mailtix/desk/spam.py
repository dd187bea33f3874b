"""#spam for a whole ticket: it ends there, and nobody outside hears of it."""

from __future__ import annotations

from mailtix.commands.grammar import Command
from mailtix.commands.wrong import Wrong
from mailtix.desk.errand import Errand
from mailtix.model.change import StatusChanged, Tagged
from mailtix.model.ticket import Status
from mailtix.tickets.moves import refusal


def spam(errand: Errand, command: Command) -> str | Wrong:
    """Cancels the ticket without a word to its sender, who must not learn that somebody reads what he sends."""
    if command.argument:
        return Wrong("#spam stands alone: the whole ticket is meant")
    if errand.words[-1] or errand.facts.mail.attachments:
        return Wrong("who sent spam is told nothing; send #spam without text and files")
    if no := refusal(errand.ticket.status, Status.CANCELLED):
        return Wrong(no)
    errand.silent = True
    for change in (Tagged("spam"), StatusChanged(Status.CANCELLED)):
        errand.draft.change(change, errand.agent.key, errand.because(command))
    return "it is cancelled as spam, and nobody is told"
