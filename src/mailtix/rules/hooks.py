"""Which places may be told of things: a rule must not make the daemon talk to whatever is in its network."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from pydantic import ValidationInfo

from mailtix.rules.names import known_in
from mailtix.yamltext import did_you_mean, wrong

_HOW = "write it as https://hooks.example.com/path"


def webhook_url(value: str, info: ValidationInfo) -> str:
    """The URL, if it is one of http or https and its host is allowed. Raises pydantic's error with a sentence."""
    parts = _parts(value)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise wrong("this is not the URL of a web server", _HOW)
    if not value.isascii() or not value.isprintable() or " " in value:
        raise wrong("a URL holds no spaces and no letters beyond ASCII", "write them as %20 and the like")
    if parts.username is not None:
        raise wrong("a URL holds no name and no password here", "whoever is told can tell us by the signature")
    known = known_in(info)
    if known is not None and parts.netloc not in known.hosts:
        hosts = sorted(known.hosts)
        hint = did_you_mean(parts.netloc, hosts) if hosts else "name it in the settings under `webhooks: {hosts: […]}`"
        raise wrong(f"the host '{parts.netloc}' may not be told of anything", hint)
    return value


def _parts(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        return None
    return parts
