"""Numbers and dates in each language; the expected texts are those of CLDR."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.page.languages import LANGUAGES
from reporting.page.number_format import NumberFormat, three_digits
from reporting.page.page_model import Quantity, Unit


def euro(value: float) -> Quantity:
    return Quantity(value, Unit.MONEY, "EUR")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "€1.23M"),
        ("it", "1,23 Mln €"),
        ("de", "1,23 Mio. €"),
        ("fr", "1,23 M €"),
        ("es", "1,23 M €"),
        ("pt", "€ 1,23 mi"),
        ("ru", "1,23 млн €"),
        ("ko", "€123만"),
    ],
)
def test_large_amounts_have_three_digits_and_the_abbreviation_of_the_language(language: str, expected: str) -> None:
    assert NumberFormat(language, "UTC").compact(euro(1_234_567)).replace("\xa0", " ") == expected


def test_a_language_without_an_abbreviation_of_thousands_groups_them() -> None:
    german = NumberFormat("de", "UTC")
    assert german.compact(euro(431_234)) == "431.000\xa0€"
    assert german.compact(Quantity(43_210)) == "43.200"


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        (euro(51.37), "€51.37"),
        (euro(30), "€30"),
        (euro(412.4), "€412"),
        (euro(-18_400), "-€18.4K"),
        (Quantity(1234.5, Unit.MONEY, "KRW"), "₩1.23K"),
        (Quantity(51.4, Unit.MONEY, "JPY"), "¥51"),
        (Quantity(2_576), "2,576"),
        (Quantity(0.31, Unit.SHARE), "31%"),
        (Quantity(0.031, Unit.SHARE), "3.1%"),
        (Quantity(0.977, Unit.SHARE), "98%"),
        (Quantity(1.0, Unit.SHARE), "100%"),
        (Quantity(0.12, Unit.CHANGE), "+12%"),
        (Quantity(2.4, Unit.RATIO), "2.4"),
        (Quantity(0.06, Unit.RATIO), "0.06"),
        (Quantity(190, Unit.MINUTES), "3 hr 10 min"),
        (Quantity(12, Unit.DAYS), "12 days"),
        (Quantity(90, Unit.SECONDS), "2 min"),
        (Quantity(42, Unit.SECONDS), "42 sec"),
        (Quantity(61 * 60, Unit.MINUTES), "2.5 days"),
    ],
)
def test_numbers_on_cards(quantity: Quantity, expected: str) -> None:
    assert NumberFormat("en", "UTC").compact(quantity) == expected


def test_numbers_of_tables_are_exact() -> None:
    assert NumberFormat("de", "UTC").exact(euro(431_234.5)) == "431.234,50\xa0€"
    assert NumberFormat("fr", "UTC").exact(Quantity(713.8)) == "713,8"
    assert NumberFormat("it", "UTC").exact(Quantity(4_120_000)) == "4.120.000"


def test_signs() -> None:
    english = NumberFormat("en", "UTC")
    assert english.signed(euro(5)) == "+€5.00"
    assert english.signed(euro(-5)) == "-€5.00"
    assert NumberFormat("de", "UTC").change(-0.08).replace("\xa0", " ") == "-8 %"
    assert english.change(0.004) == "+0.4%"


def test_times_are_of_the_zone_of_the_page() -> None:
    rome = NumberFormat("en", "Europe/Rome")
    late = datetime(2026, 11, 28, 23, 40, tzinfo=UTC)
    assert rome.moment(late).replace("\u202f", " ") == "Nov 29 12:40 AM"
    assert rome.day(late) == "Nov 29, 2026"
    assert rome.moment(date(2026, 11, 27)) == "Nov 27"


def test_periods() -> None:
    first, last = date(2026, 9, 1), date(2026, 11, 28)
    assert NumberFormat("ko", "UTC").period(first, last) == "2026년 9월 1일~11월 28일"
    assert NumberFormat("en", "UTC").period(first, first) == "Sep 1, 2026"


@given(st.floats(min_value=-1e12, max_value=1e12), st.sampled_from(LANGUAGES), st.sampled_from(Unit))
def test_every_number_has_a_text_in_every_language(value: float, language: str, unit: Unit) -> None:
    text = NumberFormat(language, "UTC").compact(Quantity(value, unit, "EUR"))
    assert any(sign.isdigit() for sign in text)
    assert len(text) < 30


@given(st.floats(min_value=100, max_value=1e12))
def test_rounding_to_three_digits_changes_less_than_half_a_percent(value: float) -> None:
    assert abs(three_digits(value) / value - 1) <= 0.005
