"""The memory of several processes is not what each of them sees."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from bench.usage import resident, tree, usage

_SHARED = 200_000_000  # bytes that the first has and those that it forks see, too
_PARENT = f"""\
import os, sys
kept = b"x" * {_SHARED}
for _ in range(2):
    if not os.fork():
        break
os.write(1, b"up\\n")
sys.stdin.read()
"""


@pytest.fixture
def family() -> Iterator[int]:
    """A process and two that it has forked; gives the id of the first."""
    command = [sys.executable, "-c", _PARENT]
    with ExitStack() as stack:
        parent = stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert parent.stdout is not None
        assert [parent.stdout.readline() for _ in range(3)] == [b"up\n"] * 3
        yield parent.pid


def test_what_processes_share_counts_once(family: int) -> None:
    assert len(tree(family)) == 3
    assert _SHARED < resident(family) < 2 * _SHARED
    assert _SHARED < usage(family).memory < 2 * _SHARED
