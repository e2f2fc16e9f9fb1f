"""Casts return exactly what `leadworth.readers` return for each value."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import casts
from leadworth.consent import read_consent
from leadworth.readers.email_reader import read_email
from leadworth.readers.flag_reader import read_flag
from leadworth.readers.id_reader import canonical_id, read_id
from leadworth.readers.moment_reader import read_moment
from leadworth.readers.money_reader import read_money
from leadworth.readers.number_reader import read_count, read_number
from leadworth.readers.phone_reader import read_phone
from leadworth.readers.text_reader import read_text, trimmed_text
from leadworth.unreadable import Unreadable, readable

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
    st.builds(
        "{}{}".format,
        st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.isoformat(timespec="seconds")),
        st.sampled_from(["", "Z", "[Europe/Rome]", " (GMT-05:00)", "+02:00[Europe/Rome]", "Z (+01:00)", " (soon)"]),
    ),
    st.integers(0, 999_999).map("{:06}".format),
)


def check(cast: casts.ColumnCast[Any], written: list[Any], read: Callable[[Any], object]) -> None:
    """Check that a cast returns what the reader returns for each value."""
    expected = [None if value is None else read(value) for value in written]
    if isinstance(cast.values, pa.Array):
        actual = cast.values.to_pylist()
    else:
        actual = [None if math.isnan(value) else value for value in cast.values.tolist()]
    assert actual == list(map(readable, expected))
    assert cast.unreadable.tolist() == [isinstance(value, Unreadable) for value in expected]


def check_all(array: pa.Array, zone: tzinfo = UTC) -> None:
    """Check every cast of a column."""
    written = array.to_pylist()
    assert casts.texts(array).to_pylist() == [read_text(value) for value in written]
    assert casts.texts(array, placeholders=True).to_pylist() == [trimmed_text(value) for value in written]
    assert casts.emails(array).to_pylist() == [read_email(value) for value in written]
    check(casts.numbers(array), written, read_number)
    if not {"x", "X"} & set(casts.texts(array).to_pylist()):
        check(casts.flags(array), written, read_flag)
        check(casts.flags(array, outcome="lost"), written, partial(read_flag, outcome="lost"))
    check(casts.ids(array), written, read_id)
    check(casts.phones(array), written, read_phone)
    check(casts.moments(array, zone), written, partial(read_moment, zone=zone))
    check(casts.amounts(array, decimal="."), written, partial(read_money, decimal="."))
    assert casts.consents(array).values.tolist() == [
        pytest.approx(math.nan if consent is None else float(consent), nan_ok=True)
        for consent in map(read_consent, written)
    ]


@given(st.lists(st.one_of(st.none(), ANY_TEXT), max_size=20))
def test_columns_of_text(written: list[str | None]) -> None:
    array = pa.array(written, pa.string())

    check_all(array)
    assert casts.texts(array, limit=3).to_pylist() == [read_text(value, limit=3) for value in written]


@given(st.lists(st.one_of(st.none(), ANY_MOMENT, ANY_TEXT), max_size=20), st.sampled_from([UTC, ROME]))
def test_moments_of_text(written: list[str | None], zone: ZoneInfo) -> None:
    check(casts.moments(pa.array(written, pa.string()), zone), written, partial(read_moment, zone=zone))


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("UTC"), ROME])
def test_moments_in_the_usual_form_are_those_of_the_reader(zone: tzinfo) -> None:
    days = ["2026-02-28", "2026-02-30", "0000-00-00", "9999-12-31", "1900-01-01", "1969-01-01", "2999-01-01"]
    times = ["00:00:00", "10:11:12", "23:59:60", "24:00:00", "25:00:00"]
    written = [f"{day} {time_of_day}" for day in days for time_of_day in times] + [" 2026-02-28 10:11:12 ", None, "N/A"]
    check(casts.moments(pa.array(written, pa.string()), zone), written, partial(read_moment, zone=zone))


@given(st.lists(st.one_of(st.none(), st.floats(), st.integers(-(2**62), 2**62).map(float)), max_size=20))
def test_columns_of_floats(written: list[float | None]) -> None:
    check_all(pa.array(written, pa.float64()))


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), max_size=20))
def test_columns_of_integers(written: list[int | None]) -> None:
    check_all(pa.array(written, pa.int64()))


def test_amounts_with_a_currency_are_numbers_as_the_column_shows() -> None:
    alone = casts.numbers(pa.array(["10.000 €", "500 €"]))
    assert alone.unreadable.tolist() == [True, False]
    assert casts.numbers(pa.array(["10.000 €", "12,50 €", "1.500"])).values.tolist() == [10_000.0, 12.5, 1_500.0]
    assert casts.numbers(pa.array(["10.000 €", "1250.125"])).values.tolist() == [10.0, 1_250.125]
    assert casts.numbers(pa.array(["10.000 €", "12.50"])).unreadable.tolist() == [True, False]


def test_counts_are_read_as_by_the_reader_of_one_value() -> None:
    written = ["1.234", "1.5", "12", "1.000-5.000", "ca. 2.500", "-1.234", "0.500", "1.2345"]
    assert casts.numbers(pa.array(written), counts=True).values.tolist() == [*map(read_count, written)]
    assert casts.numbers(pa.array(["1.234"]), decimal=".", counts=True).values.tolist() == [1.234]


@pytest.mark.parametrize(
    "written",
    [
        [Decimal("12.50"), None],
        [True, None, False],
        [date(2026, 3, 1), None],
        [time(10, 30), None],
        [datetime(2026, 3, 1, 10, 0, 0, 5), None],
        [datetime(1026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 10, tzinfo=UTC)],
        [datetime(2026, 3, 1, 10, tzinfo=timezone(timedelta(hours=2)))],
        [b"WAHR", b" Acme ", b"\xff", None],
    ],
)
def test_typed_columns(written: list[object]) -> None:
    check_all(pa.array(written), ROME)


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(4), pa.large_string()])
def test_bytes_are_text(kind: pa.DataType) -> None:
    written = pa.array([b"WAHR", None, b"1.50"], pa.binary()) if kind != pa.large_string() else ["WAHR", None, "1.50"]
    array = written.cast(kind) if isinstance(written, pa.Array) else pa.array(written, kind)

    assert casts.texts(array).to_pylist() == ["WAHR", None, "1.50"]
    assert casts.flags(array).values[0] == 1.0
    assert casts.amounts(array).values[2] == 1.5
    assert casts.texts(array.dictionary_encode()).to_pylist() == ["WAHR", None, "1.50"]


def test_sixteen_bytes_are_a_uuid() -> None:
    value = uuid.UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")

    ids = casts.ids(pa.array([value.bytes, None], pa.binary(16))).values
    assert ids.to_pylist() == [str(value), None]
    other = casts.ids(pa.array(["{6F9619FF-8B86-D011-B42D-00C04FC964FF}"])).values
    assert canonical_id(other[0].as_py()) == canonical_id(ids[0].as_py())


def test_the_column_shows_the_decimal_mark_of_money() -> None:
    comma = casts.amounts(pa.array(["1.234 €", "12,50 €", "1.500.000"]))
    point = casts.amounts(pa.array(["1.234", "1250.125"]))
    neither = casts.amounts(pa.array(["1.234", "1.500"]))
    both = casts.amounts(pa.array(["1.234", "1.50", "1,50"]))

    assert comma.values.tolist() == [1234.0, 12.5, 1_500_000.0]
    assert point.values.tolist() == [1.234, 1250.125]
    assert neither.unreadable.tolist() == [True, True]
    assert both.unreadable.tolist() == [True, False, False]


def test_clock_changes_never_raise() -> None:
    written = ["2026-03-29T02:30:00", "2026-10-25T02:30:00", "2026-10-25T02:30:00+01:00"]

    moments = casts.moments(pa.array(written), ROME).values.to_pylist()

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
    numbers = casts.numbers(written, decimal=decimal).values

    np.testing.assert_array_equal(numbers[[0, 3, 4]], np.array(expected)[[0, 3, 4]])
    if decimal == ",":
        np.testing.assert_array_equal(numbers, expected)


def test_missing_tokens_and_dictionaries() -> None:
    array = pa.array([" Select ", "IT", None, "select"]).dictionary_encode()

    assert casts.texts(array, ["Select"]).to_pylist() == [None, "IT", None, "select"]


def test_nested_and_null_columns() -> None:
    assert casts.texts(pa.array([[1, 2], None])).to_pylist() == ["[1, 2]", None]
    assert casts.texts(pa.nulls(2)).to_pylist() == [None, None]
    assert np.isnan(casts.numbers(pa.nulls(2)).values).all()
    assert casts.moments(pa.nulls(2), UTC).values.to_pylist() == [None, None]


def test_pandas_columns_have_the_types_of_the_lead_table() -> None:
    text = casts.text_series(pa.array(["a", None]))
    moment = casts.moment_series(casts.moments(pa.array(["2026-03-01", None]), UTC).values)

    assert str(text.dtype) == "str"
    assert str(moment.dtype) == "datetime64[us, UTC]"
    assert str(casts.text_series(pa.array([], pa.string())).dtype) == "str"
    assert str(casts.moment_series(pa.array([], pa.timestamp("us", "UTC"))).dtype) == "datetime64[us, UTC]"
    assert str(casts.moment_series(pa.nulls(2, pa.timestamp("us", "UTC"))).dtype) == "datetime64[us, UTC]"


def test_a_cross_beside_a_circle_is_not_read_as_a_tick() -> None:
    alone = casts.flags(pa.array(["x", None, "X"]))
    mixed = casts.flags(pa.array(["x", "o", "O"]))

    assert alone.values[[0, 2]].tolist() == [1.0, 1.0]
    assert mixed.unreadable.tolist() == [True, False, False]
    assert mixed.values[1:].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "pair", [("✓", "X"), ("✔", "x"), ("V", "X"), ("yes", "x"), ("☑", "☒"), ("ja", "ｘ"), ("●", "○")]
)
def test_a_mark_beside_another_yes_is_not_read_as_yes(pair: tuple[str, str]) -> None:
    mixed = casts.flags(pa.array([*pair, None]))

    assert mixed.unreadable.tolist() == [False, True, False]
    assert casts.flags(pa.array([pair[1], None, "no"])).values[0] == 1.0


def test_a_japanese_circle_beside_a_cross_is_yes() -> None:
    assert casts.flags(pa.array(["○", "×"])).values.tolist() == [1.0, 0.0]
