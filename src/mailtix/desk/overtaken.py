"""An answer that comes after a colleague's: the agent did not know of it when his copy was sent. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from mailtix.commands.grammar import Command, Parsed, parse
from mailtix.commands.notice import without_notice
from mailtix.commands.wrong import Wrong
from mailtix.desk.errand import Errand, Handlers
from mailtix.draft import Draft
from mailtix.model.change import MessageAdded, MessageDiscarded
from mailtix.model.conversation import Overtaken, Spoken
from mailtix.model.decision import AskThread, Decision, Outcome, Said, Tap
from mailtix.model.ticket import Author, Visibility

# The kind of message that an agent has written and that waits for his #send. Nothing but this module gives it, so what
# merely claims to be of an agent is never sent by it.
KIND = "overtaken"
_QUOTED = 400


def warning(errand: Errand) -> str:
    """Who has answered since the agent's copy was sent, and what; "" when nobody has, or nobody is to look."""
    others = errand.facts.overtaken
    if errand.policy.overtaken is Overtaken.OFF or not others or errand.files_of:
        return ""
    last = others[-1]
    names = " and ".join(dict.fromkeys(message.who for message in others))
    text = " ".join(last.text.split())
    shown = text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
    return f"{names} answered before you, at {last.at:%Y-%m-%d %H:%M} UTC: {shown}"


def held_back(errand: Errand, why: str) -> Decision:
    """The mail waits, and does nothing: its agent is told what a colleague has answered, and may send it anyway."""
    facts, agent = errand.facts, errand.agent
    draft = Draft(errand.found, facts.company.name, errand.draft.now)
    text = without_notice(facts.mail.reply, errand.policy.markers)
    words = MessageAdded(Author.AGENT, agent.key, agent.name, Visibility.HELD, text, facts.mail.message_id, KIND, why)
    draft.change(words, agent.key, why)
    said = Said(text=text, reason=why, taps=(Tap("Send", "#send", draft.after.id, draft.after.number),))
    draft.tell(agent, "overtaken", why, said)
    return draft.decision(Outcome.HELD, why, errand.policy.sla)


def resumed(errand: Errand, parsed: Parsed) -> Parsed:
    """What is to be done: with #send, what the mail said that was held back. Its files go along."""
    if not any(command.word == "send" for command in parsed.commands):
        return parsed
    found = errand.facts.conversations.get(errand.ticket.id)
    if found is None:
        errand.draft.ask(AskThread(errand.ticket.id))
        return parsed
    waiting = _waiting(found.messages, errand.agent.key)
    if len(parsed.commands) > 1 or parsed.rest or not waiting:
        return parsed  # `send` says what is wrong
    last = waiting[-1]
    errand.files_of = last.journal
    for message in waiting:
        was = "was sent" if message is last else "was given up for a later one"
        because = f"{parsed.commands[0].line} ({errand.writer.because})"
        errand.draft.change(MessageDiscarded(message.id, message.sender, was), errand.agent.key, because)
    return parse(last.text, errand.policy.commands.aliases)


def send(errand: Errand, command: Command) -> str | Wrong:
    """Only reached when there is nothing that could be sent."""
    found = errand.facts.conversations.get(errand.ticket.id)
    if found is None:
        return "is still to be looked up"
    if _waiting(found.messages, errand.agent.key):
        return Wrong("#send stands alone in a mail; what you wrote before is sent as it was")
    return Wrong("no answer of yours waits here; write it again")


def _waiting(messages: Sequence[Spoken], agent: str) -> list[Spoken]:
    return [m for m in messages if m.kind == KIND and m.sender == agent and m.visibility is Visibility.HELD]


HANDLERS: Handlers = {"send": send}
