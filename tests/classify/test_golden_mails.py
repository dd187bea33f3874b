"""The golden mails 50 to 79: what their kind says beyond the keys of `mailtix inspect`, from kind.yml beside them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from mailtix.classify import classify, facts
from mailtix.model.kind import Bounce, OwnAddresses
from mailtix.model.mail import Envelope
from mailtix.parsing import parse

MAILS = sorted(p for p in (Path(__file__).parents[1] / "mails").glob("[5-7][0-9]-*") if p.is_dir())
ENVELOPE = Envelope("", ("support@example.org",), datetime(2026, 5, 4, 8, 0, tzinfo=UTC))
OWN = OwnAddresses(frozenset({"support@example.org"}), "desk.example.org")


def test_there_are_golden_mails():
    assert len(MAILS) >= 20


@pytest.mark.parametrize("folder", MAILS, ids=lambda p: p.name)
def test_a_golden_mail_has_the_kind_that_is_expected_of_it(folder):
    mail = parse((folder / "mail.eml").read_bytes(), ENVELOPE)
    kind = classify(mail, OWN)
    told = facts(mail, kind) | {"kind": type(kind).__name__.lower()}

    expected = yaml.safe_load((folder / "expect.yml").read_text("utf-8"))
    assert {key: told[key] for key in expected} == expected, kind.because


@pytest.mark.parametrize("folder", [p for p in MAILS if (p / "kind.yml").exists()], ids=lambda p: p.name)
def test_a_golden_mail_tells_the_details_that_are_expected_of_it(folder):
    kind = classify(parse((folder / "mail.eml").read_bytes(), ENVELOPE), OWN)

    for key, value in yaml.safe_load((folder / "kind.yml").read_text("utf-8")).items():
        if key == "recipients":
            assert isinstance(kind, Bounce)
            found = [
                {name: getattr(r, name) for name in wanted} for r, wanted in zip(kind.recipients, value, strict=True)
            ]
            assert found == value
        elif key == "until" and value is not None:
            assert getattr(kind, key).date() == date.fromisoformat(value)
        else:
            assert getattr(kind, key) == value, key
