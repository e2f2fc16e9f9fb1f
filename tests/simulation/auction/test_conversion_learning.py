import numpy as np
import pytest

from simulation.auction.auction_parameters import auction_parameters
from simulation.auction.conversion_learning import CellTree, ClickHistory
from simulation.auction.market_cells import Cells

RULES = auction_parameters().bidder


def tree(count: int) -> CellTree:
    zero = np.zeros(count, dtype=np.int64)
    return CellTree(
        Cells(zero, np.arange(count) // 2, np.arange(count) // 2, zero, np.arange(count), zero, zero), slice(None)
    )


def test_a_new_cell_takes_after_its_channel():
    rates = tree(4).rates(np.array([1e5, 0.0, 1e5, 1e5]), np.array([1e5, 0.0, 5e5, 5e5]), 100.0)
    assert rates[1] == pytest.approx(1.0, rel=0.15)
    assert rates[3] == pytest.approx(5.0, rel=0.05)


def test_replaced_values_count_once_on_the_day_of_the_click():
    history = ClickHistory(30, 1)
    one = np.ones(1)
    history.add_clicks(0, 10 * one)
    place = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    history.add_conversions(3, *place, 0 * one, 5 * one)
    history.add_conversions(9, *place, 5 * one, 2 * one)
    assert history.value.sum() == 2.0
    assert history.mean_value() == 2.0
    assert history.recent(10) == 1.0
    assert history.variation == 0.0


def test_late_conversions_are_expected_of_young_clicks():
    history = ClickHistory(200, 1)
    place = np.zeros(1, dtype=np.int64)
    for day in range(200):
        history.add_clicks(day, np.array([100.0]))
        if day >= 50:
            history.add_conversions(day, np.array([day - 50]), place, np.zeros(1), np.array([10.0]))
    seen = history.seen_share(200)
    assert seen[10] < 0.06
    assert seen[60] == pytest.approx(1.0)
    clicks, value = history.weighted(200, RULES)
    assert value[0] / clicks[0] == pytest.approx(0.1, rel=0.1)


def test_a_history_begun_again_shares_clicks_only():
    history = ClickHistory(5, 2)
    history.add_clicks(0, np.ones(2))
    history.add_conversions(1, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1))
    again = history.begin_again()
    history.add_clicks(1, np.ones(2))
    assert again.clicks.sum() == 4.0
    assert again.value.sum() == 0.0
    assert again.recent(4) == 0.0
