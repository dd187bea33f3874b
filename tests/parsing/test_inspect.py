"""What `mailtix inspect --json` prints."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailtix.inspect import describe

MAILS = sorted(Path(__file__).parent.parent.glob("mails/*/mail.eml"))
RECEIVED = datetime(2026, 11, 20, tzinfo=UTC)
KEYS = {
    *(
        "from_addr",
        "from_name",
        "to",
        "cc",
        "reply_to",
        "subject",
        "thread_subject",
        "message_id",
        "in_reply_to",
        "references",
    ),
    *(
        "date",
        "size",
        "body_text",
        "body_html",
        "reply_text",
        "reply_because",
        "command_lines",
        "attachments",
        "forward",
    ),
    "auth_results",
    *("is_auto", "suppress_reply", "is_bounce", "bounce_rcpts", "bounce_status", "bounce_action", "bounce_permanent"),
    *("is_feedback", "kind", "because", "defects"),
}


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.parent.name)
def test_any_mail_is_described_in_json_with_the_same_keys(path: Path) -> None:
    described = describe(path.read_bytes(), RECEIVED)

    assert set(described) == KEYS
    assert json.loads(json.dumps(described)) == described


def test_command_lines_are_those_of_the_new_text_that_begin_with_a_mark_and_a_letter() -> None:
    new = b"#resolve\n#note to all\n# heading\n #indented\nno #command\n"
    quote = b"On 1 Jan 2026 10:00, a@example.org wrote:\n> #close\n"
    assert describe(b"Subject: x\n\n" + new + quote, RECEIVED)["command_lines"] == ["#resolve", "#note to all"]


def test_what_servers_have_said_of_the_sender_is_shown_whoever_has_written_it() -> None:
    raw = (
        b"Authentication-Results: mx.desk.example 1; dkim=pass (good) header.d=example.org; spf=fail\r\n"
        b"Authentication-Results: broken\r\nFrom: ann@example.org\r\n\r\nHi\r\n"
    )

    assert describe(raw, RECEIVED)["auth_results"] == [
        {"by": "mx.desk.example", "results": "dkim=pass, spf=fail"},
        {"by": "broken", "results": ""},
    ]
