"""Mail to the desk address (support+desk@…): an agent asks, and sets, what is about no ticket. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from mailtix.authorise import Proof, Signs, agent_proof
from mailtix.commands.grammar import Parsed, parse
from mailtix.commands.notice import without_notice
from mailtix.desk import elsewhere, handing, helping, looking, mine
from mailtix.desk.errand import Errand
from mailtix.desk.obey import obey
from mailtix.desk.transcript import tell_done
from mailtix.draft import Draft
from mailtix.facts import Facts, Policy
from mailtix.model.decision import Decision, Outcome, Said
from mailtix.model.desk import detail
from mailtix.model.thread import Claims, Purpose, Role, Strength, Writer
from mailtix.threading.choose import choose
from mailtix.threading.keys import recipients

DETAIL = "desk"
_HERE = frozenset({*looking.HANDLERS, *mine.HANDLERS, *elsewhere.HANDLERS, *helping.HANDLERS, *handing.HANDLERS})
# Nobody writes to the desk address but to give orders: a line that looks like one and is none is a mistake.
_LOOKS_LIKE_ORDER = re.compile(r"\s*#[^\W\d_]")
_SHOWN = 60  # characters of what was left aside


def writer_to_desk(facts: Facts, policy: Policy) -> Writer | None:
    """The agent who wrote to the desk address, and whether he is proven; None when nobody did.

    Who is no agent has written to the mailbox: his mail is one as any other, and tells him nothing of the desk.
    """
    agent = facts.company.agent(facts.mail.from_.addr)
    if agent is None or not is_to_desk(facts):
        return None
    proof = _proof(facts, policy)
    return Writer(Role.AGENT if proof.holds else Role.UNPROVEN, agent.key, proof.because, proof.asks)


def decide_desk(facts: Facts, policy: Policy, now: datetime, writer: Writer) -> Decision:
    """What becomes of an agent's mail to the desk address, proven to be his."""
    agent = facts.company.agent(writer.email)
    if agent is None:
        raise ValueError(f"{writer.email} is no agent of {facts.company.name}")
    draft = Draft(None, facts.company.name, now)
    parsed = _orders(facts, policy)
    errand = Errand(facts, policy, draft, agent, writer)
    errand.wrong += _unfit(parsed)
    obey(errand, [command for command in parsed.commands if command.word in _HERE])
    if draft.asks:
        return draft.decision(Outcome.COMMANDED, writer.because, policy.sla)
    if errand.wrong:
        return _refuse(errand, tuple(errand.wrong))
    if parsed.rest:
        aside = " ".join(parsed.rest.split())
        errand.done.append(f'the rest went nowhere: "{aside[:_SHOWN]}{"…" if len(aside) > _SHOWN else ""}"')
    tell_done(errand)
    return draft.decision(Outcome.COMMANDED, writer.because, policy.sla)


def is_to_desk(facts: Facts) -> bool:
    """Whether an agent's mail was sent to the desk address or to somebody's key for it. One that also carries the key
    of a ticket is about that ticket."""
    if any(claims.ticket in facts.tickets for claims in _claims(facts) if claims.purpose.names_ticket):
        return False
    if any(claims.purpose is Purpose.DESK for claims in _claims(facts)):
        return True
    if any(detail(to) == DETAIL and facts.company.mailbox(to) is not None for to in recipients(facts.mail)):
        return True
    # The key to the desk may have been this one; nothing says so any more, but the mail is no new ticket of his.
    return _has_bad_key(facts) and choose(facts.evidence, facts.ids, facts.numbers, frozenset(facts.tickets)) is None


def _has_bad_key(facts: Facts) -> bool:
    """Whether the mail went to signed addresses, none of which is believed: they are too old, revoked or damaged."""
    keys = [item.claims for item in facts.evidence if item.strength is Strength.TOKEN]
    return bool(keys) and not any(keys)


def _claims(facts: Facts) -> Iterator[Claims]:
    return (item.claims for item in facts.evidence if item.claims is not None)


def _proof(facts: Facts, policy: Policy) -> Proof:
    """Whether the agent wrote it. A key that was made for somebody else opens nothing."""
    keys = [claims for claims in _claims(facts) if claims.purpose is Purpose.DESK]
    owners = [facts.owners.get(claims.person, "somebody unknown") for claims in keys]
    sender = facts.mail.from_.addr.lower()
    if others := [owner for owner in owners if owner != sender]:
        return Proof(False, f"the key of {others[0]} was used by {sender}")
    signs = Signs(sender if owners else "", facts.auth, facts.seen)
    return agent_proof(facts.mail, signs, facts.company, policy.agents)


def _orders(facts: Facts, policy: Policy) -> Parsed:
    """The commands of the text; where it has none, that of a subject which begins with one."""
    mail, aliases = facts.mail, policy.commands.aliases
    parsed = parse(without_notice(mail.reply, policy.markers), aliases)
    if parsed.commands or parsed.mistakes or not _LOOKS_LIKE_ORDER.match(mail.subject):
        return parsed
    named = parse(mail.subject, aliases)
    return Parsed(named.commands, "\n".join(filter(None, (named.rest, parsed.rest))), named.mistakes)


def _unfit(parsed: Parsed) -> Iterator[str]:
    """What of the mail is nothing for the desk address."""
    yield from parsed.mistakes
    for command in parsed.commands:
        if command.word not in _HERE:
            yield f"{command.line}: that is about a ticket; write it in the answer to one of its mails"
    for line in filter(_LOOKS_LIKE_ORDER.match, parsed.rest.splitlines()):
        yield f"{line.strip()}: there is no such command; #help shows them all"
    if not (parsed.commands or parsed.mistakes):
        yield "there is no command in your mail; #help shows them. Customers are answered in the mails of their tickets"


def _refuse(errand: Errand, mistakes: tuple[str, ...]) -> Decision:
    facts, because = errand.facts, "; ".join(mistakes)
    draft = Draft(None, facts.company.name, errand.draft.now)
    draft.tell(errand.agent, "refused", because, Said(text=facts.mail.reply or facts.mail.subject, mistakes=mistakes))
    return draft.decision(Outcome.REFUSED, because, errand.policy.sla)
