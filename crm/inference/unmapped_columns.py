"""Unmapped columns: features or unused columns among those that are neither standard field nor outcome."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from crm.feature_inference import infer_kind
from crm.inference.column_links import names_an_id
from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.field_matching import describe_values
from crm.inference.header_words import normalise
from crm.inference.inference_findings import InferenceFindings
from crm.inference.late_headers import sales_phrase
from crm.inference.late_values import SampledOutcomes, late_reason
from crm.lead_table import FeatureKind
from leadworth.records import Lead

_CODE_WORDS = frozenset({"zip", "postal", "postcode", "plz", "cap", "code", "id", "area", "region", "state"})
_IDENTIFIES = 0.5
"""Share of distinct values above which a column whose header means an id identifies people."""
_STAFF_UNIQUE = 0.2
_MOST_STAFF = 200
_IDENTIFYING = frozenset({"code", "email", "phone", "ip", "user_agent", "click_id"})


@dataclass
class UnmappedFeatures:
    """Proposed columns of [leads.features], with the reason."""

    numeric: dict[str, str] = field(default_factory=dict)
    categorical: dict[str, str] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    ignore: dict[str, str] = field(default_factory=dict)


def classify_unmapped(
    export: ExportProfile,
    used: set[str],
    mapped: dict[str, str],
    outcomes: SampledOutcomes | None,
    features: UnmappedFeatures,
    findings: InferenceFindings,
) -> None:
    """Add the unmapped columns to the proposed features, or to those that are not used.

    Parameters
    ----------
    export
        Profile of the leads.
    used
        Columns that are mapped already.
    mapped
        Standard field -> column; a column with the name of an unmapped standard field is added.
    outcomes
        Outcomes of the sampled leads; None if unknown.
    features
        Receives features and the columns to ignore.
    findings
        Receives inferred and unused columns.
    """
    for column in export.columns.values():
        if column.name in used:
            continue
        leak = _leak_reason(export, column, outcomes)
        if leak:
            features.ignore[column.name] = leak
            findings.leave_out(export.name, column.name, leak)
        elif column.name in Lead.model_fields:
            _map_same_name(export, column, mapped, findings)
        else:
            _add_feature(export, column, features, findings)


def _leak_reason(export: ExportProfile, column: ColumnProfile, outcomes: SampledOutcomes | None) -> str:
    """Return why a column is not known at submit; empty if it is."""
    if column.kind == "empty":
        return ""
    late = export.reliable_match(column.name, "late")
    if late:
        return f"the header means that it is written after submit ({late.origin})"
    people = export.reliable_match(column.name, "people")
    if people:
        return f"the header means the person who works the lead, who is assigned after submit ({people.origin})"
    phrase = sales_phrase(column.name)
    if phrase:
        return f"the header has the words {phrase!r}: sales fills it while it works the lead"
    outcome = export.best_match(column.name, "outcomes")
    if outcome and outcome.name not in {"currency", "lead_id"}:
        return f"the header means an outcome ({outcome.origin})"
    if _is_staff(column):
        return f"{column.distinct} e-mail addresses repeat: people who work the leads, who are assigned after submit"
    return late_reason(export.values(column.name), outcomes) if outcomes is not None else ""


def _is_staff(column: ColumnProfile) -> bool:
    """Return whether a few addresses of at most two domains repeat: those of the owners of the leads."""
    if column.kind != "email" or column.unique > _STAFF_UNIQUE or column.distinct > _MOST_STAFF:
        return False
    return len({value.rpartition("@")[2].casefold() for value in column.counts}) <= 2


def _map_same_name(
    export: ExportProfile, column: ColumnProfile, mapped: dict[str, str], findings: InferenceFindings
) -> None:
    if column.name in mapped or column.name in {"lead_id", "submitted_at"}:
        reason = f"has the name of the field {column.name}, which another column is mapped to"
        findings.leave_out(export.name, column.name, reason)
        return
    if column.kind in {"masked", "range"}:
        remedy = "; rename the column to use them as categories" if column.kind == "range" else ""
        findings.leave_out(export.name, column.name, f"{describe_values(column)} instead of the field{remedy}")
        return
    mapped[column.name] = column.name
    findings.add(f"leads.columns.{column.name}", column, f"name of the field; {describe_values(column)}")


def _add_feature(
    export: ExportProfile, column: ColumnProfile, features: UnmappedFeatures, findings: InferenceFindings
) -> None:
    kind, reason = _feature_kind(export, column)
    description = describe_values(column)
    if kind == "numeric" and _CODE_WORDS & set(normalise(column.name).split()):
        kind = "categorical"
        description = f"{description}, but the header means a code"
    if kind is None:
        findings.leave_out(export.name, column.name, reason)
        return
    getattr(features, kind)[column.name] = description


def _feature_kind(export: ExportProfile, column: ColumnProfile) -> tuple[FeatureKind | None, str]:
    """Return the kind of a feature, or None with the reason why the column is none."""
    description = describe_values(column)
    if column.kind == "masked":
        return None, f"{description}: the values were masked before the export"
    if column.kind in _IDENTIFYING:
        return None, f"personal or identifying: {description}"
    if column.kind == "moment":
        return None, "dates"
    if column.kind == "range":
        return "categorical", ""
    if column.unique > _IDENTIFIES and names_an_id(column.name):
        return None, f"the header means an id; {description}"
    kind, reason = infer_kind(pa.array(export.values(column.name), pa.string()), ("",))
    if kind == "categorical" and column.kind == "many" and column.unique > 0.5:
        return None, f"{description}: too many for categories, too short for text (names?)"
    return kind, reason
