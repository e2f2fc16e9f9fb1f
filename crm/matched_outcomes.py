"""Outcomes in a table of their own, matched with the leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm import casts as typed
from crm.cell_faults import CellFaults
from crm.declared_values import AbsentValue, absent_values
from crm.id_matching import IdIndex, IdMatches, Positions, repeated_forms
from crm.lead_table import column_of, row_values
from crm.match_evidence import MatchEvidence, match_evidence
from crm.outcome_fold import fold, superseded
from crm.outcome_joins import JoinedRows, OutcomeJoins, id_texts
from crm.outcome_table import OutcomeFacts, OutcomeReader, empty_facts, named_columns, one_of
from crm.raw_table import RawBatch, require
from crm.rejects import TableCounts
from crm.revenue_currency import require_rates
from crm.table_sources import gather, open_source, rejects_of
from crm.win_evidence import WinEvidence, win_candidates, win_evidence
from leadworth.settings import OutcomesSource, Settings

LEAD_STATUSES = frozenset({"junk.column", "engaged.column"})
"""Columns that may be in the table of the leads."""


@dataclass(frozen=True)
class ReadOutcomes:
    """Outcome table of the leads, and how it was read.

    Attributes
    ----------
    outcomes
        At most one row per lead; see `crm.outcome_fold`.
    win_evidence
        Evidence of won leads in the usable rows.
    absent
        Declared values that never occur.
    cells
        Unreadable cells.
    counts, joined_counts
        Row counts of the table and of the tables joined to it; None for the table of the leads.
    matches
        How many rows meet a lead; None for the table of the leads.
    checkboxes
        As in `crm.outcome_table.OutcomeReader`.
    """

    outcomes: pd.DataFrame
    win_evidence: WinEvidence
    absent: Sequence[AbsentValue]
    cells: CellFaults
    counts: TableCounts | None = None
    joined_counts: tuple[TableCounts, ...] = ()
    matches: MatchEvidence | None = None
    checkboxes: Mapping[str, bool] = field(default_factory=dict)


def read_matched_outcomes(
    settings: Settings, outcomes: OutcomesSource, leads: pd.DataFrame, lead_rows: RawBatch
) -> ReadOutcomes:
    """Read outcomes with a table of their own; junk and engaged may be columns of the leads.

    Rejected are rows without an id, those that meet no lead, that cannot be read, or that repeat another.

    Parameters
    ----------
    settings
        Settings of the business.
    outcomes
        Source of the outcomes.
    leads, lead_rows
        Lead table, and the raw rows of the same leads.

    Raises
    ------
    InputError
        If a table cannot be read, lacks a column of the settings, or has amounts in a currency without a rate.
    """
    missing = settings.leads.missing
    named = named_columns(outcomes)
    joins = OutcomeJoins.read(settings, outcomes)
    with rejects_of(settings, outcomes) as rejects:
        table = open_source(settings, outcomes, rejects)
        columns = joins.columns(table.columns)
        in_leads = {name: named[name] for name in LEAD_STATUSES & named.keys() if named[name] not in columns}
        in_leads = {name: column for name, column in in_leads.items() if column in lead_rows.rows.column_names}
        required = {setting: column for setting, column in named.items() if setting not in in_leads}
        require(table.name, columns, {"outcomes.lead_id": str(outcomes.lead_id)} | required)
        raw = gather(table)
        joined = joins.join(raw)
        reader = OutcomeReader.from_sample(settings, outcomes, table.name, joined.batch)
        facts = reader.read(joined.batch)
        keys = leads["lead_id"] if outcomes.key is None else id_texts(lead_rows, outcomes.key, missing)
        read_ids = typed.ids(column_of(joined.batch, str(outcomes.lead_id)), missing)
        ids = typed.text_series(read_ids.values)
        matches = IdIndex(keys).match(ids)
        deals = _deals(outcomes, joined, missing)
        faults = _faults(facts, read_ids, matches, joined.origin, _repeated(raw, outcomes))
        used = _used_pairs(facts, matches, joined.origin, deals, outcomes, faults)
        for row in np.flatnonzero(faults != ""):
            rejects.add(int(raw.lines[row]), str(faults[row]), row_values(raw, int(row)))
        counts = rejects.counts(table.name, len(raw.lines) + raw.faults, int((faults == "").sum()))
    rows, lead_positions = matches.rows[used], matches.reference_rows[used]
    used_facts = facts.rows.iloc[rows].reset_index(drop=True)
    require_rates(used_facts, settings)
    first_of_row = np.unique(joined.origin, return_index=True)[1]
    cells = _cells(reader, joined.batch, first_of_row)
    evidence = win_evidence(OutcomeFacts(facts.rows.iloc[first_of_row].reset_index(drop=True), faults))
    if not evidence.won:
        candidates = win_candidates(joined.batch.rows, {str(outcomes.lead_id)}, missing)
        evidence = replace(evidence, candidates=candidates)
    result = fold(leads["lead_id"].iloc[lead_positions], used_facts, outcomes, deals[rows])
    return ReadOutcomes(
        outcomes=_add_lead_statuses(result, leads, lead_rows, outcomes, in_leads),
        counts=counts,
        joined_counts=joins.counts,
        win_evidence=evidence,
        matches=match_evidence(ids, keys, matches, joined.origin, outcomes, settings),
        absent=[
            *absent_values(joined.batch.rows, outcomes, table.known_values),
            *absent_values(lead_rows.rows, _statuses_of_leads(outcomes, in_leads), table.known_values),
        ],
        cells=cells,
        checkboxes=reader.checkboxes,
    )


def _cells(reader: OutcomeReader, joined: RawBatch, first_of_row: Positions) -> CellFaults:
    """Return the unreadable cells of the rows of the table, each once, with those of its ids."""
    first = np.zeros(len(joined.lines), dtype=bool)
    first[first_of_row] = True
    once = reader if first.all() else replace(reader, cells=CellFaults())
    rows = joined.where(first)
    if once is not reader:
        once.read(rows)
    column = column_of(rows, str(reader.source.lead_id))
    once.cells.count(str(reader.source.lead_id), "id", column, typed.ids(column, reader.missing))
    return once.cells


def _deals(outcomes: OutcomesSource, joined: JoinedRows, missing: Sequence[str]) -> NDArray[np.object_]:
    """Return the deal of each joined row: its id, or the row of the table."""
    rows: NDArray[np.object_] = joined.origin.astype(object)
    if outcomes.deal_id is None:
        return rows
    ids = id_texts(joined.batch, outcomes.deal_id, missing)
    return np.where(ids.isna().to_numpy(dtype=bool), rows, repeated_forms(ids))


def _repeated(raw: RawBatch, outcomes: OutcomesSource) -> NDArray[np.bool_]:
    """Return which rows equal an earlier one in every column, unless their deals have an id.

    A stage history may repeat a row: it changes nothing.
    """
    size = len(raw.lines)
    if outcomes.deal_id or outcomes.stage_at or str(outcomes.lead_id) not in raw.rows.column_names:
        return np.zeros(size, dtype=bool)
    ids = typed.text_series(typed.texts(raw.rows.column(str(outcomes.lead_id))))
    several = np.flatnonzero(ids.duplicated(keep=False).to_numpy(dtype=bool))
    rows = raw.rows.take(pa.array(several))
    texts = pd.DataFrame({name: typed.text_series(typed.texts(rows.column(name))) for name in rows.column_names})
    repeated = np.zeros(size, dtype=bool)
    repeated[several] = texts.duplicated().to_numpy(dtype=bool)
    return repeated


def _faults(
    facts: OutcomeFacts,
    ids: typed.ColumnCast[pa.Array],
    matches: IdMatches,
    origin: Positions,
    repeated: NDArray[np.bool_],
) -> NDArray[np.object_]:
    """Return why each row of the table cannot be used, shape (rows of the table,); empty if it can."""
    faults: NDArray[np.object_] = np.full(len(repeated), "", dtype=object)
    faults[repeated] = "repeated row"
    bad = np.flatnonzero(facts.faults != "")[::-1]
    faults[origin[bad]] = facts.faults[bad]
    written, unreadable, met, ambiguous = (
        np.bincount(origin[mask], minlength=len(faults)) > 0
        for mask in (np.asarray(pc.is_valid(ids.values)), ids.unreadable, matches.met, matches.ambiguous)
    )
    faults[~met] = "no such lead"
    faults[~met & ambiguous] = "several leads have this id in another form"
    faults[~written] = "no lead id"
    faults[~written & unreadable] = "unreadable lead_id"
    return faults


def _used_pairs(
    facts: OutcomeFacts,
    matches: IdMatches,
    origin: Positions,
    deals: NDArray[np.object_],
    outcomes: OutcomesSource,
    faults: NDArray[np.object_],
) -> Positions:
    """Return the positions of the pairs of a row and a lead that count; add the fault of rows that repeat a deal."""
    used = np.flatnonzero(faults[origin[matches.rows]] == "")
    if outcomes.deal_id is None or outcomes.stage_at:
        return used
    rows = matches.rows[used]
    late = superseded(matches.reference_rows[used], facts.rows["known_at"].iloc[rows], deals[rows])
    kept = np.bincount(origin[rows[~late]], minlength=len(faults)) > 0
    faults[np.setdiff1d(origin[rows], np.flatnonzero(kept))] = "repeated deal id"
    return used[~late]


def _statuses_of_leads(outcomes: OutcomesSource, in_leads: Mapping[str, str]) -> OutcomesSource:
    """Return the settings of the statuses that are columns of the leads."""
    statuses = {name: getattr(outcomes, name) for name in ("junk", "engaged") if f"{name}.column" in in_leads}
    return OutcomesSource(**statuses)


def _add_lead_statuses(
    result: pd.DataFrame,
    leads: pd.DataFrame,
    lead_rows: RawBatch,
    outcomes: OutcomesSource,
    in_leads: Mapping[str, str],
) -> pd.DataFrame:
    """Add junk and engaged from columns of the leads."""
    if not in_leads:
        return result
    settings = {"junk": outcomes.junk, "engaged": outcomes.engaged}
    statuses = pd.DataFrame({"lead_id": leads["lead_id"], "junk": False, "engaged": False})
    for name, setting in settings.items():
        if setting is not None and f"{name}.column" in in_leads:
            statuses[name] = one_of(lead_rows.rows.column(setting.column), setting.values)
    statuses = statuses[statuses["junk"] | statuses["engaged"]]
    new = statuses.loc[~statuses["lead_id"].isin(result["lead_id"]), "lead_id"]
    blank = fold(new, empty_facts(len(new)), OutcomesSource())
    result = pd.concat([result, blank], ignore_index=True) if len(blank) else result
    for name in settings:
        ids = statuses.loc[statuses[name], "lead_id"]
        result[name] |= result["lead_id"].isin(ids)
    return result
