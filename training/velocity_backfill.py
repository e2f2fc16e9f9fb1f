"""Velocity counts of the leads of a history, computed as the service counts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.velocity_counter import VelocityCounter
from features.velocity_keys import FIELDS, INPUTS, keys_of, message_key


def with_velocity(leads: pd.DataFrame) -> pd.DataFrame:
    """Return the lead table with the missing velocity columns added, each lead as of its own submit.

    Only earlier leads are counted. Leads without a submit time get no counts. Velocity columns that the
    table already has, such as those stored by the service, stay.

    Parameters
    ----------
    leads
        Lead table in any order; order and index do not change.

    Examples
    --------
    >>> leads = pd.DataFrame({"lead_id": ["2", "1"], "ip": ["10.0.0.1", "10.0.0.1"]})
    >>> leads["submitted_at"] = pd.to_datetime(["2026-01-01 00:01", "2026-01-01 00:00"], utc=True)
    >>> with_velocity(leads)["recent_ip_10m"].tolist()
    [1.0, 0.0]
    """
    missing = [name for name in FIELDS if name not in leads]
    if not missing or "submitted_at" not in leads or leads["submitted_at"].isna().all():
        return leads
    seconds = leads["submitted_at"].to_numpy("datetime64[us]").astype(np.int64) / 1e6
    dated = np.flatnonzero(leads["submitted_at"].notna().to_numpy())
    order = dated[np.argsort(seconds[dated], kind="stable")]
    counts = np.full((len(leads), len(missing)), np.nan)
    counter = VelocityCounter()
    for row, lead in zip(order.tolist(), _fields(leads, order), strict=True):
        velocity = counter.observe(keys_of(lead), float(seconds[row]))
        counts[row] = [velocity[name] for name in missing]
    columns = {name: count for name, count in zip(missing, counts.T, strict=True) if np.isfinite(count).any()}
    return leads.assign(**columns)


def near_duplicates(leads: pd.DataFrame) -> NDArray[np.int64]:
    """Return a group number for each lead, shape (n,); leads with nearly the same message share it."""
    alone = np.arange(len(leads), dtype=np.int64)
    if "message" not in leads:
        return alone
    keys = pd.Series([message_key(text) if isinstance(text, str) else None for text in leads["message"]])
    codes, _ = pd.factorize(keys)
    return np.where(codes < 0, alone, len(leads) + codes)


def _fields(leads: pd.DataFrame, order: NDArray[np.int64]) -> Iterator[Mapping[str, Any]]:
    """Yield the fields from which velocity keys are made, lead by lead in the order given."""
    names = [name for name in INPUTS if name in leads]
    columns = []
    for name in names:
        values = leads[name].to_numpy(dtype=object)[order]
        columns.append([value if isinstance(value, str) else None for value in values])
    for row in zip(*columns, strict=True) if columns else [()] * len(order):
        yield dict(zip(names, row, strict=True))
