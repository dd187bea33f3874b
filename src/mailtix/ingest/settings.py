"""Where a mailbox is and how its mail is to be taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """One mailbox to collect mail from. `poll` and `timeout` are seconds, `size_limit` bytes.

    With `done`, everything in `folder` that is not deleted is taken and then moved to `done`, which is made when
    missing. Without, what was taken is marked: by the keyword $Mailtix where the server allows keywords, else as seen.
    Mail that came there before `since` is left alone. `method` is how an access token, if there is one, is shown.
    """

    host: str
    username: str
    address: str
    password: str = field(default="", repr=False)
    port: int = 993
    tls: Literal["none", "starttls", "ssl"] = "ssl"
    folder: str = "INBOX"
    done: str | None = None
    since: datetime | None = None
    poll: float = 60.0
    timeout: float = 60.0
    size_limit: int = 64 * 1024 * 1024
    method: Literal["xoauth2", "oauthbearer"] = "xoauth2"
