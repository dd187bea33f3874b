"""Signed addresses and message ids in the hands of those whom they were not made for, or not as they were made."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from attacks.attack import Attack, Twin
from attacks.scene import ADA, ANN, BOB, CARLA, DAN, EVE, EVES, FIRE, JOE, ORDER, OURS, Incoming, Scene
from mailtix.model.thread import Claims, Purpose
from mailtix.threading import token


def to_key(scene: Scene, sender: str, key: str, text: str = ORDER, subject: str = "Hello") -> Incoming:
    """A mail with nothing but a signed address."""
    raw, _, _ = scene.desk.compose(sender, text, to=key, subject=subject)
    return Incoming(raw, sender, (key,))


def silent(scene: Scene) -> Scene:
    """The desk's domain has published nothing about its mail."""
    for name in ("desk.example", "_dmarc.desk.example"):
        scene.desk.names.publish(name)
    return scene


def changed(key: str, at: int, to: str = "") -> str:
    """The key with one character of its token in place of another, or cut off there."""
    local, _, domain = key.rpartition("@")
    head, _, tail = local.partition("+t.")
    other = to or ("b" if tail[at] != "b" else "c")
    return f"{head}+t.{tail[:at]}{other}{tail[at + 1 :]}@{domain}"


def cut(key: str, length: int) -> str:
    local, _, domain = key.rpartition("@")
    return f"{local[:length]}@{domain}"


def forged(scene: Scene, purpose: Purpose, ticket: int, company: str = "Example", secret: bytes = b"x" * 32) -> str:
    """A key as we make it, but with another secret."""
    claims = Claims(ticket, 2, purpose, (scene.desk.now + timedelta(days=30)).date())
    return f"support+{token.mint(claims, company, secret)}@desk.example"


def replaced(key: str, mailbox: str) -> str:
    """The token at another mailbox."""
    local, _, domain = mailbox.partition("@")
    return f"{local}+{key.partition('+')[2].partition('@')[0]}@{domain}"


ATTACKS = (
    Attack(
        "an agent's key used by a stranger",
        "key of bob@desk.example was used by eve@evil.example",
        lambda s: s.keyed(EVE, "bob"),
    ),
    Attack(
        "an agent's key used by the customer",
        "key of bob@desk.example was used by ann@example.org",
        lambda s: s.keyed(ANN, "bob"),
    ),
    Attack(
        "an agent's key used by another agent",
        "key of bob@desk.example was used by carla@desk.example",
        lambda s: s.keyed(CARLA, "bob"),
    ),
    Attack(
        "an agent's key used by the admin",
        "key of bob@desk.example was used by ada@desk.example",
        lambda s: s.keyed(ADA, "bob"),
    ),
    Attack(
        "the admin's key used by an agent",
        "key of ada@desk.example was used by bob@desk.example",
        lambda s: s.keyed(BOB, "ada"),
    ),
    Attack(
        "a customer's key used by a stranger",
        "key of ann@example.org was used by eve@evil.example",
        lambda s: s.keyed(EVE, "ann"),
    ),
    Attack(
        "a customer's key used by another customer",
        "key of ann@example.org was used by dan@example.net",
        lambda s: s.keyed(DAN, "ann"),
    ),
    Attack(
        "a customer's key used by an agent",
        "key of ann@example.org was used by bob@desk.example",
        lambda s: s.keyed(BOB, "ann"),
    ),
    Attack(
        "an agent's key alone, used by a stranger",
        "key of bob@desk.example was used by eve@evil.example",
        lambda s: to_key(s, EVE, s.key("bob")),
    ),
    Attack(
        "an agent's key in Cc",
        "key of bob@desk.example was used by eve@evil.example",
        lambda s: s.mail(EVE, Cc=s.key("bob"), subject="Hello"),
    ),
    Attack(
        "an agent's key only in Delivered-To",
        "key of bob@desk.example was used by eve@evil.example",
        lambda s: s.mail(EVE, subject="Hello").with_field(f"Delivered-To: {s.key('bob')}"),
    ),
    Attack(
        "an agent's key in X-Original-To",
        "key of bob@desk.example was used by eve@evil.example",
        lambda s: s.mail(EVE, subject="Hello").with_field(f"X-Original-To: {s.key('bob')}"),
    ),
    Attack(
        "an agent's key only in the envelope",
        "key of bob@desk.example was used by eve@evil.example",
        lambda s: Incoming(s.mail(EVE, subject="Hello").raw, EVE, (s.key("bob"),)),
    ),
    Attack(
        "the keys of two agents",
        "key of bob@desk.example was used by eve@evil.example",
        lambda s: s.keyed(EVE, "bob", Cc=s.key("carla")),
    ),
    Attack(
        "the agent's key in the subject",
        "eve@evil.example takes no part in the ticket",
        lambda s: s.mail(EVE, subject=f"Re: [{FIRE}] {s.key('bob')}"),
    ),
    Attack(
        "the agent's key in From",
        "@desk.example takes no part in the ticket",
        lambda s: s.written([f"From: {s.key('bob')}", "To: support@desk.example", f"Subject: Re: [{FIRE}]"]),
    ),
    Attack(
        "a message id of ours named by a stranger",
        "eve@evil.example takes no part in the ticket",
        lambda s: s.mail(EVE, subject="Hello", In_Reply_To=f"<{s['bob'].id}>"),
    ),
    Attack(
        "a message id of ours named in References",
        "eve@evil.example takes no part in the ticket",
        lambda s: s.mail(EVE, subject="Hello", References=f"<x@y.example> <{s['ann'].id}>"),
    ),
    Attack(
        "a message id of ours named in an agent's name",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB, subject="Hello", In_Reply_To=f"<{s['bob'].id}>"),
    ),
    Attack(
        "the agent's own Message-ID named in his name",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB, subject="Hello", References="<m2@desk.example>"),
    ),
    Attack(
        "a customer's Message-ID named by a stranger",
        "eve@evil.example takes no part in the ticket",
        lambda s: s.mail(EVE, subject="Hello", In_Reply_To="<m1@example.org>"),
    ),
    Attack(
        "a customer's Message-ID named in his name",
        "DMARC fails, and example.org wants such mail refused",
        lambda s: s.mail(ANN, "Cancel it.", subject="Hello", In_Reply_To="<m1@example.org>"),
    ),
    Attack(
        "an agent's key of the other company, at this one",
        "the reply address was not signed by us",
        lambda s: to_key(s, BOB, replaced(s.key("bob-other"), "support@desk.example")),
    ),
    Attack(
        "an agent's key of this company, at the other one",
        "the reply address was not signed by us",
        lambda s: to_key(s, BOB, replaced(s.key("bob"), "help@other.example")),
    ),
    Attack(
        "a customer's key of the other company, at this one",
        "the reply address was not signed by us",
        lambda s: to_key(s, ANN, replaced(s.key("ann-other"), "support@desk.example")),
    ),
    Attack(
        "an agent's key at a mailbox that is none",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: replace(
            to_key(s, BOB, replaced(s.key("bob"), "sales@desk.example"), subject=f"[{FIRE}]"),
            to=("support@desk.example",),
        ),
    ),
    Attack(
        "a survey's key with orders",
        "joe@example.net takes part in the ticket",
        lambda s: s.keyed(JOE, "survey"),
        goes_on=True,
    ),
    Attack(
        "a survey's key used by an agent",
        "key of joe@example.net was used by bob@desk.example",
        lambda s: s.keyed(BOB, "survey"),
    ),
    Attack(
        "the key to the desk used by a stranger",
        "key of bob@desk.example was used by eve@evil.example",
        lambda s: to_key(s, EVE, s.key("desk"), "#offline"),
    ),
    Attack(
        "the key to the desk used by another agent",
        "key of bob@desk.example was used by carla@desk.example",
        lambda s: to_key(s, CARLA, s.key("desk"), "#offline"),
    ),
    Attack(
        "the key to the desk with a ticket's number",
        "eve@evil.example takes no part in the ticket",
        lambda s: to_key(s, EVE, s.key("desk"), subject=f"[{FIRE}]"),
    ),
    Attack(
        "an agent's key of another ticket with this number",
        "key of bob@desk.example was used by carla@desk.example",
        lambda s: to_key(s, CARLA, s.key("bob2"), subject=f"Re: [{FIRE}]"),
    ),
    Attack(
        "an expired key of an agent",
        "the reply address expired on 2027-02-18",
        lambda s: to_key(s, BOB, s.key("bob")),
        days=400,
    ),
    Attack(
        "an expired key of an agent with the number",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: to_key(s, BOB, s.key("bob"), subject=f"Re: [{FIRE}]"),
        days=400,
    ),
    Attack(
        "an expired key of a customer",
        "the reply address expired on 2027-02-18",
        lambda s: to_key(s, EVE, s.key("ann")),
        days=400,
    ),
    Attack(
        "a truncated key", "the reply address was not signed by us", lambda s: to_key(s, BOB, cut(s.key("bob"), -4))
    ),
    Attack(
        "a key cut to its first characters",
        "the reply address was not signed by us",
        lambda s: to_key(s, BOB, cut(s.key("bob"), 12)),
    ),
    Attack(
        "a key with one bit more",
        "the reply address is damaged",
        lambda s: to_key(s, BOB, s.key("bob").replace("@", "a@", 1)),
    ),
    Attack(
        "a key with another first character",
        "the reply address was not signed by us",
        lambda s: to_key(s, BOB, changed(s.key("bob"), 0)),
    ),
    Attack(
        "a key with another ticket in it",
        "the reply address was not signed by us",
        lambda s: to_key(s, BOB, changed(s.key("bob"), 2)),
    ),
    Attack(
        "a key with another person in it",
        "the reply address was not signed by us",
        lambda s: to_key(s, CARLA, changed(s.key("bob"), 4)),
    ),
    Attack(
        "a key with a longer life",
        "the reply address was not signed by us",
        lambda s: to_key(s, BOB, changed(s.key("bob"), 7)),
    ),
    Attack(
        "a key with another signature",
        "the reply address was not signed by us",
        lambda s: to_key(s, BOB, changed(s.key("bob"), 20)),
    ),
    Attack(
        "a key with characters that are none of its alphabet",
        "the reply address is damaged",
        lambda s: to_key(s, BOB, changed(s.key("bob"), 10, "1")),
    ),
    Attack(
        "a key with something behind it",
        "the reply address is damaged",
        lambda s: to_key(s, BOB, s.key("bob").replace("@", "+x@", 1)),
    ),
    Attack(
        "an empty key", "the reply address was not signed by us", lambda s: to_key(s, BOB, "support+t.@desk.example")
    ),
    Attack(
        "a key made with another secret",
        "the reply address was not signed by us",
        lambda s: to_key(s, BOB, forged(s, Purpose.AGENT, 1)),
    ),
    Attack(
        "a key made with an empty secret",
        "the reply address was not signed by us",
        lambda s: to_key(s, BOB, forged(s, Purpose.AGENT, 1, secret=b"")),
    ),
    Attack(
        "a key to the desk made with another secret",
        "the reply address was not signed by us",
        lambda s: to_key(s, BOB, forged(s, Purpose.DESK, 0), "#offline"),
    ),
    Attack(
        "a customer's key made with another secret",
        "the reply address was not signed by us",
        lambda s: to_key(s, ANN, forged(s, Purpose.CUSTOMER, 1), "Cancel it."),
    ),
    Attack(
        "an agent's key alone where keys are not enough",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.keyed(BOB, "bob").sent_from(EVES, EVE),
        "agents: token_and_dmarc",
    ),
    Attack(
        "an agent's key where only the domain counts",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.keyed(BOB, "bob").sent_from(EVES, EVE),
        "agents: dmarc",
    ),
    Attack(
        "an agent's key in a mail that his domain disowns",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.keyed(BOB, "bob").sent_from(EVES, EVE),
    ),
    Attack(
        "an agent's key in a mail that is known to be forged",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.keyed(BOB, "bob").sent_from(EVES, EVE),
        "verify: always",
    ),
    Attack(
        "an agent's server without his key where keys are wanted",
        "but his key is missing",
        lambda s: s.mail(BOB).sent_from(OURS, BOB),
        "agents: token",
    ),
    Attack(
        "no key where both are wanted",
        "but his key is missing",
        lambda s: s.mail(BOB).sent_from(OURS, BOB),
        "agents: token_and_dmarc",
    ),
)

TWINS = (
    Twin("an agent's key, where his domain says nothing", lambda s: to_key(silent(s), BOB, s.key("bob"))),
    Twin("an agent's key used by himself", lambda s: s.keyed(BOB, "bob")),
    Twin("an agent's key alone used by himself", lambda s: to_key(s, BOB, s.key("bob")).sent_from(OURS, BOB)),
    Twin(
        "an agent's key in capitals used by himself",
        lambda s: to_key(s, BOB, s.key("bob").upper()).sent_from(OURS, BOB),
    ),
    Twin(
        "an agent's key of the other company, there", lambda s: to_key(s, BOB, s.key("bob-other")).sent_from(OURS, BOB)
    ),
    Twin(
        "an agent's key and his server where both are wanted",
        lambda s: s.keyed(BOB, "bob"),
        security="agents: token_and_dmarc",
    ),
    Twin(
        "a customer's key used by himself",
        lambda s: to_key(s, ANN, s.key("ann"), "Cancel it."),
        acts=lambda s: ("customer", "public", "Cancel it.") in s.desk.messages(1),
    ),
    Twin(
        "the key to the desk used by himself",
        lambda s: to_key(s, BOB, s.key("desk"), "#max 3").sent_from(OURS, BOB),
        acts=lambda s: s.standing().people["states"][BOB].maximum == 3,
    ),
)
