"""Leads, payloads of the collector and lead tables for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from features.extra_features import READERS as EXTRA_READERS
from features.feature_group import Kind
from leadworth.records import Lead, fields_of

PERSON = {
    "v": 1,
    "ms": 61_000,
    "first_ms": 4_000,
    "keys": 120,
    "chars": 110,
    "ik_med": 145,
    "ik_cv": 0.8,
    "hold_med": 104,
    "hold_cv": 0.27,
    "bs": 5,
    "paste": 0,
    "fill": 0,
    "tabs": 2,
    "fields": 5,
    "nofocus": 0,
    "dwell": 90,
    "mv": 210,
    "path": 2400,
    "straight": 0.4,
    "turn": 0.35,
    "cx": 0.31,
    "cy": 0.62,
    "gap": 240,
    "kind": "click",
    "untrusted": 0,
    "hp": 0,
    "hp_focus": 0,
    "hp_fill": 0,
    "scroll": 60,
    "vis": 1,
    "touch": 0,
    "auto": 0,
    "gl_soft": 0,
    "lie_gl": 0,
    "lie_brand": 0,
    "lie_tz": 0,
    "lie_ua": 0,
    "lie_screen": 0,
    "tz": "Europe/Rome",
    "lang": "it-IT",
}
"""Payload of a person at a desktop."""

_NAMES = (
    "v",
    "t",
    "ms",
    "first_ms",
    "keys",
    "chars",
    "ik_med",
    "ik_cv",
    "hold_med",
    "hold_cv",
    "bs",
    "paste",
    "fill",
    "tabs",
    "fields",
    "nofocus",
    "dwell",
    "mv",
    "path",
    "straight",
    "turn",
    "cx",
    "cy",
    "gap",
    "kind",
    "untrusted",
    "hp",
    "hp_focus",
    "hp_fill",
    "scroll",
    "vis",
    "touch",
    "auto",
    "gl_soft",
    "lie_gl",
    "lie_tz",
    "tz",
    "lang",
    "ga",
    "fbp",
    "first",
    "last",
)
_LITERALS = (
    "1e400",
    "-1e400",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e308",
    "1e15",
    "9" * 400,
    "-5",
    "-0.0",
    "true",
    "null",
    '"x"',
    '"NaN"',
    '"\\ud800"',
    "[1e400]",
    "{}",
    "[[[[[[NaN]]]]]]",
    '{"gclid":1e400,"source":NaN,"fbclid":[1e400],"campaign":{"a":Infinity},"at":1e400}',
)
_UNREADABLE = ("9" * 5_000, "[" * 300 + "]" * 300, "1e", "")
_LITERAL = st.sampled_from(_LITERALS) | st.integers(-1, 10**6).map(str) | st.floats(0, 1e9).map(repr)


def payloads() -> st.SearchStrategy[str]:
    """Return arbitrary texts of `lw_data`: numbers out of range, wrong types, broken JSON."""
    typed = dict.fromkeys(("keys", "ik_med", "hold_med", "mv", "path", "first_ms", "ms"), _LITERAL)
    members = st.fixed_dictionaries(typed, optional={name: _LITERAL for name in _NAMES if name not in typed})
    broken = st.sampled_from(_UNREADABLE).map(lambda literal: payload({"last": literal}))
    return members.map(payload) | broken | _LITERAL | st.text(max_size=40)


def payload(members: Mapping[str, str]) -> str:
    """Return a payload of version 1 with these members as JSON; of two members with one name the later one counts."""
    return "{" + ",".join(f'"{name}":{literal}' for name, literal in ({"v": "1"} | dict(members)).items()) + "}"


def lead_table(
    rows: Sequence[Mapping[str, Any]], extras: Mapping[str, Kind], *, fields: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return rows as a lead table, as `crm` returns it: clean values, dtypes of the contract."""
    chosen = fields if fields is not None else [name for name in Lead.model_fields if any(name in row for row in rows)]
    columns: dict[str, pd.Series] = {}
    for name in chosen:
        clean = [_read(name, row) for row in rows]
        columns[name] = _column(
            clean, "text" if name in fields_of("text") else "moment" if name in fields_of("moment") else "number"
        )
    for name, kind in extras.items():
        clean = [EXTRA_READERS[kind](_read(name, row) if name in Lead.model_fields else row.get(name)) for row in rows]
        columns[f"extras.{name}"] = _column(clean, "number" if kind == "numeric" else "text")
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows)))


def _read(name: str, row: Mapping[str, Any]) -> Any:
    """Return a field as the service reads it."""
    return getattr(Lead(**{name: row.get(name)}), name)


def _column(clean: list[Any], kind: str) -> pd.Series:
    if kind == "moment":
        return pd.Series(pd.to_datetime(pd.Series(clean, dtype="object"), utc=True)).astype("datetime64[us, UTC]")
    if kind == "number":
        return pd.Series([np.nan if value is None else float(value) for value in clean], dtype="float64")
    try:
        return pd.Series(clean, dtype="str")
    except UnicodeEncodeError:  # a lone surrogate does not fit Arrow's UTF-8
        return pd.Series(clean, dtype="object")
