"""Lead history: the leads of a business as known at submit, and their outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm import casts as typed
from crm.consent_columns import consents_not_understood
from crm.feature_inference import infer_rest
from crm.lead_table import FEATURE_KINDS, FeatureKind, LeadReader, column_of, row_values
from crm.mapped_columns import ignored_fields, mapped_columns
from crm.outcome_table import OutcomeReader, empty_facts, fold, has_own_table, named_columns, one_of, outcomes_source
from crm.raw_table import RawBatch, require
from crm.rejects import Rejects, TableCounts
from crm.table_sources import gather, open_source, rejects_of
from crm.win_evidence import WinEvidence, win_candidates, win_evidence
from leadworth.settings import LeadsSource, OutcomesSource, Settings


@dataclass(frozen=True)
class HistoryCounts:
    """Row counts of each table; `outcomes` is None if the outcomes are in the table of the leads."""

    leads: TableCounts
    outcomes: TableCounts | None = None


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
    columns
        Field of the lead table -> column of the file.
    ignored
        Fields of the lead table that are never features.
    """

    leads: pd.DataFrame
    outcomes: pd.DataFrame
    extras: Mapping[str, FeatureKind]
    counts: HistoryCounts
    left_out: Mapping[str, str] = field(default_factory=dict)
    consents_not_understood: Counter[str] = field(default_factory=Counter)
    win_evidence: WinEvidence = field(default_factory=WinEvidence)
    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()


def read_history(settings: Settings) -> LeadHistory:
    """Read the leads and outcomes of the settings.

    Rejected are rows that repeat a lead id, have no id or a date that cannot be parsed, and outcomes of
    leads that do not exist.

    Raises
    ------
    ConfigurationError
        If the settings are incomplete.
    InputError
        If a table cannot be read, lacks a column of the settings, or its dates are ambiguous.
    """
    source = settings.leads
    outcomes = outcomes_source(settings)
    own_table = has_own_table(outcomes, source)
    with rejects_of(settings, source) as rejects:
        table = open_source(settings, source, rejects)
        require(table.name, table.columns, _lead_columns(source) | ({} if own_table else named_columns(outcomes)))
        raw = gather(table)
        rows_in = len(raw.lines) + raw.faults
        extras, left_out = _extras(source, raw, named_columns(outcomes))
        reader = LeadReader.from_sample(source, settings.zone, extras, table.name, raw)
        raw, leads = reader.read(raw, rejects)
        raw, leads = _reject_faults(raw, leads, _repeated_ids(leads), rejects)
        if not own_table:
            facts = OutcomeReader.from_sample(outcomes, settings.zone, source.missing, table.name, raw).read(raw)
            raw, leads = _reject_faults(raw, leads, facts.faults, rejects)
            result = fold(leads["lead_id"], facts.usable, outcomes)
            evidence = win_evidence(facts.usable)
        counts = HistoryCounts(rejects.counts(table.name, rows_in, len(leads)))
    if own_table:
        result, outcome_counts, evidence = _read_outcomes(settings, outcomes, leads, raw)
        counts = replace(counts, outcomes=outcome_counts)
    if not evidence.won:
        candidates = win_candidates(raw.rows, set(_lead_columns(source).values()), source.missing)
        evidence = replace(evidence, candidates={**evidence.candidates, **candidates})
    consents = consents_not_understood(raw.rows, source)
    columns = mapped_columns(source) | {f"extras.{name}": name for name in extras}
    return LeadHistory(leads, result, extras, counts, left_out, consents, evidence, columns, ignored_fields(source))


def _lead_columns(source: LeadsSource) -> dict[str, str]:
    """Return setting -> column for every column of [leads]."""
    features = source.features
    names = {"leads.id": source.id}
    names |= {f"leads.{name}": value for name in ("submitted_at", "order_by") if (value := getattr(source, name))}
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
    faults: NDArray[np.object_] = np.full(len(leads), "", dtype=object)
    faults[leads["lead_id"].duplicated().to_numpy()] = "repeated lead id"
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


def _read_outcomes(
    settings: Settings, outcomes: OutcomesSource, leads: pd.DataFrame, lead_rows: RawBatch
) -> tuple[pd.DataFrame, TableCounts, WinEvidence]:
    """Read outcomes with a table of their own; junk and engaged may be columns of the leads."""
    missing = settings.leads.missing
    named = named_columns(outcomes)
    in_leads = {setting: name for setting, name in named.items() if _is_status_of_leads(lead_rows, setting, name)}
    with rejects_of(settings, outcomes) as rejects:
        table = open_source(settings, outcomes, rejects)
        in_leads = {setting: name for setting, name in in_leads.items() if name not in table.columns}
        required = {setting: name for setting, name in named.items() if setting not in in_leads}
        require(table.name, table.columns, {"outcomes.lead_id": str(outcomes.lead_id)} | required)
        raw = gather(table)
        read_ids = typed.ids(column_of(raw, str(outcomes.lead_id)), missing)
        ids = typed.text_series(read_ids.values)
        facts = OutcomeReader.from_sample(outcomes, settings.zone, missing, table.name, raw).read(raw)
        faults = facts.faults.copy()
        faults[~ids.isin(leads["lead_id"]).to_numpy(dtype=bool)] = "no such lead"
        faults[ids.isna().to_numpy(dtype=bool)] = "no lead id"
        faults[read_ids.unreadable] = "unreadable lead_id"
        good = (faults == "").astype(bool)
        _reject_faults(raw, pd.DataFrame(index=ids.index), faults, rejects)
        counts = rejects.counts(table.name, len(raw.lines) + raw.faults, int(good.sum()))
    usable = facts.rows[good].reset_index(drop=True)
    evidence = win_evidence(usable)
    if not evidence.won:
        evidence = replace(evidence, candidates=win_candidates(raw.rows, {str(outcomes.lead_id)}, missing))
    result = _add_lead_statuses(fold(ids[good], usable, outcomes), leads, lead_rows, outcomes, in_leads)
    return result, counts, evidence


def _is_status_of_leads(lead_rows: RawBatch, setting: str, name: str) -> bool:
    return setting in {"junk.column", "engaged.column"} and name in lead_rows.rows.column_names


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
