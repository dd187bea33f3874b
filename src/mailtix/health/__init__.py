"""What is wrong with an installation, and what to do about it. Everything is looked at, and nothing is changed."""

from mailtix.health.examine import examine
from mailtix.health.finding import Finding, State

__all__ = ["Finding", "State", "examine"]
