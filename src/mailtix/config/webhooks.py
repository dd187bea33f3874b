"""Which other programs rules may tell of things, and how these know that it is us."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, model_validator

from mailtix.config.scalars import Duration, SigningSecret, one_or_many
from mailtix.yamltext import Section, wrong

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


def _host(value: str) -> str:
    host = value.strip().lower()
    if not _HOST.fullmatch(host):
        raise wrong(f"'{value[:80]}' is not a host", "write it as hooks.example.com, or with its port: 127.0.0.1:8080")
    return host


class WebhooksConfig(Section):
    hosts: Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], BeforeValidator(one_or_many)] = ()
    secret: SigningSecret | None = None
    timeout: Duration = timedelta(seconds=10)

    @model_validator(mode="after")
    def _signed(self) -> Self:
        if self.hosts and self.secret is None:
            raise wrong("without a secret nobody can tell that it is us", "make one with: openssl rand -hex 32")
        return self
