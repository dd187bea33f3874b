"""What a courier is: the one interface between mailtix and everything that carries its mail away."""

from __future__ import annotations

from typing import Protocol

from mailtix.model.outgoing import DeliveryOutcome, OutgoingMail


class Courier(Protocol):
    """Carries finished mails away. May be called from several threads at once."""

    def deliver(self, mail: OutgoingMail) -> DeliveryOutcome:
        """What became of the mail. Never raises for anything that the network, the disk or the peer does."""

    def close(self) -> None:
        """Let go of connections. Mails that are on their way are finished first."""
