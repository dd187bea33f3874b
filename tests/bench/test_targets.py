"""What the table of targets says."""

from __future__ import annotations

import pytest
from bench.growth import Curve
from bench.targets import against_postfix, below


def test_a_rate_is_judged_by_what_postfix_does_in_the_same_run() -> None:
    assert against_postfix("accepted", 1500.0, 1000.0, (1.5, 2.5)).met is True
    assert against_postfix("accepted", 1499.0, 1000.0, (1.5, 2.5)).met is False


def test_without_postfix_a_rate_is_not_judged() -> None:
    row = against_postfix("accepted", 1500.0, None, (1.5, 2.5))

    assert (row.met, row.ratio) == (None, None)


def test_a_limit_is_to_stay_under() -> None:
    assert below("p99", 149.9, 150, "ms").met is True
    assert below("p99", 150.0, 150, "ms").met is False


@pytest.mark.parametrize(("costs", "flat"), [((4.0, 4.1, 4.3), True), ((4.0, 4.1, 9.0), False)])
def test_a_curve_is_flat_when_ten_times_as_much_costs_no_quarter_more(costs: tuple[float, ...], flat: bool) -> None:
    assert Curve("tickets", tuple(zip((10, 100, 1000), costs, strict=True))).is_flat is flat
