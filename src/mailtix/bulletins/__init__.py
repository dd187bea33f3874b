"""Recurring mail: what each tells, and how it is sent once whatever happens meanwhile."""

from mailtix.bulletins.send import Bulletins, Sent

__all__ = ["Bulletins", "Sent"]
