"""Signing in to an IMAP server: with a password (LOGIN), or with an access token (SASL XOAUTH2 and OAUTHBEARER)."""

from __future__ import annotations

import imaplib
import json
from typing import Any

from imapclient.exceptions import LoginError  # type: ignore[import-untyped]

from mailtix.ingest.settings import ImapSettings
from mailtix.oauth import Tokens, oauthbearer, xoauth2


def sign_in(client: Any, settings: ImapSettings, tokens: Tokens | None) -> None:
    """Raises LoginError when the server says no, OAuthError when there is no token, else as the connection is lost."""
    if tokens is None:
        client.login(settings.username, settings.password)
        return
    token = tokens.access_token()
    try:
        _authenticate(client, settings, token)
    except LoginError:  # it may have been revoked before its time
        _authenticate(client, settings, tokens.instead_of(token))


def _authenticate(client: Any, settings: ImapSettings, token: str) -> None:
    mechanism = settings.method.upper()
    conversation = _Conversation(settings, token)
    try:
        kind, answer = client._imap.authenticate(mechanism, conversation.respond)
        if kind != "OK":
            raise LoginError(conversation.told(answer))
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        offered = [str(one, "ascii", "replace") for one in client.capabilities() if one.startswith(b"AUTH=")]
        offers = f"AUTH={mechanism}" in {one.upper() for one in offered}
        hint = "" if offers else f"; it offers {', '.join(offered) or 'no such way of signing in'}, not {mechanism}"
        raise LoginError(conversation.told(error) + hint) from error


class _Conversation:
    """What we answer to the server's challenges, and what it said when it was not content."""

    def __init__(self, settings: ImapSettings, token: str) -> None:
        self._settings = settings
        self._token = token
        self._answers = 0
        self._error = b""

    def respond(self, challenge: bytes) -> bytes:
        self._answers += 1
        if self._answers > 1:
            # The error, which wants an answer before the server says NO (RFC 7628 section 3.2.3).
            self._error = challenge
            return b"\1" if self._settings.method == "oauthbearer" else b""
        settings = self._settings
        if settings.method == "oauthbearer":
            return oauthbearer(settings.username, self._token, settings.host, settings.port)
        return xoauth2(settings.username, self._token)

    def told(self, answer: object) -> str:
        """The server's words, and the status of its error (RFC 7628 section 3.2.2)."""
        try:
            status = json.loads(self._error).get("status", "")
        except (ValueError, AttributeError):
            status = ""
        return f"{answer} (status {status})" if status else str(answer)
