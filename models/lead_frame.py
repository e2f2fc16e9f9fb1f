"""Convert a frame with the fields of a lead as columns, of any type, to a lead table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from features import extra_features as extra_groups
from features.feature_group import Kind
from features.table_evaluation import READERS, Reader, distinct
from leadworth.records import fields_of

_TEXTS = frozenset(fields_of("text"))
_MOMENTS = frozenset(fields_of("moment"))


def lead_table(frame: pd.DataFrame, extras: Mapping[str, Kind]) -> pd.DataFrame:
    """Return the lead table of a frame; drop columns that are neither fields nor extras.

    Parameters
    ----------
    frame
        One row per lead; values are parsed like those of a form.
    extras
        Kind of each extra column of the model; its name in the frame may have the prefix ``extras.``.

    Examples
    --------
    >>> lead_table(pd.DataFrame({"employees": ["50-100", None], "Seats": [3, 4]}), {"Seats": "numeric"})
       employees  extras.Seats
    0       50.0           3.0
    1        NaN           4.0
    """
    columns = {name: _column(frame[name], READERS[name], name) for name in READERS if name in frame.columns}
    for column, kind in extras.items():
        name = f"extras.{column}"
        source = next((candidate for candidate in (name, column) if candidate in frame.columns), None)
        if source is not None:
            field = "" if kind == "numeric" else "lead_id"
            columns[name] = _column(frame[source], extra_groups.READERS[kind], field)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))


def _column(column: pd.Series, reader: Reader, field: str) -> pd.Series:
    parsed = distinct(column.reset_index(drop=True), reader)
    pool = np.empty(len(parsed.values), dtype=object)
    pool[:] = parsed.values
    values = pool[parsed.codes]
    if field in _TEXTS:
        return pd.Series(values, dtype="str")
    if field in _MOMENTS:
        return pd.Series(pd.to_datetime(values, utc=True)).astype("datetime64[us, UTC]")
    return pd.Series([np.nan if value is None else float(value) for value in values.tolist()], dtype=np.float64)
