"""How sure we are who wrote a mail, and so what the writer may do."""

from __future__ import annotations

from mailtix.authorise.proof import Proof, Signs, agent_proof, replayable
from mailtix.model.auth import AgentProof
from mailtix.model.copies import replace
from mailtix.model.desk import Company
from mailtix.model.mail import InboundMail
from mailtix.model.thread import Found, Purpose, Role, Strength, Writer
from mailtix.model.ticket import Ticket

__all__ = ["Proof", "Signs", "agent_proof", "replayable", "writer"]


def writer(mail: InboundMail, found: Found, signs: Signs, about: tuple[Ticket, Company], wanted: AgentProof) -> Writer:
    """Who wrote this mail to the ticket that was found for it. `wanted` is what makes an agent believed.

    From alone proves nothing: an agent acts with his own key from his own address, or when his domain vouches for the
    mail; and a key in somebody else's hands opens nothing.
    """
    sender = mail.from_.addr.lower()
    ticket, company = about
    if signs.key_owner and signs.key_owner not in (sender, *signs.same):
        return Writer(Role.STRANGER, sender, f"the key of {signs.key_owner} was used by {sender or 'nobody'}")
    is_agents_key = found.claims is not None and found.claims.purpose is Purpose.AGENT
    if is_agents_key and company.agent(sender) is None:
        return Writer(Role.STRANGER, sender, f"{sender} is no agent any more")
    if not is_agents_key and {sender, *signs.same} & set(ticket.participants):
        return _participant(sender, found, signs)
    if company.agent(sender) is not None:
        # a key that was given to him as a customer does not make him act as an agent
        proof = agent_proof(mail, signs if is_agents_key else replace(signs, key_owner=""), company, wanted)
        return Writer(Role.AGENT if proof.holds else Role.UNPROVEN, sender, proof.because, proof.asks)
    return Writer(Role.STRANGER, sender, f"{sender or 'a sender without address'} takes no part in the ticket")


def _participant(sender: str, found: Found, signs: Signs) -> Writer:
    """A number in a subject can be guessed, and a message id of the customer's own is known to others: who comes by
    these rests on From alone, which must not be shown to be forged."""
    takes_part = f"{sender} takes part in the ticket"
    if found.strength not in (Strength.TAG, Strength.KNOWN_ID):
        return Writer(Role.CUSTOMER, sender, takes_part)
    if signs.auth is None:
        return Writer(Role.CUSTOMER, sender, takes_part, asks=True)
    if forged := signs.auth.refutes(sender):
        return Writer(Role.STRANGER, sender, f"From names {sender}, who takes part in the ticket, but {forged}")
    proven = signs.auth.proves(sender)
    return Writer(Role.CUSTOMER, sender, f"{takes_part}; {proven or 'nothing proves or refutes that it is his'}")
