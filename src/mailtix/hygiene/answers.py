"""Where answers to a mail go: Reply-To is a wish of whoever wrote it, and anybody can write any."""

from __future__ import annotations

import re
from enum import StrEnum

from mailtix.model.desk import Company
from mailtix.model.mail import Address, InboundMail

# Nobody reads what is sent there, so he need not hear of answers.
_UNREAD = re.compile(r"(?:no|do[-._]?not)[-._]?reply\b", re.IGNORECASE)


class ReplyTo(StrEnum):
    """When answers go to Reply-To instead of From."""

    SAME_DOMAIN = "same_domain"
    NEVER = "never"
    ALWAYS = "always"


def answers_to(mail: InboundMail, company: Company, rule: ReplyTo) -> Address | None:
    """The address in Reply-To that is answered instead of From; None where From is. Never one of the desk's own, and
    never more than one (RFC 5322 section 3.6.2 allows several)."""
    if rule is ReplyTo.NEVER or len(mail.reply_to) != 1:
        return None
    [wish], author = mail.reply_to, mail.from_.addr.lower()
    email = wish.addr.lower()
    if "@" not in email or email == author or company.mailbox(email) is not None or company.agent(email) is not None:
        return None
    if company.agent(author) is not None:
        return None
    if rule is ReplyTo.SAME_DOMAIN and email.rpartition("@")[2] != author.rpartition("@")[2]:
        return None
    return Address(email, wish.name)


def is_unread(address: str) -> bool:
    """Whether an address says of itself that nobody reads its mail."""
    return _UNREAD.match(address) is not None
