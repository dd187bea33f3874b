"""What the log of promises says of a ticket that was solved in time, opened again, and then was late."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from desk import CONFIG, Desk
from mailtix.store.tables import sla_log


def test_a_solution_that_did_not_last_is_none_once_its_time_is_over(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("sla: {on_reopen: continue}\n" + CONFIG)
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#resolve\nUse water.", reply_to=desk.notice_to("bob"))
    desk.wait(hours=1)
    desk.receive("ann@example.org", "It burns again.", reply_to=desk.notice_to("ann"))

    desk.wait(hours=25)  # 24 are allowed

    with desk.app.sessions.begin() as session:
        [row] = session.execute(select(sla_log).where(sla_log.c.target == "resolution"))
    assert (row.missed, row.met_at, row.working_seconds, row.wall_seconds) == (True, None, None, None)
