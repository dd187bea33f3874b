"""When rules are tried: a mail, something that it has changed, or a moment that has come."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema

from mailtix.rules.cron import Cron, cron
from mailtix.rules.measures import span, span_text
from mailtix.rules.values import Some
from mailtix.yamltext import did_you_mean, wrong

Word = Literal["new", "reply", "status", "assigned", "rated", "sla_warning", "sla_breach"]
WORDS: tuple[str, ...] = get_args(Word)
# A mail asks these of itself.
MAIL = frozenset({"new", "reply"})
# The events at which there is no mail.
_SILENT = frozenset({"sla_warning", "sla_breach"})
# A timer for less would be set with each mail and hardly ever come to anything.
_SHORTEST = timedelta(minutes=1)
_JSON = {
    "anyOf": [
        {"enum": list(WORDS)},
        {
            "type": "object",
            "properties": {"idle": {"type": "string", "pattern": "^([0-9]+[dhms] *)+$"}},
            "required": ["idle"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"time": {"type": "string", "pattern": "^[0-9]+( +[^ ]+){4}$"}},
            "required": ["time"],
            "additionalProperties": False,
        },
    ]
}


@dataclass(frozen=True, slots=True)
class Idle:
    """Nobody has written for so long."""

    span: timedelta

    def __str__(self) -> str:
        return f"idle: {span_text(self.span)}"

    @property
    def timer(self) -> str:
        """The kind of the timers for it."""
        return f"rule_idle_{int(self.span.total_seconds())}"


@dataclass(frozen=True, slots=True)
class Every:
    """A moment has come that comes again and again."""

    cron: Cron

    def __str__(self) -> str:
        return f"time: {self.cron.source}"

    @property
    def timer(self) -> str:
        """The kind of the timers for it, the same in every process."""
        return f"rule_time_{hashlib.sha256(self.cron.source.encode()).hexdigest()[:16]}"


Event = Word | Idle | Every


def has_mail(event: Event) -> bool:
    """Whether it is a mail that rules are asked because of."""
    return not isinstance(event, Idle | Every) and event not in _SILENT


def is_timer(kind: str) -> bool:
    """Whether timers of that kind are for rules."""
    return kind.startswith(("rule_idle_", "rule_time_"))


def _event(value: Any) -> Event:
    """The event of a word, of {idle: 3d}, or of {time: '0 9 * * mon'}. Raises pydantic's error with a sentence."""
    if isinstance(value, dict):
        [*keys] = value
        if keys == ["idle"]:
            waits = span(value["idle"])
            if waits < _SHORTEST:
                raise wrong("a rule cannot wait for less than a minute", "write it as idle: 3d, or 4h")
            return Idle(waits)
        if keys == ["time"]:
            return Every(cron(value["time"]))
        raise wrong("this is no event", "those with a value are {idle: 3d} and {time: '0 9 * * mon-fri'}")
    if value in ("idle", "time"):
        example = "{idle: 3d}" if value == "idle" else "{time: '0 9 * * mon-fri'}"
        raise wrong(f"'{value}' needs a value", f"write it as {example}")
    if not isinstance(value, str) or value not in WORDS:
        raise wrong(f"'on' cannot be '{value}'", did_you_mean(str(value), [*WORDS, "{idle: 3d}", "{time: …}"]))
    return value  # type: ignore[return-value]  # it is one of the words


OneEvent = Annotated[Any, PlainValidator(_event), WithJsonSchema(_JSON)]
"""An event by itself."""


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


_Events = {"anyOf": [_JSON, {"type": "array", "items": _JSON, "minItems": 1}]}
Events = Annotated[
    tuple[Annotated[Any, PlainValidator(_event)], ...], BeforeValidator(_one_or_many), Some, WithJsonSchema(_Events)
]
