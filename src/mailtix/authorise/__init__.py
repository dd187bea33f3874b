"""How sure we are who wrote a mail, and so what the writer may do."""

from __future__ import annotations

from mailtix.model.desk import Company
from mailtix.model.mail import InboundMail
from mailtix.model.thread import Found, Purpose, Role, Writer
from mailtix.model.ticket import Ticket

__all__ = ["writer"]


def writer(mail: InboundMail, found: Found, ticket: Ticket, company: Company, key_owner: str) -> Writer:
    """Who wrote this mail to this ticket. `key_owner` is the address that the signed reply address was made for, "" if
    there is none.

    From alone proves nothing: an agent acts only with his own key from his own address, and a customer's key in
    somebody else's hands opens nothing either.
    """
    sender = mail.from_.addr.lower()
    if key_owner and key_owner != sender:
        return Writer(Role.STRANGER, sender, f"the key of {key_owner} was used by {sender or 'nobody'}")
    if found.claims is not None and found.claims.purpose is Purpose.AGENT:
        if company.agent(sender) is None:
            return Writer(Role.STRANGER, sender, f"{sender} is no agent any more")
        return Writer(Role.AGENT, sender, f"the signed reply address of {sender}")
    if sender in ticket.participants:
        return Writer(Role.CUSTOMER, sender, f"{sender} takes part in the ticket")
    if company.agent(sender) is not None:
        return Writer(Role.UNPROVEN, sender, f"From names the agent {sender}, but his key is missing")
    return Writer(Role.STRANGER, sender, f"{sender or 'a sender without address'} takes no part in the ticket")
