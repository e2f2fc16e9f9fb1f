"""Give each lead of a history the counts of the leads before it, as the service would have counted them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.counter import Counter
from features.history import FIELDS, INPUTS, keys_of, message_key


def with_history(leads: pd.DataFrame) -> pd.DataFrame:
    """Return the lead table with the counts that it lacks, each as of the lead's own time.

    Only leads before it count. Leads without a time are given none. A table that has some of the
    columns, such as one the service wrote, keeps them.

    Parameters
    ----------
    leads
        Lead table in any order; order and index stay.

    Examples
    --------
    >>> leads = pd.DataFrame({"lead_id": ["2", "1"], "ip": ["10.0.0.1", "10.0.0.1"]})
    >>> leads["submitted_at"] = pd.to_datetime(["2026-01-01 00:01", "2026-01-01 00:00"], utc=True)
    >>> with_history(leads)["recent_ip_10m"].tolist()
    [1.0, 0.0]
    """
    lacking = [name for name in FIELDS if name not in leads]
    if not lacking or "submitted_at" not in leads or leads["submitted_at"].isna().all():
        return leads
    seconds = leads["submitted_at"].to_numpy("datetime64[us]").astype(np.int64) / 1e6
    dated = np.flatnonzero(leads["submitted_at"].notna().to_numpy())
    order = dated[np.argsort(seconds[dated], kind="stable")]
    counts = np.full((len(leads), len(lacking)), np.nan)
    counter = Counter()
    for row, lead in zip(order.tolist(), _fields(leads, order), strict=True):
        found = counter.observe(keys_of(lead), float(seconds[row]))
        counts[row] = [found[name] for name in lacking]
    useful = [place for place, name in enumerate(lacking) if np.isfinite(counts[:, place]).any()]
    columns = {lacking[place]: counts[:, place] for place in useful}
    return leads.assign(**columns)


def near_duplicates(leads: pd.DataFrame) -> NDArray[np.int64]:
    """Return a number for each lead that those with nearly the same message share, shape (n,)."""
    alone = np.arange(len(leads), dtype=np.int64)
    if "message" not in leads:
        return alone
    keys = pd.Series([message_key(text) if isinstance(text, str) else None for text in leads["message"]])
    codes, _ = pd.factorize(keys)
    return np.where(codes < 0, alone, len(leads) + codes)


def _fields(leads: pd.DataFrame, order: NDArray[np.int64]) -> Iterator[Mapping[str, Any]]:
    """Yield the fields of the leads that keys are made of, in the order given."""
    names = [name for name in INPUTS if name in leads]
    columns = []
    for name in names:
        values = leads[name].to_numpy(dtype=object)[order]
        columns.append([value if isinstance(value, str) else None for value in values])
    for row in zip(*columns, strict=True) if columns else [()] * len(order):
        yield dict(zip(names, row, strict=True))
