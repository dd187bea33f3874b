"""Signatures that verify and speak for somebody else, or for something else; and those that should not count."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from attacks.attack import Attack, Twin
from attacks.scene import ANN, BOB, CARLA, EVE, EVIL_SIGNER, FIRE, OURS, SIGNER, SMOKE, Incoming, Scene
from signing import EVERYTHING, Signer, rsa_key, seal

KEY_OF_768_BITS = (
    "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhANDVRL6qPh6J9dh7Msd2Xd/t/qaLy1Dgs6FsfDyfirfTJ87EbqJxo9NLvsCEJ/KklRuGDeu3b26/b7/w"
    "v11CUcPTyVmxiAaWEGggMSST09FfXJ4b7RYDASc/5Ot5qgWCzwIDAQAB"
)
ARC = "trusted_arc: [lists.example]"
PASS = "dmarc=pass header.from=desk.example"


def published(scene: Scene, signer: Signer, record: str = "") -> Signer:
    scene.desk.names.publish(signer.name, record or signer.record)
    return signer


def but(scene: Scene, *left_out: str, sender: str = BOB) -> Incoming:
    """Bob's mail with a signature of his domain that leaves these fields out."""
    mail = scene.mail(sender)
    there = {line.partition(b":")[0].decode().lower() for line in mail.raw.partition(b"\r\n\r\n")[0].split(b"\r\n")}
    return mail.signed(fields=tuple(name for name in EVERYTHING if name in there and name not in left_out))


def about_nothing(scene: Scene) -> Incoming:
    """A mail of Bob's to the mailbox that is about no ticket, signed by his domain."""
    return scene.mail(BOB, subject="Something else").signed()


def old(scene: Scene) -> Incoming:
    """A mail that Bob wrote two hours ago, and signed."""
    scene.desk.now -= timedelta(hours=2)
    mail = scene.mail(BOB).signed()
    scene.desk.now += timedelta(hours=2)
    return mail


def elsewhere(scene: Scene) -> Incoming:
    """A mail of Bob's to somebody else, signed, and given to us by whoever has it."""
    return replace(scene.mail(BOB, to="eve@evil.example").signed(), to=("support@desk.example",))


def sealed(scene: Scene, domain: str, said: str = PASS) -> Incoming:
    """Bob's mail as that domain has sealed it."""
    published(scene, Signer(domain), rsa_key()[1])
    mail = scene.mail(BOB)
    return replace(mail, raw=seal(mail.raw, domain, f"{domain}; {said}", int(scene.desk.now.timestamp())))


def stamp(scene: Scene, **offset: int) -> str:
    return str(int((scene.desk.now + timedelta(**offset)).timestamp()))


ATTACKS = (
    Attack(
        "signed by the forger's domain",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB).signed(EVIL_SIGNER),
    ),
    Attack(
        "signed by the forger's domain, for the agent's identity",
        "dkim=permerror (evil.example, selector s1, i= domain is not a subdomain of d=",
        lambda s: s.mail(BOB).signed(EVIL_SIGNER, i="bob@desk.example"),
    ),
    Attack(
        "signed by a domain that ends like the desk's",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB).signed(published(s, Signer("evildesk.example"))),
    ),
    Attack(
        "signed by a domain that begins like the desk's",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB).signed(published(s, Signer("desk.example.evil.example"))),
    ),
    Attack(
        "signed by the public suffix",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB).signed(published(s, Signer("example"))),
    ),
    Attack(
        "signed by the customer's domain",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB).signed(published(s, Signer("example.org"))),
    ),
    Attack(
        "signed by two other domains",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB).signed(EVIL_SIGNER).signed(published(s, Signer("example.net"))),
    ),
    Attack(
        "signed with a key that is not published",
        "dkim=permerror (desk.example, selector s9, there is no key of that name)",
        lambda s: s.mail(BOB).signed(Signer("desk.example", "s9")),
    ),
    Attack(
        "signed with another key than the published one",
        "dkim=fail (desk.example, selector s1, a signed field was changed, or the key is another)",
        lambda s: (published(s, SIGNER, rsa_key(1024)[1]), s.mail(BOB).signed())[1],
    ),
    Attack(
        "signed with a key that was revoked",
        "dkim=permerror (desk.example, selector s1, the key was revoked)",
        lambda s: (published(s, SIGNER, "v=DKIM1; k=rsa; p="), s.mail(BOB).signed())[1],
    ),
    Attack(
        "signed with a key of another use",
        "dkim=permerror (desk.example, selector s1, it cannot be computed (UnknownKeyTypeError))",
        lambda s: (published(s, SIGNER, SIGNER.record + "; s=other"), s.mail(BOB).signed())[1],
    ),
    Attack(
        "signed with a key that is only tried out",
        "dkim=policy (desk.example, selector s1, the key is only for testing (t=y))",
        lambda s: (published(s, SIGNER, SIGNER.record + "; t=y"), s.mail(BOB).signed())[1],
    ),
    Attack(
        "signed where the published key has 768 bits",
        "dkim=policy (desk.example, selector s1, its key of 768 bits is too weak (RFC 8301 section 3.2))",
        lambda s: (published(s, SIGNER, f"v=DKIM1; p={KEY_OF_768_BITS}"), s.mail(BOB).signed())[1],
    ),
    Attack(
        "signed with SHA-1",
        "dkim=policy (desk.example, selector s1, rsa-sha1 is broken (RFC 8301 section 3.1))",
        lambda s: s.mail(BOB).signed(Signer("desk.example", algorithm="rsa-sha1")),
    ),
    Attack(
        "a signature that has expired",
        "dkim=policy (desk.example, selector s1, the signature has expired (x=))",
        lambda s: s.mail(BOB).signed(t=stamp(s, hours=-2), x=stamp(s, hours=-1)),
    ),
    Attack(
        "a signature of tomorrow",
        "dkim=policy (desk.example, selector s1, it was signed in the future (t=))",
        lambda s: s.mail(BOB).signed(t=stamp(s, days=1)),
    ),
    Attack(
        "a signature that does not cover From",
        "dkim=policy (desk.example, selector s1, it does not cover From)",
        lambda s: but(s, "from"),
    ),
    Attack("a signature that does not cover To", "its signature does not cover To", lambda s: but(s, "to")),
    Attack(
        "a signature that does not cover the subject",
        "its signature does not cover Subject",
        lambda s: but(s, "subject"),
    ),
    Attack(
        "a signature that does not cover Message-ID",
        "its signature does not cover Message-Id",
        lambda s: but(s, "message-id"),
    ),
    Attack("a signature that does not cover Date", "its signature does not cover Date", lambda s: but(s, "date")),
    Attack(
        "a signature that does not cover Content-Type",
        "its signature does not cover Content-Type",
        lambda s: but(s, "content-type"),
    ),
    Attack(
        "a signature over no character of the text",
        "dkim=policy (desk.example, selector s1, only the first 0 octets of the text are signed (l=))",
        lambda s: s.mail(BOB).signed(length=0),
    ),
    Attack(
        "a text below the signed one",
        "dkim=policy (desk.example, selector s1, only the first 8 octets of the text are signed (l=))",
        lambda s: (lambda m: replace(m, raw=m.raw + b"#close\r\n"))(s.mail(BOB, "Hello.").signed(length=8)),
    ),
    Attack(
        "a text that was changed after signing",
        "dkim=fail (desk.example, selector s1, the text was changed)",
        lambda s: (lambda m: replace(m, raw=m.raw.replace(b"Hello.", b"#close")))(s.mail(BOB, "Hello.").signed()),
    ),
    Attack(
        "a second subject on top",
        "its signature does not cover Subject",
        lambda s: about_nothing(s).with_field(f"Subject: Re: [{FIRE}] Fire"),
    ),
    Attack(
        "a second To on top",
        "its signature does not cover To",
        lambda s: elsewhere(s).with_field("To: support@desk.example"),
    ),
    Attack(
        "a Cc that was not there",
        "its signature does not cover Cc",
        lambda s: elsewhere(s).with_field("Cc: support@desk.example"),
    ),
    Attack(
        "a second From on top",
        "the mail has 2 From fields",
        lambda s: s.mail(BOB).signed().with_field(f"From: {CARLA}"),
    ),
    Attack(
        "a second From on top of the forger's signed mail",
        "the mail has 2 From fields",
        lambda s: s.mail(EVE).signed(EVIL_SIGNER).with_field(f"From: {BOB}"),
    ),
    Attack(
        "a second Message-ID on top",
        "its signature does not cover Message-Id",
        lambda s: replace(s.mail(BOB), raw=s.past.signed).with_field("Message-ID: <new@desk.example>"),
    ),
    Attack(
        "a second Date on top of an old mail",
        "its signature does not cover Date",
        lambda s: old(s).with_field("Date: Sat, 21 Nov 2026 10:00:00 +0000"),
    ),
    Attack(
        "an In-Reply-To that was not there",
        "its signature does not cover In-Reply-To",
        lambda s: about_nothing(s).with_field(f"In-Reply-To: <{s['bob'].id}>"),
    ),
    Attack(
        "References that were not there",
        "its signature does not cover References",
        lambda s: about_nothing(s).with_field(f"References: <{s['bob'].id}>"),
    ),
    Attack(
        "a Content-Transfer-Encoding that was not there",
        "its signature does not cover Content-Transfer-Encoding",
        lambda s: (
            s.mail(BOB).without("Content-Transfer-Encoding").signed().with_field("Content-Transfer-Encoding: 8bit")
        ),
    ),
    Attack(
        "a signed mail with an added boundary",
        "its signature does not cover Content-Type",
        lambda s: s.mail(BOB).signed().with_field('Content-Type: multipart/mixed; boundary="x"'),
    ),
    Attack(
        "a signed mail that was written to somebody else", "neither To nor Cc names one of our mailboxes", elsewhere
    ),
    Attack("a signed mail of two hours ago", "its Date is not of the last hour", old),
    Attack(
        "a signed mail once more, with a field on top",
        "the same mail as J",
        lambda s: replace(s.mail(BOB), raw=s.past.signed).with_field("X-Again: yes"),
    ),
    Attack(
        "a signed mail into another ticket, by a number on top",
        "its signature does not cover Subject",
        lambda s: replace(s.mail(BOB), raw=s.past.signed).with_field(f"Subject: Re: [{SMOKE}] Smoke"),
    ),
    Attack(
        "a signed mail into another ticket, by In-Reply-To",
        "its signature does not cover In-Reply-To",
        lambda s: about_nothing(s).with_field(f"In-Reply-To: <{s['bob2'].id}>"),
    ),
    Attack(
        "a signed mail into another ticket, by somebody's key",
        "key of carla@desk.example was used by bob@desk.example",
        lambda s: replace(about_nothing(s), to=(s.key("carla2"),)),
    ),
    Attack(
        "a signed mail to the other company",
        "neither To nor Cc names one of our mailboxes",
        lambda s: replace(s.mail(BOB).signed(), to=("help@other.example",)),
    ),
    Attack(
        "a signed mail to the desk address, handed on",
        "neither To nor Cc names one of our mailboxes",
        lambda s: replace(
            s.mail(BOB, "#offline", to="eve@evil.example", subject="x").signed(), to=("support+desk@desk.example",)
        ),
    ),
    Attack(
        "a signed mail of a customer to somebody else",
        "neither To nor Cc names one of our mailboxes",
        lambda s: replace(
            s.mail(ANN, "#close", to="eve@evil.example").signed(published(s, Signer("example.org"))),
            to=("support@desk.example",),
        ),
    ),
    Attack(
        "a mail that a list's server forwards under the desk's name",
        "but nothing proves it",
        lambda s: s.mail(BOB).sent_from(OURS, "list-bounces@desk.example"),
    ),
    Attack(
        "a seal of a domain that is not trusted",
        "arc=none (evil.example, a sealer who is not trusted)",
        lambda s: sealed(s, "evil.example"),
        ARC,
    ),
    Attack(
        "a seal where nobody is trusted",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: sealed(s, "lists.example"),
    ),
    Attack(
        "a trusted seal that says dmarc=fail",
        "arc=pass (lists.example)",
        lambda s: sealed(s, "lists.example", "dmarc=fail header.from=desk.example"),
        ARC,
    ),
    Attack(
        "a trusted seal that speaks of another From",
        "arc=pass (lists.example)",
        lambda s: sealed(s, "lists.example", "dmarc=pass header.from=evil.example"),
        ARC,
    ),
    Attack(
        "a trusted seal of a mail that was changed",
        "arc=fail (lists.example, Most recent ARC-Message-Signature did not validate",
        lambda s: (lambda m: replace(m, raw=m.raw.replace(b"Subject: Re: ", b"Subject: AW: ")))(
            sealed(s, "lists.example")
        ),
        ARC,
    ),
    Attack(
        "a seal that only claims to be the trusted one's",
        "arc=none (evil.example, a sealer who is not trusted)",
        lambda s: sealed(s, "evil.example").with_field(
            "ARC-Authentication-Results: i=2; lists.example; dmarc=pass header.from=desk.example"
        ),
        ARC,
    ),
    Attack(
        "a trusted seal's words about a mail, copied onto another",
        "arc=fail (lists.example, Most recent ARC-Message-Signature did not validate",
        lambda s: copied(s),
        ARC,
    ),
)


def copied(scene: Scene) -> Incoming:
    """The ARC set of one mail on top of another one."""
    whole = sealed(scene, "lists.example").raw
    arc = whole[: whole.index(b"From:")]
    return replace(scene.mail(BOB), raw=arc + scene.mail(BOB).raw)


TWINS = (
    Twin("signed by the agent's domain", lambda s: s.mail(BOB).signed()),
    Twin(
        "signed with Ed25519",
        lambda s: s.mail(BOB).signed(published(s, Signer("desk.example", "ed", "ed25519-sha256"))),
    ),
    Twin("signed by the agent's domain and by another", lambda s: s.mail(BOB).signed().signed(EVIL_SIGNER)),
    Twin("signed a little while ago", lambda s: s.mail(BOB).signed(t=stamp(s, minutes=-10), x=stamp(s, hours=1))),
    Twin("a trusted seal", lambda s: sealed(s, "lists.example"), security=ARC),
)
