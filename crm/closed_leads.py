"""Closed leads as of a moment: won, junk or lost. All other leads are open.

Outcomes in a table of their own are read once, in batches, and stored as 64-bit digests of the lead
ids with the last event of each (44 bytes per lead and deal), so that millions of leads fit in memory. Among a
million leads, the probability that two ids share a digest is about 1 in 37 million. Ids match in any form, as
in `crm.id_matching`; that several leads share a form is seen within one batch of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm.id_matching import IdCells, canonical_ids, repeated_forms
from crm.matched_outcomes import LEAD_STATUSES
from crm.outcome_joins import OutcomeJoins, id_texts
from crm.outcome_table import OutcomeFacts, OutcomeReader, has_own_table, named_columns, outcomes_source
from crm.raw_table import RawBatch, require
from crm.rejects import Rejects
from crm.table_sources import open_source
from leadworth.settings import OutcomesSource, Settings

Digests = NDArray[np.uint64]
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
    """Statuses of the leads that outcomes in a table of their own name, by exact and by canonical id."""

    exact: DigestTable
    canonical: DigestTable
    folded: DigestTable

    def among(self, ids: pd.Series) -> NDArray[np.int8]:
        """Return the position in `STATUSES` of each lead, shape (n,).

        Parameters
        ----------
        ids
            (n,) ids that the outcomes name: those of the leads, or the `key` of the settings. If several of them
            share a form, these match exactly only.
        """
        cells = IdCells.of(ids)
        exact, canonical, folded = _forms(cells.tokens)
        statuses = self.canonical.find(canonical)
        twins = pd.Series(canonical).duplicated(keep=False).to_numpy()
        statuses[twins] = self.exact.find(exact)[twins]
        single = ~pd.Series(folded).duplicated(keep=False).to_numpy()
        statuses = np.where((statuses < 0) & single, self.folded.find(folded), statuses)[cells.token_of]
        any_won, any_junk, any_lost, any_open = (
            np.bincount(cells.cell_of[statuses == status], minlength=len(ids)) > 0
            for status in (_WON, _JUNK, _LOST, _OPEN)
        )
        result = np.select([any_won, any_junk, any_lost & ~any_open], [_WON, _JUNK, _LOST], _OPEN)
        return result.astype(np.int8)


def read_closed(
    settings: Settings,
    as_of: datetime,
    only: Collection[str] | None = None,
    checkboxes: Mapping[str, bool] | None = None,
) -> ClosedLeads | None:
    """Return the leads that are closed by outcomes in a table of their own; None without such a table.

    Rows that cannot be parsed are ignored; `leadworth train` reports them.

    Parameters
    ----------
    only
        Ids of the leads that are asked about, which a mirror finds by itself; None: all.
    checkboxes
        As in `crm.outcome_table.OutcomeReader.from_sample`.

    Raises
    ------
    InputError
        If the table cannot be read, or lacks a column of the settings.
    """
    source = outcomes_source(settings)
    if not has_own_table(source, settings.leads):
        return None
    joins = OutcomeJoins.read(settings, source)
    table = open_source(settings, source, Rejects(None), only)
    required = {setting: name for setting, name in named_columns(source).items() if setting not in LEAD_STATUSES}
    require(table.name, joins.columns(table.columns), {"outcomes.lead_id": str(source.lead_id)} | required)
    events = _Events(settings, source, as_of)
    reader: OutcomeReader | None = None
    for batch in table.batches:
        joined = joins.join(batch).batch
        if reader is None:
            reader = OutcomeReader.from_sample(settings, source, table.name, joined, checkboxes)
        events.add(joined, reader.read(joined))
    return events.closed()


@dataclass(frozen=True)
class DigestTable:
    """Statuses by sorted digest of an id."""

    digests: Digests
    statuses: NDArray[np.int8]

    def find(self, digests: Digests) -> NDArray[np.int8]:
        """Return the status of each digest, shape (n,); -1 if there is none."""
        if not len(self.digests):
            return np.full(len(digests), -1, dtype=np.int8)
        rows = np.searchsorted(self.digests, digests).clip(max=len(self.digests) - 1)
        return np.where(self.digests[rows] == digests, self.statuses[rows], np.int8(-1))


@dataclass(frozen=True)
class _Rows:
    """Events as parallel arrays, one element per row, or per lead and deal.

    Attributes
    ----------
    exact, canonical, folded
        Digests of the id as written, of its canonical form, and of this without regard to case.
    deal
        Digest of the deal; 0 without `deal_id`.
    at
        Time of the last event.
    won, junk, open, lost
        Status: of any event for won and junk.
    """

    exact: Digests
    canonical: Digests
    folded: Digests
    deal: Digests
    at: NDArray[np.int64]
    won: NDArray[np.bool_]
    junk: NDArray[np.bool_]
    open: NDArray[np.bool_]
    lost: NDArray[np.bool_]

    @classmethod
    def concatenate(cls, parts: list[_Rows]) -> _Rows:
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def by_deal(self, *, history: bool, latest: bool) -> _Rows:
        """Return one row per lead and deal; of events at the same time, the later row of the file is the last.

        Parameters
        ----------
        history
            Whether the last event decides whether the deal is open or lost.
        latest
            Whether the last event decides everything, because it repeats the deal.
        """
        if not len(self.exact):
            return self
        order = np.lexsort((self.at, self.deal, self.exact))
        exact, deal = self.exact[order], self.deal[order]
        starts = np.flatnonzero(np.append(True, (exact[1:] != exact[:-1]) | (deal[1:] != deal[:-1])))
        last = order[np.append(starts[1:], len(order)) - 1]
        flags = []
        for name, at_end in (
            ("won", latest),
            ("junk", latest),
            ("open", latest or history),
            ("lost", latest or history),
        ):
            flag = getattr(self, name)
            flags.append(flag[last] if at_end else np.logical_or.reduceat(flag[order], starts))
        return _Rows(exact[starts], self.canonical[last], self.folded[last], deal[starts], self.at[last], *flags)

    def by_lead(self, digests: Digests) -> DigestTable:
        """Return the status of each lead: ever won or junk, or lost in all deals; `digests` identify the leads."""
        order = np.argsort(digests, kind="stable")
        ids = digests[order]
        starts = np.flatnonzero(np.append(True, ids[1:] != ids[:-1])) if len(ids) else np.empty(0, np.int64)
        if not len(starts):
            return DigestTable(ids, np.empty(0, np.int8))
        won, junk, is_open, lost = (
            np.logical_or.reduceat(flag[order], starts) for flag in (self.won, self.junk, self.open, self.lost)
        )
        statuses = np.select([won, junk, lost & ~is_open], [_WON, _JUNK, _LOST], _OPEN).astype(np.int8)
        return DigestTable(ids[starts], statuses)


class _Events:
    """Events of the leads, reduced to one row per lead and deal from time to time, so that memory grows with these."""

    def __init__(self, settings: Settings, source: OutcomesSource, as_of: datetime) -> None:
        self._missing = settings.leads.missing
        self._source = source
        self._as_of = as_of
        self._history = bool(source.stage and source.stage_at)
        self._latest = source.deal_id is not None and not self._history
        self._parts: list[_Rows] = []
        self._pending = 0

    def add(self, batch: RawBatch, facts: OutcomeFacts) -> None:
        """Add rows, except those that cannot be parsed and stages reached later than the moment."""
        cells = IdCells.of(id_texts(batch, str(self._source.lead_id), self._missing))
        later = (facts.rows["stage_at"] > pd.Timestamp(self._as_of)).to_numpy(dtype=bool)
        usable = ((facts.faults == "").astype(bool) & ~later)[cells.cell_of]
        rows = cells.cell_of[usable]
        at = facts.rows["known_at" if self._latest else "stage_at"]
        times = np.where(at.isna(), _NEVER, at.dt.tz_convert(None).to_numpy(dtype="datetime64[us]").astype(np.int64))
        statuses = row_statuses(facts, self._as_of)[rows]
        exact, canonical, folded = (digests[cells.token_of[usable]] for digests in _forms(cells.tokens))
        self._parts.append(
            _Rows(
                exact,
                canonical,
                folded,
                self._deals(batch)[rows],
                times[rows],
                won=statuses == _WON,
                junk=statuses == _JUNK,
                open=statuses == _OPEN,
                lost=statuses == _LOST,
            )
        )
        self._pending += len(rows)
        if self._pending > _FOLD_ROWS:
            self._parts, self._pending = [self._folded()], 0

    def closed(self) -> ClosedLeads:
        """Return the statuses of the leads."""
        if not self._parts:
            empty = DigestTable(np.empty(0, np.uint64), np.empty(0, np.int8))
            return ClosedLeads(empty, empty, empty)
        rows = self._folded()
        pairs = pd.DataFrame({"folded": rows.folded, "canonical": rows.canonical}).drop_duplicates()
        several = pairs.loc[pairs["folded"].duplicated(keep=False), "folded"].unique()
        folded = rows.by_lead(rows.folded)
        single = ~np.isin(folded.digests, several)
        return ClosedLeads(
            rows.by_lead(rows.exact),
            rows.by_lead(rows.canonical),
            DigestTable(folded.digests[single], folded.statuses[single]),
        )

    def _folded(self) -> _Rows:
        return _Rows.concatenate(self._parts).by_deal(history=self._history, latest=self._latest)

    def _deals(self, batch: RawBatch) -> Digests:
        if self._source.deal_id is None:
            return np.zeros(len(batch.lines), dtype=np.uint64)
        ids = id_texts(batch, self._source.deal_id, self._missing)
        deals = _digests(repeated_forms(ids))
        alone = ids.isna().to_numpy(dtype=bool)
        deals[alone] = batch.lines[alone].astype(np.uint64)
        return deals


def _forms(tokens: NDArray[np.object_]) -> tuple[Digests, Digests, Digests]:
    """Return the digests of ids as written, of their canonical forms, and of these without regard to case."""
    canonical = canonical_ids(pd.Series(tokens, dtype=object))
    folded = np.array([form.casefold() for form in canonical], dtype=object)
    return _digests(tokens), _digests(canonical), _digests(folded)


def _digests(ids: NDArray[np.object_]) -> Digests:
    return np.asarray(pd.util.hash_array(ids, categorize=False), dtype=np.uint64)
