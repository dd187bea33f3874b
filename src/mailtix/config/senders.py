"""What senders may do: how much mail is processed before somebody looks, and who takes part in a ticket."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mailtix import limits
from mailtix.config.scalars import Duration
from mailtix.hygiene import ReplyTo
from mailtix.yamltext import Section

Count = Annotated[int, Field(ge=1, le=100_000)]
_DEFAULT = limits.Terms()


class RateConfig(Section):
    """So many within that time."""

    count: Count
    per: Duration

    def as_model(self) -> limits.Rate:
        """The rate as the rest of the program knows it."""
        return limits.Rate(self.count, self.per)


def _rate(rate: limits.Rate) -> RateConfig:
    return RateConfig(count=rate.count, per=rate.per)


class LimitsConfig(Section):
    new_tickets: RateConfig = _rate(_DEFAULT.new_tickets)
    answers: tuple[RateConfig, ...] = tuple(map(_rate, _DEFAULT.answers))
    alike: RateConfig = _rate(_DEFAULT.alike)

    def as_model(self) -> limits.Terms:
        """The limits as the rest of the program knows them."""
        answers = tuple(rate.as_model() for rate in self.answers)
        return limits.Terms(self.new_tickets.as_model(), answers, self.alike.as_model())


class ParticipantsConfig(Section):
    join_by_cc: bool = True
    most: Annotated[int, Field(ge=1, le=1000)] = 20
    reply_to: ReplyTo = ReplyTo.SAME_DOMAIN

    def as_model(self) -> limits.Joining:
        """The same as the rest of the program knows it."""
        return limits.Joining(self.join_by_cc, self.most)
