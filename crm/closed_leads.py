"""Closed leads as of a moment: won, junk or lost. All other leads are open.

Outcomes in a table of their own are read once, in batches, and stored as 64-bit digests of the lead
ids with the last event of each (21 bytes per lead), so that millions of leads fit in memory. Among a
million leads, the probability that two ids share a digest is about 1 in 37 million.
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
from crm.outcome_table import OutcomeFacts, OutcomeReader, has_own_table, named_columns, outcomes_source
from crm.raw_table import RawBatch, require
from crm.rejects import Rejects
from crm.table_sources import open_source
from leadworth.settings import OutcomesSource, Settings

STATUSES = ("open", "lost", "junk", "won")
"""Of the statuses of several deals the last of these counts; lost, only if no deal is open."""
_OPEN, _LOST, _JUNK, _WON = range(len(STATUSES))
_NEVER = np.iinfo(np.int64).min
_FOLD_ROWS = 250_000


def has_outcome_columns(outcomes: OutcomesSource, columns: tuple[str, ...]) -> bool:
    """Return whether a file of leads has a column that determines whether a lead is closed.

    Examples
    --------
    >>> has_outcome_columns(OutcomesSource(won="Converted"), ("Lead", "Converted"))
    True
    >>> has_outcome_columns(OutcomesSource(), ("Lead",))
    False
    """
    closing = {"won", "won_at", "lost", "lost_at", "stage", "junk.column"}
    return any(name in columns for setting, name in named_columns(outcomes).items() if setting in closing)


def row_statuses(facts: OutcomeFacts, as_of: datetime) -> NDArray[np.int8]:
    """Return the position in `STATUSES` of each row as of a moment, shape (n,).

    An outcome without a date counts from `known_at` of its row on, or, without that too, always.
    """
    rows = facts.rows
    moment = pd.Timestamp(as_of)
    statuses = np.zeros(len(rows), dtype=np.int8)
    for status, name in ((_LOST, "lost"), (_JUNK, "junk"), (_WON, "won")):
        at = rows[f"{name}_at"].fillna(rows["known_at"]) if f"{name}_at" in rows else rows["known_at"]
        statuses[rows[name].to_numpy(dtype=bool) & ~(at > moment).to_numpy(dtype=bool)] = status
    return statuses


@dataclass(frozen=True)
class ClosedLeads:
    """Closed leads as of a moment: sorted digests of their ids, and the status of each."""

    digests: NDArray[np.uint64]
    statuses: NDArray[np.int8]

    def among(self, ids: pd.Series) -> NDArray[np.int8]:
        """Return the position in `STATUSES` of each lead, shape (n,)."""
        if not len(self.digests):
            return np.zeros(len(ids), dtype=np.int8)
        digests = _digests(ids)
        rows = np.searchsorted(self.digests, digests).clip(max=len(self.digests) - 1)
        return np.where(self.digests[rows] == digests, self.statuses[rows], _OPEN).astype(np.int8)


def read_closed(settings: Settings, as_of: datetime) -> ClosedLeads | None:
    """Return the leads that are closed by outcomes in a table of their own; None without such a table.

    Rows that cannot be parsed are ignored; `leadworth train` reports them.

    Raises
    ------
    InputError
        If the table cannot be read, or lacks a column of the settings.
    """
    source = outcomes_source(settings)
    if not has_own_table(source, settings.leads):
        return None
    table = open_source(settings, source, Rejects(None))
    optional = {"junk.column", "engaged.column"}
    required = {setting: name for setting, name in named_columns(source).items() if setting not in optional}
    require(table.name, table.columns, {"outcomes.lead_id": str(source.lead_id)} | required)
    events = _Events(as_of)
    reader: OutcomeReader | None = None
    for batch in table.batches:
        if reader is None:
            reader = OutcomeReader.from_sample(source, settings.zone, settings.leads.missing, table.name, batch)
        events.add(batch, reader.read(batch), str(source.lead_id), settings.leads.missing)
    return events.closed(history=bool(source.stage and source.stage_at))


@dataclass(frozen=True)
class _Rows:
    """Events as parallel arrays, one element per row or per lead.

    Attributes
    ----------
    last
        Status of the last event.
    won, junk, open, lost
        Whether any event is won, labelled junk, open or lost.
    """

    ids: NDArray[np.uint64]
    at: NDArray[np.int64]
    last: NDArray[np.int8]
    won: NDArray[np.bool_]
    junk: NDArray[np.bool_]
    open: NDArray[np.bool_]
    lost: NDArray[np.bool_]

    @classmethod
    def concatenate(cls, parts: list[_Rows]) -> _Rows:
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def by_lead(self) -> _Rows:
        """Return one row per lead; of events at the same time, the later row of the file is the last."""
        order = np.lexsort((self.at, self.ids))
        ids = self.ids[order]
        starts = np.flatnonzero(np.append(True, ids[1:] != ids[:-1])) if len(ids) else np.empty(0, np.int64)
        if not len(starts):
            return self
        last = order[np.append(starts[1:], len(ids)) - 1]
        flags = (np.logical_or.reduceat(flag[order], starts) for flag in (self.won, self.junk, self.open, self.lost))
        return _Rows(ids[starts], self.at[last], self.last[last], *flags)


class _Events:
    """Events of the leads, reduced to one row per lead from time to time, so that memory grows with leads only."""

    def __init__(self, as_of: datetime) -> None:
        self._as_of = as_of
        self._parts: list[_Rows] = []
        self._pending = 0

    def add(self, batch: RawBatch, facts: OutcomeFacts, id_column: str, missing: Sequence[str]) -> None:
        """Add rows, except those that cannot be parsed and stages reached later than the moment."""
        ids = typed.text_series(typed.ids(column_of(batch, id_column), missing).values)
        at = facts.rows["stage_at"]
        later = (at > pd.Timestamp(self._as_of)).to_numpy(dtype=bool)
        usable = ids.notna().to_numpy() & (facts.faults == "").astype(bool) & ~later
        times = np.where(at.isna(), _NEVER, at.dt.tz_convert(None).to_numpy(dtype="datetime64[us]").astype(np.int64))
        statuses = row_statuses(facts, self._as_of)[usable]
        flags = (statuses == _WON, statuses == _JUNK, statuses == _OPEN, statuses == _LOST)
        rows = _Rows(_digests(ids[usable]), times[usable], statuses, *flags)
        self._parts.append(rows)
        self._pending += len(rows.ids)
        if self._pending > _FOLD_ROWS:
            self._parts, self._pending = [_Rows.concatenate(self._parts).by_lead()], 0

    def closed(self, *, history: bool) -> ClosedLeads:
        """Return the closed leads: ever won or junk, or lost in all deals or in the last stage."""
        if not self._parts:
            return ClosedLeads(np.empty(0, np.uint64), np.empty(0, np.int8))
        leads = _Rows.concatenate(self._parts).by_lead()
        lost = leads.last == _LOST if history else leads.lost & ~leads.open
        statuses = np.select([leads.won, leads.junk, lost], [_WON, _JUNK, _LOST], _OPEN).astype(np.int8)
        closed = statuses != _OPEN
        return ClosedLeads(leads.ids[closed], statuses[closed])


def _digests(ids: pd.Series) -> NDArray[np.uint64]:
    return np.asarray(pd.util.hash_array(ids.to_numpy(dtype=object), categorize=False), dtype=np.uint64)
