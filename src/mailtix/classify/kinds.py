"""The order of the questions."""

from __future__ import annotations

from mailtix.classify.automatic import read_automatic
from mailtix.classify.bounce import read_bounce
from mailtix.classify.bulk import read_bulk
from mailtix.classify.complaint import read_complaint
from mailtix.classify.evidence import evidence
from mailtix.classify.loop import read_loop
from mailtix.classify.receipt import read_receipt
from mailtix.model.kind import Human, Kind, OwnAddresses
from mailtix.model.mail import InboundMail


def classify(mail: InboundMail, own: OwnAddresses) -> Kind:
    """The kind of the mail with the reasons for it; whatever no question claims was written by a person."""
    seen = evidence(mail)
    return (
        read_loop(seen, own)
        or read_bounce(seen, own)
        or read_complaint(seen)
        or read_receipt(seen)
        or read_automatic(seen)
        or read_bulk(seen, own)
        or Human(("nothing says that a machine sent it",))
    )
