"""Lead history: the leads of a business as known at submit, and their outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from crm import casts as typed
from crm.cell_faults import CellFaults
from crm.consent_columns import consents_not_understood
from crm.declared_values import AbsentValue, absent_values
from crm.feature_inference import infer_rest
from crm.id_matching import canonical_ids
from crm.lead_table import FEATURE_KINDS, FeatureKind, LeadReader, column_of, row_values
from crm.mapped_columns import ignored_fields, mapped_columns
from crm.match_evidence import MatchEvidence
from crm.matched_outcomes import ReadOutcomes, read_matched_outcomes
from crm.mirror_fields import ACCOUNT, is_crm
from crm.outcome_fold import fold
from crm.outcome_table import OutcomeReader, has_own_table, named_columns, outcomes_source
from crm.raw_table import RawBatch, require
from crm.rejects import Rejects, TableCounts
from crm.revenue_currency import require_rates
from crm.table_sources import gather, open_source, rejects_of
from crm.win_evidence import WinEvidence, win_candidates, win_evidence
from leadworth.records import fields_of
from leadworth.settings import LeadsSource, OutcomesSource, Settings


@dataclass(frozen=True)
class HistoryCounts:
    """Row counts of each table; `outcomes` is None if the outcomes are in the table of the leads.

    `joined` are the tables joined to the outcomes.
    """

    leads: TableCounts
    outcomes: TableCounts | None = None
    joined: tuple[TableCounts, ...] = ()

    @property
    def tables(self) -> tuple[TableCounts, ...]:
        """The counts of every table."""
        return (self.leads, *((self.outcomes,) if self.outcomes else ()), *self.joined)


@dataclass(frozen=True)
class LeadHistory:
    """Leads and outcomes as read from the CRM.

    Attributes
    ----------
    leads
        Lead table: one row per lead, standard fields and `extras.<column>`.
    outcomes
        Outcome table: at most one row per lead; a lead without a row has no outcome yet.
    extras
        Additional columns and their kind.
    counts
        Row counts of the tables.
    left_out
        Columns that `rest = "auto"` excluded, with the reason.
    consents_not_understood
        Value of a consent column that is not understood -> number of cells.
    win_evidence
        Evidence of won leads in the rows of outcomes.
    matches
        How many rows of outcomes meet a lead; None if they are in the table of the leads.
    absent
        Declared values that never occur.
    lead_cells, outcome_cells
        Unreadable cells of the columns of leads and outcomes.
    columns
        Field of the lead table -> column of the file.
    ignored
        Fields of the lead table that are never features.
    accounts
        Account of each lead, aligned with the lead table; None where the settings name no column.
    checkboxes
        As in `crm.outcome_table.OutcomeReader`.
    """

    leads: pd.DataFrame
    outcomes: pd.DataFrame
    extras: Mapping[str, FeatureKind]
    counts: HistoryCounts
    left_out: Mapping[str, str] = field(default_factory=dict)
    consents_not_understood: Counter[str] = field(default_factory=Counter)
    win_evidence: WinEvidence = field(default_factory=WinEvidence)
    matches: MatchEvidence | None = None
    absent: Sequence[AbsentValue] = ()
    lead_cells: CellFaults = field(default_factory=CellFaults)
    outcome_cells: CellFaults = field(default_factory=CellFaults)
    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    accounts: pd.Series | None = None
    checkboxes: Mapping[str, bool] = field(default_factory=dict)

    @property
    def cells(self) -> dict[str, CellFaults]:
        """Unreadable cells by table."""
        return {"leads": self.lead_cells, "outcomes": self.outcome_cells}

    @property
    def twins(self) -> int:
        """Number of lead ids that differ from that of another lead only in their form, such as 0123 and 123."""
        return int(pd.Series(canonical_ids(self.leads["lead_id"])).duplicated(keep=False).sum())


def read_history(settings: Settings) -> LeadHistory:
    """Read the leads and outcomes of the settings.

    Rejected are leads without an id, with a submit time that cannot be read, and all but the latest row of a
    lead id; and rows of outcomes that meet no lead, cannot be read, or repeat another.

    Raises
    ------
    ConfigurationError
        If the settings are incomplete.
    InputError
        If a table cannot be read, lacks a column of the settings, its dates are ambiguous, or it has amounts in a
        currency without a rate.
    """
    source = settings.leads
    outcomes = outcomes_source(settings)
    own_table = has_own_table(outcomes, source)
    with rejects_of(settings, source) as rejects:
        table = open_source(settings, source, rejects)
        in_leads = {"outcomes.key": outcomes.key} if outcomes.key else {}
        in_leads |= {} if own_table else named_columns(outcomes)
        require(table.name, table.columns, _lead_columns(source) | in_leads)
        raw = gather(table)
        rows_in = len(raw.lines) + raw.faults
        extras, left_out = _extras(source, raw, {**named_columns(outcomes), **in_leads})
        reader = LeadReader.from_sample(source, settings.zone, extras, table.name, raw)
        raw, leads = reader.read(raw, rejects)
        raw, leads = _reject_faults(raw, leads, _repeated_ids(leads), rejects)
        read = None
        if not own_table:
            facts_reader = OutcomeReader.from_sample(settings, outcomes, table.name, raw)
            facts = facts_reader.read(raw)
            raw, leads = _reject_faults(raw, leads, facts.faults, rejects)
            require_rates(facts.usable, settings)
            result = fold(leads["lead_id"], facts.usable, outcomes)
            absent = absent_values(raw.rows, outcomes)
            checkboxes = facts_reader.checkboxes
            read = ReadOutcomes(result, win_evidence(facts), absent, facts_reader.cells, checkboxes=checkboxes)
        lead_counts = rejects.counts(table.name, rows_in, len(leads))
    if read is None:
        raw = _without_read_fields(raw, source, outcomes)
        read = read_matched_outcomes(settings, outcomes, leads, raw)
    evidence = read.win_evidence
    if not evidence.won:
        candidates = win_candidates(raw.rows, set(_lead_columns(source).values()), source.missing)
        evidence = replace(evidence, candidates={**evidence.candidates, **candidates})
    return LeadHistory(
        leads,
        read.outcomes,
        extras,
        HistoryCounts(lead_counts, read.counts, read.joined_counts),
        left_out,
        consents_not_understood(raw.rows, source),
        evidence,
        matches=read.matches,
        absent=read.absent,
        lead_cells=reader.cells,
        outcome_cells=read.cells,
        columns=mapped_columns(source) | {f"extras.{name}": name for name in extras},
        ignored=ignored_fields(source),
        accounts=_accounts(source, raw),
        checkboxes=read.checkboxes,
    )


def _without_read_fields(raw: RawBatch, source: LeadsSource, outcomes: OutcomesSource) -> RawBatch:
    """Return the rows without the columns that only the lead table is read from, which take most of the memory."""
    consents = {column for name, column in source.columns.items() if name in fields_of("consent")}
    others = {outcomes.key, _account_column(source), *consents, *named_columns(outcomes).values()}
    unused = set(source.columns.values()) - others
    kept = [name for name in raw.rows.column_names if name not in unused]
    pa.default_memory_pool().release_unused()
    return RawBatch(raw.rows.select(kept), raw.lines, raw.faults)


def _accounts(source: LeadsSource, raw: RawBatch) -> pd.Series | None:
    column = _account_column(source)
    return None if column is None else typed.text_series(typed.texts(column_of(raw, column), source.missing))


def _account_column(source: LeadsSource) -> str | None:
    """Return the column with the account of a lead; the mirror of a CRM has one without a setting."""
    return source.account or (ACCOUNT if is_crm(source.path) else None)


def _lead_columns(source: LeadsSource) -> dict[str, str]:
    """Return setting -> column for every column of [leads]."""
    features = source.features
    names = {"leads.id": source.id}
    others = {"submitted_at": source.submitted_at, "order_by": source.order_by, "account": _account_column(source)}
    names |= {f"leads.{name}": value for name, value in others.items() if value}
    names |= {f"leads.columns.{name}": column for name, column in source.columns.items()}
    for kind in FEATURE_KINDS:
        names |= {f"leads.features.{kind} ({column})": column for column in getattr(features, kind)}
    return names


def _extras(
    source: LeadsSource, raw: RawBatch, outcome_columns: Mapping[str, str]
) -> tuple[dict[str, FeatureKind], dict[str, str]]:
    """Return the additional columns with their kind, and the excluded ones with the reason."""
    features = source.features
    kinds: dict[str, FeatureKind] = {}
    for kind in FEATURE_KINDS:
        kinds |= dict.fromkeys((name for name in getattr(features, kind) if name not in features.ignore), kind)
    if features.rest == "ignore":
        return kinds, {}
    named = {*_lead_columns(source).values(), *outcome_columns.values(), *features.ignore}
    inferred, left_out = infer_rest(raw.rows, named, source.missing)
    return kinds | inferred, left_out


def _repeated_ids(leads: pd.DataFrame) -> NDArray[np.object_]:
    """Return the fault of all rows of a lead id but the latest: the last submitted, and of equal ones the last."""
    faults: NDArray[np.object_] = np.full(len(leads), "", dtype=object)
    if not leads["lead_id"].is_unique:
        ordered = leads.sort_values("submitted_at", kind="stable", na_position="first")
        faults[ordered.index[ordered["lead_id"].duplicated(keep="last")]] = "repeated lead id"
    return faults


def _reject_faults(
    raw: RawBatch, leads: pd.DataFrame, faults: NDArray[np.object_], rejects: Rejects
) -> tuple[RawBatch, pd.DataFrame]:
    """Reject the rows with a fault; return the others."""
    good = (faults == "").astype(bool)
    if good.all():
        return raw, leads
    for row in np.flatnonzero(~good):
        rejects.add(int(raw.lines[row]), str(faults[row]), row_values(raw, int(row)))
    return raw.where(good), leads[good].reset_index(drop=True)
