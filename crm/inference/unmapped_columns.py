"""Unmapped columns: features or unused columns among those that are neither standard field nor outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from crm.feature_inference import infer_kind
from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.field_matching import describe_values
from crm.inference.header_words import normalise
from crm.inference.inference_findings import InferenceFindings
from leadworth.records import Lead

_LEAK_FILLED_WON = 0.5
_LEAK_FILLED_OTHERS = 0.05
"""A column filled in more of the won and less of the other rows is written after the outcome."""
_LEAK_AUC = 0.9
"""AUC of one column that columns known at submit did not reach in public data sets."""
_MIN_ROWS = 20
_CODE_WORDS = frozenset({"zip", "postal", "postcode", "plz", "cap", "code", "id", "area", "region", "state"})


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
    won: Sequence[bool] | None,
    findings: InferenceFindings,
) -> UnmappedFeatures:
    """Return the proposed features among the unmapped columns.

    Parameters
    ----------
    export
        Profile of the leads.
    used
        Columns that are mapped already.
    mapped
        Standard field -> column; a column with the name of an unmapped standard field is added.
    won
        Which sampled rows are won; None if unknown.
    findings
        Receives inferred and unused columns.
    """
    features = UnmappedFeatures()
    for column in export.columns.values():
        if column.name in used:
            continue
        leak = _leak_reason(export, column, won)
        if leak:
            features.ignore[column.name] = leak
            findings.leave_out(export.name, column.name, leak)
        elif column.name in Lead.model_fields:
            _map_same_name(export, column, mapped, findings)
        else:
            _add_feature(export, column, features, findings)
    return features


def _leak_reason(export: ExportProfile, column: ColumnProfile, won: Sequence[bool] | None) -> str:
    """Return why a column is not known at submit; empty if it is."""
    if column.kind == "empty":
        return ""
    late = export.reliable_match(column.name, "late")
    if late:
        return f"the header means that it is written after submit ({late.origin})"
    people = export.reliable_match(column.name, "people")
    if people:
        return f"the header means the person who works the lead, who is assigned after submit ({people.origin})"
    outcome = export.best_match(column.name, "outcomes")
    if outcome and outcome.name not in {"currency", "lead_id"}:
        return f"the header means an outcome ({outcome.origin})"
    return _leak_in_values(export.values(column.name), column, np.array(won, dtype=bool)) if won is not None else ""


def _leak_in_values(values: list[str], column: ColumnProfile, won: NDArray[np.bool_]) -> str:
    """Return how the values show that a column is written after the outcome; empty if they do not."""
    if min(won.sum(), (~won).sum()) < _MIN_ROWS:
        return ""
    filled = np.array([bool(value) for value in values])
    filled_won = filled[won].mean()
    filled_others = filled[~won].mean()
    if filled_won >= _LEAK_FILLED_WON and filled_others <= _LEAK_FILLED_OTHERS:
        shares = f"filled in {filled_won:.0%} of the won and {filled_others:.0%} of the other leads"
        return f"{shares}: probably written after the outcome"
    auc = _univariate_auc(values, won) if column.distinct <= 200 else 0.0
    if auc >= _LEAK_AUC:
        return f"separates won leads from the others by itself (AUC {auc:.2f}): probably written after the outcome"
    return ""


def _univariate_auc(values: list[str], won: NDArray[np.bool_]) -> float:
    """Return the AUC of the leave-one-out win rate per value."""
    _, codes = np.unique(np.array(values), return_inverse=True)
    count = np.bincount(codes)
    wins = np.bincount(codes, weights=won)
    rate = (wins[codes] - won + won.mean()) / count[codes]
    ranks = pd.Series(rate).rank().to_numpy()[won].sum()
    pairs = won.sum() * (~won).sum()
    return float((ranks - won.sum() * (won.sum() + 1) / 2) / pairs)


def _map_same_name(
    export: ExportProfile, column: ColumnProfile, mapped: dict[str, str], findings: InferenceFindings
) -> None:
    if column.name in mapped or column.name in {"lead_id", "submitted_at"}:
        findings.leave_out(
            export.name, column.name, f"has the name of the field {column.name}, which another column is mapped to"
        )
        return
    mapped[column.name] = column.name
    findings.add(f"leads.columns.{column.name}", column, f"name of the field; {describe_values(column)}")


def _add_feature(
    export: ExportProfile, column: ColumnProfile, features: UnmappedFeatures, findings: InferenceFindings
) -> None:
    kind, reason = infer_kind(pa.array(export.values(column.name), pa.string()), ("",))
    description = describe_values(column)
    if column.kind in {"code", "email", "phone", "ip", "user_agent", "click_id"}:
        kind, reason = None, f"personal or identifying: {description}"
    if kind == "categorical" and column.kind == "many" and column.unique > 0.5:
        kind, reason = None, f"{description}: too many for categories, too short for text (names?)"
    if kind == "numeric" and _CODE_WORDS & set(normalise(column.name).split()):
        kind = "categorical"
        description = f"{description}, but the header means a code"
    if kind is None:
        findings.leave_out(export.name, column.name, reason)
        return
    getattr(features, kind)[column.name] = description
