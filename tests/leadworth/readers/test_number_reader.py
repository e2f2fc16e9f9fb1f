"""Numbers are read whole or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.readers.number_reader import EITHER_AMOUNT, read_count, read_number
from leadworth.unreadable import Unreadable, readable


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_being_written(value: float) -> None:
    assert read_number(repr(value)) == value
    assert read_number(value) == value


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_both_notations_of_money_mean_the_same(whole: int, cents: int) -> None:
    english = f"{whole:,}.{cents:02d}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert read_number(f"$ {english}") == pytest.approx(whole + cents / 100)
    assert read_number(f"{german} €") == pytest.approx(whole + cents / 100)


@pytest.mark.parametrize(
    "written", ["10.000 €", "€10.000", "EUR 10.000", "1.250 Mio. €", "5.000-10.000 €", "from 5.000 €"]
)
@pytest.mark.parametrize("counts", [False, True])
def test_an_amount_that_may_be_thousands_or_decimals_is_unreadable(written: str, counts: bool) -> None:
    assert read_number(written, counts=counts) is EITHER_AMOUNT
    assert isinstance(read_number(written, ","), float)
    assert isinstance(read_number(written, "."), float)


@pytest.mark.parametrize(
    ("written", "count"),
    [
        *[
            ("1.234", 1234.0),
            ("1.234 employees", 1234.0),
            ("1.000-5.000", 1000.0),
            ("ca. 2.500", 2500.0),
            ("+1.500", 1500.0),
        ],
        *[
            ("1.5", 1.5),
            ("1.2345", 1.2345),
            ("0.500", 0.5),
            ("1.234k", 1234.0),
            ("12", 12.0),
            ("1.000+ employees", 1000.0),
        ],
    ],
)
def test_a_point_before_three_digits_of_a_count_separates_thousands(written: str, count: float) -> None:
    assert read_count(written) == count


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1'234.50", 1234.5),
        ("1 234,50", 1234.5),
        ("1.234.567", 1234567.0),
        ("1,234", 1234.0),
        ("1.234", 1.234),
        ("-3,5", -3.5),
        ("+12 %", 12.0),
        ("50-100", 50.0),
        ("1,001-5,000 employees", 1001.0),
        ("1e3", 1000.0),
        (Decimal("2.5"), 2.5),
        (True, 1.0),
        ("51–200", 51.0),
        ("1,000+", 1000.0),
        ("10 bis 50", 10.0),
        ("da 51 a 200 dipendenti", 51.0),
        ("under 50", 0.0),
        ("1-5k", 1000.0),
        ("51〜200名", 51.0),
        ("1000명 이상", 1000.0),
        ("более 1000", 1000.0),
        ("ca. 50", 50.0),
        ("1億2000万", 120_000_000.0),
        ("٣٫٥", 3.5),
        ("n/a", None),
        ("?", None),
    ],
)
def test_numbers_as_people_write_them(written: object, meant: float | None) -> None:
    assert read_number(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "infinity",
        "1e999",
        10**400,
        "1.2.3",
        "12 5",
        "12 apples",
        "10²",
        "½",
        "10:30",
        "2024-01-05",
        "about fifty",
        "1/2",
        "5-3",
        "--5",
        "1_000",
        "0x10",
        "1,2,3",
    ],
)
def test_what_is_no_number_is_unreadable(written: object) -> None:
    assert isinstance(read_number(written), Unreadable)


@given(st.text(st.sampled_from("0123456789.,' -+()$€kKmM%eE万lakhbis"), max_size=16))
def test_no_text_raises(written: str) -> None:
    number = readable(read_number(written))
    assert number is None or abs(number) < 1e308
