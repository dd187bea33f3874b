"""What an agent's answer does: its commands are obeyed, its text goes to the customer. All or nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mailtix.authorise.permissions import no_ticket
from mailtix.commands.grammar import Parsed, parse
from mailtix.commands.notice import without_notice
from mailtix.commands.stray import strays
from mailtix.desk.errand import Errand
from mailtix.desk.obey import obey
from mailtix.desk.overtaken import held_back, resumed, warning
from mailtix.desk.transcript import refuse, tell_done
from mailtix.draft import Draft
from mailtix.facts import Facts, Policy
from mailtix.model.change import (
    Assigned,
    CategoryChanged,
    MessageAdded,
    Responded,
    StatusChanged,
    TeamChanged,
)
from mailtix.model.conversation import Overtaken
from mailtix.model.decision import Decision, Outcome, Said
from mailtix.model.desk import Agent, Company
from mailtix.model.mail import InboundMail
from mailtix.model.thread import Writer
from mailtix.model.ticket import Author, Status, Visibility
from mailtix.notify import whom
from mailtix.notify.scrub import scrub
from mailtix.placement import place
from mailtix.ruling import follow

# Moves inside the desk are the desk's own affair; of the others the customer is told when nothing else tells him.
_TOLD = {
    Status.RESOLVED: "resolved",
    Status.CLOSED: "closed",
    Status.IN_PROGRESS: "status",
    Status.WAITING_CUSTOMER: "status",
    Status.REOPENED: "status",
    Status.CANCELLED: "status",
}


def answer_of_agent(facts: Facts, policy: Policy, draft: Draft, writer: Writer) -> Decision:
    """An agent's mail, proven to be his. Either everything in it is done, or nothing and he is told why."""
    mail, company = facts.mail, facts.company
    agent = company.agent(writer.email)
    if agent is None:
        raise ValueError(f"{writer.email} is no agent of {company.name}")
    parsed = parse(without_notice(mail.reply, policy.markers), policy.commands.aliases, agent.name)
    errand = Errand(facts, policy, draft, agent, writer)
    parsed = resumed(errand, parsed)
    errand.words, errand.wrong = [parsed.rest], list(parsed.mistakes)
    obey(errand, parsed.commands)
    # what was said among colleagues stays there
    if facts.answers == "note" and (any(errand.words) or mail.attachments):
        errand.internal = True
    if draft.asks:  # what is wrong with them is known when that is
        return draft.decision(Outcome.COMMANDED, writer.because, policy.sla)
    if mistakes := (*errand.wrong, *_unfit(errand, parsed), *_not_his(errand, parsed)):
        return refuse(errand, mistakes)
    draft, text = errand.draft, _for_others(errand)  # a merged ticket's mail goes on with the other one
    answers = not errand.internal and bool(text or mail.attachments or errand.files_of)
    errand.warning = warning(errand) if answers else ""
    if errand.warning and policy.overtaken is Overtaken.HOLD:
        return held_back(errand, errand.warning)
    nobody = _hand_over(errand, answers)
    if errand.internal:
        _note(mail, company, agent, draft, text)
    elif answers:
        _answer(errand, text)
    elif not errand.silent:
        _tell_status(company, draft)
    follow(facts, policy, draft)
    _tell_new_owner(company, agent, draft, Said(text=text, spoken=agent.name, reason=nobody))
    _tell_watchers(errand, text)
    tell_done(errand)
    is_order = bool(parsed.commands) and not text
    return draft.decision(Outcome.COMMANDED if is_order else Outcome.JOINED, writer.because, policy.sla)


def _for_others(errand: Errand) -> str:
    """The words of the mail as they go on: to customers without anything of the desk's inside."""
    text, ticket, policy = "\n\n".join(filter(None, errand.words)), errand.ticket, errand.policy
    if errand.internal:
        return text
    return scrub(text, errand.facts.company, ticket.mailbox, policy.markers, ticket.participants).strip()


def _not_his(errand: Errand, parsed: Parsed) -> Iterator[str]:
    """Why he may not do anything with the ticket as he found it. Who only asks for help does nothing with it."""
    found = errand.found
    does = parsed.rest or errand.facts.mail.attachments or any(c.word != "help" for c in parsed.commands)
    if found is not None and does and (no := no_ticket(errand.agent, found, errand.facts.company)):
        yield f"you may not work on this ticket: {no}"


def _unfit(errand: Errand, parsed: Parsed) -> Iterator[str]:
    """What keeps the mail as a whole from being sent on."""
    facts = errand.facts
    # Our own notice inside the new text cannot be told from what the agent wrote, and is not for customers.
    if any(marker in parsed.rest for marker in errand.policy.markers):
        yield "your answer cannot be told from our notice below it; write it above the quoted text, or delete that"
    for verdict in facts.files:
        if verdict.held:
            yield f"{verdict.file.filename} cannot be sent: {verdict.held}"
    yield from strays(parsed.rest, errand.agent.name)
    if not (parsed.commands or parsed.rest or facts.mail.attachments or parsed.mistakes):
        yield "there is nothing new in your mail; write your answer or a command above the quoted text"


def _note(mail: InboundMail, company: Company, agent: Agent, draft: Draft, text: str) -> None:
    because = "#note: only the desk sees it"
    draft.change(_message(mail, agent, Visibility.INTERNAL, text, because), agent.key, because)
    readers = (*whom.desk(draft.after, company, everyone=False), *whom.watchers(draft.after, company))
    for other in dict.fromkeys(readers):
        if other.key != agent.key:
            draft.tell(other, "note", "a colleague left a note", Said(text=text, spoken=agent.name, attach=True))


def _answer(errand: Errand, text: str) -> None:
    """The text goes to everybody outside who takes part; who answers first, has the ticket."""
    mail, company, agent, draft = errand.facts.mail, errand.facts.company, errand.agent, errand.draft
    because = f"{agent.name} has answered"
    # an assignee alone is no word about the status, though an open ticket is assigned by it
    ordered = any(isinstance(change, StatusChanged) for change in (*errand.asked, *draft.changes))
    draft.change(_message(mail, agent, Visibility.PUBLIC, text, because), agent.key, because)
    if draft.after.updated_at is not None:
        draft.change(Responded(draft.after.updated_at), agent.key, because)
    if not draft.after.assignee:
        draft.change(Assigned(agent.key), agent.key, f"{because}, and nobody had the ticket")
    if not ordered and not draft.after.status.is_done:
        draft.change(StatusChanged(Status.WAITING_CUSTOMER), agent.key, because)
    said = Said(text=text, spoken=agent.name, attach=True, files_of=errand.files_of)
    for customer in whom.customers(draft.after, company, but=agent.key):
        draft.tell(customer, "reply", because, said)


def _tell_status(company: Company, draft: Draft) -> None:
    """No words for the customer, but a new status that he should know of."""
    if draft.before is None or draft.after.status is draft.before.status or not draft.after.answerable:
        return
    template = _TOLD.get(draft.after.status)
    if template is not None:
        for customer in whom.customers(draft.after, company)[:1]:
            draft.tell(customer, template, f"status {draft.after.status}")


def _hand_over(errand: Errand, answers: bool) -> str:
    """A ticket that was given to a team finds somebody there, though not who gave it away. So does one that was sorted
    only: who also answers it, has it. Returns why nobody could take it, "" otherwise."""
    to_team = any(isinstance(change, TeamChanged) for change in errand.asked)
    is_sorted = any(isinstance(change, CategoryChanged) for change in errand.asked)
    if to_team:
        return place(errand.facts, errand.draft, giver=errand.agent.key)
    return place(errand.facts, errand.draft) if is_sorted and not answers else ""


def _tell_new_owner(company: Company, agent: Agent, draft: Draft, said: Said) -> None:
    """`said.reason` is why nobody could take it."""
    before = draft.before
    if before is None or (draft.after.assignee, draft.after.team) == (before.assignee, before.team):
        return
    if said.reason:
        for reader in whom.queue(draft.after, company, but=agent.key):
            draft.tell(reader, "unassigned", said.reason, said)
        return
    for owner in whom.desk(draft.after, company, everyone=False):
        if owner.key != agent.key:
            draft.tell(owner, "assigned", f"{agent.name} gave it to you", said)


def _tell_watchers(errand: Errand, text: str) -> None:
    """Who watches hears of answers and of another status, unless he is told something else already."""
    draft, agent = errand.draft, errand.agent
    moved = draft.before is not None and draft.after.status is not draft.before.status
    if not (text or moved):
        return
    for watcher in whom.watchers(draft.after, errand.facts.company):
        if watcher.key != agent.key and not draft.tells(watcher.email):
            said = Said(text=text, spoken=agent.name, done=tuple(errand.done), attach=bool(text))
            draft.tell(watcher, "watched", f"{agent.name} has worked on it", said)


def _message(mail: InboundMail, agent: Agent, visibility: Visibility, text: str, because: str) -> MessageAdded:
    return MessageAdded(Author.AGENT, agent.key, agent.name, visibility, text, mail.message_id, "human", because)
