"""Casts return exactly what `leadworth.values` returns for each value."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import casts
from leadworth import values

ROME = ZoneInfo("Europe/Rome")
ANY_TEXT = st.one_of(
    st.text(max_size=12),
    st.text(st.sampled_from("0123456789.,-+eE '€%\u00a0\u202f"), max_size=14),
    st.floats().map(str),
    st.integers().map(str),
    st.sampled_from(
        [
            "yes",
            " No ",
            "TRUE",
            "0",
            "1",
            "won",
            "\x1c",
            "\u2003 x \u3000",
            "\x00 y\x00z",
            "12\x003 ",
            "ab  cd",
            "nan",
            "inf",
            "١٢",
        ]
    ),
)
ANY_MOMENT = st.one_of(
    st.datetimes().map(str),
    st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()),
    st.dates().map(str),
    st.text(st.sampled_from("0123456789-T: Z+W"), max_size=20),
)


def same(actual: float | None, expected: float | None) -> bool:
    if expected is None:
        return actual is None or math.isnan(actual)
    return actual == expected


@given(st.lists(st.one_of(st.none(), ANY_TEXT), max_size=20))
def test_text_number_and_flag_of_text(written: list[str | None]) -> None:
    array = pa.array(written, pa.string())

    assert casts.texts(array).to_pylist() == [values.text(value) for value in written]
    assert casts.texts(array, limit=3).to_pylist() == [values.text(value, limit=3) for value in written]
    numbers = [values.number(value) for value in written]
    assert all(map(same, casts.numbers(array).tolist(), numbers))
    flags = [values.flag(value) for value in written]
    assert all(map(same, casts.flags(array).tolist(), flags))


@given(st.lists(st.one_of(st.none(), ANY_MOMENT, ANY_TEXT), max_size=20), st.sampled_from([UTC, ROME]))
def test_moments_of_text(written: list[str | None], zone: ZoneInfo) -> None:
    moments = casts.moments(pa.array(written, pa.string()), zone).to_pylist()

    assert moments == [values.moment(value, zone) for value in written]


@given(st.lists(st.one_of(st.none(), st.floats(), st.integers(-(2**62), 2**62).map(float)), max_size=20))
def test_columns_of_floats(written: list[float | None]) -> None:
    array = pa.array(written, pa.float64())

    assert casts.texts(array).to_pylist() == [values.text(value) for value in written]
    assert all(map(same, casts.numbers(array).tolist(), [values.number(value) for value in written]))
    assert casts.moments(array, UTC).to_pylist() == [values.moment(value) for value in written]


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), max_size=20))
def test_columns_of_integers(written: list[int | None]) -> None:
    array = pa.array(written, pa.int64())

    assert casts.texts(array).to_pylist() == [values.text(value) for value in written]
    assert all(map(same, casts.numbers(array).tolist(), [values.number(value) for value in written]))
    assert all(map(same, casts.flags(array).tolist(), [values.flag(value) for value in written]))
    assert casts.moments(array, UTC).to_pylist() == [values.moment(value) for value in written]


@pytest.mark.parametrize(
    "written",
    [
        [Decimal("12.50"), None],
        [True, None, False],
        [date(2026, 3, 1), None],
        [datetime(2026, 3, 1, 10, 0, 0, 5), None],
        [datetime(2026, 3, 1, 10, tzinfo=timezone(timedelta(hours=2)))],
    ],
)
def test_typed_columns(written: list[object]) -> None:
    array = pa.array(written)

    assert casts.texts(array).to_pylist() == [values.text(value.as_py()) for value in array]
    assert all(map(same, casts.numbers(array).tolist(), [values.number(value.as_py()) for value in array]))
    assert casts.moments(array, ROME).to_pylist() == [values.moment(value.as_py(), ROME) for value in array]


def test_clock_changes_never_raise() -> None:
    written = ["2026-03-29T02:30:00", "2026-10-25T02:30:00", "2026-10-25T02:30:00+01:00"]

    moments = casts.moments(pa.array(written), ROME).to_pylist()

    assert [at.isoformat() for at in moments] == [
        "2026-03-29T01:30:00+00:00",
        "2026-10-25T00:30:00+00:00",
        "2026-10-25T01:30:00+00:00",
    ]


@pytest.mark.parametrize(
    ("decimal", "expected"),
    [(",", [1234.0, 1.5, 1234.5, 3.5, 1000.0]), (".", [1.234, 15.0, 1.2345, 3.5, 1000.0])],
)
def test_decimal_mark_of_the_settings(decimal: casts.Decimal, expected: list[float]) -> None:
    written = pa.array(["1.234", "1,5", "1.234,5", "3.5", "1000"])
    numbers = casts.numbers(written, decimal=decimal)

    np.testing.assert_array_equal(numbers[[0, 3, 4]], np.array(expected)[[0, 3, 4]])
    if decimal == ",":
        np.testing.assert_array_equal(numbers, expected)


def test_missing_tokens_and_dictionaries() -> None:
    array = pa.array([" Select ", "IT", None, "select"]).dictionary_encode()

    assert casts.texts(array, ["Select"]).to_pylist() == [None, "IT", None, "select"]


def test_nested_and_null_columns() -> None:
    assert casts.texts(pa.array([[1, 2], None])).to_pylist() == ["[1, 2]", None]
    assert casts.texts(pa.nulls(2)).to_pylist() == [None, None]
    assert np.isnan(casts.numbers(pa.nulls(2))).all()
    assert casts.moments(pa.nulls(2), UTC).to_pylist() == [None, None]


def test_pandas_columns_have_the_types_of_the_lead_table() -> None:
    text = casts.text_series(pa.array(["a", None]))
    moment = casts.moment_series(casts.moments(pa.array(["2026-03-01", None]), UTC))

    assert str(text.dtype) == "str"
    assert str(moment.dtype) == "datetime64[us, UTC]"
    assert str(casts.text_series(pa.array([], pa.string())).dtype) == "str"
    assert str(casts.moment_series(pa.array([], pa.timestamp("us", "UTC"))).dtype) == "datetime64[us, UTC]"
    assert str(casts.moment_series(pa.nulls(2, pa.timestamp("us", "UTC"))).dtype) == "datetime64[us, UTC]"
