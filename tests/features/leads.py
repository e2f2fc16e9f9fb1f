"""Leads and lead tables for the tests of this room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from features.base import Kind
from features.extras import READERS as EXTRA_READERS
from features.table import READERS
from leadworth.records import Lead, fields_of


def lead_table(
    rows: Sequence[Mapping[str, Any]], extras: Mapping[str, Kind], *, fields: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return rows as connectors hand them over: read value by value, dtypes of the contract."""
    chosen = fields if fields is not None else [name for name in Lead.model_fields if any(name in row for row in rows)]
    columns: dict[str, pd.Series] = {}
    for name in chosen:
        clean = [READERS[name](row.get(name)) for row in rows]
        columns[name] = _column(
            clean, "text" if name in fields_of("text") else "moment" if name in fields_of("moment") else "number"
        )
    for name, kind in extras.items():
        clean = [EXTRA_READERS[kind](row.get(name)) for row in rows]
        columns[f"extras.{name}"] = _column(clean, "number" if kind == "numeric" else "text")
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows)))


def _column(clean: list[Any], kind: str) -> pd.Series:
    if kind == "moment":
        return pd.Series(pd.to_datetime(pd.Series(clean, dtype="object"), utc=True)).astype("datetime64[us, UTC]")
    if kind == "number":
        return pd.Series([np.nan if value is None else float(value) for value in clean], dtype="float64")
    try:
        return pd.Series(clean, dtype="str")
    except UnicodeEncodeError:  # a lone surrogate does not fit Arrow's UTF-8
        return pd.Series(clean, dtype="object")
