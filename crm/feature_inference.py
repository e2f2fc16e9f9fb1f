"""Infer the feature kind of columns that the settings do not list (`rest = "auto"`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import pyarrow as pa

from crm import casts as typed
from crm.date_formats import are_dates
from crm.lead_table import FeatureKind
from leadworth.readers.number_reader import read_number
from leadworth.unreadable import readable

_NUMBER = re.compile(r"[^\w\s]{0,3}\s?[-+]?\d[\d.,'\u00a0\u202f ]*(?:[eE][-+]?\d+)?\s?(?:%|[^\w\s]|[A-Z]{3})?")
_MIN_NUMBER_SHARE = 0.95
_MIN_ID_SHARE = 0.9
_MIN_ROWS = 20
_MIN_TEXT_SHARE = 0.1
_SAMPLE = 5_000
_MIN_TEXT_WORDS = 3.0


def infer_kind(column: pa.ChunkedArray | pa.Array, missing: Collection[str] = ()) -> tuple[FeatureKind | None, str]:
    """Return the feature kind of a column, or None with the reason why it is not a feature.

    Constant columns, dates and columns that identify rows are not features.

    Examples
    --------
    >>> infer_kind(pa.array(["1,5", "2", "17"])), infer_kind(pa.array(["web", "fair", "web"]))
    (('numeric', ''), ('categorical', ''))
    >>> infer_kind(pa.array(["IT"] * 9))
    (None, 'constant')
    """
    array = typed.flat(column)
    texts = typed.texts(array, missing).drop_null()
    distinct = texts.unique()
    if len(distinct) < 2:
        return None, "constant" if len(distinct) else "empty"
    sample = distinct.to_pylist()[:: max(len(distinct) // _SAMPLE, 1)]
    numeric = _is_numeric(sample)
    if pa.types.is_temporal(array.type) or (not numeric and are_dates(sample)):
        return None, "dates"
    unique = len(texts) >= _MIN_ROWS and len(distinct) == len(texts)
    if numeric:
        integers = all((readable(read_number(value)) or 0.0).is_integer() for value in sample)
        return (None, "identifies rows") if unique and integers else ("numeric", "")
    wordy = sum(len(value.split()) for value in sample) >= _MIN_TEXT_WORDS * len(sample)
    if wordy and len(distinct) > max(_MIN_ROWS, _MIN_TEXT_SHARE * len(texts)):
        return "text", ""
    if len(texts) >= _MIN_ROWS and len(distinct) >= _MIN_ID_SHARE * len(texts):
        return None, "identifies rows"
    return "categorical", ""


def infer_rest(
    table: pa.Table, named: Collection[str], missing: Collection[str]
) -> tuple[dict[str, FeatureKind], dict[str, str]]:
    """Return the kinds of the columns that are not in `named`, and the reason for each that is not a feature."""
    kinds: dict[str, FeatureKind] = {}
    left_out: dict[str, str] = {}
    for name in table.column_names:
        if name in named:
            continue
        kind, reason = infer_kind(table.column(name), missing)
        if kind is None:
            left_out[name] = reason
        else:
            kinds[name] = kind
    return kinds, left_out


def _is_numeric(sample: Sequence[str]) -> bool:
    return sum(_NUMBER.fullmatch(value) is not None for value in sample) >= _MIN_NUMBER_SHARE * len(sample)
