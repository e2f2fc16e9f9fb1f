"""Values are read leniently and never raise."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth import values

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.decimals(),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.dates(),
    st.lists(st.integers()),
    st.sampled_from([pd.NA, pd.NaT, np.float64("nan"), np.int64(3), np.str_("x"), object()]),
)


@given(anything)
def test_reading_never_raises_and_keeps_its_type(value: object) -> None:
    assert isinstance(values.text(value), str | None)
    assert isinstance(values.flag(value), bool | None)
    number = values.number(value)
    assert number is None or (type(number) is float and math.isfinite(number))
    moment = values.moment(value)
    assert moment is None or moment.tzinfo is UTC


@given(st.text())
def test_text_is_trimmed_and_stays_so(value: str) -> None:
    read = values.text(value)
    assert read is None or (read and read == read.strip())
    assert values.text(read) == read


@pytest.mark.parametrize("missing", [None, "", "  ", float("nan"), pd.NA, pd.NaT, np.float64("nan")])
def test_missing_is_missing_in_every_kind(missing: object) -> None:
    assert values.text(missing) is None
    assert values.number(missing) is None
    assert values.flag(missing) is None
    assert values.moment(missing) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_being_written(value: float) -> None:
    assert values.number(repr(value)) == value
    assert values.number(value) == value


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_both_notations_of_money_mean_the_same(whole: int, cents: int) -> None:
    english = f"{whole:,}.{cents:02d}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert values.number(f"$ {english}") == pytest.approx(whole + cents / 100)
    assert values.number(f"{german} €") == pytest.approx(whole + cents / 100)


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
        ("infinity", None),
        ("1e999", None),
        (10**400, None),
        ("n/a", None),
    ],
)
def test_numbers_as_people_write_them(written: object, meant: float | None) -> None:
    assert values.number(written) == meant


@pytest.mark.parametrize("yes", ["Yes", "TRUE", "sì", "Ja", "oui", "Sí", "да", "예", 1, 1.0, True, "1"])
def test_yes(yes: object) -> None:
    assert values.flag(yes) is True


@pytest.mark.parametrize("no", ["No", "false", "Nein", "non", "нет", "아니오", 0, 0.0, False, "0"])
def test_no(no: object) -> None:
    assert values.flag(no) is False


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)), st.integers(-14, 14))
def test_an_instant_survives_its_notation(naive: datetime, hours: int) -> None:
    stamp = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert values.moment(stamp.isoformat()) == stamp
    assert values.moment(stamp) == stamp


def test_a_naive_time_is_read_in_the_zone() -> None:
    rome = ZoneInfo("Europe/Rome")
    assert values.moment("2026-07-01 10:00", rome) == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert values.moment(datetime(2026, 1, 1, 10), rome) == datetime(2026, 1, 1, 9, tzinfo=UTC)


def test_seconds_and_milliseconds_since_1970() -> None:
    assert values.moment(1_767_225_600) == values.moment(1_767_225_600_000) == datetime(2026, 1, 1, tzinfo=UTC)


def test_an_instant_outside_the_calendar_is_missing() -> None:
    assert values.moment("9999-12-31T23:59:59-12:00") is None
    assert values.moment(1e14) is None


@given(st.text(st.sampled_from("\x00 ab\u3000é"), max_size=12), st.integers(1, 6))
def test_cut_text_is_within_its_limit_and_read_again_the_same(written: str, limit: int) -> None:
    read = values.text(written, limit)
    assert read is None or (0 < len(read) <= limit and "\x00" not in read)
    assert values.text(read, limit) == read
