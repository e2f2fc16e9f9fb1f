"""Leads and lead tables for the tests of this room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from features.base import Kind
from features.extras import READERS as EXTRA_READERS
from features.table import READERS
from leadworth.records import Lead, fields_of

_NAMES = (
    "v", "t", "ms", "first_ms", "keys", "chars", "ik_med", "ik_cv", "hold_med", "hold_cv", "bs", "paste", "fill",
    "tabs", "fields", "nofocus", "dwell", "mv", "path", "straight", "turn", "cx", "cy", "gap", "kind", "untrusted",
    "hp", "hp_focus", "hp_fill", "scroll", "vis", "touch", "auto", "gl_soft", "lie_gl", "lie_tz", "tz", "lang", "ga",
    "fbp", "first", "last",
)  # fmt: skip
_LITERALS = (
    "1e400", "-1e400", "NaN", "Infinity", "-Infinity", "1e308", "1e15", "9" * 400, "-5", "-0.0", "true",
    "null", '"x"', '"NaN"', '"\\ud800"', "[1e400]", "{}", "[[[[[[NaN]]]]]]",
    '{"gclid":1e400,"source":NaN,"fbclid":[1e400],"campaign":{"a":Infinity},"at":1e400}',
)  # fmt: skip
_UNREADABLE = ("9" * 5_000, "[" * 300 + "]" * 300, "1e", "")
_LITERAL = st.sampled_from(_LITERALS) | st.integers(-1, 10**6).map(str) | st.floats(0, 1e9).map(repr)


def payloads() -> st.SearchStrategy[str]:
    """Return texts of `lw_data` as anybody may send them: numbers beyond any range, wrong types, broken JSON."""
    typed = dict.fromkeys(("keys", "ik_med", "hold_med", "mv", "path", "first_ms", "ms"), _LITERAL)
    members = st.fixed_dictionaries(typed, optional={name: _LITERAL for name in _NAMES if name not in typed})
    broken = st.sampled_from(_UNREADABLE).map(lambda literal: payload({"last": literal}))
    return members.map(payload) | broken | _LITERAL | st.text(max_size=40)


def payload(members: Mapping[str, str]) -> str:
    """Return a payload of version 1 with these members, given as JSON; the later of two of one name holds."""
    return "{" + ",".join(f'"{name}":{literal}' for name, literal in ({"v": "1"} | dict(members)).items()) + "}"


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
