"""What the agent is told of his mail: what was done, or why nothing was."""

from __future__ import annotations

from mailtix.desk.errand import Errand
from mailtix.draft import Draft
from mailtix.model.change import Noted
from mailtix.model.decision import Decision, Outcome, Said, Tap


def tell_done(errand: Errand) -> None:
    """One mail about all his commands, with what they have shown."""
    if errand.done or errand.warning:
        said = Said(
            text="\n\n".join(errand.shown),
            done=tuple(errand.done),
            warning=errand.warning,
            original=errand.original,
            taps=_undo(errand),
            tables=tuple(errand.tables),
        )
        errand.draft.tell(errand.agent, "done", "your commands were carried out", said)


def _undo(errand: Errand) -> tuple[Tap, ...]:
    """What the mail has done can be taken back, unless it took something back itself."""
    changes = errand.draft.changes
    if not changes or any(isinstance(change, Noted) and change.kind == "undo" for change in changes):
        return ()
    return (Tap("Undo", f"#undo {errand.facts.cause}"),)


def refuse(errand: Errand, mistakes: tuple[str, ...]) -> Decision:
    """Nothing is done; he is told every mistake, and may answer that."""
    agent, because = errand.agent, "; ".join(mistakes)
    draft = Draft(errand.found, errand.facts.company.name, errand.draft.now)
    draft.change(Noted("refused", f"mail of {agent.name} was not carried out: {because}"), agent.key, because)
    draft.tell(agent, "refused", because, Said(text=errand.facts.mail.reply, mistakes=mistakes))
    return draft.decision(Outcome.REFUSED, because, errand.policy.sla)
