"""XOAUTH2 and OAUTHBEARER (RFC 7628) for pymap, which knows passwords only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pysasl.creds.plain import PlainCredentials
from pysasl.exception import InvalidResponse
from pysasl.mechanism import ChallengeResponse, ServerChallenge, ServerMechanism

PATTERNS = {
    b"XOAUTH2": re.compile(rb"user=(?P<user>[^\x01]+)\x01auth=Bearer (?P<token>[^\x01]+)\x01\x01"),
    # RFC 7628 section 3.1
    b"OAUTHBEARER": re.compile(
        rb"n,a=(?P<user>[^,]+),\x01host=[^\x01]+\x01port=[0-9]+\x01auth=Bearer (?P<token>[^\x01]+)\x01\x01"
    ),
}
LAST_WORD = {b"XOAUTH2": b"", b"OAUTHBEARER": b"\x01"}


class Bearer(ServerMechanism):
    """Takes tokens that `accepts` knows; `credentials` are the user's name and password."""

    def __init__(self, name: bytes, accepts: Callable[[str], bool], credentials: tuple[str, str]) -> None:
        super().__init__(name)
        self._accepts = accepts
        self._credentials = credentials

    def server_attempt(self, responses: Sequence[ChallengeResponse]) -> tuple[PlainCredentials, None]:
        if not responses:
            raise ServerChallenge(b"")
        shown = PATTERNS[self.name].fullmatch(responses[0].response)
        if shown is None:
            raise InvalidResponse
        user, password = self._credentials
        if shown["user"].decode() == user and self._accepts(shown["token"].decode()):
            return PlainCredentials(user, password, user), None
        if len(responses) == 1:
            raise ServerChallenge(b'{"status":"401","schemes":"bearer","scope":"mail"}')
        if responses[1].response != LAST_WORD[self.name]:
            raise InvalidResponse
        return PlainCredentials(user, "not this one", user), None
