"""Values of answers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.imports.import_rows import MetricRow
from reporting.pulls.answer_values import (
    CollectedRows,
    UnreadableValueError,
    days_of,
    read_count,
    read_country,
    read_day,
    read_money,
)

DAY = date(2026, 11, 1)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_money_is_read_exactly(amount: Decimal) -> None:
    assert read_money(str(amount)) == amount


@pytest.mark.parametrize("value", ["", "--", "1,234.50", "NaN", "Infinity", None, True, "12 EUR", {}])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(UnreadableValueError):
        read_money(value)


@pytest.mark.parametrize("value", ["1.5", -1, None, "many", "-3"])
def test_what_is_no_count_is_refused(value: object) -> None:
    with pytest.raises(UnreadableValueError):
        read_count(value)


@pytest.mark.parametrize("text", ["01.11.2026", "", None, "2026-13-01"])
def test_what_is_no_day_is_refused(text: object) -> None:
    with pytest.raises(UnreadableValueError):
        read_day(text)


@given(st.text(max_size=4))
def test_a_country_has_two_letters_or_none(text: str) -> None:
    assert len(read_country(text)) in (0, 2)


@given(st.lists(st.one_of(st.integers(), st.none(), st.text(max_size=3)), max_size=20))
def test_records_in_are_rows_and_records_set_aside(records: list[object]) -> None:
    collected = CollectedRows()
    collected.add(records, lambda record: MetricRow("downloads", "1", DAY, "", read_count(record)))
    assert collected.read == len(records)
    assert len(collected.rows) + len(collected.aside) == len(records)


def test_a_missing_field_is_named_with_the_row() -> None:
    collected = CollectedRows()
    collected.add([{"n": 1}, {}], lambda record: MetricRow("downloads", "1", DAY, "", read_count(record["n"])))
    assert collected.aside == ["row 2: no field 'n'"]


def test_days_include_both_ends() -> None:
    assert list(days_of(DAY, DAY)) == [DAY]
    assert list(days_of(DAY, date(2026, 10, 31))) == []
