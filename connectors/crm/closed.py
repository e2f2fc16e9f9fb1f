"""Which leads were closed at a moment: won, lost or called junk. The others are open, and have an age.

Outcomes that stand in a table of their own are read once, in batches, and kept as 64-bit digests of
the lead ids with the time of each event (about 20 bytes a row), so that millions of leads fit. Two
ids share a digest with a chance of about 1 in 37 million among a million leads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectors.crm import columns as typed
from connectors.crm.leads import column_of
from connectors.crm.outcomes import FactReader, Facts, apart, named_columns, outcomes_source
from connectors.crm.sources import open_source
from connectors.crm.tables import RawBatch, require
from connectors.rejects import Rejects
from leadworth.settings import OutcomesSource, Settings

_OPEN, _LOST, _WON = 0, 1, 2
_NEVER = np.iinfo(np.int64).min


def tells(outcomes: OutcomesSource, columns: tuple[str, ...]) -> bool:
    """Tell whether a file of leads has a column that says whether a lead is closed.

    Examples
    --------
    >>> tells(OutcomesSource(won="Converted"), ("Lead", "Converted")), tells(OutcomesSource(), ("Lead",))
    (True, False)
    """
    says = {"won", "won_at", "lost", "lost_at", "stage", "junk.column"}
    return any(name in columns for setting, name in named_columns(outcomes).items() if setting in says)


def closed_rows(facts: Facts, as_of: datetime) -> NDArray[np.bool_]:
    """Tell which rows, one per lead, were closed at a moment; what has no date counts."""
    return np.asarray((_states(facts, as_of) != _OPEN) | facts.rows["junk"].to_numpy(dtype=bool))


def _states(facts: Facts, as_of: datetime) -> NDArray[np.int8]:
    rows, moment = facts.rows, pd.Timestamp(as_of)
    states = np.zeros(len(rows), dtype=np.int8)
    for state, name in ((_LOST, "lost"), (_WON, "won")):
        later = (rows[f"{name}_at"] > moment).to_numpy(dtype=bool)
        states[rows[name].to_numpy(dtype=bool) & ~later] = state
    return states


@dataclass(frozen=True)
class Closed:
    """The leads that were closed at a moment, as sorted digests of their ids."""

    digests: NDArray[np.uint64]

    def among(self, ids: pd.Series) -> NDArray[np.bool_]:
        """Tell which leads are closed, shape (n,)."""
        return np.isin(_digests(ids), self.digests)


def read_closed(settings: Settings, as_of: datetime) -> Closed | None:
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
    reader: FactReader | None = None
    for batch in table.batches:
        if reader is None:
            reader = FactReader.settled(source, settings.zone, settings.leads.missing, table.name, batch)
        events.add(batch, reader.read(batch), str(source.lead_id), settings.leads.missing)
    return Closed(events.closed(history=bool(source.stage and source.stage_at)))


class _Events:
    """What the rows said, as parallel arrays."""

    def __init__(self, as_of: datetime) -> None:
        self._as_of = as_of
        self._ids: list[NDArray[np.uint64]] = [np.empty(0, np.uint64)]
        self._states: list[NDArray[np.int8]] = [np.empty(0, np.int8)]
        self._at: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
        self._junk: list[NDArray[np.uint64]] = [np.empty(0, np.uint64)]

    def add(self, batch: RawBatch, facts: Facts, id_column: str, missing: tuple[str, ...]) -> None:
        ids = typed.text_series(typed.texts(column_of(batch, id_column), missing))
        moment = pd.Timestamp(self._as_of)
        at = facts.rows["stage_at"]
        usable = ids.notna().to_numpy() & (facts.faults == "").astype(bool) & ~(at > moment).to_numpy(dtype=bool)
        digests = _digests(ids[usable])
        self._ids.append(digests)
        self._states.append(_states(facts, self._as_of)[usable])
        times = np.where(at.isna(), _NEVER, at.to_numpy(dtype="datetime64[us]").astype(np.int64))
        self._at.append(times[usable])
        self._junk.append(digests[facts.rows["junk"].to_numpy(dtype=bool)[usable]])

    def closed(self, *, history: bool) -> NDArray[np.uint64]:
        """Return the digests of the closed leads: won once, lost in all deals or at last, or junk."""
        ids, states, at = np.concatenate(self._ids), np.concatenate(self._states), np.concatenate(self._at)
        order = np.lexsort((at, ids)) if history else np.argsort(ids, kind="stable")
        ids, states = ids[order], states[order]
        found = [np.concatenate(self._junk), ids[states == _WON]]
        if len(ids):
            last = np.append(ids[1:] != ids[:-1], True)
            if history:
                found.append(ids[last & (states == _LOST)])
            else:
                found.append(np.setdiff1d(ids[states == _LOST], ids[states == _OPEN]))
        return np.unique(np.concatenate(found))


def _digests(ids: pd.Series) -> NDArray[np.uint64]:
    return np.asarray(pd.util.hash_array(ids.to_numpy(dtype=object), categorize=False), dtype=np.uint64)
