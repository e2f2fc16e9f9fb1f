"""Readers are applied once per distinct value, and only to the rows that need it."""

from __future__ import annotations

import pyarrow as pa

from crm.casts import numbers, texts
from crm.column_cast import read_distinct, read_rows, repeats
from leadworth.unreadable import Unreadable


def test_a_reader_is_called_once_per_distinct_value() -> None:
    calls: list[object] = []

    def read(value: object) -> object:
        calls.append(value)
        return Unreadable("odd") if value == "odd" else value

    cast = read_distinct(pa.array(["a", "odd", None, "a", "odd"]), read, pa.string())

    assert calls == ["a", "odd"]
    assert cast.values.to_pylist() == ["a", None, None, "a", None]
    assert cast.unreadable.tolist() == [False, True, False, False, True]


def test_other_rows_are_unchanged() -> None:
    cast = read_rows(pa.array(["a", "b", None]), pa.array([False, True, None]), lambda value: str(value).upper())

    assert cast.values.to_pylist() == ["a", "B", None]
    assert not cast.unreadable.any()


def test_repeated_texts_are_read_as_others() -> None:
    few = [" google ", "N/A", None, "Zu\u0308rich\x00", "?", "3,5", "12", "many"]
    array = pa.array(few * 500)
    assert repeats(array)
    assert not repeats(pa.array(few))
    assert texts(array, ["?"], 5).to_pylist() == texts(pa.array(few), ["?"], 5).to_pylist() * 500
    cast, expected = numbers(array, ["?"]), numbers(pa.array(few), ["?"])
    assert str(cast.values.tolist()) == str(expected.values.tolist() * 500)
    assert cast.unreadable.tolist() == expected.unreadable.tolist() * 500
