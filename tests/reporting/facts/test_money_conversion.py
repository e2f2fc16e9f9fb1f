"""Money is converted by the rate of its month."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from leadworth.settings import Settings
from reporting.facts.money_conversion import converted_micros, micros, rate_of

SETTINGS = Settings(currency="EUR", leads={}, currencies={"GBP": 1.1}, report={"rates": {"2026-10": {"GBP": 1.15}}})


def test_the_month_is_preferred() -> None:
    assert converted_micros(SETTINGS, 2_000_000, "GBP", date(2026, 10, 31)) == 2_300_000
    assert converted_micros(SETTINGS, 2_000_000, "GBP", date(2026, 11, 1)) == 2_200_000
    assert rate_of(SETTINGS, "USD", date(2026, 10, 1)) is None


@given(st.decimals(-(10**9), 10**9, places=6, allow_nan=False))
def test_micros_are_exact(money: Decimal) -> None:
    assert Decimal(micros(money)) / 1_000_000 == money
    assert converted_micros(SETTINGS, micros(money), "EUR", date(2026, 1, 1)) == micros(money)
