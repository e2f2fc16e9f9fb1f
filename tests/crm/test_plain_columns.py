"""Columns of Parquet files and databases as plain types."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

import pyarrow as pa
import pytest

from crm.plain_columns import plain_column, plain_table

UUID_1 = UUID(int=1)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (pa.array([b"Z\xc3\xbcrich", None], pa.binary()), ["Zürich", None]),
        (pa.array([b"K1"], pa.large_binary()), ["K1"]),
        (pa.array([b"K1"], pa.binary(2)), ["K1"]),
        (pa.array([b"bad \xff"]), ["bad \ufffd"]),
        (pa.array([b"K1", b"K1"]).dictionary_encode(), ["K1", "K1"]),
        (pa.array(["Ada"], pa.large_string()), ["Ada"]),
        (pa.array([Decimal("12.50"), None], pa.decimal128(10, 2)), [12.5, None]),
        (pa.array([Decimal("123")], pa.decimal128(18, 0)), [123]),
        (pa.array([Decimal("12345678901234567890")], pa.decimal128(38, 0)), ["12345678901234567890"]),
        (pa.array([date(2024, 6, 4)]), [date(2024, 6, 4)]),
        (pa.array([datetime(2024, 6, 4, 12)], pa.timestamp("us")), [datetime(2024, 6, 4, 12)]),
        (pa.array([time(3, 4)]), ["03:04:00"]),
        (pa.nulls(1), [None]),
        (pa.array([["a", "b"], None]), ["a; b", None]),
        (pa.array([[b"K1", b"K2"]]), ["K1; K2"]),
        (pa.array([[{"a": b"x"}]]), ['[{"a": "x"}]']),
        (pa.array([[("k", 1.0)]], pa.map_(pa.string(), pa.float64())), ['[["k", 1.0]]']),
        (pa.array([UUID_1.bytes], pa.uuid()), [str(UUID_1)]),
        (pa.array([1.5], pa.float16()), [1.5]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_columns_become_plain(column: pa.Array, values: list[object]) -> None:
    assert plain_column(column).to_pylist() == values
    assert plain_column(pa.chunked_array([column, column])).to_pylist() == values * 2


def test_structures_become_columns() -> None:
    rows = plain_table(pa.table({"id": [1], "owner": [{"name": b"Ada", "team": {"city": "Rome"}}]}))

    assert rows.to_pylist() == [{"id": 1, "owner.name": "Ada", "owner.team.city": "Rome"}]
