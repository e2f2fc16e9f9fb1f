"""Stage history: reduce one row per stage change to one row per lead.

A lead is won from its first won stage. It is lost if its last stage is a lost one, from the first of the
lost stages at its end: a reopened lead is open. It is junk or engaged from the first row with that
status. Its revenue is the last non-missing value. Rows without a time are first, in file order.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def fold_history(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per lead, indexed by `lead_id`.

    Parameters
    ----------
    rows
        Outcome of each change, with `lead_id`, `stage`, `stage_at`, `won`, `won_at`, `lost`, `lost_stage`,
        `revenue`, `junk`, `engaged` and `known_at`.

    Examples
    --------
    >>> at = pd.to_datetime(["2026-01-01", "2026-02-01"], utc=True)
    >>> never = pd.Series([pd.NaT] * 2, dtype="datetime64[us, UTC]")
    >>> rows = pd.DataFrame({"lead_id": ["a", "a"], "stage": ["New", "Won"], "stage_at": at, "won": [False, True],
    ...     "won_at": [pd.NaT, at[1]], "lost": False, "lost_at": never, "revenue": [5.0, 9.0], "junk": False,
    ...     "engaged": False, "known_at": never})
    >>> str(fold_history(rows).loc["a", "won_at"]), float(fold_history(rows).loc["a", "revenue"])
    ('2026-02-01 00:00:00+00:00', 9.0)
    """
    order = rows["lead_id"].drop_duplicates().to_numpy()
    rows = rows.sort_values("stage_at", kind="stable", na_position="first")
    status_at = {f"{name}_at": rows["stage_at"].where(rows[name].astype(bool)) for name in ("junk", "engaged")}
    rows = rows.assign(**status_at)
    history = rows.groupby("lead_id", sort=False)
    table = history.agg(
        won=("won", "any"),
        won_at=("won_at", "min"),
        lost=("lost", "last"),
        revenue=("revenue", "last"),
        junk=("junk", "any"),
        junk_at=("junk_at", "min"),
        engaged=("engaged", "any"),
        engaged_at=("engaged_at", "min"),
        known_at=("known_at", "max"),
    )
    table["lost_at"] = _final_losses(rows).groupby("lead_id")["lost_at"].min()
    table["stages"] = _stage_changes(rows)
    return table.loc[order]


def _final_losses(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the lost rows that no row of another stage follows."""
    backwards = rows.iloc[::-1]
    lost = backwards["lost"].astype("int8")
    return backwards.loc[lost.groupby(backwards["lead_id"]).cummin().eq(1), ["lead_id", "lost_at"]]


def _stage_changes(rows: pd.DataFrame) -> pd.Series:
    """Return the (stage, at) pairs of each lead as a tuple; `at` is None if it is missing."""
    codes, lead_ids = pd.factorize(rows["lead_id"])
    named = rows["stage"].notna().to_numpy(dtype=bool)
    moments = rows["stage_at"].array.to_pydatetime()
    times = np.where(rows["stage_at"].isna().to_numpy(dtype=bool), None, moments)[named]
    pairs = list(zip(rows["stage"].to_numpy(dtype=object)[named], times, strict=True))
    by_lead = np.argsort(codes[named], kind="stable")
    ends = np.searchsorted(codes[named][by_lead], np.arange(len(lead_ids)), side="right").tolist()
    ordered = [pairs[position] for position in by_lead.tolist()]
    changes = [tuple(ordered[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
    return pd.Series(changes, index=lead_ids, dtype=object)
