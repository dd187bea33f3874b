"""The servers outside that the settings name, as what talks to them."""

from __future__ import annotations

import socket

from mailtix.config import Config, Endpoint
from mailtix.evidence.auth.dns import DnsResolver
from mailtix.evidence.clamd import Clamd
from mailtix.outbound.dialogue import Smarthost


def hostname(config: Config) -> str:
    """What we call ourselves in the greeting."""
    return config.listen.hostname or socket.getfqdn()


def smarthost(config: Config) -> Smarthost | None:
    """Where mail is handed over to; None when it goes into a Maildir."""
    smtp = config.outbound.smtp
    if smtp is None:
        return None
    return Smarthost(
        host=smtp.host,
        port=smtp.port,
        tls=smtp.tls,
        username=smtp.username or "",
        password=smtp.password.get_secret_value() if smtp.password else "",
        cafile=str(smtp.ca) if smtp.ca else None,
        helo=hostname(config),
    )


def scanner(config: Config) -> Clamd | None:
    """Who is asked about viruses; None when nobody is."""
    clamd = config.attachments.clamd
    if clamd is None:
        return None
    address = (clamd.host, clamd.port) if isinstance(clamd, Endpoint) else str(clamd)
    return Clamd(address, config.attachments.clamd_timeout.total_seconds())


def dns_resolver(config: Config) -> DnsResolver:
    """Who is asked about names: the servers of the settings, else those of the system."""
    return DnsResolver([(server.host, server.port) for server in config.security.resolver or ()])
