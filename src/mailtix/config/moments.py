"""What happens by itself as time goes by (closing, escalating, reminding, asking), and what is known of customers."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from mailtix import surveys
from mailtix.config.scalars import Duration, Language, MailAddress, Names, one_or_many
from mailtix.config.staff import Name
from mailtix.model.desk import Account
from mailtix.model.moment import CHAIN, Closing, Escalation, Reminders, Rung, Silence
from mailtix.yamltext import Section, wrong

_TIMES = ("warn", "after", "resolved")


class SilenceConfig(Section):
    warn: Duration | None = timedelta(days=5)
    after: Duration | None = timedelta(days=7)
    resolved: Duration | None = timedelta(hours=48)

    @model_validator(mode="after")
    def _warned_before(self) -> Self:
        if self.warn is not None and self.after is not None and self.warn >= self.after:
            raise wrong(
                "the customer is warned no earlier than the ticket is closed", "make `warn` shorter than `after`"
            )
        return self

    def as_silence(self) -> Silence:
        """The times as the rest of the program knows them."""
        return Silence(self.warn, self.after, self.resolved)


class CategorySilenceConfig(SilenceConfig):
    name: Name


class CloseConfig(SilenceConfig):
    categories: tuple[CategorySilenceConfig, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _as_for_all(cls, data: Any) -> Any:
        """What a category leaves out is as for all tickets."""
        listed = data.get("categories") if isinstance(data, dict) else None
        if not isinstance(listed, list):
            return data
        general = {key: data[key] for key in _TIMES if key in data}
        filled = [{**general, **item} if isinstance(item, dict) else item for item in listed]
        return {**data, "categories": filled}

    def as_model(self) -> Closing:
        """The same as the rest of the program knows it."""
        return Closing(self.as_silence(), {item.name: item.as_silence() for item in self.categories})


def _once(rungs: tuple[Rung, ...]) -> tuple[Rung, ...]:
    return tuple(dict.fromkeys(rungs))


class EscalationConfig(Section):
    on_breach: bool = True
    chain: Annotated[tuple[Rung, ...], BeforeValidator(one_or_many), AfterValidator(_once)] = CHAIN
    every: Duration = timedelta(hours=1)
    tell_customer: bool = False

    def as_model(self) -> Escalation:
        """The same as the rest of the program knows it."""
        return Escalation(self.on_breach, self.chain, self.every, self.tell_customer)


class RemindConfig(Section):
    unassigned: Duration | None = timedelta(minutes=30)
    pending: Duration | None = timedelta(hours=24)
    due: Duration | None = timedelta(hours=1)

    def as_model(self) -> Reminders:
        """The same as the rest of the program knows it."""
        return Reminders(self.unassigned, self.pending, self.due)


class SurveyConfig(Section):
    enabled: bool = True
    after: Duration = timedelta(hours=24)
    expires: Duration = timedelta(days=30)
    every: Duration = timedelta(days=14)
    low: Annotated[int, Field(ge=0, le=4)] = 2
    reopen: bool = False
    thanks: bool = False

    def as_model(self) -> surveys.Terms:
        """The same as the rest of the program knows it."""
        return surveys.Terms(self.enabled, self.after, self.expires, self.every, self.low, self.reopen, self.thanks)


def _patterns(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in patterns:
        if "@" not in pattern or any(sign in pattern for sign in "[] \t"):
            raise wrong(f"'{pattern[:60]}' is no pattern of addresses", "write it as *@customer.example")
    if not patterns:
        raise wrong("this account is nobody's", "name the addresses it is for: *@customer.example")
    return tuple(pattern.lower() for pattern in patterns)


class AccountConfig(Section):
    name: Name
    match: Annotated[Names, AfterValidator(_patterns)]
    company: Names = ()
    vip: bool = False
    language: Language | None = None
    account_manager: MailAddress | None = None
    reseller: MailAddress | None = None

    def belongs_to(self, company: str) -> bool:
        """Whether it is a customer of that company; one that names none is one of all."""
        return not self.company or company in self.company

    def as_model(self) -> Account:
        """The account as the rest of the program knows it."""
        manager, reseller = self.account_manager or "", self.reseller or ""
        return Account(self.name, self.match, self.vip, self.language or "", manager, reseller)
