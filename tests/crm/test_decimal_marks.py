"""Decimal mark of a column of money."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.casts import amounts
from crm.decimal_marks import column_mark


@pytest.mark.parametrize(
    ("written", "mark"),
    [
        (["32.062", "40769.00"], "unclear"),
        (["32.062", "$1,234.50"], "unclear"),
        (["32.062", "1,234,567"], "unclear"),
        (["32,062", "40769,00"], "unclear"),
        (["32,062", "1.234,50"], "unclear"),
        (["32,062", "1.234.567"], "unclear"),
        (["32.062", "12.50", "12,50"], "unclear"),
        (["32,062", "1,234.50", "12,50"], None),
        (["32.062 €", "12,50 €"], ","),
        (["32.062", "1.234.567"], ","),
        (["32.062", "40769.0625"], "."),
        (["32.062", "0.125", "12.50"], "."),
        (["32,062", "40769.00"], "."),
        (["32,062"], None),
        (["32.062", "1250"], None),
        (["12.50", "12,50"], None),
        ([], None),
    ],
)
def test_what_the_amounts_show(written: list[str], mark: str | None) -> None:
    assert column_mark(pa.array(written, pa.string())) == mark


def test_contradictions_are_unreadable_and_the_rest_is_read() -> None:
    points = amounts(pa.array(["32.062", "40769.00", "5"]))
    commas = amounts(pa.array(["32,062", "40769,00", "5"]))

    assert (points.unreadable.tolist(), points.values.tolist()[1:]) == ([True, False, False], [40_769.0, 5.0])
    assert (commas.unreadable.tolist(), commas.values.tolist()[1:]) == ([True, False, False], [40_769.0, 5.0])
    assert amounts(pa.array(["32,062", "40769.00"])).values.tolist() == [32_062.0, 40_769.0]


def test_one_error_among_many_amounts_is_no_evidence() -> None:
    written = [f"{number},062" for number in range(1, 151)]

    assert column_mark(pa.array([*written, "12,5"])) is None
    assert amounts(pa.array([*written, "12,5"])).values.tolist()[:2] == [1_062.0, 2_062.0]


@given(st.lists(st.integers(1_000, 999_999), min_size=2, max_size=8), st.sampled_from([".", ","]), st.data())
def test_two_notations_of_one_mark_never_shift_an_amount(whole: list[int], mark: str, data: st.DataObject) -> None:
    grouped = data.draw(st.lists(st.booleans(), min_size=len(whole), max_size=len(whole)))
    written = [
        f"{amount:,}".replace(",", mark) if thousands else f"{amount}{mark}00"
        for amount, thousands in zip(whole, grouped, strict=True)
    ]
    cast = amounts(pa.array(written))

    for amount, value, unreadable in zip(whole, cast.values.tolist(), cast.unreadable.tolist(), strict=True):
        assert unreadable or value == amount
