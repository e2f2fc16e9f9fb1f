"""Schema inference: from exports to a proposal of leadworth.toml."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm.id_matching import IdIndex
from crm.inference.column_profile import sort_keys
from crm.inference.currency_detection import detect_currency, map_currency_column
from crm.inference.export_profile import ExportProfile, profile_export
from crm.inference.field_matching import map_fields
from crm.inference.file_joins import JoinPath, choose_leads, choose_path, is_history, names_after_joins, warn_about_link
from crm.inference.format_inference import infer_formats, infer_timezone
from crm.inference.id_columns import choose_id, choose_order, choose_submit_time, identifies_leads, note_repeated_ids
from crm.inference.inference_findings import InferenceFindings
from crm.inference.joined_profile import join_profiles
from crm.inference.late_values import SampledOutcomes, late_reason, periods
from crm.inference.open_stages import warn_about_open_stages
from crm.inference.outcome_columns import OutcomeColumns, closed_rows, map_lead_statuses, map_outcomes
from crm.inference.outcome_values import map_by_values
from crm.inference.unmapped_columns import UnmappedFeatures, classify_unmapped
from crm.inference.unreadable_cells import warn_about_unreadable
from crm.inference.win_warnings import warn_about_wins, warn_of_no_revenue
from crm.raw_table import ROW_NUMBER


@dataclass
class Proposal:
    """Proposed settings and the findings behind them.

    Attributes
    ----------
    leads, outcomes
        Profiles of the files, the outcomes with the columns of joined tables; the same object if one file has both.
    exports
        Profiles of all files.
    id
        Id column of the leads.
    path
        How the outcomes meet the leads; None if one file has both.
    rates
        Currencies of the revenue other than `currency`: their rates must be set.
    formats
        "leads" and "outcomes" -> `date_format` and `decimal`, as far as they must be set.
    sampled
        Outcomes of the sampled leads; None where no column says which were won.
    """

    leads: ExportProfile
    outcomes: ExportProfile
    exports: Sequence[ExportProfile]
    id: str
    path: JoinPath | None = None
    currency: str = ""
    rates: list[str] = field(default_factory=list)
    timezone: str = "UTC"
    submitted_at: str | None = None
    order_by: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    outcome: OutcomeColumns = field(default_factory=OutcomeColumns)
    features: UnmappedFeatures = field(default_factory=UnmappedFeatures)
    formats: dict[str, dict[str, str]] = field(default_factory=dict)
    sampled: SampledOutcomes | None = None
    findings: InferenceFindings = field(default_factory=InferenceFindings)

    @property
    def one_file(self) -> bool:
        """Whether leads and outcomes are in one file."""
        return self.path is None

    @property
    def lead_id(self) -> str | None:
        """Column of the outcomes that meets the leads; None if one file has both."""
        return self.path.lead_id if self.path else None

    @property
    def key(self) -> str | None:
        """Column of the leads that meets `lead_id`, if it is not their id."""
        left = self.path.link.left.name if self.path else self.id
        return left if left != self.id else None

    @property
    def missing(self) -> list[str]:
        """Tokens that mean missing."""
        tokens = {**self.leads.missing, **self.outcomes.missing}
        return ["", *tokens]


def propose(paths: Sequence[Path], *, timezone: str | None = None, currency: str | None = None) -> Proposal:
    """Infer the schema of exports and propose leadworth.toml.

    Parameters
    ----------
    paths
        Files: leads, and deals, outcomes, associations or stage changes.
    timezone, currency
        Options of the user; if None, inferred, with a warning if the files do not show them.

    Raises
    ------
    InputError
        If a file is not a table with a header.
    """
    findings = InferenceFindings()
    exports = [profile_export(path) for path in dict.fromkeys(paths)]
    leads = choose_leads(exports)
    path = choose_path(leads, exports, findings)
    outcomes = join_profiles(path.outcomes, path.joins) if path else leads
    proposal = Proposal(leads, outcomes, exports, "", path, findings=findings)
    _choose_ids(proposal)
    used = {proposal.id} | ({proposal.key} if proposal.key else set())
    if path is None:
        proposal.submitted_at = choose_submit_time(leads, used, findings)
        used |= {proposal.submitted_at} if proposal.submitted_at else set()
        proposal.outcome = map_outcomes(leads, used, findings, history=False)
        map_by_values(leads, used, proposal.outcome, findings, own_file=False)
    else:
        keys = {path.lead_id, *(join.column for join in path.joins), *filter(None, [path.deal_id])}
        proposal.outcome = map_outcomes(outcomes, keys, findings, history=is_history(path.outcomes))
        map_by_values(outcomes, keys, proposal.outcome, findings, own_file=True)
        map_lead_statuses(leads, set(outcomes.columns) | used, proposal.outcome, findings)
        proposal.submitted_at = choose_submit_time(leads, used, findings)
    warn_about_open_stages(outcomes, proposal.outcome, findings)
    _map_lead_columns(proposal, used)
    _infer_formats(proposal, timezone)
    _count_unreadable(proposal)
    proposal.rates = map_currency_column(proposal.outcomes, proposal.outcome, currency, findings)
    proposal.currency = currency or detect_currency(exports, proposal.outcome, findings)
    _warn_about_files(proposal)
    return proposal


def _choose_ids(proposal: Proposal) -> None:
    leads = proposal.leads
    findings = proposal.findings
    path = proposal.path
    if path is None:
        proposal.id = choose_id(leads, findings)
        return
    link = path.link
    reason = f"{link.overlap:.0%} of the values of {path.lead_id!r} in {link.right.export.name} are among its values"
    if identifies_leads(leads, link.left.column):
        proposal.id = link.left.name
        findings.add("leads.id", link.left.column, reason)
        note_repeated_ids(leads, link.left.column, findings)
    else:
        proposal.id = choose_id(leads, findings)
        findings.add("outcomes.key", link.left.column, reason)
    findings.add("outcomes.lead_id", link.right.column, reason)
    if path.deal_id:
        findings.add("outcomes.deal_id", proposal.outcomes.columns[path.deal_id], "identifies a deal of several leads")
    warn_about_link(path, leads, findings)


def _map_lead_columns(proposal: Proposal, used: set[str]) -> None:
    """Map standard fields, the order and the remaining columns of the leads."""
    leads = proposal.leads
    findings = proposal.findings
    outcome = proposal.outcome
    used = used | ({proposal.submitted_at} if proposal.submitted_at else set())
    if proposal.submitted_at is None:
        proposal.order_by = choose_order(leads, findings)
        used |= {proposal.order_by} - {ROW_NUMBER}
    used |= outcome.used if proposal.one_file else outcome.status_columns & set(leads.columns)
    addresses = {name for name in (proposal.id, proposal.key) if name and _is_address(leads, name)}
    proposal.fields = map_fields(leads, used - addresses, findings)
    unjoined = [export.name for export in proposal.exports if proposal.one_file and export is not leads]
    warn_about_wins(proposal.outcomes, outcome, {*used, *proposal.fields.values()}, findings, unjoined)
    if "revenue" not in outcome.columns:
        warn_of_no_revenue(proposal.outcomes, {*used, *proposal.fields.values()}, findings)
    proposal.sampled = sampled = _sampled_outcomes(proposal) if outcome.has_won else None
    _drop_late_fields(proposal, sampled)
    used = used | set(proposal.fields.values()) | set(proposal.features.ignore)
    classify_unmapped(leads, used, proposal.fields, sampled, proposal.features, findings)
    _leave_out_outcomes(proposal)


def _is_address(export: ExportProfile, name: str) -> bool:
    """Return whether a column that identifies leads has their e-mail addresses, which are a field as well."""
    return name in export.columns and export.columns[name].kind == "email"


def _drop_late_fields(proposal: Proposal, sampled: SampledOutcomes | None) -> None:
    """Unmap the standard fields whose columns are filled after submit."""
    leads = proposal.leads
    for name, column in list(proposal.fields.items()):
        reason = late_reason(leads.values(column), sampled, standard=True) if sampled else ""
        if reason:
            del proposal.fields[name]
            proposal.features.ignore[column] = reason
            proposal.findings.remove(f"leads.columns.{name}")
            proposal.findings.leave_out(leads.name, column, reason)


def _leave_out_outcomes(proposal: Proposal) -> None:
    """Exclude every column of the outcome from the features."""
    outcome = proposal.outcome
    statuses = (outcome.status_columns - set(outcome.columns.values())) & set(proposal.leads.columns)
    proposal.features.ignore.update(dict.fromkeys(sorted(statuses), "used in [outcomes]: not known at submit"))
    if proposal.path is None:
        return
    if proposal.key and proposal.key not in proposal.fields.values():
        proposal.features.ignore[proposal.key] = "joins the outcomes: filled after submit"
    reason = "in a file of the outcomes: not known at submit"
    keys = {proposal.lead_id, proposal.path.deal_id, *(join.column for join in proposal.path.joins)}
    for (path, name), joined in names_after_joins(proposal.path.outcomes, proposal.path.joins).items():
        if joined not in outcome.used | keys:
            proposal.findings.leave_out(path.name, name, reason)


def _sampled_outcomes(proposal: Proposal) -> SampledOutcomes:
    """Return the outcomes of the sampled leads."""
    leads = proposal.leads
    won = closed_rows(proposal.outcomes, proposal.outcome, "won")
    lost = closed_rows(proposal.outcomes, proposal.outcome, "lost")
    if proposal.lead_id is not None:
        index = IdIndex(pd.Series(leads.values(proposal.key or proposal.id), dtype="str").replace("", None))
        matches = index.match(pd.Series(proposal.outcomes.values(proposal.lead_id), dtype="str").replace("", None))
        size = leads.sample.size
        won, lost = (
            np.bincount(matches.reference_rows, weights=rows[matches.rows], minlength=size) > 0 for rows in (won, lost)
        )
    return SampledOutcomes(won, lost & ~won, periods(_order(proposal)))


def _order(proposal: Proposal) -> NDArray[np.float64]:
    """Return the submit time or the order of the sampled leads, shape (n,)."""
    leads = proposal.leads
    if proposal.submitted_at and leads.columns[proposal.submitted_at].dates:
        return sort_keys(leads.columns[proposal.submitted_at], leads.values(proposal.submitted_at))
    if proposal.order_by and proposal.order_by in leads.columns:
        numbers = pd.to_numeric(pd.Series(leads.values(proposal.order_by)), errors="coerce")
        return numbers.to_numpy(dtype=np.float64)
    return np.arange(leads.sample.size, dtype=np.float64)


def _infer_formats(proposal: Proposal, timezone: str | None) -> None:
    submitted = [proposal.leads.columns[proposal.submitted_at]] if proposal.submitted_at else []
    names = dict.fromkeys(name for setting, name in proposal.outcome.columns.items() if setting.endswith("_at"))
    dates = [proposal.outcomes.columns[name] for name in names]
    revenue = proposal.outcomes.columns.get(proposal.outcome.columns.get("revenue", ""))
    findings = proposal.findings
    if proposal.one_file:
        proposal.formats = {
            "leads": infer_formats("leads", proposal.leads, [*submitted, *dates], revenue, findings),
            "outcomes": {},
        }
    else:
        proposal.formats = {
            "leads": infer_formats("leads", proposal.leads, submitted, None, findings),
            "outcomes": infer_formats("outcomes", proposal.outcomes, dates, revenue, findings),
        }
    proposal.timezone = infer_timezone([*submitted, *dates], timezone, findings)


def _count_unreadable(proposal: Proposal) -> None:
    """Add warnings about cells of the inferred columns that cannot be read."""
    of_leads = dict(proposal.fields)
    if proposal.submitted_at:
        of_leads["submitted_at"] = proposal.submitted_at
    columns = dict(proposal.outcome.columns)
    if proposal.one_file:
        of_leads |= columns
    else:
        warn_about_unreadable(proposal.outcomes, columns, proposal.formats["outcomes"], proposal.findings)
    warn_about_unreadable(proposal.leads, of_leads, proposal.formats["leads"], proposal.findings)


def _warn_about_files(proposal: Proposal) -> None:
    """Add what is in doubt about the way in which each file is read."""
    for export in proposal.exports:
        for warning in export.sample.warnings:
            problem, _, remedy = warning.partition("; ")
            proposal.findings.warn(problem, remedy)
