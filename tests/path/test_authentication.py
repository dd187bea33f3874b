"""Whom mailtix believes, and what comes of mail that is forged, sent again, or cannot be looked up."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.cli import main
from mailtix.ingest.accept import Parcel
from mailtix.model.mail import Envelope
from mailtix.model.ticket import Status
from mailtix.store import authentication, journal
from mailtix.store.engine import Session
from nameserver import Zone, serving
from signing import EVERYTHING, Signer

BOB, SIGNER = "bob@desk.example", Signer("desk.example")
OURS, ELSE = "203.0.113.9", "198.51.100.7"
DESK = [("desk.example", "v=spf1 ip4:203.0.113.9 -all"), ("_dmarc.desk.example", "v=DMARC1; p=reject")]
ANNS = [("example.org", "v=spf1 ip4:203.0.113.20 -all"), ("_dmarc.example.org", "v=DMARC1; p=reject")]


def secured(text: str) -> str:
    return f"security: {{{text}}}\n{CONFIG}"


@pytest.fixture
def notice(desk: Desk) -> Sent:
    """Bob's notice of Ann's ticket. The domains of both say in the DNS what is theirs."""
    return with_ticket(desk)


def with_ticket(desk: Desk) -> Sent:
    for name, record in (*DESK, *ANNS, (SIGNER.name, SIGNER.record)):
        desk.names.publish(name, record)
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    return desk.notice_to("bob")


def keyless(desk: Desk, text: str = "#resolve\nUse water.", sender: str = BOB, **how: object) -> bytes:
    """A mail about the first ticket without a signed address."""
    how = {"subject": f"Re: [{desk.ticket(1).number}] Fire", **how}
    raw, _, _ = desk.compose(sender, text, **how)  # type: ignore[arg-type]
    return raw


def arrive(
    desk: Desk, raw: bytes, peer: str = ELSE, mail_from: str = BOB, to: tuple[str, ...] = ("support@desk.example",)
) -> list[Sent]:
    """The mail comes in from that machine; returns what leaves."""
    before = len(desk.courier.sent)
    desk.app.commit([Parcel(raw, Envelope(mail_from, to, desk.now, "smtp", peer, "mx.desk.example"))])
    desk.work()
    return desk.courier.sent[before:]


def because(desk: Desk) -> str:
    """Why the newest mail was dealt with as it was."""
    with desk.app.sessions.begin() as session:
        entry = journal.entry(session, newest(session))
    assert entry is not None
    return entry.because


def newest(session: Session) -> int:
    return max(journal.decided(session, None))


def acted(desk: Desk) -> bool:
    return desk.ticket(1).status is Status.RESOLVED


# ------------------------------------------------------------------------------------------------- agents without a key


def test_an_agent_is_believed_whose_domain_has_signed_his_mail(desk: Desk, notice: Sent) -> None:
    arrive(desk, SIGNER.sign(keyless(desk)))

    assert acted(desk)
    assert "Use water." in desk.notice_to("ann").text
    assert "DMARC passes: DKIM signature of desk.example" in because(desk)


def test_an_agent_is_believed_whose_own_server_hands_his_mail_over(desk: Desk, notice: Sent) -> None:
    arrive(desk, keyless(desk), OURS)

    assert acted(desk)
    assert "its own server sent it (SPF of desk.example)" in because(desk)


def test_an_agent_of_whom_nothing_is_known_is_asked_as_before(desk: Desk, notice: Sent) -> None:
    desk.names.publish("desk.example")
    desk.names.publish("_dmarc.desk.example")
    [question] = arrive(desk, keyless(desk))

    assert (question.to, question.subject.partition("?")[0]) == (BOB, "Was this you")
    assert not acted(desk)
    assert "nothing proves it (dkim=none, spf=none" in because(desk)


def test_a_forged_agent_does_nothing_and_the_reason_is_kept(desk: Desk, notice: Sent) -> None:
    arrive(desk, keyless(desk))

    assert not acted(desk)
    assert "DMARC fails, and desk.example wants such mail refused (p=reject)" in because(desk)
    assert desk.messages(1)[-1][:2] == ("agent", "held")


@pytest.mark.parametrize("signer", [Signer("example.net"), Signer("desk.example.net"), Signer("evil-desk.example")])
def test_another_domains_signature_does_not_make_an_agent(desk: Desk, notice: Sent, signer: Signer) -> None:
    desk.names.publish(signer.name, signer.record)
    arrive(desk, signer.sign(keyless(desk)))

    assert not acted(desk)


def test_a_mail_that_the_desks_server_has_forwarded_for_somebody_does_not_make_an_agent(
    desk: Desk, notice: Sent
) -> None:
    arrive(desk, keyless(desk), OURS, "SRS0=x=y=example.net=eve@desk.example")

    assert not acted(desk)


def test_an_agent_with_his_key_needs_no_dns_where_nothing_could_be_learned_of_it(desk: Desk, notice: Sent) -> None:
    desk.names.asked.clear()
    desk.receive(BOB, "#resolve", reply_to=notice)  # from a machine of the house, and not signed

    assert acted(desk)
    assert desk.names.asked == []


@pytest.mark.parametrize("setting", ["token_or_dmarc", "token"])
def test_a_key_that_leaked_with_a_notice_is_of_no_use_with_a_forged_from(
    new_desk: Callable[..., Desk], setting: str
) -> None:
    desk = new_desk(secured(f"agents: {setting}"))
    notice = with_ticket(desk)
    raw, _, to = desk.compose(BOB, "#resolve", reply_to=notice)
    arrive(desk, raw, ELSE, to=to)

    assert not acted(desk)
    assert "DMARC fails" in because(desk)


@pytest.mark.parametrize("peer", ["", "127.0.0.1", "10.1.2.3"])
def test_a_key_that_a_machine_of_the_house_hands_over_is_not_called_forged(desk: Desk, notice: Sent, peer: str) -> None:
    raw, _, to = desk.compose(BOB, "#resolve", reply_to=notice, DKIM_Signature="v=1; d=desk.example")
    arrive(desk, raw, peer, to=to)

    assert acted(desk)  # a server at the border may have looked at SPF, which we cannot any more


# ------------------------------------------------------------------------------------------------------ sent once more


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ([f for f in EVERYTHING if f != "to"], "does not cover To"),
        ([f for f in EVERYTHING if f != "subject"], "does not cover Subject"),
        ([f for f in EVERYTHING if f != "message-id"], "does not cover Message-Id"),
        ([f for f in EVERYTHING if f != "date"], "does not cover Date"),
        ([f for f in EVERYTHING if f != "content-type"], "does not cover Content-Type"),
        (["from"], "does not cover Date, Message-Id, To, Subject, Content-Type"),
    ],
)
def test_a_signature_must_cover_what_the_mail_is_about(desk: Desk, notice: Sent, fields: list[str], says: str) -> None:
    raw = keyless(desk)
    there = {line.partition(b":")[0].decode().lower() for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")}
    arrive(desk, SIGNER.sign(raw, tuple(field for field in fields if field in there)))

    assert not acted(desk)
    assert says in because(desk)


@pytest.mark.parametrize("field", ["Subject: Re: [{number}] Fire", "In-Reply-To: <{id}>", "References: <{id}>"])
def test_a_signed_mail_about_something_else_cannot_be_turned_to_a_ticket(desk: Desk, notice: Sent, field: str) -> None:
    signed = SIGNER.sign(keyless(desk, subject="Something else"))
    added = field.format(number=desk.ticket(1).number, id=notice.id).encode()
    arrive(desk, added + b"\r\n" + signed)

    assert not acted(desk)
    assert "does not cover" in because(desk)


def test_a_mail_that_was_written_to_somebody_else_is_not_acted_on(desk: Desk, notice: Sent) -> None:
    arrive(desk, SIGNER.sign(keyless(desk, to="eve@example.net")))

    assert not acted(desk)
    assert "it was not written to us" in because(desk)


def test_an_old_mail_is_not_acted_on(desk: Desk, notice: Sent) -> None:
    signed = SIGNER.sign(keyless(desk))
    desk.now += timedelta(minutes=61)
    arrive(desk, signed)

    assert not acted(desk)
    assert "its Date is not of the last hour" in because(desk)


def test_a_mail_that_was_acted_on_is_not_acted_on_again(desk: Desk, notice: Sent) -> None:
    signed = SIGNER.sign(keyless(desk))
    arrive(desk, signed)
    arrive(desk, keyless(desk, "#reopen", subject=f"Re: [{desk.ticket(1).number}]"), OURS)
    assert desk.ticket(1).status is Status.REOPENED
    arrive(desk, b"X-Again: yes\r\n" + signed)

    assert desk.ticket(1).status is Status.REOPENED
    assert because(desk).startswith("the same mail as J")


def test_what_was_proven_of_the_same_bytes_from_one_machine_does_not_hold_for_another(
    new_desk: Callable[..., Desk],
) -> None:
    two = CONFIG.replace("agents:", "  - {name: Two, mailboxes: [{address: help@two.example}]}\nagents:")
    desk = new_desk(two)
    with_ticket(desk)
    desk.receive("ann@example.org", "It burns here too.", to="help@two.example")
    assert desk.ticket(1).number == desk.ticket(2).number
    raw = keyless(desk)
    arrive(desk, raw, OURS)
    assert acted(desk)
    arrive(desk, raw, ELSE, to=("help@two.example",))

    assert desk.ticket(2).status is Status.OPEN


# ------------------------------------------------------------------------------------------------------ what is wanted

KEY, SIGNED, BOTH, NEITHER = "key", "signed", "both", "neither"


@pytest.mark.parametrize(
    ("wanted", "enough"),
    [
        ("token_or_dmarc", {KEY, SIGNED, BOTH}),
        ("token", {KEY, BOTH}),
        ("dmarc", {SIGNED, BOTH}),
        ("token_and_dmarc", {BOTH}),
    ],
)
@pytest.mark.parametrize("shown", [KEY, SIGNED, BOTH, NEITHER])
def test_the_admin_says_what_makes_an_agent(
    new_desk: Callable[..., Desk], wanted: str, enough: set[str], shown: str
) -> None:
    desk = new_desk(secured(f"agents: {wanted}"))
    notice = with_ticket(desk)
    desk.names.publish("_dmarc.desk.example", "v=DMARC1; p=none")
    desk.names.publish("desk.example")
    has_key = shown in (KEY, BOTH)
    raw, _, to = desk.compose(BOB, "#resolve", reply_to=notice) if has_key else (keyless(desk), "", ())
    arrive(desk, SIGNER.sign(raw) if shown in (SIGNED, BOTH) else raw, to=to or ("support@desk.example",))

    assert acted(desk) is (shown in enough)


def test_a_key_that_leaked_does_not_make_an_old_mail_new(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(secured("agents: token_and_dmarc"))
    notice = with_ticket(desk)
    old = SIGNER.sign(desk.compose(BOB, "#resolve", to="eve@example.net")[0])
    arrive(desk, old, to=(notice.reply_to,))

    assert not acted(desk)
    assert "it was not written to us" in because(desk)


def test_a_key_in_a_mail_that_is_known_to_be_forged_opens_nothing(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(secured("verify: always"))
    notice = with_ticket(desk)
    raw, _, to = desk.compose(BOB, "#resolve", reply_to=notice)
    arrive(desk, raw, to=to)

    assert not acted(desk)
    assert "DMARC fails" in because(desk)


# ------------------------------------------------------------------------------------------ customers by a number alone


def test_a_forged_customer_who_knows_the_number_waits_beside_the_ticket(desk: Desk, notice: Sent) -> None:
    mails = arrive(desk, keyless(desk, "Cancel it.", "ann@example.org"), ELSE, "ann@example.org")

    assert desk.messages(1)[-1] == ("customer", "held", "Cancel it.")
    assert {mail.to for mail in mails} == {BOB, "carla@desk.example"}
    assert "wants such mail refused (p=reject)" in desk.notice_to("bob").words


@pytest.mark.parametrize(("peer", "says"), [("203.0.113.20", "DMARC passes"), ("127.0.0.1", "nothing proves")])
def test_a_customer_who_is_not_shown_to_be_forged_joins(desk: Desk, notice: Sent, peer: str, says: str) -> None:
    if says == "nothing proves":
        desk.names.publish("_dmarc.example.org")
    arrive(desk, keyless(desk, "Still burning.", "ann@example.org"), peer, "ann@example.org")

    assert desk.messages(1)[-1] == ("customer", "public", "Still burning.")
    assert says in because(desk)


def test_a_customer_who_answers_our_mail_needs_no_dns(desk: Desk, notice: Sent) -> None:
    desk.names.asked.clear()
    desk.receive("ann@example.org", "Still burning.", reply_to=desk.notice_to("ann"))

    assert desk.names.asked == []
    assert desk.messages(1)[-1][1] == "public"


# ------------------------------------------------------------------------------------------------ servers we trust, ARC


def said(text: str) -> bytes:
    return f"Authentication-Results: {text}\r\n".encode()


def test_what_our_own_server_says_is_believed_without_the_dns(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(secured("authserv_ids: [mx.desk.example]"))
    with_ticket(desk)
    desk.names.asked.clear()
    text = "mx.desk.example; spf=pass smtp.mailfrom=bob@desk.example; dmarc=pass header.from=desk.example"
    arrive(desk, said(text) + keyless(desk), "10.0.0.1")

    assert acted(desk)
    assert desk.names.asked == []
    assert "as mx.desk.example says" in because(desk)


def test_a_forged_word_of_a_server_is_ignored(desk: Desk, notice: Sent) -> None:
    text = "mx.desk.example; spf=pass smtp.mailfrom=bob@desk.example; dmarc=pass header.from=desk.example"
    arrive(desk, said(text) + keyless(desk))

    assert not acted(desk)


# -------------------------------------------------------------------------------------------------- asked, kept, shown


def test_no_transaction_is_open_while_the_dns_is_asked(desk: Desk, notice: Sent) -> None:
    seen = []

    class Looking:
        def lookup(self, name: str, kind: str, seconds: float) -> tuple[str, ...]:
            with desk.app.sessions.begin() as session:  # a writer of its own: SQLite would not let a second one in
                seen.append(journal.retry(session, None, desk.now))
            return desk.names.lookup(name, kind, seconds)

    use(desk, resolver=Looking())
    arrive(desk, keyless(desk))

    assert seen
    assert desk.outcome(2)[0] == "held"


def use(desk: Desk, **parts: object) -> None:
    from dataclasses import replace

    assert desk.app.work.authenticating is not None
    desk.app.work.authenticating = replace(desk.app.work.authenticating, **parts)  # type: ignore[arg-type]


def test_what_was_found_out_is_kept_and_shown(desk: Desk, notice: Sent, capsys: pytest.CaptureFixture[str]) -> None:
    arrive(desk, SIGNER.sign(keyless(desk)))
    with desk.app.sessions.begin() as session:
        entry = journal.entry(session, 2)
        assert entry is not None
        auth = authentication.auth_of(session, entry)
    assert auth is not None
    line = (
        "dkim=pass (desk.example, selector s1), spf=fail (desk.example, 198.51.100.7 may not send for it), "
        "dmarc=pass (desk.example, p=reject, by DKIM)"
    )
    assert auth.line == line
    assert auth.covered >= {"from", "to", "subject"}

    config, number = str(desk.folder / "mailtix.yaml"), desk.ticket(1).number
    assert main(["--config", config, "tickets", "show", number, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["messages"][-1]["auth"] == line
    assert main(["--config", config, "tickets", "show", number]) == 0
    assert "dkim=pass (desk.example, selector s1)" in " ".join(capsys.readouterr().out.split())


def test_every_mail_is_looked_at_when_the_admin_wants_that(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(secured("verify: always"))
    for name, record in ANNS:
        desk.names.publish(name, record)
    arrive(desk, keyless_to_new(desk), "203.0.113.20", "ann@example.org")

    with desk.app.sessions.begin() as session:
        entry = journal.entry(session, 1)
        assert entry is not None
        auth = authentication.auth_of(session, entry)
    assert auth is not None
    assert auth.proves("ann@example.org")
    assert len(desk.tickets()) == 1


def keyless_to_new(desk: Desk) -> bytes:
    return desk.compose("ann@example.org", "It burns.")[0]


def test_nothing_is_looked_up_when_the_admin_wants_that(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(secured("verify: never"))
    with_ticket(desk)
    arrive(desk, SIGNER.sign(keyless(desk)))

    assert desk.names.asked == []
    assert not acted(desk)
    assert "not asked: security.verify is never" in because(desk)


def test_a_silent_dns_decides_nothing_for_an_agent_and_keeps_no_customer_out(desk: Desk, notice: Sent) -> None:
    desk.names.silent |= {"desk.example", "_dmarc.desk.example", SIGNER.name, "example.org", "_dmarc.example.org"}
    arrive(desk, SIGNER.sign(keyless(desk)))
    assert not acted(desk)
    assert "dkim=temperror" in because(desk)

    arrive(desk, keyless(desk, "Still burning.", "ann@example.org"), ELSE, "ann@example.org")
    assert desk.messages(1)[-1] == ("customer", "public", "Still burning.")


def test_mail_that_waits_for_nobodys_word_does_not_wait_behind_one_that_does(desk: Desk, notice: Sent) -> None:
    use(desk, resolver=Stuck())
    arrive(desk, keyless(desk))
    desk.receive("eve@example.net", "Something else.")

    assert len(desk.tickets()) == 2
    assert '"event": "not_authenticated"' in desk.log.getvalue()
    assert not acted(desk)


class Stuck:
    """A resolver with a mistake of ours in it."""

    def lookup(self, name: str, kind: str, seconds: float) -> tuple[str, ...]:
        raise RuntimeError("stumbled")


def test_mail_that_waits_goes_on_when_the_settings_say_never(desk: Desk, notice: Sent) -> None:
    desk.app.work.authenticating = None
    arrive(desk, keyless(desk, "Still burning.", "ann@example.org"), ELSE, "ann@example.org")
    with desk.app.sessions() as session:
        assert journal.waiting(session) == 1

    desk.configure(secured("verify: never"))
    desk.work()
    assert desk.messages(1)[-1] == ("customer", "public", "Still burning.")


def test_a_crash_while_the_dns_is_asked_delays_the_mail_and_no_more(desk: Desk, notice: Sent) -> None:
    use(desk, resolver=Crash())
    with pytest.raises(KeyboardInterrupt):
        arrive(desk, SIGNER.sign(keyless(desk)))
    desk.configure(CONFIG)
    assert not acted(desk)
    desk.wait(minutes=2)

    assert acted(desk)


class Crash:
    def lookup(self, name: str, kind: str, seconds: float) -> tuple[str, ...]:
        raise KeyboardInterrupt


def test_a_real_dns_server_is_asked_when_the_settings_name_one(new_desk: Callable[..., Desk]) -> None:
    records = [*DESK, (SIGNER.name, SIGNER.record)]
    halves = [(name, f'"{text[:200]}" "{text[200:]}"') for name, text in records]  # a string holds 255 octets
    zone = Zone("\n".join(f"{name}. 60 IN TXT {text}" for name, text in halves))
    with serving(zone) as (host, port):
        desk = new_desk()
        with_ticket(desk)
        desk.knows_names = False
        desk.configure(secured(f'resolver: ["{host}:{port}"]'))
        arrive(desk, SIGNER.sign(keyless(desk)))

    assert acted(desk)
    assert f"{SIGNER.name}. TXT" in zone.asked
