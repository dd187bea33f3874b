"""The service levels: three presets, and what a desk writes over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mailtix.config.scalars import Duration, parse_duration
from mailtix.model.ticket import Priority
from mailtix.yamltext import Section, wrong


@dataclass(frozen=True, slots=True)
class Target:
    """How long the first answer and the solution may take, counted from the ticket's beginning."""

    first_response: timedelta
    resolution: timedelta


def _preset(**texts: str) -> Mapping[Priority, Target]:
    pairs = {name: text.split("/") for name, text in texts.items()}
    return {Priority(name): Target(*map(parse_duration, pair)) for name, pair in pairs.items()}


# First response / resolution, as in the comparison table of docs/config.md.
PRESETS: Mapping[str, Mapping[Priority, Target]] = {
    "standard": _preset(critical="15m/2h", urgent="15m/4h", high="1h/8h", medium="4h/24h", low="8h/48h"),
    "relaxed": _preset(critical="30m/4h", urgent="1h/8h", high="2h/24h", medium="4h/48h", low="8h/96h"),
    "strict": _preset(critical="15m/2h", urgent="15m/2h", high="30m/4h", medium="1h/8h", low="2h/24h"),
}


class TargetConfig(Section):
    first_response: Duration | None = None
    resolution: Duration | None = None


class TargetsConfig(Section):
    critical: TargetConfig = Field(default_factory=TargetConfig)
    urgent: TargetConfig = Field(default_factory=TargetConfig)
    high: TargetConfig = Field(default_factory=TargetConfig)
    medium: TargetConfig = Field(default_factory=TargetConfig)
    low: TargetConfig = Field(default_factory=TargetConfig)


class SlaConfig(Section):
    preset: Literal["standard", "relaxed", "strict"] = "standard"
    warn_at: Annotated[float, Field(gt=0, lt=1)] = 0.75
    targets: TargetsConfig = Field(default_factory=TargetsConfig)

    def target(self, priority: Priority) -> Target:
        """The target of that priority: the preset's, with what the settings write over it."""
        preset = PRESETS[self.preset][priority]
        own: TargetConfig = getattr(self.targets, priority.value)
        return Target(own.first_response or preset.first_response, own.resolution or preset.resolution)

    @model_validator(mode="after")
    def _answer_comes_before_solution(self) -> Self:
        for priority in Priority:
            target = self.target(priority)
            if target.first_response > target.resolution:
                raise wrong(f"the first response of priority {priority.value} is due after its resolution",
                            "check `targets` against the preset")  # fmt: skip
        return self
