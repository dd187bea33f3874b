"""Reading a mail from its text, as the line does it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from mailtix.classify import classify
from mailtix.model.kind import Kind, OwnAddresses
from mailtix.model.mail import Envelope, InboundMail
from mailtix.parsing import parse

ENVELOPE = Envelope("", ("support@example.org",), datetime(2026, 5, 4, 8, 0, tzinfo=UTC))
OWN = OwnAddresses(frozenset({"support@example.org"}), loop_mark="desk.example.org")

Read = Callable[[str], InboundMail]
KindOf = Callable[..., Kind]


@pytest.fixture
def read() -> Read:
    """A mail made of a text: header fields, an empty line, the body."""

    def reading(text: str) -> InboundMail:
        return parse(text.lstrip("\n").encode(), ENVELOPE)

    return reading


@pytest.fixture
def kind_of(read: Read) -> KindOf:
    """The kind of a mail with these fields and this text, from Ann unless it says otherwise."""

    def asking(body: str = "", /, **fields: str) -> Kind:
        header = {
            "From": "Ann <ann@customer.example>",
            "To": "support@example.org",
            "Date": "Mon, 4 May 2026 10:00:00 +0200",
        }
        header |= {name.replace("_", "-"): value for name, value in fields.items()}
        lines = "".join(f"{name}: {value}\n" for name, value in header.items())
        return classify(read(f"{lines}\n{body}"), OWN)

    return asking
