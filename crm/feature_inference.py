"""What kind of feature a column is that the settings do not name (`rest = "auto"`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import pyarrow as pa

from crm import casts as typed
from crm.date_formats import are_dates
from crm.lead_table import Kind
from leadworth import values

_WRITTEN_NUMBER = re.compile(r"[^\w\s]{0,3}\s?[-+]?\d[\d.,'\u00a0\u202f ]*(?:[eE][-+]?\d+)?\s?(?:%|[^\w\s]|[A-Z]{3})?")
_MOSTLY = 0.95
_IDENTIFIES = 0.9
_FEW_ROWS = 20
_VARIED = 0.1
_SAMPLE = 5_000
_WORDS_OF_TEXT = 3.0


def infer_kind(column: pa.ChunkedArray | pa.Array, missing: Collection[str] = ()) -> tuple[Kind | None, str]:
    """Return the kind of a column, or None with the reason why it is no feature.

    Constant columns, dates, and columns that identify rows are no features.

    Examples
    --------
    >>> infer_kind(pa.array(["1,5", "2", "17"])), infer_kind(pa.array(["web", "fair", "web"]))
    (('numeric', ''), ('categorical', ''))
    >>> infer_kind(pa.array(["IT"] * 9))
    (None, 'constant')
    """
    array = typed.flat(column)
    temporal = pa.types.is_temporal(array.type)
    written = typed.texts(array, missing).drop_null()
    distinct = written.unique()
    if len(distinct) < 2:
        return None, "constant" if len(distinct) else "empty"
    sample = distinct.to_pylist()[:: max(len(distinct) // _SAMPLE, 1)]
    if temporal or (not _numeric(sample) and are_dates(sample)):
        return None, "dates"
    unique = len(written) >= _FEW_ROWS and len(distinct) == len(written)
    if _numeric(sample):
        whole = all(float(values.number(value) or 0.0).is_integer() for value in sample)
        return (None, "identifies rows") if unique and whole else ("numeric", "")
    wordy = sum(len(value.split()) for value in sample) >= _WORDS_OF_TEXT * len(sample)
    if wordy and len(distinct) > max(_FEW_ROWS, _VARIED * len(written)):
        return "text", ""
    if len(written) >= _FEW_ROWS and len(distinct) >= _IDENTIFIES * len(written):
        return None, "identifies rows"
    return "categorical", ""


def infer_rest(
    table: pa.Table, named: Collection[str], missing: Collection[str]
) -> tuple[dict[str, Kind], dict[str, str]]:
    """Return the kinds of the columns that the settings do not name, and why the others are left out."""
    kinds: dict[str, Kind] = {}
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


def _numeric(sample: Sequence[str]) -> bool:
    return sum(_WRITTEN_NUMBER.fullmatch(value) is not None for value in sample) >= _MOSTLY * len(sample)
