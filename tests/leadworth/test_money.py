"""Amounts are exact and have the decimals of their currency."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.errors import InputError
from leadworth.money import amount, exponent, is_currency


@given(st.decimals(-1_000_000, 1_000_000, places=2), st.sampled_from(["EUR", "USD", "KWD"]))
def test_an_exact_amount_is_kept(value: Decimal, currency: str) -> None:
    assert amount(value, currency) == value
    assert amount(str(value), currency) == value


@given(st.floats(-1e9, 1e9), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_is_rounded_to_the_minor_unit(value: float, currency: str) -> None:
    rounded = amount(value, currency)
    assert rounded.as_tuple().exponent == -exponent(currency)
    assert abs(rounded - Decimal(str(value))) <= Decimal(5).scaleb(-exponent(currency) - 1)


def test_halves_are_rounded_up() -> None:
    assert amount(0.125, "EUR") == Decimal("0.13")
    assert amount(-0.125, "EUR") == Decimal("-0.13")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "Infinity"])
def test_a_value_that_is_not_finite_is_refused(value: float | str) -> None:
    with pytest.raises(InputError, match="finite"):
        amount(value, "EUR")


@pytest.mark.parametrize("currency", ["eur", "QQQ", ""])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    assert not is_currency(currency)
    with pytest.raises(InputError, match="ISO 4217"):
        amount(1, currency)
