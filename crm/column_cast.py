"""Columns of text and bytes, and readers applied to the distinct values of a column."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadworth.readers.placeholders import TEXT_PLACEHOLDERS
from leadworth.readers.plain_text import plain_texts
from leadworth.readers.text_reader import EDGES, composed, trimmed_text
from leadworth.unreadable import Unreadable

Column: TypeAlias = pa.ChunkedArray | pa.Array
Values = TypeVar("Values")
_SAMPLE, _FEW = 512, 4
"""Texts repeat where the first rows hold less than one in so many different ones."""
_TEXT_PLACEHOLDERS = pa.array(sorted(TEXT_PLACEHOLDERS), pa.string())


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
    return composed(str(written))


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
    if repeats(array):
        encoded = array.dictionary_encode()
        return texts(encoded.dictionary, missing, limit, placeholders=placeholders).take(encoded.indices)
    if not pa.types.is_string(array.type):
        return _trimmed(array, missing, limit, placeholders=placeholders)
    tokens = pa.array([token.strip() for token in missing], pa.string())
    odd = pc.invert(pc.and_not(plain_texts(array, limit, None), pc.is_in(array, value_set=tokens))).fill_null(False)
    if not pc.any(odd).as_py():
        return array
    return pc.replace_with_mask(array, odd, _trimmed(array.filter(odd), missing, limit, placeholders=placeholders))


def _trimmed(array: pa.Array, missing: Collection[str], limit: int | None, *, placeholders: bool) -> pa.Array:
    """Return `texts` of an array, value by value."""
    if pa.types.is_string(array.type):
        array = pc.utf8_trim(pc.replace_substring(array, "\x00", ""), characters=EDGES)
        array = read_rows(array, pc.invert(pc.string_is_ascii(array)), _composed).values
    else:
        array = read_distinct(array, trimmed_text, pa.string()).values
    blank = pc.is_in(array, value_set=pa.array(["", *(token.strip() for token in missing)], pa.string()))
    if not placeholders:
        blank = pc.or_(blank, pc.is_in(array, value_set=_TEXT_PLACEHOLDERS))
    array = pc.if_else(blank, pa.scalar(None, pa.string()), array)
    if limit is None:
        return array
    return pc.utf8_rtrim(pc.utf8_slice_codeunits(array, 0, limit), characters=EDGES)


def repeats(array: pa.Array) -> bool:
    """Return whether the texts of an array are few, so that it is cheaper to read each of them once.

    Examples
    --------
    >>> repeats(pa.array(["google", "bing"] * 1_000)), repeats(pa.array([str(row) for row in range(1_000)]))
    (True, False)
    """
    if not pa.types.is_string(array.type) or len(array) <= _SAMPLE:
        return False
    return len(array.slice(0, _SAMPLE).unique()) <= _SAMPLE // _FEW


def read_rows(
    array: pa.Array, rows: pa.Array, read: Callable[[object], str | Unreadable | None]
) -> ColumnCast[pa.Array]:
    """Apply a reader to some rows of text."""
    rest = dense_mask(rows)
    unreadable = np.zeros(len(array), dtype=bool)
    if not rest.any():
        return ColumnCast(array, unreadable)
    others = read_distinct(array.filter(pa.array(rest)), read, pa.string())
    unreadable[rest] = others.unreadable
    return ColumnCast(pc.replace_with_mask(array, pa.array(rest), others.values), unreadable)


def read_distinct(array: pa.Array, read: Callable[..., object], kind: pa.DataType) -> ColumnCast[pa.Array]:
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
    return ColumnCast(values, dense_mask(pa.array(strange).take(encoded.indices)))


def _read_each(written: list[object], read: Callable[..., object]) -> tuple[list[object], NDArray[np.bool_]]:
    results = [None if value is None else read(value) for value in written]
    strange = np.fromiter((isinstance(result, Unreadable) for result in results), dtype=bool, count=len(results))
    if strange.any():
        results = [None if isinstance(result, Unreadable) else result for result in results]
    return results, strange


def dense(array: pa.Array) -> NDArray[np.float64]:
    """Return numbers; nulls are nan."""
    return np.array(array.to_numpy(zero_copy_only=False), dtype=np.float64)


def dense_mask(array: pa.Array) -> NDArray[np.bool_]:
    """Return truth values; nulls are False."""
    return np.array(array.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)
