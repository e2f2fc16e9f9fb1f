"""Convert columns of Parquet files and databases to the types that the casts read: text, number, flag, date, moment."""

from __future__ import annotations

import json
from decimal import Decimal

import pyarrow as pa

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


def plain_column(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    r"""Return a column as text, integers, floats, booleans, dates or timestamps.

    Bytes are decoded as UTF-8, decimals become numbers, lists of scalars are joined by semicolons, and other nested
    values become JSON.

    Examples
    --------
    >>> plain_column(pa.array([b"Z\xc3\xbcrich", None])).to_pylist()
    ['Zürich', None]
    """
    kind = column.type
    target = _target(kind)
    if target is not None:
        return plain_column(column.cast(target, safe=False))
    if pa.types.is_binary(kind):
        try:
            return column.cast(pa.string())
        except pa.ArrowInvalid:
            return _by_value(column)
    if pa.types.is_nested(kind) or pa.types.is_time(kind) or pa.types.is_duration(kind) or pa.types.is_interval(kind):
        return _by_value(column)
    return _by_value(column) if isinstance(kind, pa.BaseExtensionType) else column


def _target(kind: pa.DataType) -> pa.DataType | None:
    """Return the type to which a type is cast, or None if it is plain, or is converted value by value."""
    target: pa.DataType | None = None
    if isinstance(kind, pa.BaseExtensionType) and kind.extension_name != "arrow.uuid":
        target = kind.storage_type
    elif pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        target = kind.value_type
    elif pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        target = pa.string()
    elif pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind) or pa.types.is_binary_view(kind):
        target = pa.binary()
    elif pa.types.is_decimal(kind) and kind.scale > 0:
        target = pa.float64()
    elif pa.types.is_decimal(kind):
        target = pa.int64() if kind.precision <= _LONGEST_INTEGER else pa.string()
    elif pa.types.is_float16(kind):
        target = pa.float32()
    elif pa.types.is_date64(kind):
        target = pa.timestamp("ms")
    return target


def _by_value(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
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
