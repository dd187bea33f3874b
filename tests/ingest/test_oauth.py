"""Access tokens: got, kept, renewed, and what is said when there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ingest.oauth_server import CLIENT, CONSENT, SECRET, OAuthServer
from mailtix.oauth import Client, OAuthError, Tokens, oauthbearer, xoauth2


@dataclass
class Kept:
    token: str = ""

    def read(self) -> str:
        return self.token

    def write(self, token: str) -> None:
        self.token = token


@dataclass
class Desk:
    """Tokens of a client of the server, with a clock that is moved by hand."""

    server: OAuthServer
    kept: Kept = field(default_factory=Kept)
    seconds: float = 0.0

    def tokens(self, **more: Any) -> Tokens:
        given = {"client_id": CLIENT, "client_secret": SECRET, "refresh_token": CONSENT, **more}
        return Tokens(Client(self.server.url, **given), self.kept, monotonic=lambda: self.seconds)


@pytest.fixture
def desk() -> Iterator[Desk]:
    server = OAuthServer()
    yield Desk(server)
    server.close()


@pytest.fixture
def said(desk: Desk) -> Callable[..., OAuthError]:
    """What is wrong when no token comes."""

    def ask(**more: Any) -> OAuthError:
        with pytest.raises(OAuthError) as caught:
            desk.tokens(**more).access_token()
        return caught.value

    return ask


def test_a_token_is_asked_for_with_the_refresh_token_and_the_scope(desk: Desk) -> None:
    assert desk.tokens(scope="mail offline").access_token() == "access-1"
    assert desk.server.requests == [
        {
            "grant_type": "refresh_token",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "refresh_token": CONSENT,
            "scope": "mail offline",
        }
    ]


def test_an_admins_consent_needs_no_refresh_token(desk: Desk) -> None:
    assert desk.tokens(grant="client_credentials", refresh_token="").access_token() == "access-1"
    assert desk.server.requests == [{"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}]


def test_a_token_is_kept_until_a_minute_before_it_expires(desk: Desk) -> None:
    tokens = desk.tokens()
    tokens.access_token()
    desk.seconds = 3539
    assert tokens.access_token() == "access-1"
    desk.seconds = 3540
    assert tokens.access_token() == "access-2"


@pytest.mark.parametrize(("seconds", "good"), [(90, 45), (None, 240)])
def test_a_token_that_is_good_for_a_short_or_unsaid_time_is_still_kept_for_some(
    desk: Desk, seconds: int | None, good: int
) -> None:
    desk.server.seconds = seconds
    tokens = desk.tokens()
    tokens.access_token()
    desk.seconds = good - 1
    assert tokens.access_token() == "access-1"
    desk.seconds = good
    assert tokens.access_token() == "access-2"


def test_a_refused_token_is_replaced_once_for_all_who_were_refused_with_it(desk: Desk) -> None:
    tokens = desk.tokens()
    first = tokens.access_token()
    assert tokens.instead_of(first) == "access-2"
    assert tokens.instead_of(first) == "access-2"
    assert len(desk.server.requests) == 2


def test_a_new_refresh_token_is_kept_and_used_from_then_on_also_after_a_restart(desk: Desk) -> None:
    desk.server.rotates = True
    desk.tokens().access_token()
    assert desk.kept.token == "refresh-1"
    assert desk.tokens().access_token() == "access-2"
    assert [asked["refresh_token"] for asked in desk.server.requests] == [CONSENT, "refresh-1"]


def test_when_the_kept_refresh_token_is_refused_the_one_in_the_settings_is_tried(desk: Desk) -> None:
    desk.kept.token = "expired"
    assert desk.tokens().access_token() == "access-2"


def test_an_expired_refresh_token_is_told_with_what_to_do(desk: Desk, said: Callable[..., OAuthError]) -> None:
    desk.server.consent = "another"
    error = said()
    assert str(error) == (
        f"{desk.server.url} gives no access token: invalid_grant (Token has been expired or revoked.); the refresh "
        "token has expired or was revoked; sign in to the account once more and put the new one into the settings as "
        "`refresh_token`"
    )
    assert error.is_refusal


def test_a_wrong_secret_is_told_without_it_and_with_one_line_of_the_servers_words(said) -> None:
    error = said(client_secret="hunter2hunter2")
    assert "invalid_client (Bad client.); check `client_id` and `client_secret`, and whether" in str(error)
    assert "hunter2" not in str(error)
    assert error.is_refusal


@pytest.mark.parametrize(
    ("status", "body", "text", "is_refusal"),
    [
        (503, "Service unavailable", "it answered 503", False),
        (429, '{"error": "slow_down"}', "slow_down", False),
        (200, "<html>sign in</html>", "it answered 200", False),
        (200, '{"access_token": null}', "it answered 200", False),
        (404, "", "it answered 404; check `token_url`", True),
        (302, "", "it answered 302; check `token_url`", False),
        (400, '{"error": "invalid_scope"}', "invalid_scope; check `scope`", True),
        (400, '{"error": 5, "error_description": null}', "5", True),
    ],
)
def test_whatever_is_answered_instead_of_a_token_is_told(
    desk: Desk, said: Callable[..., OAuthError], status: int, body: str, text: str, is_refusal: bool
) -> None:
    desk.server.failure = (status, body)
    error = said()
    assert str(error) == f"{desk.server.url} gives no access token: {text}"
    assert error.is_refusal is is_refusal
    assert len(desk.server.requests) == 1, "what is secret is sent nowhere else"


def test_a_server_that_is_not_there_is_no_refusal(desk: Desk, said: Callable[..., OAuthError]) -> None:
    desk.server.close()
    assert not said().is_refusal


def test_nothing_secret_is_shown_with_a_client() -> None:
    shown = repr(Client("https://login.example.org", CLIENT, client_secret="hunter2", refresh_token="hunter3"))
    assert "hunter" not in shown


def test_the_initial_responses_are_as_they_are_documented() -> None:
    # RFC 7628 section 4.1, with the name of the user escaped as RFC 5801 wants it
    assert oauthbearer("us=er,x@example.com", "vF9dft4qmTc2", "server.example.com", 143) == (
        b"n,a=us=3Der=2Cx@example.com,\1host=server.example.com\1port=143\1auth=Bearer vF9dft4qmTc2\1\1"
    )
    assert xoauth2("someuser@example.com", "ya29.vF9dft4") == (
        b"user=someuser@example.com\1auth=Bearer ya29.vF9dft4\1\1"
    )
