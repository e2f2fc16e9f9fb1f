"""Comparison of scores with the truth of a simulated CRM."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from leadworth.csv_cells import restore
from leadworth.errors import InputError

STATUSES = ("open", "past horizon")
"""Statuses of a scored file whose truth is that from the export on; of all others it is that at submit."""
_SCORES = ("status", "win_probability", "predicted_value")


def with_truth(scored: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Return scores with the columns `true_probability`, `true_value` and `channel`.

    Parameters
    ----------
    scored
        Scored file; the first column is the id. The truth of open leads is that given that they are open at the
        export, so that they must be scored as of then.
    truth
        Table of `truth.csv`.

    Raises
    ------
    InputError
        If a column is absent, or a lead is not in the truth or was not open at the export.

    Examples
    --------
    >>> scored = pd.DataFrame({"id": ["a"], "status": ["at submit"], "win_probability": 0.1, "predicted_value": 9.0})
    >>> truth = pd.DataFrame({"lead_id": ["a"], "channel": ["fair"], "win_probability": [0.2], "value": [10.0]})
    >>> truth = truth.assign(open_win_probability=np.nan, open_value=np.nan)
    >>> with_truth(scored, truth)[["true_probability", "true_value"]].to_numpy().tolist()
    [[0.2, 10.0]]
    """
    absent = [name for name in _SCORES if name not in scored.columns]
    if absent:
        raise InputError(f"the scored file has no column {', '.join(absent)}", do="score it with `leadworth score`")
    known = truth.set_index("lead_id")
    rows = known.index.get_indexer(pd.Index(scored.iloc[:, 0].astype("str")))
    if (rows < 0).any():
        raise InputError(
            f"{int((rows < 0).sum()):,} of {len(scored):,} leads are not in the truth",
            do="name the truth.csv of the same simulation",
        )
    known = known.iloc[rows]
    is_open = scored["status"].isin(STATUSES).to_numpy()
    past = scored["status"].eq(STATUSES[1]).to_numpy()
    table = scored.assign(channel=known["channel"].to_numpy())
    for name, at_submit, from_export in (
        ("true_probability", "win_probability", "open_win_probability"),
        ("true_value", "value", "open_value"),
    ):
        given_open = np.where(past, 0.0, known[from_export].to_numpy())
        table[name] = np.where(is_open, given_open, known[at_submit].to_numpy())
    unknown = int(table["true_value"].isna().sum())
    if unknown:
        raise InputError(
            f"{unknown:,} leads are scored as open that were not open at the export",
            do="score them as of the export: --as-of with the date of leadworth.toml, [training] as_of",
        )
    return table


def read_scored(path: Path) -> pd.DataFrame:
    """Return a scored file, CSV or Parquet."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    table = pd.read_csv(path, dtype={0: "str"}, low_memory=False)
    table[table.columns[0]] = table[table.columns[0]].map(restore, na_action="ignore")
    return table


def read_truth(path: Path) -> pd.DataFrame:
    """Return the table of `truth.csv`."""
    return pd.read_csv(path, low_memory=False)
