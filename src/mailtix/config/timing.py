"""The service levels: three presets, what a desk writes over them, and policies for some of its tickets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from mailtix.config.calendars import CalendarConfig
from mailtix.config.scalars import Duration, Names, duration_text, one_or_many, parse_duration
from mailtix.config.staff import Name
from mailtix.model.desk import Account
from mailtix.model.ticket import Priority, Status
from mailtix.sla import ALWAYS, SNOOZED, Calendar, Conditions, Policy, Targets, Terms
from mailtix.yamltext import Section, did_you_mean, wrong

# What tickets have that no policy is for. Policies of one's own have other names.
GENERAL = "default"
# Ten years, as of every duration; a target that needs more calendar than that is a slip of the finger.
_LONGEST_WEEKS = 520
_PAUSES = (*(status.value for status in Status if not status.is_done), SNOOZED)


def _preset(**texts: str) -> Mapping[Priority, Targets]:
    pairs = {name: text.split("/") for name, text in texts.items()}
    return {Priority(name): Targets(*map(parse_duration, pair)) for name, pair in pairs.items()}


# First response / resolution, as in the comparison table of docs/config.md.
PRESETS: Mapping[str, Mapping[Priority, Targets]] = {
    "standard": _preset(critical="15m/2h", urgent="15m/4h", high="1h/8h", medium="4h/24h", low="8h/48h"),
    "relaxed": _preset(critical="30m/4h", urgent="1h/8h", high="2h/24h", medium="4h/48h", low="8h/96h"),
    "strict": _preset(critical="15m/2h", urgent="15m/2h", high="30m/4h", medium="1h/8h", low="2h/24h"),
}
Preset = Literal["standard", "relaxed", "strict"]


class TargetConfig(Section):
    first_response: Duration | None = None
    next_response: Duration | None = None
    resolution: Duration | None = None

    def over(self, other: Targets) -> Targets:
        """The other's times, with those written over them that stand here."""
        return Targets(
            self.first_response or other.first_response,
            self.resolution or other.resolution,
            self.next_response or other.next_response,
        )


class TargetsConfig(Section):
    critical: TargetConfig = Field(default_factory=TargetConfig)
    urgent: TargetConfig = Field(default_factory=TargetConfig)
    high: TargetConfig = Field(default_factory=TargetConfig)
    medium: TargetConfig = Field(default_factory=TargetConfig)
    low: TargetConfig = Field(default_factory=TargetConfig)


def _warnings(value: Any) -> Any:
    """When to warn: shares of the time (0.75 or 75%) and times before its end (30m), one or many."""
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(dict.fromkeys(_warning(item) for item in items))


def _warning(item: Any) -> float | timedelta:
    if isinstance(item, str) and (found := re.fullmatch(r"(\d{1,3}(?:\.\d{1,3})?)\s*%", item.strip(), re.ASCII)):
        item = float(found[1]) / 100
    if isinstance(item, int | float) and not isinstance(item, bool):
        if not 0 < item < 1:
            raise wrong("a share of the time is more than 0 and less than 1", "write it as 0.75 or 75%")
        return float(item)
    if isinstance(item, str | timedelta):
        return parse_duration(item)
    raise wrong("this is no time to warn at", "write a share of the time (75%) or a time before its end (30m)")


def _warnings_text(values: tuple[float | timedelta, ...]) -> Any:
    texts = [duration_text(value) if isinstance(value, timedelta) else value for value in values]
    return texts[0] if len(texts) == 1 else texts


def _pauses(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in _PAUSES:
            raise wrong(f"a target cannot pause at '{name[:40]}'", did_you_mean(name, _PAUSES))
    return tuple(dict.fromkeys(names))


def _lower(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in names)


def _calendars(value: Any) -> Any:
    """One calendar for every priority, when there is only one name."""
    return dict.fromkeys(Priority, value) if isinstance(value, str) else value


def _calendars_text(names: dict[Priority, str] | None) -> Any:
    if names is None or len(set(names.values())) > 1 or len(names) < len(Priority):
        return names
    return next(iter(names.values()))


Accounts = Mapping[str, tuple[Account, ...]]
WarnAt = Annotated[tuple[float | timedelta, ...], BeforeValidator(_warnings), PlainSerializer(_warnings_text)]
CalendarNames = Annotated[dict[Priority, str], BeforeValidator(_calendars), PlainSerializer(_calendars_text)]


class ConditionsConfig(Section):
    company: Names = ()
    team: Names = ()
    category: Names = ()
    priority: Annotated[tuple[Priority, ...], BeforeValidator(one_or_many)] = ()
    tag: Names = ()
    requester: Annotated[Names, AfterValidator(_lower)] = ()
    vip: bool | None = None

    def as_model(self, accounts: Accounts) -> Conditions:
        """The conditions as the rest of the program knows them, with the customers of each company."""
        priorities = tuple(priority.value for priority in self.priority)
        named = (self.company, self.team, self.category, priorities, self.tag, self.requester)
        return Conditions(*named, self.vip, {} if self.vip is None else accounts)


class PolicyConfig(Section):
    name: Name
    when: ConditionsConfig = Field(default_factory=ConditionsConfig)
    preset: Preset | None = None
    targets: dict[Priority, TargetConfig] = Field(default_factory=dict)
    calendar: CalendarNames | None = None

    @model_validator(mode="after")
    def _named_by_itself(self) -> Self:
        if self.name == GENERAL:
            raise wrong(f"'{GENERAL}' is what tickets have that no policy is for", "give the policy another name")
        return self


class SlaConfig(Section):
    preset: Preset = "standard"
    targets: TargetsConfig = Field(default_factory=TargetsConfig)
    calendar: CalendarNames = Field(default_factory=lambda: dict.fromkeys(Priority, ALWAYS.name))
    warn_at: WarnAt = (0.75,)
    pauses: Annotated[Names, AfterValidator(_pauses)] = (Status.WAITING_CUSTOMER.value, SNOOZED)
    on_reopen: Literal["restart", "continue"] = "restart"
    policies: tuple[PolicyConfig, ...] = ()

    def target(self, priority: Priority) -> Targets:
        """The target of that priority: the preset's, with what the settings write over it."""
        own: TargetConfig = getattr(self.targets, priority.value)
        return own.over(PRESETS[self.preset][priority])

    def target_of(self, policy: PolicyConfig, priority: Priority) -> Targets:
        """The same of a policy: from its own preset, else from what holds for all tickets."""
        base = PRESETS[policy.preset][priority] if policy.preset else self.target(priority)
        return policy.targets.get(priority, TargetConfig()).over(base)

    @model_validator(mode="after")
    def _answer_comes_before_solution(self) -> Self:
        for policy in (None, *self.policies):
            for priority in Priority:
                target = self.target_of(policy, priority) if policy else self.target(priority)
                if _unlike(target):
                    what = f"priority {priority.value}" + (f" in policy {policy.name}" if policy else "")
                    raise wrong(f"the first response of {what} is due after its resolution",
                                "check `targets` against the preset")  # fmt: skip
        return self


def _unlike(target: Targets) -> bool:
    """Whether the first response may come later than the resolution."""
    return bool(target.first_response and target.resolution and target.first_response > target.resolution)


class Times(Section):
    """The parts of the settings that say when something is due: what `mailtix sla simulate` reads from a file."""

    calendars: tuple[CalendarConfig, ...] = ()
    sla: SlaConfig = Field(default_factory=SlaConfig)

    @model_validator(mode="after")
    def _within_ten_years(self) -> Self:
        check_lengths(self.sla, self.calendars)
        return self


def check_lengths(sla: SlaConfig, calendars: Iterable[CalendarConfig]) -> None:
    """Raises pydantic's error when a target needs more than ten years of its calendar."""
    weekly = {calendar.name: calendar.weekly() for calendar in calendars}
    for policy in (None, *sla.policies):
        for priority, name in _named(sla, policy).items():
            target = sla.target_of(policy, priority) if policy else sla.target(priority)
            longest = max(filter(None, (target.first_response, target.next_response, target.resolution)))
            if name in weekly and longest > _LONGEST_WEEKS * weekly[name]:
                text = f"{duration_text(longest)} of working time take more than ten years in the calendar {name}"
                raise wrong(text, f"a week of it has {duration_text(weekly[name])}")


def _named(sla: SlaConfig, policy: PolicyConfig | None) -> dict[Priority, str]:
    """The calendar of each priority: the policy's, else that for all tickets, else the one that is always open."""
    return dict.fromkeys(Priority, ALWAYS.name) | sla.calendar | ((policy and policy.calendar) or {})


def terms(sla: SlaConfig, calendars: Iterable[CalendarConfig], accounts: Accounts | None = None) -> Terms:
    """What the settings promise, as the rest of the program knows it; `accounts` are the customers of each company."""
    known: dict[str, Calendar] = {ALWAYS.name: ALWAYS} | {c.name: c.as_model() for c in calendars}

    def policy(name: str, own: PolicyConfig | None) -> Policy:
        targets = {p: sla.target_of(own, p) if own else sla.target(p) for p in Priority}
        named = {priority: known[name] for priority, name in _named(sla, own).items()}
        return Policy(name, targets, named, own.when.as_model(accounts or {}) if own else Conditions())

    return Terms(
        general=policy(GENERAL, None),
        policies=tuple(policy(own.name, own) for own in sla.policies),
        warn_at=sla.warn_at,
        pauses=frozenset(sla.pauses),
        restart=sla.on_reopen == "restart",
    )
