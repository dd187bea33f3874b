"""Mails that claim, or seem, to come from somebody else: an agent, the admin, another customer."""

from __future__ import annotations

from collections.abc import Callable

from attacks.attack import Attack, Twin
from attacks.scene import ADA, ANN, ANNS, BOB, CARLA, EVE, EVES, EVIL_SIGNER, FIRE, OURS, SMOKE, Incoming, Scene

TO = "To: support@desk.example"
ABOUT = f"Subject: Re: [{FIRE}] Fire"
TYPE = "Content-Type: text/plain; charset=utf-8"


def names(*fields: str, about: str = ABOUT) -> Callable[[Scene], Incoming]:
    """A mail about the first ticket whose header names these as its writers."""

    def mail(scene: Scene) -> Incoming:
        return scene.written([*fields, TO, about, TYPE])

    return mail


ATTACKS = (
    Attack(
        "an agent's address in From", "DMARC fails, and desk.example wants such mail refused", lambda s: s.mail(BOB)
    ),
    Attack(
        "the admin's address in From", "DMARC fails, and desk.example wants such mail refused", lambda s: s.mail(ADA)
    ),
    Attack(
        "an agent's address in capitals",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail("BOB@DESK.EXAMPLE"),
    ),
    Attack(
        "an agent's address with his name",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail("Bob Miller <bob@desk.example>"),
    ),
    Attack(
        "an agent in From and in the envelope",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB).sent_from(EVES, BOB),
    ),
    Attack(
        "an agent in From, the forger's own server vouches for him",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB).sent_from(EVES, EVE),
    ),
    Attack(
        "the desk's server forwards a forger's mail",
        "dmarc=pass (desk.example, p=reject, by SPF)",
        lambda s: s.mail(BOB).sent_from(OURS, "SRS0=ab=cd=evil.example=eve@desk.example"),
    ),
    Attack(
        "a colleague's address in the envelope",
        "dmarc=pass (desk.example, p=reject, by SPF)",
        lambda s: s.mail(BOB).sent_from(OURS, CARLA),
    ),
    Attack(
        "an empty envelope",
        "not written by a person: the reverse-path is null",
        lambda s: s.mail(BOB).sent_from(EVES, ""),
    ),
    Attack(
        "an agent's mail to the desk address",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB, "#offline\n#max 1", to="support+desk@desk.example", subject="x"),
    ),
    Attack(
        "an agent's mail to the desk address, order in the subject",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(ADA, "", to="support+desk@desk.example", subject="#away"),
    ),
    Attack(
        "another customer's address in From",
        "DMARC fails, and example.org wants such mail refused",
        lambda s: s.mail(ANN, "Cancel my order."),
    ),
    Attack(
        "another customer in From and in the envelope",
        "DMARC fails, and example.org wants such mail refused",
        lambda s: s.mail(ANN, "Cancel my order.").sent_from(EVES, ANN),
    ),
    Attack("two addresses in From, the agent first", "From names more than one address", names(f"From: {BOB}, {EVE}")),
    Attack(
        "two addresses in From, the agent last",
        "eve@evil.example takes no part in the ticket",
        names(f"From: {EVE}, {BOB}"),
    ),
    Attack(
        "two addresses in From and a Sender",
        "From names more than one address",
        names(f"From: {BOB}, {EVE}", f"Sender: {EVE}"),
    ),
    Attack("two From fields, the agent first", "the mail has 2 From fields", names(f"From: {BOB}", f"From: {EVE}")),
    Attack(
        "two From fields, the agent last",
        "eve@evil.example takes no part in the ticket",
        names(f"From: {EVE}", f"From: {BOB}"),
    ),
    Attack(
        "two From fields, signed by the forger's domain",
        "the mail has 2 From fields",
        lambda s: s.written([f"From: {BOB}", f"From: {EVE}", TO, ABOUT, TYPE]).signed(EVIL_SIGNER),
    ),
    Attack(
        "From in capitals and From in small letters",
        "the mail has 2 From fields",
        names(f"FROM: {BOB}", f"from: {EVE}"),
    ),
    Attack(
        "From with a blank before the colon",
        "eve@evil.example takes no part in the ticket",
        names(f"From : {BOB}", f"From: {EVE}"),
    ),
    Attack(
        "a group that holds the agent",
        "DMARC fails, and desk.example wants such mail refused",
        names(f"From: Desk: {BOB};"),
    ),
    Attack(
        "a group that holds the agent and the forger",
        "From names more than one address",
        names(f"From: Desk: {BOB}, {EVE};"),
    ),
    Attack(
        "an empty group, and the agent in Reply-To",
        "From names nobody; who wrote it stands in another field",
        names("From: undisclosed:;", f"Reply-To: {BOB}"),
    ),
    Attack(
        "an empty group, and another customer in Reply-To",
        "From names nobody; who wrote it stands in another field",
        names("From: undisclosed:;", f"Reply-To: {ANN}"),
    ),
    Attack(
        "no From, and another customer in Sender",
        "From names nobody; who wrote it stands in another field",
        names(f"Sender: {ANN}"),
    ),
    Attack(
        "no From, and the agent in Sender",
        "From names nobody; who wrote it stands in another field",
        names(f"Sender: {BOB}"),
    ),
    Attack(
        "no From, and the agent in Reply-To",
        "From names nobody; who wrote it stands in another field",
        names(f"Reply-To: {BOB}"),
    ),
    Attack(
        "a name for From, and the agent in Reply-To",
        "From names nobody; who wrote it stands in another field",
        names("From: Bob Miller", f"Reply-To: {BOB}"),
    ),
    Attack(
        "an address in From that is too long, and the agent in Reply-To",
        "From names nobody; who wrote it stands in another field",
        names(f"From: {'x' * 300}@evil.example", f"Reply-To: {BOB}"),
    ),
    Attack(
        "an encoded word that holds the agent's address",
        "eve@evil.example takes no part in the ticket",
        names(f"From: =?utf-8?q?bob=40desk=2Eexample?= <{EVE}>"),
    ),
    Attack(
        "an encoded word that holds the agent in angle brackets",
        "eve@evil.example takes no part in the ticket",
        names(f"From: =?utf-8?q?Bob_=3Cbob=40desk=2Eexample=3E?= <{EVE}>"),
    ),
    Attack(
        "an encoded word in place of the address",
        "DMARC fails, and desk.example wants such mail refused",
        names("From: =?utf-8?q?bob=40desk=2Eexample?="),
    ),
    Attack(
        "an encoded word inside the angle brackets",
        "DMARC fails, and desk.example wants such mail refused",
        names("From: Bob <=?utf-8?q?bob=40desk=2Eexample?=>"),
    ),
    Attack(
        "an encoded word with a line end and a second From",
        "eve@evil.example takes no part in the ticket",
        names(f"From: =?utf-8?q?x=0D=0AFrom=3A_bob=40desk=2Eexample?= <{EVE}>"),
    ),
    Attack(
        "an encoded word with a NUL behind the agent's address",
        "eve@evil.example takes no part in the ticket",
        names(f"From: =?utf-8?q?bob=40desk=2Eexample=00?= <{EVE}>"),
    ),
    Attack(
        "the agent's address as the display name",
        "eve@evil.example takes no part in the ticket",
        names(f'From: "{BOB}" <{EVE}>'),
    ),
    Attack(
        "the agent's address in brackets in the display name",
        "eve@evil.example takes no part in the ticket",
        names(f'From: "Bob <{BOB}>" <{EVE}>'),
    ),
    Attack(
        "the agent's address unquoted before the forger's",
        "eve@evil.example takes no part in the ticket",
        names(f"From: {BOB} <{EVE}>"),
    ),
    Attack("two angle brackets", "eve@evil.example takes no part in the ticket", names(f"From: <{BOB}> <{EVE}>")),
    Attack("nested angle brackets", "From names more than one address", names(f"From: <{EVE}<{BOB}>>")),
    Attack(
        "a comment with the agent's address",
        "eve@evil.example takes no part in the ticket",
        names(f"From: {EVE} ({BOB})"),
    ),
    Attack(
        "a comment inside the address",
        "eve@evil.example takes no part in the ticket",
        names("From: eve(bob@desk.example)@evil.example"),
    ),
    Attack(
        "a comment that looks like the end of the address",
        "DMARC fails, and desk.example wants such mail refused",
        names("From: bob@desk.example(.evil.example)"),
    ),
    Attack(
        "a quoted local part with the agent's address",
        '"bob@desk.example"@evil.example takes no part in the ticket',
        names('From: "bob@desk.example" @evil.example'),
    ),
    Attack(
        "a quoted local part that ends early",
        '"bob@desk.example>"@evil.example takes no part in the ticket',
        names('From: "bob@desk.example>"@evil.example'),
    ),
    Attack(
        "the agent's local part in quotes",
        '"bob"@desk.example takes no part in the ticket',
        names('From: "bob"@desk.example'),
    ),
    Attack(
        "the agent's local part with an escape",
        '"b\\ob"@desk.example takes no part in the ticket',
        names('From: "b\\ob"@desk.example'),
    ),
    Attack(
        "a Cyrillic о in the agent's name",
        "bоb@desk.example takes no part in the ticket",
        names("From: bоb@desk.example"),
    ),
    Attack(
        "a Cyrillic е in the desk's domain",
        "bob@dеsk.example takes no part in the ticket",
        names("From: bob@dеsk.example"),
    ),
    Attack(
        "the same domain in punycode",
        "bob@xn--dsk-9cd.example takes no part in the ticket",
        names("From: bob@xn--dsk-9cd.example"),
    ),
    Attack("full-width letters", "ｂｏｂ@desk.example takes no part in the ticket", names("From: ｂｏｂ@desk.example")),
    Attack("a full-width @", "a sender without address takes no part", names("From: bob＠desk.example")),
    Attack("a dotless i and a long s", "bob@deſk.example takes no part in the ticket", names("From: bob@deſk.example")),
    Attack(
        "a zero-width space in the agent's address",
        "From names more than one address",
        names("From: b\u200bob@desk.example"),
    ),
    Attack(
        "a right-to-left mark in the agent's address",
        "eve@evil.example takes no part in the ticket",
        names("From: \u202eelpmaxe.ksed@bob\u202c <eve@evil.example>"),
    ),
    Attack(
        "a sub-address of the agent",
        "bob+x@desk.example takes no part in the ticket",
        names("From: bob+x@desk.example"),
    ),
    Attack("a trailing dot", "From names more than one address", names("From: bob@desk.example.")),
    Attack(
        "a route address",
        "DMARC fails, and desk.example wants such mail refused",
        names(f"From: <@evil.example:{BOB}>"),
    ),
    Attack(
        "a percent hack",
        "bob%desk.example@evil.example takes no part in the ticket",
        names("From: <bob%desk.example@evil.example>"),
    ),
    Attack(
        "a bang path",
        "desk.example!bob@evil.example takes no part in the ticket",
        names("From: <desk.example!bob@evil.example>"),
    ),
    Attack(
        "a subdomain that begins like the desk's",
        "bob@desk.example.evil.example takes no part in the ticket",
        names("From: bob@desk.example.evil.example"),
    ),
    Attack(
        "a domain that ends like the desk's",
        "bob@evildesk.example takes no part in the ticket",
        names("From: bob@evildesk.example"),
    ),
    Attack(
        "the desk's mailbox as the writer",
        "support@desk.example takes no part in the ticket",
        names("From: support@desk.example"),
    ),
    Attack(
        "the other company's mailbox as the writer",
        "help@other.example takes no part in the ticket",
        names("From: help@other.example"),
    ),
    Attack(
        "the agent in Sender", "eve@evil.example takes no part in the ticket", names(f"From: {EVE}", f"Sender: {BOB}")
    ),
    Attack(
        "the agent in Reply-To",
        "eve@evil.example takes no part in the ticket",
        names(f"From: {EVE}", f"Reply-To: {BOB}"),
    ),
    Attack(
        "the agent in Resent-From",
        "eve@evil.example takes no part in the ticket",
        names(f"Resent-From: {BOB}", f"From: {EVE}"),
    ),
    Attack(
        "the agent in X-Original-From",
        "eve@evil.example takes no part in the ticket",
        names(f"X-Original-From: {BOB}", f"From: {EVE}"),
    ),
    Attack(
        "the agent in Return-Path",
        "eve@evil.example takes no part in the ticket",
        names(f"Return-Path: <{BOB}>", f"From: {EVE}"),
    ),
    Attack(
        "the agent in Resent-Sender, a customer in From",
        "DMARC fails, and example.org wants such mail refused",
        names(f"Resent-Sender: {BOB}", f"From: {ANN}"),
    ),
    Attack(
        "the customer in Reply-To",
        "eve@evil.example takes no part in the ticket",
        names(f"From: {EVE}", f"Reply-To: {ANN}"),
    ),
    Attack(
        "From folded so that its first line shows the agent",
        "eve@evil.example takes no part in the ticket",
        names(f"From: {BOB}\r\n <{EVE}>"),
    ),
    Attack(
        "From after an empty first line",
        "DMARC fails, and desk.example wants such mail refused",
        names(f"From:\r\n {BOB}"),
    ),
    Attack(
        "a line end alone hides a second From",
        "eve@evil.example takes no part in the ticket",
        names(f"From: {EVE}\rFrom: {BOB}"),
    ),
    Attack(
        "a broken line before the agent's From",
        "DMARC fails, and desk.example wants such mail refused",
        names("this is no field", f"From: {BOB}"),
    ),
    Attack(
        "the agent's key to another ticket's number",
        "key of bob@desk.example was used by eve@evil.example",
        lambda s: s.mail(EVE, to=s.key("bob"), subject=f"Re: [{SMOKE}]"),
    ),
    Attack(
        "a mailbox of ours in the envelope of a forged customer",
        "DMARC fails, and example.org wants such mail refused",
        lambda s: s.mail(ANN, "Cancel my order.").sent_from(OURS, "support@desk.example"),
    ),
)

TWINS = (
    Twin("an agent in From, whose own server hands it over", lambda s: s.mail(BOB).sent_from(OURS, BOB)),
    Twin("the admin in From, whose own server hands it over", lambda s: s.mail(ADA).sent_from(OURS, ADA)),
    Twin(
        "a group that holds only the agent, from his own server",
        lambda s: names(f"From: Desk: {BOB};")(s).sent_from(OURS, BOB),
    ),
    Twin(
        "a route address of the agent, from his own server",
        lambda s: names(f"From: <@desk.example:{BOB}>")(s).sent_from(OURS, BOB),
    ),
    Twin(
        "a customer's own server hands it over",
        lambda s: s.mail(ANN, "Cancel my order.").sent_from(ANNS, ANN),
        acts=lambda s: ("customer", "public", "Cancel my order.") in s.desk.messages(1),
    ),
)
