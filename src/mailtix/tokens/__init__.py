"""Tokens for visits: their numbers, what may become of them, and how that is told. Pure."""

from mailtix.tokens.evolve import describe, evolve, refusal
from mailtix.tokens.numbers import LONGEST, read, render

__all__ = ["LONGEST", "describe", "evolve", "read", "refusal", "render"]
