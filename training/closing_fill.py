"""Columns of open and closed leads of the same age: share of filled values, and separation by their values.

Older leads are more often closed, and forms change, so leads are compared within tenths of the age. Leads older than
every open one are left out: they may be over only because of their age. Without dates all leads are one group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from leadworth.arrays import Flags, Indices, Vector
from training.discrimination import auc, auc_error, cross_fitted_rate

AGE_GROUPS = 10
MINIMUM_COMPARED = 20


@dataclass(frozen=True)
class _Compared:
    """Leads that are compared: rows, group of each, whether it is closed, and weight of each group."""

    rows: Flags
    group: Indices
    closed: Flags
    weight: Vector


def filled_by_state(columns: pd.DataFrame, labels: pd.DataFrame) -> Mapping[str, tuple[float, float]]:
    """Return for each column the filled share among open and among closed leads of the same age.

    Parameters
    ----------
    columns
        Columns to compare.
    labels
        Labels of the same leads, in the same order.

    Returns
    -------
    mapping
        Empty where fewer than 20 leads can be compared. Without dates only columns are listed that are filled more
        often for closed leads: a field that is new in the form is filled more often for open ones.

    Examples
    --------
    >>> labels = pd.DataFrame({"state": ["open", "lost"] * 200, "age_days": np.arange(400.0)})
    >>> columns = pd.DataFrame({"account": [None, "a"] * 200, "source": ["x"] * 400})
    >>> filled_by_state(columns, labels)
    {'account': (0.0, 1.0)}
    """
    compared = _compared(labels)
    if compared is None:
        return {}
    size = len(compared.weight)
    shares = {}
    for name in columns:
        filled = columns[name].notna().to_numpy()[compared.rows]
        if filled.all() or not filled.any():
            continue
        by_state = []
        for state in (~compared.closed, compared.closed):
            group = compared.group[state]
            rate = np.bincount(group, filled[state], size) / np.maximum(np.bincount(group, minlength=size), 1)
            by_state.append(float((compared.weight * rate).sum() / compared.weight.sum()))
        if size > 1 or by_state[1] > by_state[0]:
            shares[str(name)] = (by_state[0], by_state[1])
    return shares


def closing_auc(columns: pd.DataFrame, labels: pd.DataFrame, seed: int) -> Mapping[str, float]:
    """Return for each column how well its values separate closed from open leads of the same age.

    Parameters
    ----------
    columns, labels
        As for `filled_by_state`.
    seed
        Seed of the cross-fitting.

    Returns
    -------
    mapping
        Lower end of the 95 % interval of the AUC; empty without dates, or where fewer than 20 leads can be compared.

    Examples
    --------
    >>> labels = pd.DataFrame({"state": ["open", "lost"] * 200, "age_days": np.arange(400.0)})
    >>> columns = pd.DataFrame({"status": ["working", "done"] * 200, "source": ["x", "x", "y", "y"] * 100})
    >>> {name: round(value, 1) for name, value in closing_auc(columns, labels, 7).items()}
    {'status': 1.0, 'source': 0.4}
    """
    compared = _compared(labels)
    if compared is None or len(compared.weight) < 2:
        return {}
    closed = compared.closed
    counts = int(closed.sum()), int((~closed).sum())
    result = {}
    for name in columns:
        rate = cross_fitted_rate(columns[name].loc[compared.rows], closed, seed)
        total = 0.0
        for number, weight in enumerate(compared.weight.tolist()):
            inside = compared.group == number
            total += weight * (auc(closed[inside], rate[inside]) if weight else 0.0)
        area = total / float(compared.weight.sum())
        result[str(name)] = area - 1.645 * auc_error(area, *counts)
    return result


def _compared(labels: pd.DataFrame) -> _Compared | None:
    """Return the leads to compare; None where there are too few."""
    is_open = labels["state"].eq("open").to_numpy(dtype=bool)
    age = labels["age_days"].to_numpy(dtype=np.float64, na_value=np.nan)
    rows, edges = np.ones(len(labels), dtype=bool), np.zeros(0)
    if np.isfinite(age).any():
        if not (is_open & np.isfinite(age)).any():
            return None
        rows = age <= age[is_open & np.isfinite(age)].max()
        edges = np.unique(np.quantile(age[rows], np.linspace(0.0, 1.0, AGE_GROUPS + 1)[1:-1]))
    group = np.searchsorted(edges, np.nan_to_num(age[rows]), side="right").astype(np.int64)
    closed = ~is_open[rows]
    size = len(edges) + 1
    weight = np.minimum(*(np.bincount(group[state], minlength=size) for state in (closed, ~closed))).astype(np.float64)
    return _Compared(rows, group, closed, weight) if weight.sum() >= MINIMUM_COMPARED else None
