"""Fold rows of outcomes into one row for each lead.

A lead with several deals is won if one is won (at the first `won_at`), its revenue is the sum over the won
deals, and it is lost only if all deals are lost (at the last `lost_at`). A deal of several leads belongs to
each of them; its revenue is split equally, so that the sum over leads is the revenue of the deals.
A negative amount, such as a credit note, is deducted from the other won amounts of its lead. Revenue of a lead that is
negative in total, or of a lead that is not won, is unknown.
"""

from __future__ import annotations

from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm.stage_history import fold_history
from leadworth.settings import OutcomesSource

OUTCOME_COLUMNS = (
    "lead_id",
    "won",
    "won_at",
    "lost",
    "lost_at",
    "revenue",
    "junk",
    "junk_at",
    "engaged",
    "engaged_at",
    "known_at",
    "stages",
)


def fold(
    ids: pd.Series, facts: pd.DataFrame, source: OutcomesSource, deals: NDArray[np.object_] | None = None
) -> pd.DataFrame:
    """Return the outcome table: one row per lead, in order of first appearance.

    Parameters
    ----------
    ids
        (rows,) lead id of each row; a row of a deal of several leads is repeated for each.
    facts
        Rows of `crm.outcome_table.OutcomeFacts`.
    source
        Settings; with `stage` and `stage_at`, the rows are a stage history, of each deal if there is a `deal_id`.
    deals
        (rows,) deal of each row; None if each row is a deal of its own.

    Returns
    -------
    pandas.DataFrame
        Columns `OUTCOME_COLUMNS`.
    """
    rows = facts.assign(lead_id=ids.to_numpy(), deal=np.arange(len(facts)) if deals is None else deals)
    rows["revenue"] = _shared(rows)
    if not (source.stage and source.stage_at):
        table = _fold_deals(rows)
    elif source.deal_id is None:
        table = fold_history(rows)
    else:
        table = _fold_deals(_deal_histories(rows))
    table["revenue"] = table["revenue"].where(table["won"] & (table["revenue"] >= 0))
    table["lost"] &= ~table["won"]
    table["lost_at"] = table["lost_at"].where(table["lost"])
    return table.reset_index()[list(OUTCOME_COLUMNS)]


def superseded(leads: NDArray[np.intp], known_at: pd.Series, deals: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which rows repeat a deal of a lead and are not the latest of it, shape (rows,).

    The latest row is the one with the last `known_at`, and of equal ones the last in the file.

    Examples
    --------
    >>> never = pd.Series([pd.NaT] * 3, dtype="datetime64[us, UTC]")
    >>> superseded(np.array([0, 0, 1]), never, np.array(["d1", "d1", "d1"], dtype=object)).tolist()
    [True, False, False]
    """
    rows = pd.DataFrame({"lead": leads, "deal": deals, "known_at": known_at.to_numpy()})
    rows = rows.sort_values("known_at", kind="stable", na_position="first")
    latest = rows.drop_duplicates(["lead", "deal"], keep="last").index
    return ~rows.index.isin(latest)[np.argsort(rows.index.to_numpy())]


def _shared(rows: pd.DataFrame) -> pd.Series:
    """Return the revenue of each row, divided by the number of leads of its deal."""
    if rows["deal"].is_unique:
        return rows["revenue"]
    leads = rows.groupby("deal", sort=False)["lead_id"].transform("nunique")
    return rows["revenue"] / leads


def _deal_histories(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per lead and deal of a stage history."""
    pair = rows.groupby(["lead_id", "deal"], sort=False).ngroup()
    lead_of_pair = rows["lead_id"].groupby(pair).first()
    table = fold_history(rows.assign(lead_id=pair)).reset_index(names="pair")
    return table.assign(lead_id=table["pair"].map(lead_of_pair))


def _fold_deals(rows: pd.DataFrame) -> pd.DataFrame:
    """Aggregate the deals of each lead."""
    rows = rows.assign(revenue=rows["revenue"].where(rows["won"]))
    if "stages" not in rows:
        rows["stages"] = pd.Series([()] * len(rows), index=rows.index, dtype=object)
        for moment in ("junk_at", "engaged_at"):
            rows[moment] = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    if rows["lead_id"].is_unique:
        return rows.set_index("lead_id")
    deals = rows.groupby("lead_id", sort=False)
    table = deals.agg(
        won=("won", "any"),
        won_at=("won_at", "min"),
        lost=("lost", "all"),
        lost_at=("lost_at", "max"),
        junk=("junk", "any"),
        junk_at=("junk_at", "min"),
        engaged=("engaged", "any"),
        engaged_at=("engaged_at", "min"),
        known_at=("known_at", "max"),
    )
    table["revenue"] = deals["revenue"].sum(min_count=1)
    table["stages"] = deals["stages"].agg(_merged)
    return table


def _merged(stages: pd.Series) -> tuple[tuple[str, object], ...]:
    """Return the stage changes of all deals of a lead in order of time; those without a time are first."""
    changes = list(chain.from_iterable(stages))
    dated = sorted((change for change in changes if change[1] is not None), key=lambda change: change[1])
    return (*(change for change in changes if change[1] is None), *dated)
