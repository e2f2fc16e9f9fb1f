"""Cast raw columns to typed columns: the readers of `leadworth.readers`, vectorised.

Each function returns exactly what the reader returns for every value; values without a vectorised path go through
the reader, once per distinct value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, tzinfo
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm.column_cast import (
    Column,
    ColumnCast,
    Values,
    dense,
    dense_mask,
    flat,
    read_distinct,
    read_rows,
    repeats,
    texts,
)
from crm.decimal_marks import column_mark
from leadworth.consent import not_understood, read_consent
from leadworth.readers.email_reader import LONGEST_EMAIL, read_email
from leadworth.readers.flag_reader import Outcome, read_flag
from leadworth.readers.id_reader import read_id
from leadworth.readers.moment_reader import EARLIEST, latest, read_moment
from leadworth.readers.money_reader import LARGEST_AMOUNT, read_money
from leadworth.readers.number_reader import EITHER_AMOUNT, read_number
from leadworth.readers.phone_reader import LONGEST_PHONE, read_phone
from leadworth.readers.placeholders import VALUE_PLACEHOLDERS
from leadworth.readers.plain_text import PLAIN_EMAIL, PLAIN_ID, PLAIN_PHONE
from leadworth.unreadable import Unreadable

Decimal = Literal[".", ","] | None
__all__ = [
    "Column",
    "ColumnCast",
    "Values",
    "amounts",
    "consents",
    "emails",
    "flags",
    "flat",
    "ids",
    "is_checkbox",
    "moment_series",
    "moments",
    "numbers",
    "phones",
    "text_series",
    "texts",
]
_PLAIN_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"
_PLAIN_COUNT = r"^-?[0-9]{1,15}(\.([0-9]{1,2}|[0-9]{4,15}))?$"
_PLAIN_INTEGER = r"^-?[0-9]{1,15}$"
_PLAIN_AMOUNT = r"^-?([0-9]{1,14}|[0-9]{4,14}\.[0-9]{1,6}|[0-9]{1,3}\.([0-9]{1,2}|[0-9]{4,6})|0\.[0-9]{1,6})$"
_ISO_LOCAL = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}$"
_ISO_OFFSET = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$"
_CROSSES = pa.array(["x", "X", "☒", "ｘ", "Ｘ"])
_HOLLOW = pa.array(["○", "◯", "〇", "⚪", "◌"])
_FILLED = pa.array(["●", "⬤", "◉", "⚫", "🔘"])
_VALUE_PLACEHOLDERS = pa.array(sorted(VALUE_PLACEHOLDERS), pa.string())


def numbers(
    column: Column, missing: Collection[str] = (), decimal: Decimal = None, *, counts: bool = False
) -> ColumnCast[NDArray[np.float64]]:
    """Return finite numbers; of a range the lower end.

    Where amounts with a currency such as "1.234 €" need it, the column decides the decimal mark, as for `amounts`.

    Parameters
    ----------
    column
        Array of any type.
    missing
        Tokens that mean missing.
    decimal
        Decimal mark of the file; None decides value by value, as `read_number` does.
    counts
        Whether they are numbers of people, pages or the like.

    Examples
    --------
    >>> numbers(pa.array(["1.234", "1,5", "n/a"])).values, numbers(pa.array(["1.234", "1,5"]), decimal=",").values
    (array([1.234, 1.5  ,   nan]), array([1234. ,    1.5]))
    >>> numbers(pa.array(["12", "many", None])).unreadable
    array([False,  True, False])
    """
    array = flat(column)
    if pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_boolean(array.type):
        result = dense(array.cast(pa.float64(), safe=False))
        return ColumnCast(np.where(np.isfinite(result), result, np.nan), np.isinf(result))
    if decimal is None and pa.types.is_string(array.type) and _has_either_amount(array, missing, counts):
        mark = column_mark(texts(array, missing))
        decimal = None if mark == "unclear" else mark
    plain = _PLAIN_INTEGER if decimal == "," else _PLAIN_COUNT if counts and decimal is None else _PLAIN_NUMBER
    return _numbers(array, missing, plain, partial(read_number, decimal=decimal, counts=counts))


def amounts(column: Column, missing: Collection[str] = (), decimal: Decimal = None) -> ColumnCast[NDArray[np.float64]]:
    """Return exact amounts of money.

    Without a decimal mark of the file, "1.234" is read as the other amounts of the column show, and is unreadable where
    they do not (`crm.decimal_marks`).

    Examples
    --------
    >>> amounts(pa.array(["$12K", "1,25,000", "(500.00)", "5-10k"])).values
    array([ 12000., 125000.,   -500.,     nan])
    >>> amounts(pa.array(["1.234", "12,50"])).values, amounts(pa.array(["1.234"])).unreadable
    (array([1234. ,   12.5]), array([ True]))
    """
    array = flat(column)
    if pa.types.is_integer(array.type) or pa.types.is_floating(array.type):
        result = dense(array.cast(pa.float64(), safe=False))
        too_large = np.abs(result) >= LARGEST_AMOUNT
        return ColumnCast(np.where(too_large, np.nan, result), too_large)
    if not pa.types.is_string(array.type):
        return _floats(read_distinct(array, read_money, pa.float64()))
    plain = _PLAIN_INTEGER if decimal == "," else _PLAIN_AMOUNT
    mark = column_mark(texts(array, missing)) if decimal is None else decimal
    return _numbers(array, missing, plain, partial(read_money, decimal=mark))


def _has_either_amount(array: pa.Array, missing: Collection[str], counts: bool) -> bool:
    """Return whether an amount with a currency, such as "1.234 €", needs the other amounts to be read."""
    likely = array.filter(pc.match_substring_regex(array, r"[0-9]\.[0-9]{3}([^0-9.,]|$)"))
    written = texts(likely, missing).unique().drop_null().to_pylist()
    return any(read_number(value, counts=counts) is EITHER_AMOUNT for value in written)


def _numbers(
    array: pa.Array, missing: Collection[str], pattern: str, read: Callable[[object], float | Unreadable | None]
) -> ColumnCast[NDArray[np.float64]]:
    """Return numbers; texts of a pattern are parsed in one call."""
    if not pa.types.is_string(array.type):
        return _floats(read_distinct(array, read, pa.float64()))
    if repeats(array):
        encoded = array.dictionary_encode()
        each = _numbers(encoded.dictionary, missing, pattern, read)
        codes = encoded.indices.fill_null(-1).to_numpy()  # -1: the last of those below, for a missing cell
        return ColumnCast(np.append(each.values, np.nan)[codes], np.append(each.unreadable, False)[codes])
    array = texts(array, missing)
    plain = pc.match_substring_regex(array, pattern)
    result = dense(pc.if_else(plain, array, pa.scalar(None, pa.string())).cast(pa.float64()))
    unreadable = np.zeros(len(array), dtype=bool)
    rest = dense_mask(pc.invert(plain))
    if rest.any():
        others = _floats(read_distinct(array.filter(pa.array(rest)), read, pa.float64()))
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
    array = texts(array, missing, placeholders=True) if pa.types.is_string(array.type) else array
    cast = _booleans(array, partial(read_flag, outcome=outcome))
    return _without_contrasts(array, cast) if pa.types.is_string(array.type) else cast


def _without_contrasts(array: pa.Array, cast: ColumnCast[NDArray[np.float64]]) -> ColumnCast[NDArray[np.float64]]:
    """Return flags in which a mark that means yes alone is unreadable next to the mark that it contrasts with.

    A cross is a tick of its own, but no next to a circle (Korean, Japanese), a tick or a word for yes; an empty circle
    is yes next to a cross, but no next to a filled one.
    """
    unclear = np.zeros(len(array), dtype=bool)
    crosses = dense_mask(pc.is_in(array, value_set=_CROSSES))
    if crosses.any() and (cast.values[~crosses] == 1.0).any():
        unclear |= crosses
    if pc.any(pc.is_in(array, value_set=_FILLED)).as_py():
        unclear |= dense_mask(pc.is_in(array, value_set=_HOLLOW))
    return ColumnCast(np.where(unclear, np.nan, cast.values), cast.unreadable | unclear) if unclear.any() else cast


def is_checkbox(column: Column, missing: Collection[str], outcome: Outcome) -> bool:
    """Return whether a column of won or lost is a checkbox: it says yes in some rows, and no in none.

    Examples
    --------
    >>> is_checkbox(pa.array(["checked", None]), [], "won"), is_checkbox(pa.array(["yes", "no", None]), [], "won")
    (True, False)
    """
    values = flags(column, missing, outcome).values
    return bool((values == 1.0).any() and not (values == 0.0).any())


def consents(column: Column) -> ColumnCast[NDArray[np.float64]]:
    """Return 1 for granted consent, 0 for any other value, nan if none was recorded.

    Tokens that mean missing in the file do not: "-" and "N/A" are not consent, nor are they an empty cell, which
    `assume_granted_in` may count as granted.

    Examples
    --------
    >>> consents(pa.array(["granted", "denied", "perhaps", "UNSPECIFIED", None])).values
    array([ 1.,  0.,  0., nan, nan])
    """
    array = flat(column)
    if pa.types.is_boolean(array.type):
        return _booleans(array, read_consent)
    array = texts(array, placeholders=True)
    cast = _booleans(array, read_consent)
    strange = read_distinct(array, lambda value: not_understood(value) is not None, pa.bool_())
    return ColumnCast(cast.values, dense_mask(strange.values))


def _booleans(array: pa.Array, read: Callable[[object], bool | Unreadable | None]) -> ColumnCast[NDArray[np.float64]]:
    if pa.types.is_boolean(array.type):
        return ColumnCast(dense(array.cast(pa.float64())), np.zeros(len(array), dtype=bool))
    cast = read_distinct(array, read, pa.bool_())
    return ColumnCast(dense(cast.values.cast(pa.float64())), cast.unreadable)


def ids(column: Column, missing: Collection[str] = (), limit: int | None = None) -> ColumnCast[pa.Array]:
    """Return ids as text, as received but for what a spreadsheet added.

    Examples
    --------
    >>> ids(pa.array([20240.0, 7.0])).values.to_pylist(), ids(pa.array(["'007", "1.2E+11"])).unreadable
    (['20240', '7'], array([False,  True]))
    """
    array = flat(column)
    if not pa.types.is_string(array.type):
        return read_distinct(array, partial(read_id, limit=limit), pa.string())
    array = texts(array, missing, limit)
    plain = pc.match_substring_regex(array, PLAIN_ID)
    return read_rows(array, pc.or_(pc.invert(plain), pc.is_in(array, value_set=_VALUE_PLACEHOLDERS)), read_id)


def emails(column: Column, missing: Collection[str] = ()) -> pa.Array:
    """Return e-mail addresses; other text as written.

    Examples
    --------
    >>> emails(pa.array(["<ada@acme.example>", "asdf", "N/A"])).to_pylist()
    ['ada@acme.example', 'asdf', None]
    """
    return _cleaned(texts(column, missing, LONGEST_EMAIL), PLAIN_EMAIL, read_email).values


def phones(column: Column, missing: Collection[str] = ()) -> ColumnCast[pa.Array]:
    """Return phone numbers as written, without the damage of a spreadsheet.

    Examples
    --------
    >>> phones(pa.array(["+43664123456.0", "3.9E+11"])).values.to_pylist()
    ['+43664123456', None]
    """
    array = flat(column)
    if not pa.types.is_string(array.type):
        return read_distinct(array, read_phone, pa.string())
    return _cleaned(texts(array, missing, LONGEST_PHONE), PLAIN_PHONE, read_phone)


def _cleaned(array: pa.Array, plain: str, read: Callable[[object], str | Unreadable | None]) -> ColumnCast[pa.Array]:
    """Apply a reader to the texts that do not match a pattern; the others are unchanged."""
    return read_rows(array, pc.invert(pc.match_substring_regex(array, plain)), read)


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
        if parse is None:
            plain = _iso_moments(array, zone)
            if plain is not None:
                return ColumnCast(plain, np.zeros(len(array), dtype=bool))

    def moment(value: object) -> datetime | Unreadable | None:
        return parse(value, zone) if parse is not None and isinstance(value, str) else read_moment(value, zone)

    return read_distinct(array, moment, kind)


def _iso_moments(array: pa.Array, zone: tzinfo) -> pa.Array | None:
    """Return plausible times to the second in ISO 8601; None where some are not, or local times are not in UTC."""
    kind = pa.timestamp("us", "UTC")
    for pattern, plain in ((_ISO_LOCAL, pa.timestamp("us")), (_ISO_OFFSET, kind)):
        if plain.tz is None and str(zone) != "UTC":
            continue
        if not pc.all(pc.match_substring_regex(array, pattern), min_count=0).as_py():
            continue
        try:
            moments = array.cast(plain).cast(kind)
        except pa.ArrowInvalid:  # no such day
            return None
        usual = pc.and_(
            pc.greater_equal(moments, pa.scalar(EARLIEST, kind)), pc.less_equal(moments, pa.scalar(latest(), kind))
        )
        return moments if pc.all(usual, min_count=0).as_py() else None
    return None


def _floats(cast: ColumnCast[pa.Array]) -> ColumnCast[NDArray[np.float64]]:
    return ColumnCast(dense(cast.values), cast.unreadable)


def text_series(array: pa.Array) -> pd.Series:
    """Return text as a pandas series of dtype `str`; nulls are nan."""
    return pd.Series(pd.array(array, dtype="str") if len(array) else [], dtype="str")


def moment_series(array: pa.Array) -> pd.Series:
    """Return timestamps as a pandas series of dtype datetime64[us, UTC]."""
    return pd.Series(pd.to_datetime(array.to_pandas(), utc=True)).astype("datetime64[us, UTC]")
