"""Amounts of money are exact or unreadable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.readers.money_reader import read_money
from leadworth.unreadable import Unreadable


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$12K", 12_000.0),
        ("'7610.58", 7_610.58),
        ("'7610.58'", 7_610.58),
        ("''", None),
        ('="7.610,58 €"', 7_610.58),
        ("'12'500", 12_500.0),
        ("$91K", 91_000.0),
        ("$1.20M", 1_200_000.0),
        ("1,25,000", 125_000.0),
        ("₹1,25,000.50", 125_000.5),
        ("12’500.00", 12_500.0),
        ("CHF 12'500.–", 12_500.0),
        ("(500.00)", -500.0),
        ("($500.00)", -500.0),
        ("500-", -500.0),
        ("−500", -500.0),
        ("500,-", 500.0),
        ("1 234,50 €", 1234.5),
        ("1.234.567,89", 1_234_567.89),
        ("１２５００円", 12_500.0),
        ("150만원", 1_500_000.0),
        ("1億2000万円", 120_000_000.0),
        ("1,5 млн руб.", 1_500_000.0),
        ("500 тыс. ₽", 500_000.0),
        ("12,5 Mio. €", 12_500_000.0),
        ("3 Mrd. EUR", 3e9),
        ("TEUR 5", 5_000.0),
        ("₹5 Cr", 5e7),
        ("2.5 lakh", 250_000.0),
        ("1.5E7", 15_000_000.0),
        ("12.000,- kr.", 12_000.0),
        ("12,000.-", 12_000.0),
        ("INR 5,00,000/-", 500_000.0),
        ("5천만원", 50_000_000.0),
        ("2십만", 200_000.0),
        ("12万5千", 125_000.0),
        ("12 tkr", 12_000.0),
        ("12 500:-", 12_500.0),
        ("12.500:- kr", 12_500.0),
        ("¥12,000-", 12_000.0),
        ("￥12,000－", 12_000.0),
        ("12,000円-", 12_000.0),
        ("¥-12,000", -12_000.0),
        ("-12,000円", -12_000.0),
        ("$1,200-", -1_200.0),
        ("US $1,000", 1_000.0),
        ("NT $12,345", 12_345.0),
        ("", None),
        ("(not set)", None),
    ],
)
def test_amounts(written: str, meant: float | None) -> None:
    assert read_money(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "5-10k",
        "50-100",
        "1.2.3",
        "12%",
        "1.23E+05",
        "1.234",
        "12 employees",
        "ca. 500",
        "500 CR",
        "1,5 mil",
        True,
        1e16,
        "$",
        "12 5",
        "10,00,0",
        "5mr",
        "1.2K.3",
        "<500",
        "1000+",
    ],
)
def test_what_is_not_exact_is_unreadable(written: object) -> None:
    assert isinstance(read_money(written), Unreadable)


def test_the_decimal_mark_of_the_file_decides() -> None:
    assert (read_money("1.234", ","), read_money("1.234", "."), read_money("1,234", ",")) == (1234.0, 1.234, 1.234)


@given(st.integers(-(10**9), 10**9), st.integers(0, 99), st.sampled_from([",", " ", "'", "’", "\u202f", "\xa0"]))
def test_every_grouping_is_read_back(whole: int, cents: int, separator: str) -> None:
    written = f"{whole:,}".replace(",", separator) + f".{cents:02d}"
    sign = -1 if written.startswith("-") else 1
    assert read_money(written) == pytest.approx(whole + sign * cents / 100)


@given(st.text(st.sampled_from("0123456789.,' -"), min_size=1, max_size=12))
def test_digits_are_never_dropped(written: str) -> None:
    amount = read_money(written)
    if isinstance(amount, float):
        digits = "".join(filter(str.isdigit, written))
        assert f"{abs(amount):.12f}".replace(".", "").strip("0") == digits.strip("0")
