"""Schema inference: from exports to a proposal of leadworth.toml."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crm.inference.currency_detection import detect_currency
from crm.inference.export_profile import ExportProfile, profile_export
from crm.inference.field_matching import map_fields
from crm.inference.file_joins import FileJoin, choose_leads, find_join, outcome_score
from crm.inference.format_inference import infer_formats, infer_timezone
from crm.inference.id_columns import choose_id, choose_order, choose_submit_time
from crm.inference.inference_findings import InferenceFindings
from crm.inference.outcome_columns import OutcomeColumns, map_lead_statuses, map_outcomes, won_rows
from crm.inference.unmapped_columns import UnmappedFeatures, classify_unmapped
from crm.raw_table import ROW_NUMBER

_HISTORY_UNIQUE = 0.8
"""Share of distinct lead ids below which a file of outcomes has one row per change of the stage."""


@dataclass
class Proposal:
    """Proposed settings and the findings behind them.

    Attributes
    ----------
    leads, outcomes
        Profiles of the files; the same object if one file has both.
    id
        Id column of the leads.
    join
        Column of the outcomes with the lead id; None if one file has both.
    formats
        "leads" and "outcomes" -> `date_format` and `decimal`, as far as they must be set.
    """

    leads: ExportProfile
    outcomes: ExportProfile
    id: str
    join: str | None = None
    currency: str = ""
    timezone: str = "UTC"
    submitted_at: str | None = None
    order_by: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    outcome: OutcomeColumns = field(default_factory=OutcomeColumns)
    features: UnmappedFeatures = field(default_factory=UnmappedFeatures)
    formats: dict[str, dict[str, str]] = field(default_factory=dict)
    findings: InferenceFindings = field(default_factory=InferenceFindings)

    @property
    def one_file(self) -> bool:
        """Whether leads and outcomes are in one file."""
        return self.outcomes is self.leads

    @property
    def missing(self) -> list[str]:
        """Tokens that mean missing."""
        tokens = dict(self.leads.missing)
        if not self.one_file:
            tokens.update(self.outcomes.missing)
        return ["", *tokens]


def propose(paths: Sequence[Path], *, timezone: str | None = None, currency: str | None = None) -> Proposal:
    """Infer the schema of exports and propose leadworth.toml.

    Parameters
    ----------
    paths
        CSV or Parquet files: leads, and deals, outcomes or stage changes.
    timezone, currency
        Options of the user; if None, inferred, with a warning if the files do not show them.

    Raises
    ------
    InputError
        If a file is not a table with a header.
    """
    findings = InferenceFindings()
    exports = [profile_export(path) for path in paths]
    leads = choose_leads(exports)
    outcomes, join = _choose_outcomes(leads, exports, findings)
    proposal = Proposal(leads, outcomes, "", findings=findings)
    _choose_ids(proposal, join)
    used = {proposal.id}
    if join is None:
        proposal.submitted_at = choose_submit_time(leads, used, findings)
        used |= {proposal.submitted_at} if proposal.submitted_at else set()
        proposal.outcome = map_outcomes(leads, used, findings, history=False)
    else:
        history = outcomes.columns[join.right].unique < _HISTORY_UNIQUE
        proposal.outcome = map_outcomes(outcomes, {join.right}, findings, history=history)
        map_lead_statuses(leads, set(outcomes.columns) | used, proposal.outcome, findings)
        proposal.submitted_at = choose_submit_time(leads, used, findings)
    _map_lead_columns(proposal, used)
    _infer_formats(proposal, timezone)
    proposal.currency = currency or detect_currency(exports, proposal.outcome.columns.get("revenue"), findings)
    _warn_about_files(proposal)
    return proposal


def _choose_outcomes(
    leads: ExportProfile, exports: Sequence[ExportProfile], findings: InferenceFindings
) -> tuple[ExportProfile, FileJoin | None]:
    """Return the file with the outcomes and its join with the leads."""
    others = [export for export in exports if export is not leads]
    joined = [(export, find_join(leads, export)) for export in others]
    ranked = sorted(joined, key=lambda pair: -outcome_score(pair[0]))
    chosen = next(((export, join) for export, join in ranked if join and outcome_score(export) > 0), None)
    for export, join in joined:
        if chosen and export is chosen[0]:
            continue
        if join is None:
            findings.warn(
                f"{export.name} shares no column of values with {leads.name}, so it is not used",
                "export it with the id of the lead in a column of its own",
            )
        reason = "no column has the ids of the leads" if join is None else "another file has the outcomes"
        findings.leave_out(export.name, "(whole file)", reason)
    return chosen if chosen else (leads, None)


def _choose_ids(proposal: Proposal, join: FileJoin | None) -> None:
    leads = proposal.leads
    findings = proposal.findings
    if join is None:
        proposal.id = choose_id(leads, findings)
        return
    proposal.id = join.left
    proposal.join = join.right
    reason = f"{join.overlap:.0%} of the values of {join.right!r} in {proposal.outcomes.name} are among its values"
    findings.add("leads.id", leads.columns[join.left], reason)
    findings.add("outcomes.lead_id", proposal.outcomes.columns[join.right], reason)
    if join.overlap < 0.9:
        findings.warn(
            f"only {reason}", "check that both exports cover the same time and that the columns are the right ones"
        )


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
    proposal.fields = map_fields(leads, used, findings)
    if not outcome.has_won:
        findings.warn(
            f"no column of {proposal.outcomes.name} shows which leads were won",
            "set won, won_at, or stage with won_stages in [outcomes]",
        )
    if "revenue" not in outcome.columns:
        findings.warn(
            f"no column of {proposal.outcomes.name} has the revenue of a won lead",
            "set `revenue` in [outcomes]; without it leads are ranked by win probability alone",
        )
    won = _won_leads(proposal) if outcome.has_won else None
    proposal.features = classify_unmapped(leads, used | set(proposal.fields.values()), proposal.fields, won, findings)
    _leave_out_outcomes(proposal)


def _leave_out_outcomes(proposal: Proposal) -> None:
    """Exclude every column of the outcome from the features."""
    outcome = proposal.outcome
    statuses = (outcome.status_columns - set(outcome.columns.values())) & set(proposal.leads.columns)
    proposal.features.ignore.update(dict.fromkeys(sorted(statuses), "used in [outcomes]: not known at submit"))
    if proposal.one_file:
        return
    rest = [name for name in proposal.outcomes.columns if name not in outcome.used and name != proposal.join]
    if rest:
        reason = "in the file of the outcomes: not known at submit"
        proposal.findings.leave_out(proposal.outcomes.name, ", ".join(rest), reason)


def _won_leads(proposal: Proposal) -> list[bool]:
    """Return which sampled leads are won."""
    rows = won_rows(proposal.outcomes, proposal.outcome)
    if proposal.join is None:
        return rows
    ids = proposal.outcomes.values(proposal.join)
    won = {lead_id for lead_id, is_won in zip(ids, rows, strict=True) if is_won}
    return [lead_id in won for lead_id in proposal.leads.values(proposal.id)]


def _infer_formats(proposal: Proposal, timezone: str | None) -> None:
    submitted = [proposal.leads.columns[proposal.submitted_at]] if proposal.submitted_at else []
    names = dict.fromkeys(name for setting, name in proposal.outcome.columns.items() if setting.endswith("_at"))
    dates = [proposal.outcomes.columns[name] for name in names]
    findings = proposal.findings
    if proposal.one_file:
        proposal.formats = {
            "leads": infer_formats("leads", proposal.leads, [*submitted, *dates], findings),
            "outcomes": {},
        }
    else:
        proposal.formats = {
            "leads": infer_formats("leads", proposal.leads, submitted, findings),
            "outcomes": infer_formats("outcomes", proposal.outcomes, dates, findings),
        }
    proposal.timezone = infer_timezone([*submitted, *dates], timezone, findings)


def _warn_about_files(proposal: Proposal) -> None:
    """Warn of what is in doubt about the way in which the files are read."""
    for export in [proposal.leads] if proposal.one_file else [proposal.leads, proposal.outcomes]:
        for warning in export.sample.warnings:
            problem, _, remedy = warning.partition("; ")
            proposal.findings.warn(problem, remedy)
