"""Which leads were closed at a moment: won, lost or called junk. The others are open, and have an age.

Outcomes that stand in a table of their own are read once, in batches, and kept as 64-bit digests of
the lead ids with the last event of each (20 bytes a lead), so that millions of leads fit. Two
ids share a digest with a chance of about 1 in 37 million among a million leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm import casts as typed
from crm.lead_table import column_of
from crm.outcome_table import OutcomeFacts, OutcomeReader, apart, named_columns, outcomes_source
from crm.raw_table import RawBatch, require
from crm.rejects import Rejects
from crm.table_sources import open_source
from leadworth.settings import OutcomesSource, Settings

_OPEN, _LOST, _WON = 0, 1, 2
_NEVER = np.iinfo(np.int64).min
_FOLD_ROWS = 250_000


def tells(outcomes: OutcomesSource, columns: tuple[str, ...]) -> bool:
    """Tell whether a file of leads has a column that says whether a lead is closed.

    Examples
    --------
    >>> tells(OutcomesSource(won="Converted"), ("Lead", "Converted")), tells(OutcomesSource(), ("Lead",))
    (True, False)
    """
    says = {"won", "won_at", "lost", "lost_at", "stage", "junk.column"}
    return any(name in columns for setting, name in named_columns(outcomes).items() if setting in says)


def closed_rows(facts: OutcomeFacts, as_of: datetime) -> NDArray[np.bool_]:
    """Tell which rows, one per lead, were closed at a moment; what has no date counts."""
    return np.asarray((_states(facts, as_of) != _OPEN) | facts.rows["junk"].to_numpy(dtype=bool))


def _states(facts: OutcomeFacts, as_of: datetime) -> NDArray[np.int8]:
    rows, moment = facts.rows, pd.Timestamp(as_of)
    states = np.zeros(len(rows), dtype=np.int8)
    for state, name in ((_LOST, "lost"), (_WON, "won")):
        later = (rows[f"{name}_at"] > moment).to_numpy(dtype=bool)
        states[rows[name].to_numpy(dtype=bool) & ~later] = state
    return states


@dataclass(frozen=True)
class ClosedLeads:
    """The leads that were closed at a moment, as sorted digests of their ids."""

    digests: NDArray[np.uint64]

    def among(self, ids: pd.Series) -> NDArray[np.bool_]:
        """Tell which leads are closed, shape (n,)."""
        return np.isin(_digests(ids), self.digests)


def read_closed(settings: Settings, as_of: datetime) -> ClosedLeads | None:
    """Return the leads that outcomes in a table of their own call closed; None where they have none.

    Rows that cannot be read count for nothing here; `leadworth train` names them.

    Raises
    ------
    InputError
        Where the table cannot be read, or lacks a column that is named.
    """
    source = outcomes_source(settings)
    if not apart(source, settings.leads):
        return None
    table = open_source(settings, source, Rejects(None))
    beside = {"junk.column", "engaged.column"}
    wanted = {setting: name for setting, name in named_columns(source).items() if setting not in beside}
    require(table.name, table.columns, {"outcomes.lead_id": str(source.lead_id)} | wanted)
    events = _Events(as_of)
    reader: OutcomeReader | None = None
    for batch in table.batches:
        if reader is None:
            reader = OutcomeReader.settled(source, settings.zone, settings.leads.missing, table.name, batch)
        events.add(batch, reader.read(batch), str(source.lead_id), settings.leads.missing)
    return ClosedLeads(events.closed(history=bool(source.stage and source.stage_at)))


@dataclass(frozen=True)
class _Rows:
    """What rows, or leads, said: parallel arrays."""

    ids: NDArray[np.uint64]
    at: NDArray[np.int64]
    last: NDArray[np.int8]
    shut: NDArray[np.bool_]
    """Won or junk, once"""
    open: NDArray[np.bool_]
    """Neither won nor lost, in any row"""
    lost: NDArray[np.bool_]

    @classmethod
    def joined(cls, parts: list[_Rows]) -> _Rows:
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def by_lead(self) -> _Rows:
        """Return one row per lead; of rows at the same time the later one in the file is the last."""
        order = np.lexsort((self.at, self.ids))
        ids = self.ids[order]
        starts = np.flatnonzero(np.append(True, ids[1:] != ids[:-1])) if len(ids) else np.empty(0, np.int64)
        if not len(starts):
            return self
        last = order[np.append(starts[1:], len(ids)) - 1]
        some = (np.logical_or.reduceat(flags[order], starts) for flags in (self.shut, self.open, self.lost))
        return _Rows(ids[starts], self.at[last], self.last[last], *some)


class _Events:
    """What the rows said, folded to one row per lead now and then, so that memory grows with leads only."""

    def __init__(self, as_of: datetime) -> None:
        self._as_of = as_of
        self._parts: list[_Rows] = []
        self._pending = 0

    def add(self, batch: RawBatch, facts: OutcomeFacts, id_column: str, missing: Sequence[str]) -> None:
        """Add rows; those that cannot be read, and stages reached later than the moment, are left out."""
        ids = typed.text_series(typed.texts(column_of(batch, id_column), missing))
        at = facts.rows["stage_at"]
        later = (at > pd.Timestamp(self._as_of)).to_numpy(dtype=bool)
        usable = ids.notna().to_numpy() & (facts.faults == "").astype(bool) & ~later
        times = np.where(at.isna(), _NEVER, at.dt.tz_convert(None).to_numpy(dtype="datetime64[us]").astype(np.int64))
        states = _states(facts, self._as_of)[usable]
        shut = (states == _WON) | facts.rows["junk"].to_numpy(dtype=bool)[usable]
        rows = _Rows(_digests(ids[usable]), times[usable], states, shut, states == _OPEN, states == _LOST)
        self._parts.append(rows)
        self._pending += len(rows.ids)
        if self._pending > _FOLD_ROWS:
            self._parts, self._pending = [_Rows.joined(self._parts).by_lead()], 0

    def closed(self, *, history: bool) -> NDArray[np.uint64]:
        """Return the digests of the closed leads: won once, lost in all deals or at last, or junk."""
        if not self._parts:
            return np.empty(0, np.uint64)
        leads = _Rows.joined(self._parts).by_lead()
        lost = leads.last == _LOST if history else leads.lost & ~leads.open
        return leads.ids[leads.shut | lost]


def _digests(ids: pd.Series) -> NDArray[np.uint64]:
    return np.asarray(pd.util.hash_array(ids.to_numpy(dtype=object), categorize=False), dtype=np.uint64)
