"""What the processes of one daemon share stays shared."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from mailtix.daemon import share_memory, spare_memory


@pytest.fixture(autouse=True)
def thaw() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_the_collector_leaves_alone_what_was_there_before_the_fork() -> None:
    before: list[object] = [[]]
    share_memory()
    after: list[object] = [[]]

    tracked = {id(one) for one in gc.get_objects()}

    assert id(after) in tracked
    assert id(before) not in tracked


def test_on_any_system_memory_can_be_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_it(_name: str | None) -> object:
        return object()

    monkeypatch.setattr("ctypes.CDLL", without_it)
    spare_memory()
