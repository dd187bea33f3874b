"""Orders of people who may not give them: customers, strangers, and machines."""

from __future__ import annotations

from collections.abc import Callable

from attacks.attack import Attack, Twin
from attacks.scene import ANN, ANNS, BOB, DAN, EVE, EVES, FIRE, SMOKE, Incoming, Scene
from mailtix.model.ticket import Status


def mine(text: str) -> Callable[[Scene], Incoming]:
    """Ann's answer to the answer that she got, with her key."""
    return lambda s: s.keyed(ANN, "answer", text).sent_from(ANNS, ANN)


def strange(text: str, **how: str) -> Callable[[Scene], Incoming]:
    """Eve writes about Ann's ticket, from her own server, and is who she says."""
    return lambda s: s.mail(EVE, text, **how)


def alone(sender: str, text: str) -> Callable[[Scene], Incoming]:
    """A mail about no ticket."""
    return lambda s: s.mail(sender, text, subject="Please")


def automatic(field: str) -> Callable[[Scene], Incoming]:
    """A machine's mail from Bob's address, with his key."""
    return lambda s: s.keyed(BOB, "bob").with_field(field)


CUSTOMERS = (
    "#assign bob",
    "#priority urgent",
    "#tag owned",
    "#note The customer is right.",
    "#merge " + SMOKE,
    "#split 1",
    "#requester eve@evil.example",
    "#cc eve@evil.example",
    "#spam",
    "#resolve",
    "#undo",
    "#show",
    "#full 1",
    "#list",
    "#search valve",
    "#stats",
    "#template greeting",
    "#snooze 1d",
    "#escalate",
    "#allow",
    "#away",
)
STRANGERS = (
    "#allow",
    "#allow-once eve@evil.example",
    "#new",
    "#close",
    "#status",
    "#rate 1",
    "#reopen",
    "#show",
    "#ham eve@evil.example",
    "#resume",
    "#cc eve@evil.example",
    "#me also ann@example.org",
)

ATTACKS = (
    *(
        Attack(f"{order} by a customer", f"{ANN} takes part in the ticket", mine(f"{order}\nPlease."), goes_on=True)
        for order in CUSTOMERS
    ),
    *(
        Attack(f"{order} alone by a customer", f"{ANN} takes part in the ticket", mine(order), goes_on=True)
        for order in ("#allow", "#list", "#show", "#cc eve@evil.example")
    ),
    *(Attack(f"{order} by a stranger", f"{EVE} takes no part in the ticket", strange(order)) for order in STRANGERS),
    *(
        Attack(
            f"{order} in a forged customer's name",
            "DMARC fails, and example.org wants such mail refused",
            lambda s, order=order: s.mail(ANN, order),
        )
        for order in ("#close", "#stop", "#tickets", "#me also eve@evil.example", "#rate 1")
    ),
    *(
        Attack(
            f"{order} in the name of a customer whose domain says nothing",
            f"From names {DAN}, but nothing proves it",
            lambda s, order=order: s.mail(DAN, order, subject=f"[{SMOKE}]"),
        )
        for order in ("#close", "#stop", "#tickets", "#me also eve@evil.example", "#status")
    ),
    Attack(
        "#tickets about no ticket in a customer's name",
        "dmarc=none (example.net, no DMARC record)",
        alone(DAN, "#tickets"),
    ),
    Attack(
        "#stop about no ticket in a customer's name", "dmarc=none (example.net, no DMARC record)", alone(DAN, "#stop")
    ),
    Attack(
        "#close with another customer's key",
        "key of ann@example.org was used by dan@example.net",
        lambda s: s.keyed(DAN, "ann", "#close"),
    ),
    Attack(
        "#close with one's own key and another's number",
        "key of ann@example.org was used by dan@example.net",
        lambda s: s.mail(DAN, "#close", to=s.key("ann"), subject=f"[{FIRE}]"),
    ),
    Attack(
        "#me also, for an agent's address",
        "ann@example.org asked for #me also",
        lambda s: s.keyed(ANN, "ann", "#me also bob@desk.example"),
    ),
    Attack(
        "#me also, for our mailbox",
        "ann@example.org asked for #me also",
        lambda s: s.keyed(ANN, "ann", "#me also support@desk.example"),
    ),
    Attack(
        "#me also, for another customer's address",
        "ann@example.org asked for #me also",
        lambda s: s.keyed(ANN, "ann", "#me also dan@example.net"),
        to=(DAN,),
    ),
    Attack(
        "#me also, and the other address confirms from elsewhere",
        "key of dan@example.net was used by eve@evil.example",
        lambda s: joined_by(s, EVE),
        to=(ANN, DAN),
    ),
    Attack(
        "#me also, and the asker confirms it himself",
        "key of dan@example.net was used by ann@example.org",
        lambda s: joined_by(s, ANN),
        to=(DAN,),
    ),
    *(
        Attack(f"an agent's mail with {field}", f"not written by a person: {field.partition(':')[0]}", automatic(field))
        for field in (
            "Auto-Submitted: auto-replied",
            "Auto-Submitted: auto-generated",
            "Precedence: bulk",
            "List-Id: <all.desk.example>",
        )
    ),
    Attack(
        "an agent's mail without a return path",
        "not written by a person: the reverse-path is null",
        lambda s: s.keyed(BOB, "bob").sent_from(EVES, ""),
    ),
)


def joined_by(scene: Scene, sender: str) -> Incoming:
    """Ann says that Dan's address is hers; the question to Dan is answered by somebody else."""
    scene.arrive(scene.keyed(ANN, "ann", "#me also dan@example.net"))
    question = scene.desk.notice_to(DAN)
    assert question.id != scene["dan"].id
    return scene.mail(sender, "yes", reply_to=question)


TWINS = (
    Twin(
        "#close by the customer, with his key", mine("#close"), acts=lambda s: s.desk.ticket(1).status is Status.CLOSED
    ),
    Twin(
        "#close by the customer, whose own server hands it over",
        lambda s: s.mail(ANN, "#close").sent_from(ANNS, ANN),
        acts=lambda s: s.desk.ticket(1).status is Status.CLOSED,
    ),
    Twin(
        "#allow by the agent",
        lambda s: (s.arrive(strange("I know more.")(s)), s.keyed(BOB, "bob", "#allow"))[1],
        acts=lambda s: EVE in s.desk.ticket(1).participants,
    ),
    Twin(
        "#stop by the customer, with his key", mine("#stop"), acts=lambda s: "off" in str(s.standing().people["chosen"])
    ),
)
