"""The model of more processes behaves as queues do."""

from __future__ import annotations

import pytest
from bench.scale import Demand, model

NEED = Demand(line=3.0, database=1.0, log=0.1)


def test_one_process_does_one_mail_after_the_other() -> None:
    assert model(NEED, 1, cores=4, database_cores=4).rate == pytest.approx(1000 / 4.1)


def test_more_processes_never_do_less_and_never_more_than_the_busiest_station() -> None:
    rates = [model(NEED, count, cores=8, database_cores=2).rate for count in (1, 2, 4, 8, 16, 32, 64, 128)]

    assert rates == sorted(rates)
    assert rates[-1] <= 2 / 1.0 * 1000


@pytest.mark.parametrize(
    ("cores", "database_cores", "station", "most"),
    [(2, 8, "processors", 667), (32, 2, "database", 2000), (64, 64, "log", 10_000)],
)
def test_the_station_that_bends_first_is_named(cores: int, database_cores: int, station: str, most: float) -> None:
    point = model(NEED, 300, cores, database_cores)

    assert point.bound == station
    assert point.rate == pytest.approx(most, rel=0.05)
