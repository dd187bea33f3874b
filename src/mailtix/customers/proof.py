"""Is it really the customer whom From names? By his key, by what his domain says of the mail, or by himself. Pure."""

from __future__ import annotations

from mailtix.authorise.proof import Proof, Signs, replayable
from mailtix.facts import Facts
from mailtix.model.thread import Purpose

_KEYS = frozenset({Purpose.CUSTOMER, Purpose.SURVEY})


def proof_of(facts: Facts, key_is_enough: bool = True) -> Proof:
    """Whether the customer is proven. From alone proves nothing, nor does a mail of ours that he answers: it may have
    been passed on. So may his key, to all who get a copy of his answer: it is no proof for what lasts."""
    sender, auth = facts.mail.from_.addr.lower(), facts.auth
    if not sender:
        return Proof(False, "From names nobody")
    if facts.confirmed == sender:
        return Proof(True, f"{sender} has confirmed it")
    if auth is not None and (forged := auth.refutes(sender)):
        return Proof(False, f"From names {sender}, but {forged}")
    if key_is_enough and {sender, *(person.email for person in facts.same)} & set(_key_owners(facts)):
        return Proof(True, f"the signed reply address of {sender}")
    if auth is None:
        return Proof(False, f"nobody has looked yet whether {sender} wrote it", asks=True)
    proven = auth.proves(sender)
    if not proven:
        return Proof(False, f"From names {sender}, but nothing proves it ({auth.line})")
    if not auth.direct and (flaw := replayable(facts.mail, Signs(auth=auth, seen=facts.seen), facts.company)):
        return Proof(False, f"From names {sender} ({proven}), but {flaw}")
    return Proof(True, proven)


def _key_owners(facts: Facts) -> list[str]:
    """Whom the customers' keys in the mail were made for."""
    keys = (item.claims for item in facts.evidence if item.claims is not None)
    return [facts.owners[key.person] for key in keys if key.purpose in _KEYS and key.person in facts.owners]
