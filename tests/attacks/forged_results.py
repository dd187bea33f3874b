"""Authentication-Results that somebody else has written (RFC 8601 section 5)."""

from __future__ import annotations

from collections.abc import Callable

from attacks.attack import Attack, Twin
from attacks.scene import ANN, BOB, FIRE, Incoming, Scene

TRUSTED = "authserv_ids: [mx.desk.example]"
PASS = "mx.desk.example; spf=pass smtp.mailfrom=bob@desk.example; dmarc=pass header.from=desk.example"
FAIL = "mx.desk.example; spf=fail smtp.mailfrom=bob@desk.example; dmarc=fail (p=reject) header.from=desk.example"


def said(*fields: str, sender: str = BOB, text: str = "") -> Callable[[Scene], Incoming]:
    """A mail with these Authentication-Results, the first on top."""

    def mail(scene: Scene) -> Incoming:
        made = scene.mail(sender, text) if text else scene.mail(sender)
        for field in reversed(fields):
            made = made.with_field(f"Authentication-Results: {field}")
        return made

    return mail


def in_body(scene: Scene) -> Incoming:
    head = [f"From: {BOB}", "To: support@desk.example", f"Subject: Re: [{FIRE}] Fire"]
    return scene.written(head, f"Authentication-Results: {PASS}\n\n#close\n")


ATTACKS = (
    Attack(
        "results of a server that nobody trusts", "DMARC fails, and desk.example wants such mail refused", said(PASS)
    ),
    Attack(
        "results of another server",
        "DMARC fails, and desk.example wants such mail refused",
        said(PASS.replace("mx.desk.example", "mx.evil.example")),
        TRUSTED,
    ),
    Attack(
        "forged results below our server's",
        "dmarc=fail (desk.example, p=reject); by mx.desk.example",
        said(FAIL, PASS),
        TRUSTED,
    ),
    Attack(
        "forged results below several of our server's",
        "dmarc=fail (desk.example, p=reject); by mx.desk.example",
        said(FAIL, FAIL, PASS),
        TRUSTED,
    ),
    Attack(
        "forged results below our server's, with a version",
        "dmarc=fail (desk.example, p=reject); by mx.desk.example",
        said(FAIL, PASS.replace("example;", "example 1;", 1)),
        TRUSTED,
    ),
    Attack(
        "results of a name that begins like our server's",
        "DMARC fails, and desk.example wants such mail refused",
        said(PASS.replace("mx.desk.example", "mx.desk.example.evil.example")),
        TRUSTED,
    ),
    Attack(
        "results of a name that ends like our server's",
        "DMARC fails, and desk.example wants such mail refused",
        said(PASS.replace("mx.desk.example", "evil-mx.desk.example")),
        TRUSTED,
    ),
    Attack(
        "our server's name in a comment",
        "DMARC fails, and desk.example wants such mail refused",
        said(f"mx.evil.example (mx.desk.example); {PASS.partition('; ')[2]}"),
        TRUSTED,
    ),
    Attack(
        "our server's name in quotes with more",
        "DMARC fails, and desk.example wants such mail refused",
        said(f'"mx.desk.example x"; {PASS.partition("; ")[2]}'),
        TRUSTED,
    ),
    Attack(
        "a result in a comment of our server's",
        "dmarc=fail (desk.example, p=reject); by mx.desk.example",
        said(f"{FAIL} (; dmarc=pass header.from=desk.example)"),
        TRUSTED,
    ),
    Attack(
        "a result in a quoted reason of our server's",
        "dmarc=fail (desk.example, p=reject); by mx.desk.example",
        said(FAIL.replace("dmarc=fail", 'dmarc=fail reason="x; dmarc=pass"')),
        TRUSTED,
    ),
    Attack(
        "a pass of another domain",
        "dmarc=none (evil.example, it was said of another From)",
        said(PASS.replace("header.from=desk", "header.from=evil").replace("bob@desk", "eve@evil")),
        TRUSTED,
    ),
    Attack(
        "a pass of the envelope only",
        "dmarc=none (nothing was said of it)",
        said("mx.desk.example; spf=pass smtp.mailfrom=bob@desk.example"),
        TRUSTED,
    ),
    Attack(
        "a pass of another person's envelope",
        "dmarc=pass (desk.example)",
        said(PASS.replace("bob@", "carla@")),
        TRUSTED,
    ),
    Attack(
        "a signature of another domain that passes",
        "dmarc=none (nothing was said of it)",
        said("mx.desk.example; dkim=pass header.d=evil.example header.s=s1"),
        TRUSTED,
    ),
    Attack(
        "a signature that is not in the mail",
        "its signature does not cover From",
        said("mx.desk.example; dkim=pass header.d=desk.example header.s=s1"),
        TRUSTED,
    ),
    Attack(
        "a result that is no word of the standard",
        "dmarc=none (desk.example)",
        said(PASS.replace("dmarc=pass", "dmarc=passed").replace("spf=pass", "spf=bestguesspass")),
        TRUSTED,
    ),
    Attack(
        "folded results of another server",
        "DMARC fails, and desk.example wants such mail refused",
        said("mx.evil.example;\r\n mx.desk.example;\r\n dmarc=pass header.from=desk.example"),
        TRUSTED,
    ),
    Attack("results in the body", "DMARC fails, and desk.example wants such mail refused", in_body),
    Attack(
        "results in a field of another name",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB).with_field(f"X-Authentication-Results: {PASS}"),
        TRUSTED,
    ),
    Attack(
        "results in ARC's field without a seal",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB).with_field(f"ARC-Authentication-Results: i=1; {PASS}"),
        TRUSTED + ", trusted_arc: [desk.example]",
    ),
    Attack(
        "Received-SPF",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(BOB).with_field(
            "Received-SPF: pass (mx.desk.example) client-ip=203.0.113.9; envelope-from=bob@desk.example"
        ),
        TRUSTED,
    ),
    Attack(
        "results for a forged customer",
        "DMARC fails, and example.org wants such mail refused",
        said(PASS.replace("desk.example;", "evil.example;", 1), sender=ANN, text="Cancel it."),
        TRUSTED,
    ),
    Attack(
        "results of our server that refute the customer",
        "DMARC fails, and example.org wants such mail refused",
        said("mx.desk.example; dmarc=fail (p=reject) header.from=example.org", sender=ANN, text="Cancel it."),
        TRUSTED,
    ),
)

TWINS = (
    Twin("our server's own results", said(PASS), security=TRUSTED),
    Twin("our server's own results above forged ones", said(PASS, FAIL), security=TRUSTED),
    Twin("our server's results of a signature that is in the mail", lambda s: signed(s), security=TRUSTED),
)


def signed(scene: Scene) -> Incoming:
    mail = scene.mail(BOB).signed()
    return mail.with_field("Authentication-Results: mx.desk.example; dkim=pass header.d=desk.example header.s=s1")
