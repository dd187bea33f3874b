"""The servers outside: whether each can be reached and used. No mail is sent to any of them."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from mailtix.config import Config
from mailtix.evidence.auth.dns import Unanswered
from mailtix.evidence.clamd import Unreachable
from mailtix.health.certificate import by_expiry, end_of
from mailtix.health.finding import Finding, bad, fine
from mailtix.outbound.dialogue import Dialogue
from mailtix.outbound.smtp import explained
from mailtix.servers import dns_resolver, scanner, smarthost

# For each step of a dialogue. A server that takes longer may work, and people would not call it healthy.
_SECONDS = 5.0


def outgoing(config: Config, now: datetime) -> Iterator[Finding]:
    """Whether the smarthost lets us in: connection, EHLO, STARTTLS and password, as before each mail."""
    host = smarthost(config)
    if host is None:
        return
    place = f"{host.host}:{host.port}"
    context = None if host.tls == "none" else ssl.create_default_context(cafile=host.cafile)
    try:
        dialogue = Dialogue(replace(host, timeout=_SECONDS), context)
    except (OSError, ValueError) as error:
        yield bad("smarthost", f"{place} cannot be used: {explained(error)}", _advice(error))
        return
    expires = end_of(dialogue.sock)
    dialogue.leave()
    secured = {"none": "without encryption", "starttls": "with STARTTLS", "ssl": "with TLS"}[host.tls]
    signed = ", signed in" if host.username else ""
    yield fine("smarthost", f"{place} answers {secured}{signed}")
    if expires is not None:
        advice = "tell who runs it; when it has expired nothing is sent, and mail waits for five days"
        yield by_expiry("smarthost's certificate", place, expires, now, advice)


def _advice(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "put the right username and password into `outbound.smtp`; mail waits for five days meanwhile"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return (
            "see `tls` and `port` in `outbound.smtp` (587 is starttls, 465 is ssl); mail waits for five days meanwhile"
        )
    if isinstance(error, ssl.SSLError):
        return "see its certificate, and `tls`, `port` and `ca` in `outbound.smtp`; mail waits for five days meanwhile"
    return "see that it runs and may be reached from here, and `outbound.smtp`; mail waits for five days meanwhile"


def redis(config: Config) -> Iterator[Finding]:
    """Whether Redis can be rung, where it is set."""
    if config.redis is None:
        return
    from redis import Redis
    from redis.exceptions import RedisError

    try:
        with Redis.from_url(config.redis, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS) as client:
            client.ping()
    except (RedisError, OSError) as error:
        text = f"Redis does not answer: {error}; mail is found by looking every second"
        yield bad("redis", text.partition("\n")[0], "see that it runs, and `redis` in the settings; nothing is lost")
    else:
        yield fine("redis", "it answers")


def names(config: Config) -> Iterator[Finding]:
    """Whether the DNS answers, which tells who wrote a mail."""
    if config.security.verify.value == "never":
        return
    domain = config.companies[0].mailboxes[0].address.partition("@")[2]
    try:
        dns_resolver(config).lookup(domain, "MX", _SECONDS)
    except Unanswered as error:
        advice = "see /etc/resolv.conf, or name a server in `security.resolver`; senders cannot be verified meanwhile"
        yield bad("dns", str(error), advice)
    else:
        yield fine("dns", "it answers")


def viruses(config: Config) -> Iterator[Finding]:
    """Whether clamd answers, where it is set, and how old its signatures are."""
    clamd = scanner(config)
    if clamd is None:
        return
    try:
        version = replace(clamd, timeout=_SECONDS).ping()
    except Unreachable as error:
        advice = (
            "see that clamd runs, and `attachments.clamd`; mail with files waits for it, and its files are held at last"
        )
        yield bad("clamd", str(error), advice)
    else:
        yield fine("clamd", f"it answers: {version}")


def mailbox_limit(config: Config) -> timedelta:
    """How long nobody may look into a mailbox before that is a trouble: servers are asked anew each half hour."""
    polls = [box.imap.poll for company in config.companies for box in company.mailboxes if box.imap]
    return timedelta(hours=1) + max(polls, default=timedelta(0))
