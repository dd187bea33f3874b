"""The settings: defaults, then the file, then the environment, to one frozen Config or all mistakes at once."""

from mailtix.config.effective import effective
from mailtix.config.example import EXAMPLE
from mailtix.config.load import BadConfig, load
from mailtix.config.scalars import Endpoint
from mailtix.config.schema import (
    CompanyConfig,
    Config,
    MailboxConfig,
)
from mailtix.config.servers import ImapConfig, OAuthConfig, SmtpConfig
from mailtix.config.staff import AgentConfig, TeamConfig
from mailtix.config.timing import Times

__all__ = [
    "EXAMPLE",
    "AgentConfig",
    "BadConfig",
    "CompanyConfig",
    "Config",
    "Endpoint",
    "ImapConfig",
    "MailboxConfig",
    "OAuthConfig",
    "SmtpConfig",
    "TeamConfig",
    "Times",
    "effective",
    "load",
]
