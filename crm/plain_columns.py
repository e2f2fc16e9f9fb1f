"""Convert columns of Parquet files and databases to the types that the casts read: text, number, flag, date, moment."""

from __future__ import annotations

import json
from decimal import Decimal

import pyarrow as pa

from crm.casts import flat

_LONGEST_INTEGER = 18
_DEEPEST = 8


def plain_table(rows: pa.Table) -> pa.Table:
    """Return a table with plain columns; the fields of a structure become columns `structure.field`.

    Examples
    --------
    >>> plain_table(pa.table({"id": [b"K1"], "owner": [{"name": "Ada"}], "tags": [["a", "b"]]})).to_pylist()
    [{'id': 'K1', 'owner.name': 'Ada', 'tags': 'a; b'}]
    """
    for _ in range(_DEEPEST):
        if not any(pa.types.is_struct(kind) for kind in rows.schema.types):
            break
        rows = rows.flatten()
    return pa.Table.from_arrays([plain_column(column) for column in rows.columns], names=rows.column_names)


def plain_column(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    r"""Return a column as text, integers, floats, booleans, dates or timestamps.

    Bytes are decoded as UTF-8, decimals become numbers, lists of scalars are joined by semicolons, and other nested
    values become JSON.

    Examples
    --------
    >>> plain_column(pa.array([b"Z\xc3\xbcrich", None])).to_pylist()
    ['Zürich', None]
    """
    array = flat(column.cast(column.type.value_type) if pa.types.is_run_end_encoded(column.type) else column)
    kind = array.type
    if pa.types.is_null(kind):
        return array.cast(pa.string())
    if pa.types.is_decimal(kind) and kind.scale > 0:
        return array.cast(pa.float64(), safe=False)
    if pa.types.is_decimal(kind):
        return array.cast(pa.int64() if kind.precision <= _LONGEST_INTEGER else pa.string(), safe=False)
    if pa.types.is_float16(kind):
        return array.cast(pa.float32())
    if pa.types.is_nested(kind) or pa.types.is_time(kind) or pa.types.is_duration(kind) or pa.types.is_interval(kind):
        return _by_value(array)
    return array


def _by_value(column: pa.Array) -> pa.Array:
    return pa.array([value_text(value) for value in column.to_pylist()], pa.string())


def value_text(value: object) -> str | None:
    """Return a value of any type as text, or None if it is missing.

    Examples
    --------
    >>> value_text(b"Ada"), value_text([1, 2.0]), value_text({"a": 1.5}), value_text(None)
    ('Ada', '1; 2', '{"a": 1.5}', None)
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple | set) and not any(isinstance(part, list | tuple | dict | set) for part in value):
        return "; ".join(value_text(part) or "" for part in value)
    if isinstance(value, list | tuple | dict | set):
        return json.dumps(list(value) if isinstance(value, set) else value, ensure_ascii=False, default=value_text)
    return str(value)
