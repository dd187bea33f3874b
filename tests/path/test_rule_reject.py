"""Rules that do not take a mail and say so, on the whole path: who is answered, and who never is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.ingest.accept import Parcel
from mailtix.model.mail import Envelope

Ruled = Callable[..., Desk]
NO = "- {name: Orders, on: [new, reply], when: {subject: order}, then: {reject: 'No, {name}: {subject}.'}}"
OUTSIDE = "203.0.113.20"
TRUSTING = f"security: {{verify: never}}\n{CONFIG}"


@pytest.fixture
def ruled(new_desk: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory) -> Ruled:
    def make(rules: str = NO, config: str = CONFIG) -> Desk:
        file: Path = tmp_path_factory.mktemp("rules") / "10.yaml"
        file.write_text(rules)
        return new_desk(f"rules: [{file}]\n{config}")

    return make


def known(desk: Desk) -> None:
    """Mail of example.org that comes from outside is what its From says."""
    desk.names.publish("example.org", f"v=spf1 ip4:{OUTSIDE} -all")


def from_outside(
    desk: Desk, sender: str, text: str, *, subject: str = "My order", reply_to: Sent | None = None
) -> list[Sent]:
    """A mail from a server that is none of the house; returns what leaves because of it."""
    raw, mail_from, recipients = desk.compose(sender, text, subject=subject, reply_to=reply_to)
    before = len(desk.courier.sent)
    desk.app.commit([Parcel(raw, Envelope(mail_from, recipients, desk.now, "smtp", OUTSIDE, "mx.example.org"))])
    desk.work()
    return desk.courier.sent[before:]


def test_a_rejected_mail_opens_no_ticket_and_its_writer_is_told_once(ruled: Ruled) -> None:
    desk = ruled()
    known(desk)

    [answer] = from_outside(desk, "Ann Lee <ann@example.org>", "Two shirts.")

    assert (answer.to, answer.subject) == ("ann@example.org", "Re: My order")
    assert "No, Ann Lee: My order." in answer.words
    assert answer.message["Auto-Submitted"] == "auto-replied"
    assert answer.message["In-Reply-To"] == "<m1@example.org>"
    assert desk.tickets() == []
    assert desk.outcome(1) == ("rejected", "rejected by rule Orders: subject contains 'order'")


def test_a_rejected_reply_is_not_attached_and_the_history_says_that_it_came(ruled: Ruled) -> None:
    desk = ruled("- {name: Late, on: reply, when: {body: refund}, then: {reject: Too late.}}")
    known(desk)
    created = next(mail for mail in desk.receive("ann@example.org", "It burns.") if mail.to == "ann@example.org")
    before = (desk.ticket(1).status, desk.messages(1))

    [answer] = from_outside(desk, "ann@example.org", "A refund, please.", reply_to=created)

    assert (answer.to, answer.number) == ("ann@example.org", desk.ticket(1).number)
    assert "Too late." in answer.words
    assert (desk.ticket(1).status, desk.messages(1)) == before
    assert desk.outcome(2)[0] == "rejected"
    assert "a mail of ann@example.org was rejected by rule Late: body contains 'refund'" in desk.history(1)


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ({"example.org": f"v=spf1 ip4:{OUTSIDE} -all"}, ""),
        ({}, "nothing shows that ann@example.org has written it"),
        ({"example.org": "v=spf1 -all"}, "SPF fails"),
        ({"_dmarc.example.org": "v=DMARC1; p=reject"}, "DMARC fails, and example.org wants such mail refused"),
    ],
)
def test_only_whose_address_is_shown_to_be_his_is_told(ruled: Ruled, records: dict[str, str], told: str) -> None:
    desk = ruled()
    for name, text in records.items():
        desk.names.publish(name, text)

    answers = from_outside(desk, "ann@example.org", "Two shirts.")

    assert bool(answers) is not bool(told)
    assert told in desk.outcome(1)[1]
    assert ("not answered: " in desk.outcome(1)[1]) is bool(told)


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-generated"}, {"Precedence": "bulk"}, {"X_Auto_Response_Suppress": "All"}]
)
def test_what_no_person_wrote_or_wants_answered_is_rejected_in_silence(ruled: Ruled, headers: dict[str, str]) -> None:
    desk = ruled(config=TRUSTING)

    assert desk.receive("ann@example.org", "Two shirts.", subject="My order", **headers) == []
    assert desk.outcome(1)[0] == "rejected"


def test_the_null_sender_is_never_told(ruled: Ruled) -> None:
    desk = ruled(config=TRUSTING)
    raw, _, recipients = desk.compose("ann@example.org", "Two shirts.", subject="My order")

    assert desk.accept(raw, "", recipients) == []
    assert desk.outcome(1)[0] == "rejected"


def test_without_any_looking_up_a_rejection_goes_to_whom_a_confirmation_would_go(ruled: Ruled) -> None:
    desk = ruled(config=TRUSTING)

    [answer] = desk.receive("ann@example.org", "Two shirts.", subject="My order")
    assert answer.to == "ann@example.org"


def test_rejections_count_for_the_limits_of_automatic_answers(ruled: Ruled) -> None:
    desk = ruled(config=TRUSTING)
    told = [desk.receive("ann@example.org", f"Shirt {n}.", subject=f"My order {n}") for n in range(12)]

    assert [mail.to for mails in told[:10] for mail in mails] == ["ann@example.org"] * 10
    assert {mail.to for mails in told[10:] for mail in mails} <= {"bob@desk.example", "carla@desk.example"}


def test_he_is_told_in_his_own_language(ruled: Ruled) -> None:
    desk = ruled("- {name: Orders, then: {reject: {en: 'No.', de: 'Nein, {name}.'}}}", TRUSTING)

    [answer] = desk.receive("eva@example.org", "Zwei Hemden.", Accept_Language="de-AT")
    assert "Nein, eva@example.org." in answer.words


def test_a_rule_on_trial_rejects_nothing(ruled: Ruled) -> None:
    desk = ruled("- {name: Trial, shadow: true, then: {reject: No.}}")
    desk.receive("ann@example.org", "It burns.")

    assert "rule Trial would have done (shadow): reject" in desk.history(1)
