"""The process is killed again and again at moments that nobody chose, while mail comes in.

`make soak` kills it fifty times (`MAILTIX_SOAK_KILLS`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

from daemon.doomed import nothing_is_lost_or_doubled
from daemon.load import let_bookings_run_out, mails, send_again
from running import Daemon, Senders, settings
from smarthost import Smarthost

Start = Callable[..., Daemon]
KILLS = int(os.environ.get("MAILTIX_SOAK_KILLS", "3"))
MAILS = 12


def test_nothing_is_lost_or_doubled_however_often_the_daemon_dies_under_load(
    tmp_path: Path, database: str, smarthost: Smarthost, start: Start
) -> None:
    dice = Random(f"{KILLS} kills")
    config = settings(tmp_path, database, outbound=smarthost.settings)
    sent = mails(KILLS * MAILS)
    taken: set[str] = set()
    for round_ in range(KILLS):
        daemon = start(config)
        senders = Senders(daemon.port(), sent[round_ * MAILS : (round_ + 1) * MAILS], connections=3)
        senders.wait_for(dice.randrange(1, MAILS))
        daemon.kill()
        taken |= senders.finish()

    let_bookings_run_out(database)
    last = start(config)
    send_again(last.port(), sent, taken)
    nothing_is_lost_or_doubled(config, database, sent, smarthost)
    assert last.stop() == 0
    assert "Traceback" not in last.said
