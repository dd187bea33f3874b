"""Delivery reports: whether a mail is one, and what it says."""

from mailtix.classify.bounce.reading import read_bounce

__all__ = ["read_bounce"]
