"""Cast raw columns to typed columns: the readers of `leadworth.readers`, vectorised.

Each function returns exactly what the reader returns for every value; values without a vectorised path go through
the reader, once per distinct value.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from typing import Generic, Literal, TypeAlias, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadworth.consent import not_understood, read_consent
from leadworth.readers.email_reader import LONGEST_EMAIL, read_email
from leadworth.readers.flag_reader import Outcome, read_flag
from leadworth.readers.id_reader import canonical_id, read_id
from leadworth.readers.moment_reader import EARLIEST, latest, read_moment
from leadworth.readers.money_reader import EITHER_MARK, LARGEST_AMOUNT, read_money
from leadworth.readers.number_reader import read_number
from leadworth.readers.phone_reader import LONGEST_PHONE, read_phone
from leadworth.readers.placeholders import TEXT_PLACEHOLDERS, VALUE_PLACEHOLDERS
from leadworth.readers.text_reader import EDGES, trimmed_text
from leadworth.unreadable import Unreadable

Column: TypeAlias = pa.ChunkedArray | pa.Array
Decimal = Literal[".", ","] | None
Values = TypeVar("Values")
_PLAIN_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"
_PLAIN_INTEGER = r"^-?[0-9]{1,15}$"
_PLAIN_AMOUNT = r"^-?([0-9]{1,14}|[0-9]{4,14}\.[0-9]{1,6}|[0-9]{1,3}\.([0-9]{1,2}|[0-9]{4,6})|0\.[0-9]{1,6})$"
_PLAIN_EMAIL = r"^[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9.-]*[A-Za-z0-9]$"
_PLAIN_PHONE = r"^\+?[0-9 ()/-]{4,60}$"
_PLAIN_ID = r"^[0-9A-Za-z]+$"
_DECIMAL_POINT = r"[0-9]\.([0-9]{1,2}|[0-9]{4,})([^0-9.,]|$)"
_DECIMAL_COMMA = r"[0-9],([0-9]{1,2}|[0-9]{4,})([^0-9.,]|$)"
_TEXT_PLACEHOLDERS = pa.array(sorted(TEXT_PLACEHOLDERS), pa.string())
_VALUE_PLACEHOLDERS = pa.array(sorted(VALUE_PLACEHOLDERS), pa.string())


@dataclass(frozen=True)
class ColumnCast(Generic[Values]):
    """Column of one type.

    Attributes
    ----------
    values
        (n,) values; nan or null where they are missing or cannot be read.
    unreadable
        (n,) whether a cell is written but cannot be read.
    """

    values: Values
    unreadable: NDArray[np.bool_]


def flat(column: Column) -> pa.Array:
    """Return a column as one array: dictionaries and bytes decoded, text as `string`.

    Examples
    --------
    >>> flat(pa.array([b"Acme", None])).to_pylist(), flat(pa.array([bytes(16)], pa.binary(16))).to_pylist()
    (['Acme', None], ['00000000-0000-0000-0000-000000000000'])
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks)
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    kind = array.type
    if pa.types.is_dictionary(kind):
        return flat(array.dictionary).take(array.indices)
    if pa.types.is_fixed_size_binary(kind) and kind.byte_width == 16:
        return pa.array([None if value is None else str(uuid.UUID(bytes=value)) for value in array.to_pylist()])
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return array.cast(pa.string())
    return _decoded(array) if _holds_bytes(kind) else array


def _composed(written: object) -> str:
    # The NFC of pyarrow 25 is NFD.
    return unicodedata.normalize("NFC", str(written))


def _holds_bytes(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_binary_view(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def _decoded(array: pa.Array) -> pa.Array:
    """Return bytes as text: UTF-8, or with replacement characters where they are not."""
    try:
        return array.cast(pa.binary()).cast(pa.string())
    except pa.ArrowException:
        return pa.array(
            [None if value is None else value.decode("utf-8", "replace") for value in array.to_pylist()], pa.string()
        )


def texts(
    column: Column, missing: Collection[str] = (), limit: int | None = None, *, placeholders: bool = False
) -> pa.Array:
    """Return trimmed text without NUL characters; empty texts, placeholders and missing tokens are null.

    Parameters
    ----------
    column
        Array of any type.
    missing
        Tokens that mean missing.
    limit
        Maximum number of characters of each text; None for no limit.
    placeholders
        Whether placeholders are kept.

    Examples
    --------
    >>> texts(pa.array([" Ada ", "?", "", "N/A", None]), missing=["?"]).to_pylist()
    ['Ada', None, None, None, None]
    """
    array = flat(column)
    if pa.types.is_string(array.type):
        array = pc.utf8_trim(pc.replace_substring(array, "\x00", ""), characters=EDGES)
        array = _where(array, pc.invert(pc.string_is_ascii(array)), _composed).values
    else:
        array = _by_value(array, trimmed_text, pa.string()).values
    blank = pc.is_in(array, value_set=pa.array(["", *(token.strip() for token in missing)], pa.string()))
    if not placeholders:
        blank = pc.or_(blank, pc.is_in(array, value_set=_TEXT_PLACEHOLDERS))
    array = pc.if_else(blank, pa.scalar(None, pa.string()), array)
    if limit is None:
        return array
    return pc.utf8_rtrim(pc.utf8_slice_codeunits(array, 0, limit), characters=EDGES)


def numbers(column: Column, missing: Collection[str] = (), decimal: Decimal = None) -> ColumnCast[NDArray[np.float64]]:
    """Return finite numbers; of a range the lower end.

    Parameters
    ----------
    column
        Array of any type.
    missing
        Tokens that mean missing.
    decimal
        Decimal mark of the file; None decides value by value, as `read_number` does.

    Examples
    --------
    >>> numbers(pa.array(["1.234", "1,5", "n/a"])).values, numbers(pa.array(["1.234", "1,5"]), decimal=",").values
    (array([1.234, 1.5  ,   nan]), array([1234. ,    1.5]))
    >>> numbers(pa.array(["12", "many", None])).unreadable
    array([False,  True, False])
    """
    array = flat(column)
    if pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_boolean(array.type):
        result = _dense(array.cast(pa.float64(), safe=False))
        return ColumnCast(np.where(np.isfinite(result), result, np.nan), np.isinf(result))
    plain = _PLAIN_INTEGER if decimal == "," else _PLAIN_NUMBER
    return _numbers(array, missing, plain, partial(read_number, decimal=decimal))


def amounts(column: Column, missing: Collection[str] = (), decimal: Decimal = None) -> ColumnCast[NDArray[np.float64]]:
    """Return exact amounts of money.

    Without a decimal mark of the file, "1.234" is read as the other amounts of the column show, and is unreadable where
    they do not.

    Examples
    --------
    >>> amounts(pa.array(["$12K", "1,25,000", "(500.00)", "5-10k"])).values
    array([ 12000., 125000.,   -500.,     nan])
    >>> amounts(pa.array(["1.234", "12,50"])).values, amounts(pa.array(["1.234"])).unreadable
    (array([1234. ,   12.5]), array([ True]))
    """
    array = flat(column)
    if pa.types.is_integer(array.type) or pa.types.is_floating(array.type):
        result = _dense(array.cast(pa.float64(), safe=False))
        too_large = np.abs(result) >= LARGEST_AMOUNT
        return ColumnCast(np.where(too_large, np.nan, result), too_large)
    if not pa.types.is_string(array.type):
        return _floats(_by_value(array, read_money, pa.float64()))
    plain = _PLAIN_INTEGER if decimal == "," else _PLAIN_AMOUNT
    if decimal is None and _either_way(array, missing):
        decimal = _column_mark(array)
    return _numbers(array, missing, plain, partial(read_money, decimal=decimal))


def _either_way(array: pa.Array, missing: Collection[str]) -> bool:
    likely = array.filter(pc.match_substring_regex(array, r"[0-9]\.[0-9]{3}([^0-9.,]|$)"))
    return any(read_money(value) is EITHER_MARK for value in texts(likely, missing).unique().drop_null().to_pylist())


def _column_mark(array: pa.Array) -> Decimal:
    """Return the decimal mark that some amounts show and none contradicts."""
    point = pc.any(pc.match_substring_regex(array, _DECIMAL_POINT)).as_py()
    comma = pc.any(pc.match_substring_regex(array, _DECIMAL_COMMA)).as_py()
    return None if bool(point) == bool(comma) else "." if point else ","


def _numbers(
    array: pa.Array, missing: Collection[str], pattern: str, read: Callable[[object], float | Unreadable | None]
) -> ColumnCast[NDArray[np.float64]]:
    """Return numbers; texts of a pattern are parsed in one call."""
    if not pa.types.is_string(array.type):
        return _floats(_by_value(array, read, pa.float64()))
    array = texts(array, missing)
    plain = pc.match_substring_regex(array, pattern)
    result = _dense(pc.if_else(plain, array, pa.scalar(None, pa.string())).cast(pa.float64()))
    unreadable = np.zeros(len(array), dtype=bool)
    rest = _dense_mask(pc.invert(plain))
    if rest.any():
        others = _floats(_by_value(array.filter(pa.array(rest)), read, pa.float64()))
        result[rest] = others.values
        unreadable[rest] = others.unreadable
    return ColumnCast(result, unreadable)


def flags(
    column: Column, missing: Collection[str] = (), outcome: Outcome | None = None
) -> ColumnCast[NDArray[np.float64]]:
    """Return 1 for yes, 0 for no, nan for missing and unreadable cells.

    Parameters
    ----------
    column
        Array of any type.
    missing
        Tokens that mean missing.
    outcome
        For a flag of won or lost deals, whose words are read too.

    Examples
    --------
    >>> flags(pa.array(["Yes", "FALSCH", "perhaps"])).values, flags(pa.array(["Yes", "perhaps", None])).unreadable
    (array([ 1.,  0., nan]), array([False,  True, False]))
    """
    array = flat(column)
    array = texts(array, missing) if pa.types.is_string(array.type) else array
    return _booleans(array, partial(read_flag, outcome=outcome))


def consents(column: Column, missing: Collection[str] = ()) -> ColumnCast[NDArray[np.float64]]:
    """Return 1 for granted consent, 0 for any other value, nan if none was recorded.

    Examples
    --------
    >>> consents(pa.array(["granted", "denied", "perhaps", "UNSPECIFIED", None])).values
    array([ 1.,  0.,  0., nan, nan])
    """
    array = flat(column)
    if pa.types.is_boolean(array.type):
        return _booleans(array, read_consent)
    array = texts(array, missing, placeholders=True)
    cast = _booleans(array, read_consent)
    strange = _by_value(array, lambda value: not_understood(value) is not None, pa.bool_())
    return ColumnCast(cast.values, _dense_mask(strange.values))


def _booleans(array: pa.Array, read: Callable[[object], bool | Unreadable | None]) -> ColumnCast[NDArray[np.float64]]:
    if pa.types.is_boolean(array.type):
        return ColumnCast(_dense(array.cast(pa.float64())), np.zeros(len(array), dtype=bool))
    cast = _by_value(array, read, pa.bool_())
    return ColumnCast(_dense(cast.values.cast(pa.float64())), cast.unreadable)


def ids(column: Column, missing: Collection[str] = (), limit: int | None = None) -> ColumnCast[pa.Array]:
    """Return ids as text, as received but for what a spreadsheet added.

    Examples
    --------
    >>> ids(pa.array([20240.0, 7.0])).values.to_pylist(), ids(pa.array(["'007", "1.2E+11"])).unreadable
    (['20240', '7'], array([False,  True]))
    """
    array = flat(column)
    if not pa.types.is_string(array.type):
        return _by_value(array, partial(read_id, limit=limit), pa.string())
    array = texts(array, missing, limit)
    plain = pc.match_substring_regex(array, _PLAIN_ID)
    return _where(array, pc.or_(pc.invert(plain), pc.is_in(array, value_set=_VALUE_PLACEHOLDERS)), read_id)


def emails(column: Column, missing: Collection[str] = ()) -> pa.Array:
    """Return e-mail addresses; other text as written.

    Examples
    --------
    >>> emails(pa.array(["<ada@acme.example>", "asdf", "N/A"])).to_pylist()
    ['ada@acme.example', 'asdf', None]
    """
    return _cleaned(texts(column, missing, LONGEST_EMAIL), _PLAIN_EMAIL, read_email).values


def phones(column: Column, missing: Collection[str] = ()) -> ColumnCast[pa.Array]:
    """Return phone numbers as written, without the damage of a spreadsheet.

    Examples
    --------
    >>> phones(pa.array(["+43664123456.0", "3.9E+11"])).values.to_pylist()
    ['+43664123456', None]
    """
    array = flat(column)
    if not pa.types.is_string(array.type):
        return _by_value(array, read_phone, pa.string())
    return _cleaned(texts(array, missing, LONGEST_PHONE), _PLAIN_PHONE, read_phone)


def _cleaned(array: pa.Array, plain: str, read: Callable[[object], str | Unreadable | None]) -> ColumnCast[pa.Array]:
    """Apply a reader to the texts that do not match a pattern; the others are unchanged."""
    return _where(array, pc.invert(pc.match_substring_regex(array, plain)), read)


def _where(array: pa.Array, rows: pa.Array, read: Callable[[object], str | Unreadable | None]) -> ColumnCast[pa.Array]:
    """Apply a reader to some rows of text."""
    rest = _dense_mask(rows)
    unreadable = np.zeros(len(array), dtype=bool)
    if not rest.any():
        return ColumnCast(array, unreadable)
    others = _by_value(array.filter(pa.array(rest)), read, pa.string())
    unreadable[rest] = others.unreadable
    return ColumnCast(pc.replace_with_mask(array, pa.array(rest), others.values), unreadable)


def canonical_ids(column: pa.Array) -> pa.Array:
    """Return the canonical form of ids; see `leadworth.readers.id_reader.canonical_id`.

    Examples
    --------
    >>> canonical_ids(pa.array(["007", "L-7", None])).to_pylist()
    ['7', 'l-7', None]
    """
    return _by_value(column, canonical_id, pa.string()).values


def moments(
    column: Column,
    zone: tzinfo,
    missing: Collection[str] = (),
    parse: Callable[[str, tzinfo], datetime | Unreadable | None] | None = None,
) -> ColumnCast[pa.Array]:
    """Return moments as timestamp[us, UTC].

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
        Date parser of the column (see `crm.date_formats`); None reads each value alone.

    Examples
    --------
    >>> from datetime import UTC
    >>> cast = moments(pa.array(["2026-03-01T10:00", "soon"]), UTC)
    >>> str(cast.values.to_pylist()[0]), cast.unreadable
    ('2026-03-01 10:00:00+00:00', array([False,  True]))
    """
    array = flat(column)
    kind = pa.timestamp("us", "UTC")
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.timestamp("us", array.type.tz), safe=False)
        if array.type.tz is not None:
            array = array.cast(kind)
            usual = pc.and_(
                pc.greater_equal(array, pa.scalar(EARLIEST, kind)), pc.less_equal(array, pa.scalar(latest(), kind))
            )
            if pc.all(usual, min_count=0).as_py():
                return ColumnCast(array, np.zeros(len(array), dtype=bool))
    elif pa.types.is_string(array.type):
        array = texts(array, missing)

    def moment(value: object) -> datetime | Unreadable | None:
        return parse(value, zone) if parse is not None and isinstance(value, str) else read_moment(value, zone)

    return _by_value(array, moment, kind)


def _by_value(array: pa.Array, read: Callable[..., object], kind: pa.DataType) -> ColumnCast[pa.Array]:
    """Apply a reader once per distinct value."""
    if pa.types.is_null(array.type):
        return ColumnCast(pa.nulls(len(array), kind), np.zeros(len(array), dtype=bool))
    try:
        encoded = array.dictionary_encode()
    except pa.ArrowException:
        results, strange = _read_each(array.to_pylist(), read)
        return ColumnCast(pa.array(results, kind), strange)
    results, strange = _read_each(encoded.dictionary.to_pylist(), read)
    values = pa.array(results, kind).take(encoded.indices)
    if not strange.any():
        return ColumnCast(values, np.zeros(len(array), dtype=bool))
    return ColumnCast(values, _dense_mask(pa.array(strange).take(encoded.indices)))


def _read_each(written: list[object], read: Callable[..., object]) -> tuple[list[object], NDArray[np.bool_]]:
    results = [None if value is None else read(value) for value in written]
    strange = np.fromiter((isinstance(result, Unreadable) for result in results), dtype=bool, count=len(results))
    if strange.any():
        results = [None if isinstance(result, Unreadable) else result for result in results]
    return results, strange


def _floats(cast: ColumnCast[pa.Array]) -> ColumnCast[NDArray[np.float64]]:
    return ColumnCast(_dense(cast.values), cast.unreadable)


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
