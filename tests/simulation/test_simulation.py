"""The whole way of mail under every fault we know, one seed after the other.

`MAILTIX_SEED=17 pytest tests/simulation` runs that one alone and tells its course; `make soak` runs ten thousand.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from simulation.invariants import broken
from simulation.world import SHM, World

SEEDS = int(os.environ.get("MAILTIX_SOAK_SEEDS", "200"))
# Parts that several processes may share.
PARTS = 8
ONE = os.environ.get("MAILTIX_SEED")


def run(seed: int) -> tuple[World, list[str]]:
    """The world after that seed, and what is wrong with it."""
    with TemporaryDirectory(prefix="mailtix-seed-", dir=SHM if SHM.is_dir() else None) as folder:
        world = World(seed, Path(folder))
        try:
            world.run()
            return world, broken(world)
        finally:
            world.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_goes_wrong_each_mail_is_one_message_and_each_answer_leaves(part: int) -> None:
    for seed in [int(ONE)] if ONE and part == 0 else range(part, 0 if ONE else SEEDS, PARTS):
        world, wrong = run(seed)
        assert not wrong, "\n".join([f"MAILTIX_SEED={seed}", *wrong, "", *world.course, "", world.log.getvalue()])


_TRACE = """
import sys
from simulation.test_simulation import run
for seed in range(4):
    world, _ = run(seed)
    print(world.course, sorted(world.faults.happened.items()), sorted(world.smarthost.taken.items()))
"""


def test_a_seed_goes_the_same_way_in_every_process() -> None:
    """Also where sets have another order (PYTHONHASHSEED), else what was found at night is not seen again by day."""
    tests = str(Path(__file__).parents[1])
    environments = [os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": tests} for seed in ("1", "2")]
    first, second = (
        subprocess.run([sys.executable, "-c", _TRACE], env=env, check=True, capture_output=True, text=True).stdout
        for env in environments
    )
    assert first == second
    assert first.count("faults:") == 4
