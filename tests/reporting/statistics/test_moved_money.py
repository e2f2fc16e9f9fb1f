"""Money moved wrongly: the example of the specification, and no money where nothing moved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reporting.statistics.moved_money import is_cheap_but_poor, money_moved_wrongly, shifted_spend

money = st.floats(0, 1e9)


def test_the_example_of_the_specification() -> None:
    assert is_cheap_but_poor(33, 2.7, 100, 7.2)
    assert money_moved_wrongly(10_000, 7.2, 2.7) == 45_000.0


def test_a_small_difference_of_cost_or_return_is_no_flag() -> None:
    assert not is_cheap_but_poor(23.5, 17.0, 24.0, 37.4)
    assert not is_cheap_but_poor(12.0, 34.7, 24.0, 37.4)
    assert is_cheap_but_poor(19.0, 29.0, 24.0, 37.4)


def test_spend_that_grew_in_proportion_did_not_move() -> None:
    assert shifted_spend(20_000, 40_000, 10_000, 20_000) == 0.0
    assert shifted_spend(20_000, 20_000, 0, 0) == 0.0
    assert shifted_spend(20_000, 10_000, 10_000, 20_000) == 10_000.0


@given(worse=money, better=money, worse_before=money, better_before=money)
def test_no_more_moves_than_was_spent(worse: float, better: float, worse_before: float, better_before: float) -> None:
    assert 0.0 <= shifted_spend(worse, better, worse_before, better_before) <= worse


@given(moved=money, first=st.floats(0, 100), second=st.floats(0, 100))
def test_moving_to_the_better_channel_costs_nothing(moved: float, first: float, second: float) -> None:
    assert min(money_moved_wrongly(moved, first, second), money_moved_wrongly(moved, second, first)) == 0.0
