"""What the agent is told of his mail: what was done, or why nothing was."""

from __future__ import annotations

from mailtix.desk.errand import Errand
from mailtix.draft import Draft
from mailtix.model.change import Noted
from mailtix.model.decision import Decision, Outcome, Said


def tell_done(errand: Errand) -> None:
    """One mail about all his commands, with what they have shown."""
    if errand.done or errand.warning:
        said = Said(
            text="\n\n".join(errand.shown),
            done=tuple(errand.done),
            warning=errand.warning,
            tables=tuple(errand.tables),
        )
        errand.draft.tell(errand.agent, "done", "your commands were carried out", said)


def refuse(errand: Errand, mistakes: tuple[str, ...]) -> Decision:
    """Nothing is done; he is told every mistake, and may answer that."""
    agent, because = errand.agent, "; ".join(mistakes)
    draft = Draft(errand.draft.before, errand.facts.company.name, errand.draft.now)
    draft.change(Noted("refused", f"mail of {agent.name} was not carried out: {because}"), agent.key, because)
    draft.tell(agent, "refused", because, Said(text=errand.facts.mail.reply, mistakes=mistakes))
    return draft.decision(Outcome.REFUSED, because, errand.policy.sla)
