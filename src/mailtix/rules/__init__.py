"""Rules: what a desk wants to happen to its mail, written in YAML."""

from mailtix.rules.engine import Hit, Outcome, run
from mailtix.rules.example import EXAMPLE_RULES
from mailtix.rules.language import Event, Known, json_schema
from mailtix.rules.load import BadRules, LoadedRule, RuleSet, load
from mailtix.rules.match import MailView
from mailtix.rules.names import CustomField

__all__ = [
    "EXAMPLE_RULES",
    "BadRules",
    "CustomField",
    "Event",
    "Hit",
    "Known",
    "LoadedRule",
    "MailView",
    "Outcome",
    "RuleSet",
    "json_schema",
    "load",
    "run",
]
