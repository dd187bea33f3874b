"""How other mail servers are reached: where mail is fetched from, and where it is handed over."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from mailtix.config.scalars import Duration, ExistingFile, Host, Password
from mailtix.yamltext import Section, wrong

Encryption = Literal["none", "starttls", "ssl"]
Port = Annotated[int, Field(ge=1, le=65535)]
Name = Annotated[str, Field(min_length=1, max_length=200)]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _with_port(data: Any, default_tls: str, ports: dict[str, int]) -> Any:
    """The data with the port that goes with its encryption, where it names none."""
    if not isinstance(data, dict) or data.get("port") is not None:
        return data
    tls = data.get("tls", default_tls)
    return {**data, "port": ports.get(tls, 1) if isinstance(tls, str) else 1}


def _moment(value: object) -> datetime:
    """A day begins at midnight UTC; a moment says its zone."""
    text = value.isoformat() if isinstance(value, date) else str(value)
    try:
        moment = datetime.fromisoformat(f"{text}T00:00:00+00:00" if len(text) == len("2026-03-01") else text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 1990 <= moment.year < 9999:
        raise wrong("this is not a moment", "write it as 2026-03-01 (midnight UTC) or 2026-03-01T09:00+01:00")
    return moment


def _token_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("https", "http") or not parts.hostname or any(c.isspace() for c in value):
        raise wrong("this is not the address of a token endpoint", "write it as https://login.example.com/oauth2/token")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise wrong("secrets are not sent in clear text", "begin the address with https://")
    return value


_iso: Any = datetime.isoformat
Moment = Annotated[datetime, BeforeValidator(_moment), PlainSerializer(_iso, str)]


class OAuthConfig(Section):
    """How to get access tokens for a mail server that takes no passwords (RFC 6749)."""

    token_url: Annotated[str, AfterValidator(_token_url)]
    client_id: Name
    client_secret: Password | None = None
    grant: Literal["refresh_token", "client_credentials"] = "refresh_token"
    refresh_token: Password | None = None
    scope: str = ""
    method: Literal["xoauth2", "oauthbearer"] = "xoauth2"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.grant == "refresh_token" and self.refresh_token is None:
            raise wrong("without a refresh_token we cannot ask for tokens", "give one, or grant: client_credentials")
        if self.grant == "client_credentials" and self.client_secret is None:
            raise wrong("grant: client_credentials needs a client_secret", "give the one that the client was given")
        return self


class ImapConfig(Section):
    host: Host
    port: Port
    tls: Encryption = "ssl"
    username: Name
    password: Password | None = None
    oauth: OAuthConfig | None = None
    folder: Name = "INBOX"
    done: Name | None = None
    since: Moment | None = None
    poll: Duration = timedelta(seconds=60)

    @model_validator(mode="before")
    @classmethod
    def _port(cls, data: Any) -> Any:
        return _with_port(data, "ssl", {"ssl": 993, "starttls": 143, "none": 143})  # RFC 9051 section 2.1, RFC 8314

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.password is None and self.oauth is None:
            raise wrong("there is no way to sign in", "give password or oauth")
        if self.password is not None and self.oauth is not None:
            raise wrong("there are two ways to sign in", "give password or oauth, not both")
        if self.done == self.folder:
            raise wrong("done is the folder that mail is taken from", "name another one")
        return self


class SmtpConfig(Section):
    host: Host
    port: Port
    tls: Encryption = "starttls"
    username: Name | None = None
    password: Password | None = None
    ca: ExistingFile | None = None

    @model_validator(mode="before")
    @classmethod
    def _port(cls, data: Any) -> Any:
        return _with_port(data, "starttls", {"starttls": 587, "ssl": 465, "none": 25})  # RFC 6409, RFC 8314

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise wrong("username and password belong together", "give both, or neither")
        return self
