"""Cast raw columns to typed columns: the functions of `leadworth.values`, vectorised.

Each function returns exactly what the scalar function returns for every value; values without a
vectorised path go through the scalar function, once per distinct value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import datetime, tzinfo
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadworth import values
from leadworth.consent import read_consent

Decimal = Literal[".", ","] | None
_SPACES = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""The characters that `str.strip` removes."""
_PLAIN_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"
_PLAIN_INTEGER = r"^-?[0-9]{1,15}$"
_POINT_GROUP = re.compile(r"(?<=\d)\.(?=\d{3}(?!\d))")
_COMMA_GROUP = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return a column as one array, dictionaries decoded and text as `string`."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_large_string(array.type) or pa.types.is_string_view(array.type):
        array = array.cast(pa.string())
    return array


def texts(column: pa.ChunkedArray | pa.Array, missing: Collection[str] = (), limit: int | None = None) -> pa.Array:
    """Return trimmed text without NUL characters; empty texts and missing tokens are null.

    Parameters
    ----------
    column
        Array of any type.
    missing
        Tokens that mean missing.
    limit
        Maximum number of characters of each text; None for no limit.

    Examples
    --------
    >>> texts(pa.array([" Ada ", "Select", "", None]), missing=["Select"]).to_pylist()
    ['Ada', None, None, None]
    """
    array = flat(column)
    if pa.types.is_string(array.type):
        array = pc.utf8_trim(pc.replace_substring(array, "\x00", ""), characters=_SPACES)
    else:
        array = _by_value(array, values.text, pa.string())
    blank = pc.is_in(array, value_set=pa.array(["", *(token.strip() for token in missing)], pa.string()))
    array = pc.if_else(blank, pa.scalar(None, pa.string()), array)
    if limit is None:
        return array
    return pc.utf8_rtrim(pc.utf8_slice_codeunits(array, 0, limit), characters=_SPACES)


def numbers(
    column: pa.ChunkedArray | pa.Array, missing: Collection[str] = (), decimal: Decimal = None
) -> NDArray[np.float64]:
    """Return finite numbers; other values are nan.

    Parameters
    ----------
    column
        Array of any type.
    missing
        Tokens that mean missing.
    decimal
        Decimal mark of the file; None decides value by value, as `leadworth.values.number` does.

    Examples
    --------
    >>> numbers(pa.array(["1.234", "1,5", "n/a"])), numbers(pa.array(["1.234", "1,5"]), decimal=",")
    (array([1.234, 1.5  ,   nan]), array([1234. ,    1.5]))
    """
    array = flat(column)
    if pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_boolean(array.type):
        result = _dense(array.cast(pa.float64(), safe=False))
        return np.where(np.isfinite(result), result, np.nan)
    if not pa.types.is_string(array.type):
        return _dense(_by_value(array, values.number, pa.float64()))
    array = texts(array, missing)
    plain = pc.match_substring_regex(array, _PLAIN_INTEGER if decimal == "," else _PLAIN_NUMBER)
    parsed = pc.if_else(plain, array, pa.scalar(None, pa.string())).cast(pa.float64())
    result = _dense(parsed)
    rest = _dense_mask(pc.invert(plain))
    if rest.any():
        others = array.filter(pa.array(rest))
        result[rest] = _dense(_by_value(others, lambda value: values.number(_with_point(value, decimal)), pa.float64()))
    return result


def _with_point(value: str, decimal: Decimal) -> str:
    """Return a number with a decimal point and without separators of thousands."""
    if decimal == ",":
        return _POINT_GROUP.sub("", value).replace(",", ".")
    if decimal == ".":
        return _COMMA_GROUP.sub("", value)
    return value


def flags(column: pa.ChunkedArray | pa.Array, missing: Collection[str] = ()) -> NDArray[np.float64]:
    """Return 1 for yes, 0 for no, nan for anything else.

    Examples
    --------
    >>> flags(pa.array(["Yes", "no", "perhaps"]))
    array([ 1.,  0., nan])
    """
    return _booleans(column, missing, values.flag)


def consents(column: pa.ChunkedArray | pa.Array, missing: Collection[str] = ()) -> NDArray[np.float64]:
    """Return 1 for granted consent, 0 for any other value, nan if none was recorded.

    Examples
    --------
    >>> consents(pa.array(["granted", "denied", "perhaps", "UNSPECIFIED", None]))
    array([ 1.,  0.,  0., nan, nan])
    """
    return _booleans(column, missing, read_consent)


def _booleans(
    column: pa.ChunkedArray | pa.Array, missing: Collection[str], read: Callable[[object], bool | None]
) -> NDArray[np.float64]:
    array = flat(column)
    if pa.types.is_boolean(array.type):
        return _dense(array.cast(pa.float64()))

    def read_float(value: object) -> float | None:
        result = read(value)
        return None if result is None else float(result)

    return _dense(_by_value(texts(array, missing), read_float, pa.float64()))


def moments(
    column: pa.ChunkedArray | pa.Array,
    zone: tzinfo,
    missing: Collection[str] = (),
    parse: Callable[[str], datetime | None] | None = None,
) -> pa.Array:
    """Return timestamps as timestamp[us, UTC]; values that cannot be parsed are null.

    A local time in the gap of a clock change has the offset before the gap, an ambiguous one is the
    earlier one (`fold` 0 of PEP 495).

    Parameters
    ----------
    column
        Array of any type.
    zone
        Time zone of times without an offset.
    missing
        Tokens that mean missing.
    parse
        Date parser of the column (see `crm.date_formats`); None parses ISO 8601.

    Examples
    --------
    >>> from datetime import UTC
    >>> str(moments(pa.array(["2026-03-01T10:00", "soon"]), UTC).to_pylist()[0])
    '2026-03-01 10:00:00+00:00'
    """
    array = flat(column)
    kind = pa.timestamp("us", "UTC")
    if pa.types.is_timestamp(array.type) and array.type.tz is not None:
        return array.cast(pa.timestamp("us", array.type.tz), safe=False).cast(kind)
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.timestamp("us"), safe=False)
    elif pa.types.is_string(array.type):
        array = texts(array, missing)

    def moment(value: object) -> datetime | None:
        if parse is not None and isinstance(value, str):
            value = parse(value)
        return values.moment(value, zone)

    return _by_value(array, moment, kind)


def _by_value(array: pa.Array, function: Callable[..., object], kind: pa.DataType) -> pa.Array:
    """Apply a scalar function once per distinct value."""
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), kind)
    try:
        encoded = array.dictionary_encode()
    except pa.ArrowException:
        return pa.array([None if value is None else function(value) for value in array.to_pylist()], kind)
    results = pa.array([None if value is None else function(value) for value in encoded.dictionary.to_pylist()], kind)
    return results.take(encoded.indices)


def _dense(array: pa.Array) -> NDArray[np.float64]:
    return np.array(array.to_numpy(zero_copy_only=False), dtype=np.float64)


def _dense_mask(array: pa.Array) -> NDArray[np.bool_]:
    return np.array(array.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)


def text_series(array: pa.Array) -> pd.Series:
    """Return text as a pandas series of dtype `str`; nulls are nan."""
    return pd.Series(pd.array(array, dtype="str") if len(array) else [], dtype="str")


def moment_series(array: pa.Array) -> pd.Series:
    """Return timestamps as a pandas series of dtype datetime64[us, UTC]."""
    return pd.Series(pd.to_datetime(array.to_pandas(), utc=True)).astype("datetime64[us, UTC]")
