"""Child processes with a pipe to each, ended with their block."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe

# A child that was told to end, or whose work is done, needs no longer than this.
_END_WITHIN = 5.0
_spawn = multiprocessing.get_context("spawn")


class Failed(Exception):
    """A run gave no figures worth showing; the text says why."""


@contextmanager
def child(target: Callable[..., None], *arguments: object) -> Iterator[Pipe]:
    """A process that runs `target(*arguments, pipe)`; gives the other end of the pipe."""
    ours, theirs = _spawn.Pipe()
    process = _spawn.Process(target=target, args=(*arguments, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.join(_END_WITHIN)
        if process.is_alive():
            process.kill()
            process.join()


def answer(pipe: Pipe, seconds: float) -> object:
    """What the child sends next. Raises Failed when it says nothing for so long, or is gone."""
    try:
        if pipe.poll(seconds):
            said: object = pipe.recv()
            return said
    except EOFError:
        raise Failed("a process of the bench has ended early; see what it printed") from None
    raise Failed(f"a process of the bench has not answered for {seconds:.0f} s")
