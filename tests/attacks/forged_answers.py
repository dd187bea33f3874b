"""Answers to what we have asked: was this you, how was it, are you away, did it arrive. Forged, late, doubled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from attacks.attack import Attack, Twin
from attacks.scene import ADA, ANN, BOB, CARLA, DAN, EVE, EVES, JOE, Incoming, Scene
from mailtix.model.desk import Availability

OUT = "I am out of the office until 27 November 2026."
AWAY = "Auto-Submitted: auto-replied"


def answers(sender: str, mark: str, text: str) -> Callable[[Scene], Incoming]:
    return lambda s: s.keyed(sender, mark, text)


def after(minutes: int, mail: Callable[[Scene], Incoming]) -> Callable[[Scene], Incoming]:
    def made(scene: Scene) -> Incoming:
        scene.desk.wait(minutes=minutes)
        return mail(scene)

    return made


def once_more(mail: Callable[[Scene], Incoming], text: str = "no") -> Callable[[Scene], Incoming]:
    """Carla has answered already, that it was not hers."""

    def made(scene: Scene) -> Incoming:
        scene.arrive(answers(CARLA, "question", text)(scene))
        return mail(scene)

    return made


def away(sender: str, to: Callable[[Scene], str], *fields: str, mail_from: str = "") -> Callable[[Scene], Incoming]:
    """An out-of-office answer to that address."""

    def made(scene: Scene) -> Incoming:
        address = to(scene)
        head = [f"From: {sender}", f"To: {address}", "Subject: Out of office", *fields]
        return scene.written(head, OUT, to=(address,), mail_from=mail_from)

    return made


def report(
    of: Callable[[Scene], str], rcpt: str, to: str = "support@desk.example", text: str = "Sorry."
) -> Callable[[Scene], Incoming]:
    """A delivery report (RFC 3464) that says that a mail of that id did not arrive there."""

    def made(scene: Scene) -> Incoming:
        head = [
            "From: MAILER-DAEMON@evil.example",
            f"To: {to}",
            "Subject: Undelivered Mail",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        ]
        body = (
            f"--b\nContent-Type: text/plain\n\n{text}\n--b\nContent-Type: message/delivery-status\n\n"
            f"Reporting-MTA: dns; mx.evil.example\n\nFinal-Recipient: rfc822; {rcpt}\nAction: failed\nStatus: 5.1.1\n\n"
            f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{of(scene)}>\n\n--b--\n"
        )
        return scene.written(head, body, mail_from="", to=(to,))

    return made


def support(scene: Scene) -> str:
    return "support@desk.example"


ATTACKS = (
    Attack(
        "the question whether it was hers, answered by a stranger",
        "key of carla@desk.example was used by eve@evil.example",
        answers(EVE, "question", "yes"),
    ),
    Attack(
        "the question, answered by another agent",
        "key of carla@desk.example was used by bob@desk.example",
        answers(BOB, "question", "yes"),
    ),
    Attack(
        "the question, answered by the admin",
        "key of carla@desk.example was used by ada@desk.example",
        answers(ADA, "question", "yes"),
    ),
    Attack(
        "the question, answered by the customer",
        "key of carla@desk.example was used by dan@example.net",
        answers(DAN, "question", "yes"),
    ),
    Attack(
        "the question, denied by a stranger",
        "key of carla@desk.example was used by eve@evil.example",
        answers(EVE, "question", "no"),
    ),
    Attack("the question, answered too late", "your answer came after", after(61, answers(CARLA, "question", "yes"))),
    Attack(
        "the question, answered once more after no",
        "you have answered that already",
        once_more(answers(CARLA, "question", "yes")),
    ),
    Attack(
        "the question, answered once more by a stranger",
        "key of carla@desk.example was used by eve@evil.example",
        once_more(answers(EVE, "question", "yes")),
    ),
    Attack(
        "the question, answered by a machine",
        "no person has answered whether",
        lambda s: s.keyed(CARLA, "question", "yes").with_field(AWAY),
    ),
    Attack(
        "the question, answered without a return path",
        "no person has answered whether",
        lambda s: s.keyed(CARLA, "question", "yes").sent_from(EVES, ""),
    ),
    Attack(
        "the question, answered in a mail that is known to be forged",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.keyed(CARLA, "question", "yes").sent_from(EVES, EVE),
        "verify: always",
    ),
    Attack(
        "the question, answered where only the domain counts",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.keyed(CARLA, "question", "yes").sent_from(EVES, EVE),
        "agents: dmarc",
    ),
    Attack(
        "the question's key with one's own orders",
        "key of carla@desk.example was used by eve@evil.example",
        lambda s: s.keyed(EVE, "question"),
    ),
    Attack(
        "the question's key at the other company",
        "the reply address was not signed by us",
        lambda s: s.mail(
            CARLA,
            "yes",
            to=s.key("question").replace("support+", "help+").replace("desk.example", "other.example"),
            subject="Yes",
        ),
    ),
    Attack(
        "the question's id without its key",
        "DMARC fails, and desk.example wants such mail refused",
        lambda s: s.mail(CARLA, "yes", to="support@desk.example", subject="Yes", In_Reply_To=f"<{s['question'].id}>"),
    ),
    Attack(
        "the question's key to call the forged mail spam",
        "key of carla@desk.example was used by eve@evil.example",
        answers(EVE, "question", "#spam"),
    ),
    Attack(
        "the survey, answered by a stranger",
        "key of joe@example.net was used by eve@evil.example",
        answers(EVE, "survey", "1"),
    ),
    Attack(
        "the survey, answered by another customer",
        "key of joe@example.net was used by ann@example.org",
        answers(ANN, "survey", "1"),
    ),
    Attack(
        "the survey, answered by an agent",
        "key of joe@example.net was used by bob@desk.example",
        answers(BOB, "survey", "5"),
    ),
    Attack(
        "the survey, answered by a machine",
        "not written by a person: Auto-Submitted is auto-replied",
        lambda s: s.keyed(JOE, "survey", "1").with_field(AWAY),
        goes_on=True,
    ),
    Attack(
        "a mark without the survey's key",
        "eve@evil.example takes no part in the ticket",
        lambda s: s.mail(EVE, "1", subject=f"Re: [{s['survey'].number}]"),
    ),
    Attack(
        "a mark in the customer's name, by the number",
        "dmarc=none (example.net, no DMARC record)",
        lambda s: s.mail(JOE, "1", subject=f"Re: [{s['survey'].number}]"),
        goes_on=True,
    ),
    Attack(
        "a mark with the key of the ticket's receipt",
        "joe@example.net takes part in the ticket",
        answers(JOE, "joe", "1"),
        goes_on=True,
    ),
    Attack(
        "a mark with the survey's key, too late",
        "a mark that came too late",
        lambda s: s.keyed(JOE, "survey", "1"),
        goes_on=True,
        days=60,
    ),
    Attack("a mark of nine", "joe@example.net takes part in the ticket", answers(JOE, "survey", "9"), goes_on=True),
    Attack(
        "a mark in what is quoted",
        "joe@example.net takes part in the ticket",
        answers(JOE, "survey", "Thank you.\n\n> 1\n> 5"),
        goes_on=True,
    ),
    Attack(
        "the survey, refused by a stranger",
        "key of joe@example.net was used by eve@evil.example",
        answers(EVE, "survey", "stop"),
    ),
    Attack(
        "out of office in an agent's name, to the mailbox", "nothing in it points to a ticket", away(BOB, support, AWAY)
    ),
    Attack(
        "out of office in an agent's name, to a customer's key",
        "key of ann@example.org was used by bob@desk.example",
        away(BOB, lambda s: s.key("ann"), AWAY),
    ),
    Attack(
        "out of office in an agent's name, to a colleague's key",
        "key of carla@desk.example was used by bob@desk.example",
        away(BOB, lambda s: s.key("carla"), AWAY),
    ),
    Attack(
        "out of office of a stranger, to an agent's key",
        "key of bob@desk.example was used by eve@evil.example",
        away(EVE, lambda s: s.key("bob"), AWAY),
    ),
    Attack(
        "out of office in an agent's name, to a damaged key",
        "a machine's mail to the desk address",
        away(BOB, lambda s: s.key("bob").replace("@", "a@"), AWAY),
    ),
    Attack(
        "out of office in an agent's name, by a message id",
        "not written by a person: Auto-Submitted is auto-replied",
        lambda s: away(BOB, support, AWAY, f"In-Reply-To: <{s['bob'].id}>")(s),
    ),
    Attack(
        "out of office in an agent's name, signed by another",
        "nothing in it points to a ticket",
        lambda s: replace(away(BOB, support, AWAY)(s), mail_from=EVE),
    ),
    Attack(
        "out of office in an agent's name, where forged mail is known",
        "DMARC fails, and desk.example wants such mail refused",
        away(BOB, lambda s: s.key("bob"), AWAY),
        "verify: always",
    ),
    Attack(
        "a report of a mail that we never sent",
        "delivery report about no mail that we know",
        report(lambda s: "x@nowhere.example", ANN),
    ),
    Attack(
        "a report of a customer's own mail",
        "delivery report about no mail that we know",
        report(lambda s: "m1@example.org", ANN),
    ),
    Attack(
        "a report with orders",
        "delivery report about no mail that we know",
        report(lambda s: "x@nowhere.example", ANN, text="#tag owned\n#close"),
    ),
    Attack(
        "a report with orders, to an agent's key",
        "delivery report about no mail that we know",
        lambda s: report(lambda s: "x@nowhere.example", BOB, to=s.key("bob"), text="#tag owned\n#close")(s),
    ),
)

TWINS = (
    Twin(
        "the question, answered by whom it was put to",
        answers(CARLA, "question", "yes"),
        acts=lambda s: "owned" in s.desk.ticket(2).tags,
    ),
    Twin(
        "the question, answered just in time",
        after(59, answers(CARLA, "question", "yes")),
        acts=lambda s: "owned" in s.desk.ticket(2).tags,
    ),
    Twin(
        "the survey, answered by the customer",
        answers(JOE, "survey", "1"),
        acts=lambda s: s.standing().tickets[4].rating == 1,
    ),
    Twin(
        "out of office of the agent, to his key",
        away(BOB, lambda s: s.key("bob"), AWAY),
        acts=lambda s: s.standing().people["states"][BOB].availability is Availability.AWAY,
    ),
    Twin(
        "a report of our own mail",
        report(lambda s: s["dan"].id, DAN),
        acts=lambda s: any("was not delivered" in line for line in s.desk.history(2)),
    ),
)
