"""Share of filled values among open and closed leads of the same age."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

AGE_GROUPS = 10
MINIMUM_COMPARED = 20


def filled_by_state(columns: pd.DataFrame, labels: pd.DataFrame) -> Mapping[str, tuple[float, float]]:
    """Return for each column the filled share among open and among closed leads of the same age.

    Older leads are more often closed, and forms change, so leads are compared within tenths of the age. Leads older
    than every open one are left out: they may be over only because of their age.

    Parameters
    ----------
    columns
        Columns to compare.
    labels
        Labels of the same leads, in the same order.

    Returns
    -------
    mapping
        Empty where fewer than 20 leads can be compared.

    Examples
    --------
    >>> labels = pd.DataFrame({"state": ["open", "lost"] * 200, "age_days": np.arange(400.0)})
    >>> columns = pd.DataFrame({"account": [None, "a"] * 200, "source": ["x"] * 400})
    >>> filled_by_state(columns, labels)
    {'account': (0.0, 1.0)}
    """
    is_open = labels["state"].eq("open").to_numpy(dtype=bool)
    age = labels["age_days"].to_numpy(dtype=np.float64, na_value=np.nan)
    if not (is_open & np.isfinite(age)).any():
        return {}
    used = age <= age[is_open].max()
    edges = np.unique(np.quantile(age[used], np.linspace(0.0, 1.0, AGE_GROUPS + 1)[1:-1]))
    group = np.searchsorted(edges, age, side="right")
    size = len(edges) + 1
    counts = [np.bincount(group[used & state], minlength=size) for state in (is_open, ~is_open)]
    weight = np.minimum(*counts).astype(np.float64)
    if weight.sum() < MINIMUM_COMPARED:
        return {}
    shares = {}
    for name in columns:
        filled = columns[name].notna().to_numpy()
        if filled.all() or not filled.any():
            continue
        by_state = []
        for state, count in zip((is_open, ~is_open), counts, strict=True):
            rate = np.bincount(group[used & state], filled[used & state], size) / np.maximum(count, 1)
            by_state.append(float((weight * rate).sum() / weight.sum()))
        shares[str(name)] = (by_state[0], by_state[1])
    return shares
