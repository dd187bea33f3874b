"""The runs: a load against a server, and what came of it in numbers."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Literal

from bench import compiled, driver, postfix, serve, sink
from bench.children import Failed, answer, child
from bench.compiled import Program
from bench.driver import Drive, Job
from bench.mails import Mail, mails
from bench.serving import HOST, free_port
from bench.usage import Usage, usage
from bench.watch import Watch


@dataclass(frozen=True, slots=True)
class Load:
    """How much is sent: `mails` over `connections`, `each` in one connection, by `processes` drivers in `seconds`. The
    driver is `program`, or the one in Python. `stock` are the mails (sent again and again when they are too few, which
    only `program` does, numbering them from `first` on); None is the mix, made from `seed`."""

    mails: int
    connections: int
    each: int
    processes: int = 1
    seed: int = 1
    seconds: float = 300.0
    program: Program | None = None
    stock: tuple[Mail, ...] | None = None
    first: int = 0

    @property
    def name(self) -> str:
        return f"{self.connections}x{self.each}"

    def jobs(self, port: int) -> list[Job]:
        """Each driver's share; no two send the same mail."""
        share = (self.mails // self.processes, self.connections // self.processes, self.each)
        return [
            Job(HOST, port, self.seed * 1000 + number, *share, seconds=self.seconds) for number in range(self.processes)
        ]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured. Rates are mails a second since the first connection; latencies ms from DATA to its 250,
    `whole_p50` from MAIL FROM on; CPU ms a mail; memory MB at its peak. None where the server does nothing
    of the kind."""

    server: str
    load: str
    accepted: float
    p50: float
    whole_p50: float
    p99: float
    driver_cpu: float
    server_cpu: float | None = None
    memory: float | None = None
    ticketed: float | None = None
    delivered: float | None = None
    outcomes: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What `mailtix serve` runs with. `database` None is SQLite in the run's folder, begun as a copy of `begin` if that
    is given; the usage of `helpers` (processes of a database server) is counted as the daemon's. `nodes` is how many
    processes listen on the one port, `threads` the workers of each, and `line` whether it has a process of its own."""

    database: str | None = None
    maildir: bool = False
    helpers: tuple[int, ...] = ()
    begin: Path | None = None
    nodes: int = 1
    threads: int | None = None
    line: Literal["process", "thread"] | None = None


@dataclass(frozen=True, slots=True)
class Daemon:
    """mailtix as it runs: where it listens, its database, its processes (those of the database server too), and the
    pipe of the sink that it delivers to."""

    port: int
    url: str
    pids: tuple[int, ...]
    sink: Pipe


@contextmanager
def mailtix(folder: Path, setting: Setting) -> Iterator[Daemon]:
    """A running mailtix that keeps everything in that new folder."""
    folder.mkdir()
    url, port = setting.database or f"sqlite:///{folder}/mailtix.db", free_port()
    if setting.begin:
        shutil.copyfile(setting.begin, folder / "mailtix.db")
    with ExitStack() as stack:
        pipe = stack.enter_context(child(sink.process))
        sending = f"{{smtp: {{host: {HOST}, port: {port_of(pipe)}, tls: none}}}}"
        outbound = f"{{maildir: {folder}/sent}}" if setting.maildir else sending
        shared = setting.nodes > 1
        workers = {"threads": setting.threads, "line": setting.line}
        config = serve.write_config(folder, url, outbound, port, shared=shared, **workers)
        nodes = [stack.enter_context(serve.running(config, port, f"serve-{n}")) for n in range(setting.nodes)]
        yield Daemon(port, url, (*nodes, *setting.helpers), pipe)


def against_sink(load: Load) -> Figures:
    """The drivers against a server that drops everything: what they can send at most on this machine."""
    with child(sink.process) as pipe:
        return _figures("sink", load, drive(port_of(pipe), load))


def against_postfix(load: Load, folder: Path, daemons: Path) -> Figures:
    """Postfix with delivery on hold: each mail is durable in its queue before the 250, and stays there."""
    port = free_port()
    with postfix.running(folder, daemons, port) as pid:
        before = usage(pid)
        drives = drive(port, load)
        if (held := postfix.held(folder)) != sent(drives):
            raise Failed(f"Postfix holds {held} of {sent(drives)} mails")
        return _figures("postfix hold", load, drives, (before, usage(pid)))


def against_mailtix(load: Load, folder: Path, setting: Setting) -> Figures:
    """The whole way through `mailtix serve`, until the journal and the outbox are empty."""
    with mailtix(folder, setting) as daemon, Watch(daemon.url, load.seconds) as watch:
        before = usage(*daemon.pids)
        drives = drive(daemon.port, load)
        ticketed, delivered = watch.until_done()
        used, began = (before, usage(*daemon.pids)), min(drive.began for drive in drives)
        rates = (sent(drives) / (ticketed - began), watch.letters() / (delivered - began))
        return _figures("mailtix", load, drives, used, rates, watch.outcomes(sent(drives)))


def median(runs: Sequence[Figures]) -> Figures:
    """Of each figure the median of the runs; what became of the mails is taken from the first."""
    names = ("accepted", "p50", "whole_p50", "p99", "driver_cpu", "server_cpu", "memory", "ticketed", "delivered")
    columns = {name: [getattr(run, name) for run in runs] for name in names}
    return replace(
        runs[0], **{name: statistics.median(values) for name, values in columns.items() if None not in values}
    )


def drive(port: int, load: Load) -> list[Drive]:
    """Lets the drivers loose together and waits for them. Raises Failed when a mail was refused."""
    drives = _compiled(port, load) if load.program else _python(port, load)
    refused = [reply for seen in drives for reply in seen.refused]
    if refused:
        raise Failed(f"{len(refused)} mails were not taken, the first with: {refused[0]}")
    return drives


def _compiled(port: int, load: Load) -> list[Drive]:
    assert load.program is not None
    stocks = [load.program.written(load.stock or mails(j.count, j.seed), f"{j.seed}") for j in load.jobs(port)]
    shape = (load.connections // load.processes, load.each, load.mails // load.processes)
    sending = [load.program.start(stock, port, shape, load.seconds, load.first) for stock in stocks]
    try:
        return [compiled.drive(process, load.seconds) for process in sending]
    finally:
        for process in sending:
            process.kill()
        for stock in stocks:
            stock.unlink()


def _python(port: int, load: Load) -> list[Drive]:
    with ExitStack() as stack:
        pipes = [stack.enter_context(child(driver.process, job)) for job in load.jobs(port)]
        for pipe in pipes:
            answer(pipe, load.seconds)
        for pipe in pipes:
            pipe.send("go")
        answers = [answer(pipe, 2 * load.seconds) for pipe in pipes]
    return [drive for drive in answers if isinstance(drive, Drive)]


def port_of(pipe: Pipe) -> int:
    port = answer(pipe, 30.0)
    assert isinstance(port, int)
    return port


def sent(drives: Sequence[Drive]) -> int:
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
    whole = sorted(latency for drive in drives for latency in drive.whole)
    return Figures(
        server=server,
        load=load.name,
        accepted=sent / took,
        p50=latencies[sent // 2] * 1e3,
        whole_p50=whole[sent // 2] * 1e3,
        p99=latencies[sent * 99 // 100] * 1e3,
        driver_cpu=sum(drive.cpu for drive in drives) / sent * 1e3,
        server_cpu=(used[1].cpu - used[0].cpu) / sent * 1e3 if used else None,
        memory=used[1].memory / 1e6 if used else None,
        ticketed=rates[0] if rates else None,
        delivered=rates[1] if rates else None,
        outcomes=outcomes,
    )
