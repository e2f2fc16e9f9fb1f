"""What became of each lead: rows of outcomes into one row per lead.

Three shapes are understood, in the file of the leads or in one of its own:

- **one row per lead or deal**, with a flag or a date that says won, and a flag or a date that says
  lost. Where several deals belong to one lead, it is won if one is won (at the first `won_at`), its
  revenue is the sum over the won ones, and it is lost only if all are lost (at the last `lost_at`);
- **a current stage**, compared with `won_stages` and `lost_stages`;
- **a stage history** (`stage` and `stage_at`, one row per change): see `connectors.crm.stages`.

Where a flag or a stage says whether a lead is won, a date alone does not (many CRMs fill the close
date of open deals too); where the flag of a row is empty, or there is none, `won_at` alone means won.
Revenue that is negative, or of a lead that is not won, is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from connectors.crm import columns as typed
from connectors.crm.leads import read_moments, settle_column
from connectors.crm.stages import fold_history
from connectors.crm.tables import RawBatch
from leadworth.settings import ColumnValues, OutcomesSource

MOMENTS = ("won_at", "lost_at", "stage_at", "known_at")
OUTCOME_COLUMNS = (
    "lead_id", "won", "won_at", "lost", "lost_at", "revenue", "junk", "engaged", "known_at", "stages",
)  # fmt: skip


def named_columns(source: OutcomesSource) -> dict[str, str]:
    """Return setting -> column for every column that [outcomes] names, but for the id.

    Examples
    --------
    >>> named_columns(OutcomesSource(won="Converted", junk={"column": "Status", "values": ["Spam"]}))
    {'won': 'Converted', 'junk.column': 'Status'}
    """
    plain = ("won", "won_at", "lost", "lost_at", "stage", "stage_at", "revenue", "known_at")
    names = {setting: getattr(source, setting) for setting in plain if getattr(source, setting)}
    for setting in ("junk", "engaged"):
        values: ColumnValues | None = getattr(source, setting)
        if values is not None:
            names[f"{setting}.column"] = values.column
    return names


@dataclass(frozen=True)
class Facts:
    """What each row of outcomes says.

    Attributes
    ----------
    rows
        One row each: `won_flag` and `lost_flag` (1, 0 or nan), the moments, `revenue`, `stage`, `junk`, `engaged`.
    faults
        (rows,) why a row cannot be used; empty where it can.
    """

    rows: pd.DataFrame
    faults: NDArray[np.object_]

    @property
    def usable(self) -> pd.DataFrame:
        """The rows without a fault."""
        usable: pd.DataFrame = self.rows[(self.faults == "").astype(bool)]
        return usable.reset_index(drop=True)


def empty_facts(rows: int) -> pd.DataFrame:
    """Return rows that say nothing.

    Examples
    --------
    >>> empty_facts(2)["junk"].tolist()
    [False, False]
    """
    blank = RawBatch(pa.table({"": pa.nulls(rows)}), np.zeros(rows, dtype=np.int64))
    return read_facts("", blank, OutcomesSource(), UTC, ()).rows


def read_facts(table: str, batch: RawBatch, source: OutcomesSource, zone: tzinfo, missing: Sequence[str]) -> Facts:
    """Read the outcome columns of raw rows; a column that is absent counts as not written.

    Raises
    ------
    InputError
        Where the notation of a column of dates is ambiguous, or is none.
    """
    size = len(batch.lines)
    faults: NDArray[np.object_] = np.full(size, "", dtype=object)
    rows: dict[str, object] = {}

    def raw(name: str | None) -> pa.ChunkedArray:
        known = name is not None and name in batch.rows.column_names
        return batch.rows.column(name) if known else pa.chunked_array([pa.nulls(size, pa.string())])

    for name in MOMENTS:
        column = raw(getattr(source, name))
        parse = settle_column(table, getattr(source, name) or "", column, missing, source.date_format)
        found, unreadable = read_moments(column, zone, missing, parse)
        rows[name] = typed.moment_series(found)
        faults[unreadable & (faults == "")] = f"unreadable {name}"
    for name in ("won", "lost"):
        rows[f"{name}_flag"] = typed.flags(raw(getattr(source, name)), missing)
    rows["revenue"] = typed.numbers(raw(source.revenue), missing, source.decimal)
    rows["stage"] = typed.text_series(typed.texts(raw(source.stage), missing))
    for name in ("junk", "engaged"):
        choice: ColumnValues | None = getattr(source, name)
        rows[name] = np.zeros(size, dtype=bool) if choice is None else one_of(raw(choice.column), choice.values)
    return Facts(pd.DataFrame(rows, index=pd.RangeIndex(size)), faults)


def one_of(column: pa.ChunkedArray | pa.Array, wanted: Sequence[str]) -> NDArray[np.bool_]:
    """Tell which values are among `wanted`, compared without case and outer space.

    Examples
    --------
    >>> one_of(pa.array([" SPAM", "ok", None]), ["Spam"])
    array([ True, False, False])
    """
    folded = typed.text_series(typed.texts(column)).str.casefold()
    return folded.isin([value.strip().casefold() for value in wanted]).to_numpy(dtype=bool)


def fold(ids: pd.Series, facts: pd.DataFrame, source: OutcomesSource) -> pd.DataFrame:
    """Return the outcome table: one row per lead, in order of first appearance.

    Parameters
    ----------
    ids
        (rows,) lead of each row.
    facts
        The rows of `Facts`.
    source
        Says which stages are won and lost, and whether there is a history of them.

    Returns
    -------
    pandas.DataFrame
        With `OUTCOME_COLUMNS`, all of them always.
    """
    rows = facts.assign(lead_id=ids.to_numpy())
    staged = rows["stage"].str.casefold()
    rows["won_stage"] = staged.isin([stage.strip().casefold() for stage in source.won_stages]).to_numpy(dtype=bool)
    rows["lost_stage"] = staged.isin([stage.strip().casefold() for stage in source.lost_stages]).to_numpy(dtype=bool)
    won = _decided(rows, "won", by_stage=bool(source.stage and source.won_stages))
    lost = _decided(rows, "lost", by_stage=bool(source.stage and source.lost_stages)) & ~won
    rows["won"], rows["lost"] = won, lost
    rows["won_at"] = rows["won_at"].fillna(rows["stage_at"].where(rows["won_stage"])).where(won)
    rows["lost_at"] = rows["lost_at"].fillna(rows["stage_at"].where(rows["lost_stage"])).where(lost)
    table = fold_history(rows) if source.stage and source.stage_at else _fold_deals(rows)
    table["revenue"] = table["revenue"].where(table["won"] & (table["revenue"] >= 0))
    table["lost"] &= ~table["won"]
    table["lost_at"] = table["lost_at"].where(table["lost"])
    return table.reset_index()[list(OUTCOME_COLUMNS)]


def _decided(rows: pd.DataFrame, what: str, *, by_stage: bool) -> pd.Series:
    """Tell which rows say won (or lost)."""
    flag = rows[f"{what}_flag"]
    says = flag.eq(1.0)
    if by_stage:
        return says | rows[f"{what}_stage"]
    return says | (flag.isna() & rows[f"{what}_at"].notna())


def _fold_deals(rows: pd.DataFrame) -> pd.DataFrame:
    """Join the deals of each lead."""
    rows = rows.assign(revenue=rows["revenue"].where(rows["won"]))
    if rows["lead_id"].is_unique:
        table = rows.set_index("lead_id")
    else:
        deals = rows.groupby("lead_id", sort=False)
        table = deals.agg(
            won=("won", "any"), won_at=("won_at", "min"), lost=("lost", "all"), lost_at=("lost_at", "max"),
            junk=("junk", "any"), engaged=("engaged", "any"), known_at=("known_at", "max"),
        )  # fmt: skip
        table["revenue"] = deals["revenue"].sum(min_count=1)
    table["stages"] = pd.Series([()] * len(table), index=table.index, dtype=object)
    return table


def closed(outcomes: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows of an outcome table are closed: won, lost or called junk."""
    return (outcomes["won"] | outcomes["lost"] | outcomes["junk"]).to_numpy(dtype=bool)
