"""Effect of a skewed input on money, against closed forms of a linear model."""

from __future__ import annotations

import numpy as np
import pytest

from monitoring.skew_effect import coupling, money_effect

RNG = np.random.default_rng(3)
COLUMNS = np.array([0])


def value(matrix: np.ndarray, leads: np.ndarray) -> np.ndarray:
    """Value of 10 + 2 x, without x where it is missing; twice that for the first half of the leads."""
    return (10.0 + 2.0 * np.nan_to_num(matrix[:, 0])) * np.where(leads < 500, 2.0, 1.0)


def effect(
    x: np.ndarray, sample: np.ndarray, trained: np.ndarray, edges: tuple[float, ...] = ()
) -> tuple[float, float]:
    """Return the effect; the last bin is that of missing values."""

    def bins(values: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values)).astype(np.int64)

    change = coupling(trained, bins(x), bins(sample))
    return money_effect(value, x.reshape(-1, 1), COLUMNS, sample.reshape(-1, 1), change)


@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_an_input_that_is_always_missing(missing: float) -> None:
    sample = RNG.normal(5.0, 1.0, 400)
    sample[: int(400 * missing)] = np.nan
    money, moved = effect(np.full(1_000, np.nan), sample, np.array([1.0 - missing, missing]))
    expected = (1.0 - missing) * 2.0 * np.nanmean(sample) / 10.0
    assert money == pytest.approx(expected, rel=0.02)
    assert moved == pytest.approx(money / 2)  # every change is a rise


def test_an_input_that_is_missing_more_often() -> None:
    x = np.full(1_000, 5.0)
    x[::2] = np.nan
    money, _ = effect(x, np.full(50, 5.0), np.array([0.9, 0.1]))
    assert money == pytest.approx((0.9 - 0.5) * 10.0 / (10.0 + 0.5 * 10.0))


def test_a_shift() -> None:
    x = np.where(np.arange(1_000) % 10 < 9, 1.0, 3.0)
    sample = np.repeat([1.0, 3.0], 100)
    money, moved = effect(x, sample, np.array([0.5, 0.5, 0.0]), (2.0,))
    assert money == pytest.approx(0.4 * 4.0 / 12.4)
    assert moved == pytest.approx(money / 2)


def test_nothing_changes_where_nothing_has_shifted() -> None:
    x = np.repeat([1.0, 3.0], 500)
    assert effect(x, x[::5], np.array([0.5, 0.5, 0.0]), (2.0,)) == (0.0, 0.0)


def test_money_that_moves_without_a_change_of_the_total() -> None:
    x = np.repeat([2.0], 1_000)
    money, moved = effect(x, np.array([1.0, 3.0]), np.array([0.5, 0.0, 0.5, 0.0]), (1.5, 2.5))
    assert money == pytest.approx(0.0, abs=0.01)
    assert moved == pytest.approx(0.5 * 2.0 / 14.0)


def test_a_total_of_zero() -> None:
    change = coupling(np.array([1.0, 0.0]), np.array([1, 1]), np.array([0]))
    matrix = np.full((2, 1), np.nan)
    assert money_effect(lambda m, _: np.nan_to_num(m[:, 0]), matrix, COLUMNS, np.array([[4.0]]), change) == (
        np.inf,
        np.inf,
    )
    assert money_effect(lambda m, _: np.zeros(len(m)), matrix, COLUMNS, np.array([[4.0]]), change) == (0.0, 0.0)


def test_a_sample_without_suitable_leads_has_no_effect() -> None:
    assert effect(np.full(10, np.nan), np.full(5, np.nan), np.array([0.01, 0.99])) == (0.0, 0.0)
