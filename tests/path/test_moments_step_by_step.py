"""A ticket goes up one step after the other, whichever node carries them out."""

from __future__ import annotations

from desk import Desk
from mailtix.moments import plans


def test_only_the_next_step_waits_so_that_no_other_node_can_go_before_it(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")

    waiting = plans(desk.ticket(1), desk.app.house.policy)

    assert sorted(plan.kind for plan in waiting if "escalation" in plan.kind) == [
        "first_response_escalation_1",
        "resolution_escalation_1",
    ]
