"""Largest remainder: parts add up, are within one of their exact value, and ties go to the earlier part."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.statistics.largest_remainder import divide, rounded_parts

weights = st.lists(
    st.one_of(st.integers(0, 1_000), st.floats(0, 1e9), st.fractions(0, 1_000)), min_size=1, max_size=12
).filter(lambda drawn: sum(Fraction(weight) for weight in drawn) > 0)


@given(amount=st.integers(-(10**15), 10**15), drawn=weights)
def test_parts_add_up_and_are_near_the_exact_ones(amount: int, drawn: list[float]) -> None:
    parts = divide(amount, drawn)
    assert sum(parts) == amount
    total = sum((Fraction(weight) for weight in drawn), Fraction(0))
    assert all(abs(part - amount * Fraction(weight) / total) < 1 for part, weight in zip(parts, drawn, strict=True))


@given(st.integers(0, 10**6), st.integers(1, 20))
def test_equal_weights_never_give_a_later_part_more(amount: int, size: int) -> None:
    parts = divide(amount, [1] * size)
    assert parts == sorted(parts, reverse=True)


@pytest.mark.parametrize("wrong", [[], [0, 0], [1, -1, 2]])
def test_weights_that_divide_nothing_are_refused(wrong: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        divide(10, wrong)


def test_parts_of_both_signs() -> None:
    assert sum(rounded_parts([Fraction(1, 3), Fraction(-5, 3), Fraction(1, 3)])) == -1
