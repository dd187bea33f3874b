"""What the config lays down, in the words of the line. No database is needed for it: settings are looked at quickly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from mailtix import rules
from mailtix.attachments import Terms
from mailtix.config import Config, load
from mailtix.facts import Policy
from mailtix.recurring import Job
from mailtix.rules import sentiment


def read_config(path: Path, environ: Mapping[str, str]) -> Config:
    """The config file with the environment over it. Raises BadConfig with every mistake."""
    return load(path, environ)


def policy_of(config: Config, rule_set: rules.RuleSet, markers: frozenset[str] = frozenset()) -> Policy:
    """What the config lays down, with these rules; `markers` are the lines that end an answer."""
    return Policy(
        rules=rule_set,
        sla=config.sla_terms(),
        survey=config.survey.as_model(),
        notify_unassigned=config.notify.unassigned,
        markers=markers,
        attachments=attachment_terms(config),
        agents=config.security.agents,
        verify=config.security.verify,
        hold=config.outbound.hold or timedelta(0),
        overtaken=config.outbound.overtaken,
        undo=config.commands.undo,
        commands=config.command_terms(),
        limits=config.limits.as_model(),
        joining=config.participants.as_model(),
        reply_to=config.participants.reply_to,
        closing=config.close.as_model(),
        escalation=config.escalation.as_model(),
        reminders=config.remind.as_model(),
        suggests=config.suggest.category,
        digests=Job.DIGEST in config.recurring_terms().schedules,
    )


def read_rules(config: Config, files: Sequence[Path] | None = None) -> rules.RuleSet:
    """The rules of these files, else of all that the config names. Raises rules.BadRules with every mistake."""
    paths = config.rule_files() if files is None else files
    return load_rules(config, [(str(path), path.read_bytes()) for path in paths])


def load_rules(config: Config, texts: Sequence[tuple[str, str | bytes]]) -> rules.RuleSet:
    """The rules of these texts, given as (name, text). Raises rules.BadRules with every mistake."""
    return rules.load(texts, known_to_rules(config))


def known_to_rules(config: Config) -> rules.Known:
    """What rules may name."""
    sla = config.sla_terms()
    return replace(
        rules.Known.of(config.companies_as_model()),
        fields=tuple(rules.CustomField(f.name, f.kind, f.choices) for f in config.command_terms().fields),
        policies=tuple(policy.name for policy in (*sla.policies, sla.general)),
        hosts=config.webhooks.hosts,
        sentiment=sentiment.available(),
        calendars={calendar.name: calendar.as_model().open_at for calendar in config.calendars},
    )


def attachment_terms(config: Config) -> Terms:
    """Which files of a mail are passed on."""
    own = config.attachments
    return Terms(own.max_files, own.max_size, frozenset(own.held), scanned=own.clamd is not None)
