"""The runs: a load against a server, and what came of it in numbers."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from bench import driver, postfix, serve, sink
from bench.children import Failed, answer, child
from bench.driver import Drive, Job
from bench.serving import HOST, free_port
from bench.usage import Usage, usage
from bench.watch import Watch


@dataclass(frozen=True, slots=True)
class Load:
    """How much is sent: `mails` over `connections`, `each` in one connection, by `processes` drivers in `seconds`."""

    mails: int
    connections: int
    each: int
    processes: int = 1
    seed: int = 1
    seconds: float = 300.0

    def jobs(self, port: int) -> list[Job]:
        """Each driver's share; no two send the same mail."""
        share = (self.mails // self.processes, self.connections // self.processes, self.each)
        return [
            Job(HOST, port, self.seed * 1000 + number, *share, seconds=self.seconds) for number in range(self.processes)
        ]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured. Rates are mails a second since the first connection; latencies ms from DATA to its 250; CPU ms
    a mail; memory MB at its peak. None where the server does nothing of the kind."""

    server: str
    load: str
    accepted: float
    p50: float
    p99: float
    driver_cpu: float
    server_cpu: float | None = None
    memory: float | None = None
    ticketed: float | None = None
    delivered: float | None = None
    outcomes: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What `mailtix serve` runs with. `database` None is SQLite in the run's folder; the usage of `helpers` (processes
    of a database server) is counted as the daemon's."""

    database: str | None = None
    maildir: bool = False
    helpers: tuple[int, ...] = ()


def against_sink(load: Load) -> Figures:
    """The drivers against a server that drops everything: what they can send at most on this machine."""
    with child(sink.process) as pipe:
        return _figures("sink", load, _drive(_port(pipe), load))


def against_postfix(load: Load, folder: Path, daemons: Path) -> Figures:
    """Postfix with delivery on hold: each mail is durable in its queue before the 250, and stays there."""
    port = free_port()
    with postfix.running(folder, daemons, port) as pid:
        before = usage(pid)
        drives = _drive(port, load)
        if (held := postfix.held(folder)) != _sent(drives):
            raise Failed(f"Postfix holds {held} of {_sent(drives)} mails")
        return _figures("postfix hold", load, drives, (before, usage(pid)))


def against_mailtix(load: Load, folder: Path, setting: Setting) -> Figures:
    """The whole way through `mailtix serve`, until the journal and the outbox are empty."""
    folder.mkdir()
    url, port = setting.database or f"sqlite:///{folder}/mailtix.db", free_port()
    with ExitStack() as stack:
        smarthost = _port(stack.enter_context(child(sink.process)))
        sending = f"{{smtp: {{host: {HOST}, port: {smarthost}, tls: none}}}}"
        config = serve.write_config(folder, url, f"{{maildir: {folder}/sent}}" if setting.maildir else sending, port)
        pids = (stack.enter_context(serve.running(config, port)), *setting.helpers)
        watch = stack.enter_context(Watch(url, load.seconds))
        before = usage(*pids)
        drives = _drive(port, load)
        ticketed, delivered = watch.until_done()
        used, began = (before, usage(*pids)), min(drive.began for drive in drives)
        rates = (_sent(drives) / (ticketed - began), watch.letters() / (delivered - began))
        return _figures("mailtix", load, drives, used, rates, watch.outcomes(_sent(drives)))


def median(runs: Sequence[Figures]) -> Figures:
    """Of each figure the median of the runs; what became of the mails is taken from the first."""
    names = ("accepted", "p50", "p99", "driver_cpu", "server_cpu", "memory", "ticketed", "delivered")
    columns = {name: [getattr(run, name) for run in runs] for name in names}
    return replace(
        runs[0], **{name: statistics.median(values) for name, values in columns.items() if None not in values}
    )


def _drive(port: int, load: Load) -> list[Drive]:
    """Lets the drivers loose together and waits for them. Raises Failed when a mail was refused."""
    with ExitStack() as stack:
        pipes = [stack.enter_context(child(driver.process, job)) for job in load.jobs(port)]
        for pipe in pipes:
            answer(pipe, load.seconds)
        for pipe in pipes:
            pipe.send("go")
        answers = [answer(pipe, 2 * load.seconds) for pipe in pipes]
    drives = [drive for drive in answers if isinstance(drive, Drive)]
    refused = [reply for drive in drives for reply in drive.refused]
    if refused:
        raise Failed(f"{len(refused)} mails were not taken, the first with: {refused[0]}")
    return drives


def _port(pipe: Pipe) -> int:
    port = answer(pipe, 30.0)
    assert isinstance(port, int)
    return port


def _sent(drives: Sequence[Drive]) -> int:
    return sum(drive.accepted for drive in drives)


def _figures(
    server: str,
    load: Load,
    drives: Sequence[Drive],
    used: tuple[Usage, Usage] | None = None,
    rates: tuple[float, float] | None = None,
    outcomes: dict[str, int] | None = None,
) -> Figures:
    took = max(drive.ended for drive in drives) - min(drive.began for drive in drives)
    latencies = sorted(latency for drive in drives for latency in drive.latencies)
    sent = len(latencies)
    return Figures(
        server=server,
        load=f"{load.connections}x{load.each}",
        accepted=sent / took,
        p50=latencies[sent // 2] * 1e3,
        p99=latencies[sent * 99 // 100] * 1e3,
        driver_cpu=sum(drive.cpu for drive in drives) / sent * 1e3,
        server_cpu=(used[1].cpu - used[0].cpu) / sent * 1e3 if used else None,
        memory=used[1].memory / 1e6 if used else None,
        ticketed=rates[0] if rates else None,
        delivered=rates[1] if rates else None,
        outcomes=outcomes,
    )
