"""The load driver in C (smtpload.c), compiled when the bench starts: sending must not cost more than taking."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.children import Failed
from bench.driver import Drive
from bench.mails import Mail

_SOURCE = Path(__file__).with_name("smtpload.c")
# What starting and reading the mails may take beyond the time that sending has.
_GRACE = 30.0
NO_COMPILER = "there is no C compiler (cc): the driver in Python sends, and may be what is measured"


@dataclass(frozen=True, slots=True)
class Program:
    """The compiled driver, and the folder in which it finds its mails."""

    path: Path
    folder: Path

    def written(self, mails: Iterable[Mail], name: str) -> Path:
        """These mails as a file that the driver reads: their number, then of each the two lengths and the two texts."""
        chosen = list(mails)
        file = self.folder / f"{name}.mails"
        with file.open("wb") as out:
            out.write(struct.pack("=I", len(chosen)))
            for mail in chosen:
                sender = mail.sender.encode()
                out.write(struct.pack("=II", len(sender), len(mail.wire)) + sender + mail.wire)
        return file

    def start(
        self, mails: Path, port: int, shape: tuple[int, int, int], seconds: float, first: int
    ) -> subprocess.Popen[str]:
        """Begins to send; `shape` is connections, mails in each, and mails. `drive` waits for it."""
        values = ("127.0.0.1", port, *shape, seconds, first)
        return subprocess.Popen([self.path, mails, *map(str, values)], stdout=subprocess.PIPE, text=True)


def program(folder: Path) -> Program | None:
    """The driver, compiled into that folder; None where there is no compiler. Raises Failed when compiling fails."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    path = folder / "smtpload"
    command = [compiler, "-O2", "-Wall", "-o", str(path), str(_SOURCE)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise Failed(f"smtpload.c does not compile:\n{made.stderr[-2000:]}")
    return Program(path, folder)


def drive(process: subprocess.Popen[str], seconds: float) -> Drive:
    """What the driver saw. Raises Failed when it says nothing."""
    try:
        said, _ = process.communicate(timeout=seconds + _GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise Failed(f"the driver has not ended after {seconds + _GRACE:.0f} s") from None
    if process.returncode:
        raise Failed(f"the driver has ended with {process.returncode}; see what it printed")
    seen = json.loads(said)
    refused = (seen["first_refusal"],) * seen["refused"]
    times = (seen["began"], seen["ended"], tuple(seen["from_data"]))
    return Drive(seen["accepted"], refused, *times, seen["cpu"], tuple(seen["whole"]))
