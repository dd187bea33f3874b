"""Mails become tickets in a process beside the daemon, and it does not matter when that one dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from running import Daemon, asked, letter, send, settings, until
from smarthost import Smarthost

Start = Callable[..., Daemon]


def children(daemon: Daemon) -> list[int]:
    """The processes that it has started and that still run."""
    return [int(pid) for pid in Path(f"/proc/{daemon.pid}/task/{daemon.pid}/children").read_text().split()]


def line_of(daemon: Daemon) -> int:
    """The process of the line: the newest, for its aide, where it has one, was there before."""
    return max(children(daemon))


def runs(pid: int) -> bool:
    """Whether there is such a process that has not ended; whoever started it may not have asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def test_mails_become_tickets_when_the_process_of_the_line_has_died(
    tmp_path: Path, database: str, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, database, outbound=smarthost.settings)
    daemon = start(config)
    send(daemon.port(), letter("ann@example.org", "before"), "ann@example.org")
    daemon.wait("opened")
    line = line_of(daemon)

    os.kill(line, signal.SIGKILL)
    until(lambda: not any(map(runs, children(daemon))))  # its aide goes with it
    send(daemon.port(), letter("bob@example.org", "after"), "bob@example.org")

    daemon.wait("opened", 2)
    assert sorted(ticket["subject"] for ticket in asked(config, "tickets", "list")) == ["after", "before"]
    [trouble] = daemon.lines("trouble")
    assert trouble["what"] == "the line's process has ended; its work is done here from now on"
    assert daemon.stop() == 0


def test_the_process_of_the_line_goes_when_the_daemon_is_gone(
    tmp_path: Path, database: str, smarthost: Smarthost, start: Start
) -> None:
    daemon = start(settings(tmp_path, database, outbound=smarthost.settings))
    processes = children(daemon)
    assert processes

    daemon.kill()

    until(lambda: not any(map(runs, processes)))


def test_who_tells_all_processes_to_end_is_heard_by_the_daemon_only(
    tmp_path: Path, database: str, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, database, outbound=smarthost.settings)
    daemon = start(config)
    processes = children(daemon)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # as a terminal or a service manager does it
        for process in processes:
            os.kill(process, number)
    send(daemon.port(), letter("ann@example.org", "It burns"), "ann@example.org")
    daemon.wait("opened")

    assert children(daemon) == processes
    assert daemon.stop() == 0
    assert not daemon.lines("trouble")
    until(lambda: not any(map(runs, processes)))


def test_mails_become_tickets_when_the_aide_of_the_line_has_died(
    tmp_path: Path, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", outbound=smarthost.settings)
    daemon = start(config)
    aide = min(children(daemon))
    assert aide != line_of(daemon)

    os.kill(aide, signal.SIGKILL)
    until(lambda: not runs(aide))
    for number in range(30):
        send(daemon.port(), letter(f"ann{number}@example.org", "It burns"), f"ann{number}@example.org")

    daemon.wait("opened", 30)
    assert len(asked(config, "tickets", "list")) == 30
    assert daemon.stop() == 0


def test_with_a_thread_there_is_one_process_only(
    tmp_path: Path, database: str, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, database, outbound=smarthost.settings, workers={"line": "thread"})
    daemon = start(config)
    send(daemon.port(), letter("ann@example.org", "It burns"), "ann@example.org")

    daemon.wait("opened")
    assert children(daemon) == []
    assert daemon.stop() == 0
