"""The effective settings as YAML, with every default written out and no secret in it."""

from __future__ import annotations

import yaml

from mailtix.config.scalars import hidden_password
from mailtix.config.schema import Config


def effective(config: Config) -> str:
    """The whole configuration as YAML: what `mailtix check` prints. Passwords and secrets stand as ***."""
    data = config.model_dump(mode="json")
    data["database"] = hidden_password(config.database)
    data["redis"] = hidden_password(config.redis) if config.redis else None
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
