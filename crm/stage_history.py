"""A stage history, one row per change, into one row per lead.

A lead is won from the first time it reaches a won stage. It is lost if the last stage it reached is a
lost one, since the moment it went there for good: a lead that was reopened is open. It is junk or
engaged from the first row that says so. Its revenue is the last one written. Rows without a time come
first, in the order of the file.
"""

from __future__ import annotations

import pandas as pd


def fold_history(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per lead, indexed by `lead_id`.

    Parameters
    ----------
    rows
        Facts of each change, with `lead_id`, `stage`, `stage_at`, `won`, `won_at`, `lost`, `lost_stage`,
        `revenue`, `junk`, `engaged` and `known_at`.

    Examples
    --------
    >>> at = pd.to_datetime(["2026-01-01", "2026-02-01"], utc=True)
    >>> nothing = pd.Series([pd.NaT] * 2, dtype="datetime64[us, UTC]")
    >>> rows = pd.DataFrame({"lead_id": ["a", "a"], "stage": ["New", "Won"], "stage_at": at, "won": [False, True],
    ...     "won_at": [pd.NaT, at[1]], "lost": False, "lost_at": nothing, "revenue": [5.0, 9.0], "junk": False,
    ...     "engaged": False, "known_at": nothing})
    >>> str(fold_history(rows).loc["a", "won_at"]), float(fold_history(rows).loc["a", "revenue"])
    ('2026-02-01 00:00:00+00:00', 9.0)
    """
    order = rows["lead_id"].drop_duplicates().to_numpy()
    rows = rows.sort_values("stage_at", kind="stable", na_position="first")
    called = {f"{what}_at": rows["stage_at"].where(rows[what].astype(bool)) for what in ("junk", "engaged")}
    rows = rows.assign(**called)
    history = rows.groupby("lead_id", sort=False)
    table = history.agg(
        won=("won", "any"), won_at=("won_at", "min"), lost=("lost", "last"), revenue=("revenue", "last"),
        junk=("junk", "any"), junk_at=("junk_at", "min"), engaged=("engaged", "any"), engaged_at=("engaged_at", "min"),
        known_at=("known_at", "max"),
    )  # fmt: skip
    table["lost_at"] = _lost_for_good(rows).groupby("lead_id")["lost_at"].min()
    table["stages"] = _events(rows)
    return table.loc[order]


def _lost_for_good(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows after which a lead was never again in a stage that is not lost."""
    backwards = rows.iloc[::-1]
    lost = backwards["lost"].astype("int8")
    return backwards.loc[lost.groupby(backwards["lead_id"]).cummin().eq(1), ["lead_id", "lost_at"]]


def _events(rows: pd.DataFrame) -> pd.Series:
    """Return the (stage, at) pairs of each lead as a tuple; `at` is None where it is not written."""
    written = rows[rows["stage"].notna()]
    times = [None if pd.isna(at) else at for at in written["stage_at"].dt.to_pydatetime()]
    pairs = pd.Series(list(zip(written["stage"], times, strict=True)), index=written.index, dtype=object)
    found = pairs.groupby(written["lead_id"]).agg(tuple)
    missing: tuple[tuple[str, object], ...] = ()
    names = rows["lead_id"].unique()
    return pd.Series([found.get(name, missing) for name in names], index=names, dtype=object)
