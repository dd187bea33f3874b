"""#escalate: the ticket is brought to whoever stands above."""

from __future__ import annotations

from mailtix.commands.grammar import Command
from mailtix.commands.wrong import Wrong
from mailtix.desk.errand import Errand, Handlers
from mailtix.model.change import Escalated, StatusChanged
from mailtix.model.decision import Said
from mailtix.model.ticket import Status
from mailtix.notify import whom
from mailtix.tickets.moves import refusal

_LONGEST_REASON = 500


def escalate(errand: Errand, command: Command) -> str | Wrong:
    """One level up, with the reason if there is one. The assignee stays who he is."""
    ticket, company, agent = errand.ticket, errand.facts.company, errand.agent
    if ticket.status.is_done:
        return Wrong(f"the ticket is {ticket.status}; #reopen it first")
    if len(command.argument) > _LONGEST_REASON:
        return Wrong(f"a reason has at most {_LONGEST_REASON} characters; write a #note for the rest")
    level = ticket.escalation + 1
    above = whom.chain(ticket, company, level, agent.key, errand.policy.escalation.chain)
    if not above:
        return Wrong("there is nobody to bring it to; a team's `lead` and agents' `role` in the settings say who is")
    because = errand.because(command)
    keys = ", ".join(reader.key for reader in above)
    errand.draft.change(Escalated(level, keys, command.argument), agent.key, because)
    if not refusal(ticket.status, Status.ESCALATED):
        errand.draft.change(StatusChanged(Status.ESCALATED), agent.key, because)
    for reader in above:
        said = Said(text=command.argument, spoken=agent.name)
        template = "escalated" if company.agent(reader.key) else "informed"
        errand.draft.tell(reader, template, f"{agent.name} has escalated it", said)
    return f"level {level}, brought to {', '.join(reader.name for reader in above)}"


HANDLERS: Handlers = {"escalate": escalate}
