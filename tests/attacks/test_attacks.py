"""Nobody gets in who does not belong: each attack does nothing and leaves its reason, its honest twins act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from attacks import (
    borrowed_signatures,
    forged_answers,
    forged_results,
    forged_senders,
    hidden_orders,
    injections,
    others_orders,
    stolen_keys,
)
from attacks.attack import Attack, Twin
from attacks.scene import AGENTS, SECRET, WORDS, Incoming, Scene, own_address
from desk import Sent

CLASSES = (
    forged_senders,
    stolen_keys,
    borrowed_signatures,
    forged_results,
    hidden_orders,
    others_orders,
    forged_answers,
    injections,
)
ATTACKS = [attack for each in CLASSES for attack in each.ATTACKS]
TWINS = [twin for each in CLASSES for twin in each.TWINS]


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_it_does_nothing_and_leaves_its_reason(new_scene: Callable[..., Scene], attack: Attack) -> None:
    scene = new_scene(attack.security)
    if attack.days:
        scene.desk.wait(days=attack.days)
    before = scene.standing()
    sent = len(scene.desk.courier.sent)
    mail = attack.mails(scene)
    scene.arrive(mail)

    assert before.changed(scene.standing(), attack.goes_on) == []
    assert attack.says in scene.reasons(before)
    for left in scene.desk.courier.sent[sent:]:
        assert_harmless(left, mail, attack)


def assert_harmless(left: Sent, mail: Incoming, attack: Attack) -> None:
    """A mail that left because of an attack tells nobody what he may not know, and holds no field of the forger's."""
    assert {"X-Evil", "Bcc"} & set(left.message.keys()) == set()
    if left.to in AGENTS:
        return
    assert left.to in (own_address(mail), *attack.to)
    told = f"{left.subject}\n{left.text}\n{left.html}"
    assert SECRET not in told
    assert not [agent for agent in AGENTS if agent in told and agent.encode() not in mail.raw]
    assert WORDS not in told


@pytest.mark.parametrize("twin", TWINS, ids=str)
def test_the_honest_mail_of_the_same_kind_acts(new_scene: Callable[..., Scene], twin: Twin) -> None:
    scene = new_scene(twin.security)
    assert not twin.acts(scene)

    scene.arrive(twin.mails(scene))

    assert twin.acts(scene)


def test_there_are_many_and_no_two_of_one_name() -> None:
    twice = [name for name, times in Counter(map(str, (*ATTACKS, *TWINS))).items() if times > 1]

    assert twice == []
    assert len(ATTACKS) >= 150
    assert all(each.ATTACKS and each.TWINS for each in CLASSES)
    assert all(attack.says for attack in ATTACKS)
