"""What is said of mailboxes that are collected by IMAP."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import loaded, mistakes
from mailtix.config import ImapConfig, effective

TOKEN = "oauth: {token_url: https://login.example.org/token, client_id: me, refresh_token: hunter2hunter2}"


def written(more: str) -> str:
    account = f"host: imap.example.org, username: u, {more}"
    return f"companies: [{{name: A, mailboxes: [{{address: a@example.com, imap: {{{account}}}}}]}}]"


def imap(folder: Path, more: str) -> ImapConfig:
    found = loaded(folder, written(more)).companies[0].mailboxes[0].imap
    assert found
    return found


@pytest.mark.parametrize(
    ("more", "text", "hint"),
    [
        ("port: 993", "there is no way to sign in", "give password or oauth"),
        (f"password: x, {TOKEN}", "there are two ways to sign in", "give password or oauth, not both"),
        ("password: x, done: INBOX", "done is the folder that mail is taken from", "name another one"),
        ("password: x, since: yesterday", "this is not a moment", "write it as 2026-03-01 (midnight UTC) or"),
        ("password: x, since: 2026-03-01T09:00", "this is not a moment", "2026-03-01T09:00+01:00"),
        (
            "oauth: {token_url: http://login.example.org/token, client_id: me, refresh_token: x}",
            "secrets are not sent in clear text",
            "begin the address with https://",
        ),
        (
            "oauth: {token_url: login.example.org, client_id: me, refresh_token: x}",
            "this is not the address of a token endpoint",
            "write it as https://login.example.com/oauth2/token",
        ),
        (
            "oauth: {token_url: https://login.example.org/token, client_id: me}",
            "without a refresh_token we cannot ask for tokens",
            "give one, or grant: client_credentials",
        ),
        (
            "oauth: {token_url: https://login.example.org/token, client_id: me, grant: client_credentials}",
            "grant: client_credentials needs a client_secret",
            "give the one that the client was given",
        ),
    ],
)
def test_each_mistake_is_told_with_what_to_write(tmp_path: Path, more: str, text: str, hint: str) -> None:
    [mistake] = mistakes(tmp_path, written(more))
    assert text in str(mistake)
    assert hint in str(mistake)


def test_a_day_begins_at_midnight_utc_and_a_moment_has_its_zone(tmp_path: Path) -> None:
    midnight = datetime(2026, 3, 1, tzinfo=UTC)
    assert imap(tmp_path, "password: x, since: 2026-03-01").since == midnight
    assert imap(tmp_path, "password: x, since: '2026-03-01T01:00+01:00'").since == midnight


def test_neither_secret_nor_refresh_token_is_shown(tmp_path: Path) -> None:
    config = loaded(tmp_path, written(TOKEN))
    assert "hunter2" not in effective(config) + repr(config)


def test_a_token_endpoint_on_this_machine_may_do_without_encryption(tmp_path: Path) -> None:
    found = imap(tmp_path, "oauth: {token_url: 'http://127.0.0.1:8080/token', client_id: me, refresh_token: x}")
    assert found.oauth
    assert found.oauth.token_url == "http://127.0.0.1:8080/token"
