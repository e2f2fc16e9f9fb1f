"""Concentration of the revenue."""

from __future__ import annotations

import numpy as np
import pytest

from training.concentration import Concentration


def test_equal_wins_are_not_concentrated() -> None:
    assert Concentration.of(np.full(50, 10.0)).sentence == ""
    assert Concentration.of(np.zeros(5)).wins == 0


@pytest.mark.parametrize(("large", "start"), [(1, "1 of 101"), (2, "2 of 102"), (5, "5 of 105")])
def test_the_smallest_group_that_decides_is_named(large: int, start: str) -> None:
    revenue = np.concatenate([np.full(large, 130.0 / large), np.full(100, 1.0)])
    found = Concentration.of(revenue)
    assert found.sentence.startswith(start)
    assert found.effective_wins < 20


def test_wins_without_revenue_do_not_count() -> None:
    assert Concentration.of(np.array([1.0] * 20 + [0.0] * 20)).effective_wins == pytest.approx(20.0)
