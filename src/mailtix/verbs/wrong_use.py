"""What verbs raise when they were asked for something that makes no sense."""

from __future__ import annotations


class WrongUse(Exception):
    """What was asked for makes no sense; the text says why."""
