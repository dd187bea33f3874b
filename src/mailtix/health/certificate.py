"""Certificates: whether ours can be used, and when one expires."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mailtix.config import Config
from mailtix.health.finding import Finding, bad, by_age, fine

# Whoever renews by hand needs some days; what renews itself (ACME) does so 30 days before, so with 21 left it failed.
_DOUBTFUL = timedelta(days=21)
_BAD = timedelta(days=3)


def ours(config: Config, now: datetime) -> Iterator[Finding]:
    """Whether the certificate of the listeners can be used, and for how long."""
    files = config.listen.tls
    if files is None:
        return
    try:
        expires = _tried(files.certificate, files.key)
    except ssl.SSLCertVerificationError as error:
        text = f"{files.certificate} cannot be used: {error.verify_message}"
        yield bad("certificate", text, "renew it, then restart mailtix; senders may turn away meanwhile")
    except (OSError, ssl.SSLError) as error:
        text = f"{files.certificate} with {files.key} cannot be used: {error}"
        yield bad(
            "certificate", text, "see that both are PEM files, belong together, and may be read by mailtix's user"
        )
    else:
        advice = "renew it, then restart mailtix: it reads its certificate when it starts"
        yield by_expiry("certificate", str(files.certificate), expires, now, advice)


def by_expiry(name: str, what: str, expires: datetime, now: datetime, advice: str) -> Finding:
    """The finding about a certificate that is valid until then."""
    left = expires - now
    text = f"the certificate of {what} is valid for {left.days} more days (until {expires:%Y-%m-%d})"
    if left > _DOUBTFUL:
        return fine(name, text)
    return by_age(name, text, advice, -left, (-_DOUBTFUL, -_BAD))


def end_of(connection: Any) -> datetime | None:
    """When the certificate expires that the other side of a verified TLS connection showed; None without TLS."""
    shown = connection.getpeercert() if isinstance(connection, ssl.SSLSocket) else None
    until = shown.get("notAfter") if shown else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(until)), UTC) if until else None


def _tried(certificate: Path, key: Path) -> datetime:
    """When it expires: found by a handshake with ourselves in memory, which also shows that the key fits. Raises
    OSError (of which SSLError is one)."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(certificate, key)
    client.load_verify_locations(certificate)
    client.check_hostname = False  # whom it names is for those to judge who know by what name they reach us
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    there = client.wrap_bio(to_client, to_server)
    here = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (there, here, there, here):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    until = (there.getpeercert() or {})["notAfter"]
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(until)), UTC)
