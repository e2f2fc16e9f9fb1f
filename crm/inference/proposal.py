"""From exports to a proposal of leadworth.toml."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crm.inference.currency_detection import choose_currency
from crm.inference.export_profile import ExportProfile, examine
from crm.inference.field_matching import map_fields
from crm.inference.file_joins import FileJoin, choose_leads, find_join, outcomeness
from crm.inference.formats import settle_notations
from crm.inference.id_columns import choose_date, choose_id, choose_order
from crm.inference.inference_findings import InferenceFindings
from crm.inference.outcome_columns import OutcomeColumns, map_outcomes, mark_beside, won_rows
from crm.inference.unmapped_columns import UnmappedFeatures, sort_leftovers
from crm.raw_table import ROW_NUMBER


@dataclass
class Proposal:
    """What leadworth.toml is to say, and what was found on the way.

    Attributes
    ----------
    leads, outcomes
        The examined files; the same one where the outcome stands beside the lead.
    id
        Column of the leads; `join` the column of the outcomes that holds the same.
    notations
        "leads" and "outcomes" -> date_format and decimal, where they are to be written.
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
    notations: dict[str, dict[str, str]] = field(default_factory=dict)
    findings: InferenceFindings = field(default_factory=InferenceFindings)

    @property
    def missing(self) -> list[str]:
        """Tokens that mean missing."""
        tokens = dict(self.leads.missing)
        if self.outcomes is not self.leads:
            tokens.update(self.outcomes.missing)
        return ["", *tokens]


def propose(paths: Sequence[Path], *, timezone: str | None = None, currency: str | None = None) -> Proposal:
    """Look at exports and propose leadworth.toml.

    Parameters
    ----------
    paths
        CSV or Parquet files: leads, and deals, outcomes or stage changes.
    timezone, currency
        What the user says; otherwise taken from the files, or doubted.

    Raises
    ------
    InputError
        Where a file is no table with a header.
    """
    findings = InferenceFindings()
    exports = [examine(path) for path in paths]
    leads = choose_leads(exports)
    outcomes, join = _choose_outcomes(leads, exports, findings)
    proposal = Proposal(leads, outcomes, "", findings=findings)
    _identify(proposal, join)
    taken = {proposal.id}
    if outcomes is leads:
        proposal.submitted_at = choose_date(leads, taken, findings)
        taken |= {proposal.submitted_at} if proposal.submitted_at else set()
        proposal.outcome = map_outcomes(leads, taken, findings, history=False)
    else:
        history = join is not None and outcomes.columns[join.right].unique < 0.8
        proposal.outcome = map_outcomes(outcomes, {join.right} if join else set(), findings, history=history)
        mark_beside(leads, set(outcomes.columns) | taken, proposal.outcome, findings)
        proposal.submitted_at = choose_date(leads, taken, findings)
    _complete(proposal, taken)
    settle_notations(proposal, timezone)
    proposal.currency = currency or choose_currency(exports, proposal.outcome.columns.get("revenue"), findings)
    return proposal


def _choose_outcomes(
    leads: ExportProfile, exports: Sequence[ExportProfile], findings: InferenceFindings
) -> tuple[ExportProfile, FileJoin | None]:
    """Return the file with the outcomes and how it meets the leads."""
    others = [export for export in exports if export is not leads]
    joined = [(export, find_join(leads, export)) for export in others]
    ranked = sorted(joined, key=lambda pair: -outcomeness(pair[0]))
    chosen = next(((export, join) for export, join in ranked if join and outcomeness(export) > 0), None)
    for export, join in joined:
        if chosen and export is chosen[0]:
            continue
        if join is None:
            findings.doubt(
                f"{export.name} shares no column of values with {leads.name}, so it is not used",
                "export it with the id of the lead in a column of its own",
            )
        why = "no column holds the ids of the leads" if join is None else "another file tells the outcome better"
        findings.leave(export.name, "(whole file)", why)
    return chosen if chosen else (leads, None)


def _identify(proposal: Proposal, join: FileJoin | None) -> None:
    leads, findings = proposal.leads, proposal.findings
    if join is None:
        proposal.id = choose_id(leads, findings)
        return
    proposal.id, proposal.join = join.left, join.right
    why = f"{join.overlap:.0%} of the values of {join.right!r} in {proposal.outcomes.name} are among its values"
    findings.add("leads.id", leads.columns[join.left], why)
    findings.add("outcomes.lead_id", proposal.outcomes.columns[join.right], why)
    if join.overlap < 0.9:
        findings.doubt(
            f"only {why}", "check that both exports cover the same time and that the columns are the right ones"
        )


def _complete(proposal: Proposal, taken: set[str]) -> None:
    """Map the fields, the order and the columns that are left."""
    leads, findings, one_file = proposal.leads, proposal.findings, proposal.outcomes is proposal.leads
    used = taken | ({proposal.submitted_at} if proposal.submitted_at else set())
    if proposal.submitted_at is None:
        proposal.order_by = choose_order(leads, findings)
        used |= {proposal.order_by} - {ROW_NUMBER}
    used |= proposal.outcome.used if one_file else _marks(proposal) & set(leads.columns)
    proposal.fields = map_fields(leads, used, findings)
    if not proposal.outcome.says_won:
        findings.doubt(
            f"no column of {proposal.outcomes.name} says which leads were won",
            "set won, won_at, or stage with won_stages in [outcomes]",
        )
    if "revenue" not in proposal.outcome.columns:
        findings.doubt(
            f"no column of {proposal.outcomes.name} holds the revenue of a won lead",
            "name it in [outcomes] revenue; without it leads are ranked by their chance alone",
        )
    won = _won(proposal, one_file) if proposal.outcome.says_won else None
    proposal.features = sort_leftovers(leads, used | set(proposal.fields.values()), proposal.fields, won, findings)
    _leave_outcomes(proposal, one_file)


def _marks(proposal: Proposal) -> set[str]:
    return {mark[0] for mark in (proposal.outcome.junk, proposal.outcome.engaged) if mark}


def _leave_outcomes(proposal: Proposal, one_file: bool) -> None:
    """Keep every column that tells the outcome away from the features."""
    outcome = proposal.outcome
    marks = (_marks(proposal) - set(outcome.columns.values())) & set(proposal.leads.columns)
    proposal.features.ignore.update(dict.fromkeys(sorted(marks), "used in [outcomes]: people wrote it later"))
    if one_file:
        return
    rest = [name for name in proposal.outcomes.columns if name not in outcome.used and name != proposal.join]
    if rest:
        why = "in the file of the outcomes: not known at submit"
        proposal.findings.leave(proposal.outcomes.name, ", ".join(rest), why)


def _won(proposal: Proposal, one_file: bool) -> list[bool]:
    rows = won_rows(proposal.outcomes, proposal.outcome)
    if one_file or proposal.join is None:
        return rows
    ids = proposal.outcomes.values(proposal.join)
    won = {value for value, is_won in zip(ids, rows, strict=True) if is_won}
    return [value in won for value in proposal.leads.values(proposal.id)]
