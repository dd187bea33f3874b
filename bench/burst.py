"""A burst beside idle connections, and what those who send a single mail meanwhile notice of it.

    python -m bench.burst --mails 10000 --idle 500

It ends by itself: when the burst is taken, or after --seconds. Who sends a mail meanwhile opens a connection for it;
its time runs from there to the 250 after the mail.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import runs
from bench.mails import RECIPIENT
from bench.runs import Load, Setting
from bench.serving import HOST

_EVERY = 0.1  # seconds from one neighbour's mail to the next
_ALONE = 30  # mails of neighbours before the burst begins


class Neighbours(threading.Thread):
    """Sends single mails until it is told to stop; `seconds` is how long each took."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._port = port
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            began = time.perf_counter()
            _send(self._port, len(self.seconds))
            self.seconds.append(time.perf_counter() - began)

    def stop(self) -> None:
        self._over.set()
        self.join()


def _send(port: int, number: int) -> None:
    sender = f"neighbour{number}@example.net"
    mail = f"From: {sender}\r\nTo: {RECIPIENT}\r\nSubject: Beside {number}\r\n\r\nA question.\r\n.\r\n"
    with socket.create_connection((HOST, port), timeout=120) as connection:
        replies = connection.makefile("rb")
        lines = ("", "HELO neighbour.example", f"MAIL FROM:<{sender}>", f"RCPT TO:<{RECIPIENT}>", "DATA")
        for text in (*(f"{line}\r\n" if line else "" for line in lines), mail):
            connection.sendall(text.encode())
            reply = replies.readline()
            if reply[:1] not in b"23":
                raise RuntimeError(f"the neighbour heard {reply!r}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.burst", description="A burst beside idle connections.")
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--idle", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=600.0)
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        daemon = stack.enter_context(runs.mailtix(Path(folder) / "burst", Setting(maildir=True)))
        idle = [stack.enter_context(socket.create_connection((HOST, daemon.port))) for _ in range(arguments.idle)]
        neighbours = Neighbours(daemon.port)
        neighbours.start()
        stack.callback(neighbours.stop)
        while len(neighbours.seconds) < _ALONE and neighbours.is_alive():
            time.sleep(_EVERY)
        alone = len(neighbours.seconds)
        each = max(1, arguments.mails // arguments.connections)
        load = Load(arguments.mails, arguments.connections, each, seconds=arguments.seconds)
        [drive] = runs.drive(daemon.port, load)
        neighbours.stop()
        _report(neighbours.seconds[:alone], neighbours.seconds[alone:], drive.accepted / (drive.ended - drive.began))
        print(f"idle connections that still answer: {sum(map(_answers, idle))} of {len(idle)}")


def _report(alone: list[float], meanwhile: list[float], rate: float) -> None:
    print(f"burst: {rate:.0f} mails a second accepted")
    for name, seconds in (("before the burst", alone), ("meanwhile", meanwhile)):
        if seconds:
            middle, worst = statistics.median(seconds) * 1e3, max(seconds) * 1e3
            print(f"a neighbour's mail {name}: median {middle:.1f} ms, slowest {worst:.1f} ms, of {len(seconds)}")


def _answers(connection: socket.socket) -> bool:
    connection.settimeout(10)
    connection.sendall(b"NOOP\r\n")
    return b"250" in connection.recv(1000) + connection.recv(1000)  # the greeting, then the answer


if __name__ == "__main__":
    main()
