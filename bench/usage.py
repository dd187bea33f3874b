"""What a process and its children use, from /proc (proc(5))."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds so far and the peak of resident memory in bytes, each summed over a process tree. What several
    processes share counts once, as far as they share it now."""

    cpu: float
    memory: int


def usage(*roots: int) -> Usage:
    """Of these processes and all that descend from them."""
    pids = tree(*roots)
    return Usage(sum(map(_cpu, pids)), sum(map(_peak, pids)) - _shared(pids))


def resident(*roots: int) -> int:
    """Bytes of memory that these processes and their descendants hold now; what several of them share counts once."""
    pids = tree(*roots)
    return sum(_kilobytes(pid, "status", "VmRSS") * 1024 for pid in pids) - _shared(pids)


def _shared(pids: Sequence[int]) -> int:
    """Bytes that would count more than once if each process counted all it sees (proc(5), smaps: of a page that n
    processes see, the PSS of each has the nth part). One process alone is what it sees."""
    if len(pids) < 2:
        return 0
    return sum(_kilobytes(pid, "smaps_rollup", "Rss:") - _kilobytes(pid, "smaps_rollup", "Pss:") for pid in pids) * 1024


def tree(*roots: int) -> list[int]:
    """The ids of these processes and of all that descend from them."""
    return [pid for root in roots for pid in _tree(root)]


def _tree(pid: int) -> list[int]:
    try:
        texts = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it ended meanwhile
        return []
    return [pid, *(found for text in texts for child in text.split() for found in _tree(int(child)))]


def _cpu(pid: int) -> float:
    """utime, stime and those of children that are gone: fields 14 to 17."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS


def _peak(pid: int) -> int:
    return _kilobytes(pid, "status", "VmHWM") * 1024


def _kilobytes(pid: int, file: str, name: str) -> int:
    try:
        text = Path(f"/proc/{pid}/{file}").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(name))
