"""The history of a business: its leads as known at submit, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from crm import casts as typed
from crm.consent_columns import consents_not_understood
from crm.feature_inference import infer_rest
from crm.lead_table import KINDS, Kind, LeadReader, column_of, row_values
from crm.outcome_table import OutcomeReader, apart, empty_facts, fold, named_columns, one_of, outcomes_source
from crm.raw_table import RawBatch, require
from crm.rejects import Rejects, TableCounts
from crm.table_sources import gather, open_source, rejects_of
from crm.win_evidence import WinEvidence, win_candidates, win_evidence
from leadworth.settings import LeadsSource, OutcomesSource, Settings


@dataclass(frozen=True)
class HistoryCounts:
    """Rows in, kept and set aside of each table; `outcomes` is None where they stand in the leads' own."""

    leads: TableCounts
    outcomes: TableCounts | None = None


@dataclass(frozen=True)
class LeadHistory:
    """Leads and outcomes as the CRM told them.

    Attributes
    ----------
    leads
        Lead table: one row per lead, standard fields and `extras.<column>`.
    outcomes
        Outcome table: at most one row per lead; a lead without a row has no outcome yet.
    extras
        Further columns and their kind.
    counts
        Rows in, kept and set aside.
    left_out
        Columns that `rest = "auto"` did not take, with the reason.
    consents_not_understood
        What is written in the consent columns and is no known word for consent -> cells.
    win_evidence
        What the rows of outcomes hold to tell won leads from others.
    """

    leads: pd.DataFrame
    outcomes: pd.DataFrame
    extras: Mapping[str, Kind]
    counts: HistoryCounts
    left_out: Mapping[str, str] = field(default_factory=dict)
    consents_not_understood: Counter[str] = field(default_factory=Counter)
    win_evidence: WinEvidence = field(default_factory=WinEvidence)


def read_history(settings: Settings) -> LeadHistory:
    """Read the leads and outcomes that the settings name.

    Of two rows with the same lead id the later one is set aside, as are rows without an id or with a
    date that cannot be read, and outcomes of leads that are not there.

    Raises
    ------
    ConfigurationError
        Where the settings cannot be used.
    InputError
        Where a table cannot be read, lacks a column that is named, or its dates are ambiguous.
    """
    source, outcomes = settings.leads, outcomes_source(settings)
    own_table = apart(outcomes, source)
    with rejects_of(settings, source) as rejects:
        table = open_source(settings, source, rejects)
        require(table.name, table.columns, _named(source) | ({} if own_table else named_columns(outcomes)))
        raw = gather(table)
        rows_in = len(raw.lines) + raw.faults
        extras, left_out = _extras(source, raw, named_columns(outcomes))
        reader = LeadReader.settled(source, settings.zone, extras, table.name, raw)
        raw, leads = reader.read(raw, rejects)
        raw, leads = _without(raw, leads, _repeated(leads), rejects)
        if not own_table:
            facts = OutcomeReader.settled(outcomes, settings.zone, source.missing, table.name, raw).read(raw)
            raw, leads = _without(raw, leads, facts.faults, rejects)
            result = fold(leads["lead_id"], facts.usable, outcomes)
            evidence = win_evidence(facts.usable)
        counts = HistoryCounts(rejects.counts(table.name, rows_in, len(leads)))
    if own_table:
        result, outcome_counts, evidence = _read_outcomes(settings, outcomes, leads, raw)
        counts = replace(counts, outcomes=outcome_counts)
    if not evidence.won:
        own = win_candidates(raw.rows, set(_named(source).values()), source.missing)
        evidence = replace(evidence, candidates={**evidence.candidates, **own})
    unread = consents_not_understood(raw.rows, source)
    return LeadHistory(leads, result, extras, counts, left_out, unread, evidence)


def _named(source: LeadsSource) -> dict[str, str]:
    """Return setting -> column for every column that [leads] names."""
    features = source.features
    names = {"leads.id": source.id}
    names |= {f"leads.{name}": value for name in ("submitted_at", "order_by") if (value := getattr(source, name))}
    names |= {f"leads.columns.{name}": column for name, column in source.columns.items()}
    for kind in KINDS:
        names |= {f"leads.features.{kind} ({column})": column for column in getattr(features, kind)}
    return names


def _extras(
    source: LeadsSource, raw: RawBatch, outcome_columns: Mapping[str, str]
) -> tuple[dict[str, Kind], dict[str, str]]:
    """Return the further columns with their kind, and those left out with the reason."""
    features = source.features
    kinds: dict[str, Kind] = {}
    for kind in KINDS:
        kinds |= dict.fromkeys(getattr(features, kind), kind)
    if features.rest == "ignore":
        return kinds, {}
    named = {*_named(source).values(), *outcome_columns.values(), *features.ignore}
    inferred, left_out = infer_rest(raw.rows, named, source.missing)
    return kinds | inferred, left_out


def _repeated(leads: pd.DataFrame) -> NDArray[np.object_]:
    faults: NDArray[np.object_] = np.full(len(leads), "", dtype=object)
    faults[leads["lead_id"].duplicated().to_numpy()] = "repeated lead id"
    return faults


def _without(
    raw: RawBatch, leads: pd.DataFrame, faults: NDArray[np.object_], rejects: Rejects
) -> tuple[RawBatch, pd.DataFrame]:
    """Set the rows with a fault aside; return the others."""
    good = (faults == "").astype(bool)
    if good.all():
        return raw, leads
    for row in np.flatnonzero(~good):
        rejects.add(int(raw.lines[row]), str(faults[row]), row_values(raw, int(row)))
    kept = RawBatch(raw.rows.filter(pa.array(good)), raw.lines[good], raw.faults)
    return kept, leads[good].reset_index(drop=True)


def _read_outcomes(
    settings: Settings, outcomes: OutcomesSource, leads: pd.DataFrame, lead_rows: RawBatch
) -> tuple[pd.DataFrame, TableCounts, WinEvidence]:
    """Read outcomes that have a table of their own; add what the file of the leads says of junk."""
    missing = settings.leads.missing
    named = named_columns(outcomes)
    beside = {setting: name for setting, name in named.items() if _only_in(lead_rows, setting, name)}
    with rejects_of(settings, outcomes) as rejects:
        table = open_source(settings, outcomes, rejects)
        beside = {setting: name for setting, name in beside.items() if name not in table.columns}
        wanted = {setting: name for setting, name in named.items() if setting not in beside}
        require(table.name, table.columns, {"outcomes.lead_id": str(outcomes.lead_id)} | wanted)
        raw = gather(table)
        ids = typed.text_series(typed.texts(column_of(raw, str(outcomes.lead_id)), missing))
        facts = OutcomeReader.settled(outcomes, settings.zone, missing, table.name, raw).read(raw)
        faults = facts.faults.copy()
        faults[~ids.isin(leads["lead_id"]).to_numpy(dtype=bool)] = "no such lead"
        faults[ids.isna().to_numpy(dtype=bool)] = "no lead id"
        good = (faults == "").astype(bool)
        _without(raw, pd.DataFrame(index=ids.index), faults, rejects)
        counts = rejects.counts(table.name, len(raw.lines) + raw.faults, int(good.sum()))
    usable = facts.rows[good].reset_index(drop=True)
    evidence = win_evidence(usable)
    if not evidence.won:
        evidence = replace(evidence, candidates=win_candidates(raw.rows, {str(outcomes.lead_id)}, missing))
    result = _with_lead_facts(fold(ids[good], usable, outcomes), leads, lead_rows, outcomes, beside)
    return result, counts, evidence


def _only_in(lead_rows: RawBatch, setting: str, name: str) -> bool:
    is_choice = setting in {"junk.column", "engaged.column"}
    return is_choice and name in lead_rows.rows.column_names


def _with_lead_facts(
    result: pd.DataFrame,
    leads: pd.DataFrame,
    lead_rows: RawBatch,
    outcomes: OutcomesSource,
    beside: Mapping[str, str],
) -> pd.DataFrame:
    """Add junk and engaged where their column stands in the file of the leads."""
    if not beside:
        return result
    chosen = {"junk": outcomes.junk, "engaged": outcomes.engaged}
    found = pd.DataFrame({"lead_id": leads["lead_id"]})
    for name, choice in chosen.items():
        here = choice is not None and f"{name}.column" in beside
        found[name] = one_of(lead_rows.rows.column(choice.column), choice.values) if here and choice else False
    marked = found[found["junk"] | found["engaged"]]
    new = marked.loc[~marked["lead_id"].isin(result["lead_id"]), "lead_id"]
    blank = fold(new, empty_facts(len(new)), OutcomesSource())
    result = pd.concat([result, blank], ignore_index=True) if len(blank) else result
    for name in chosen:
        ids = marked.loc[marked[name], "lead_id"]
        result[name] |= result["lead_id"].isin(ids)
    return result
