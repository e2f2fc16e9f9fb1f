"""What becomes of the columns that are neither standard field nor outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from crm.feature_inference import infer_kind
from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.field_matching import described
from crm.inference.header_words import normalise
from crm.inference.inference_findings import InferenceFindings
from leadworth.records import Lead

ONLY_WON = (0.5, 0.05)
"""Filled in at least this share of the won rows, and at most that share of the others."""
STRONG = 0.9
"""AUC of one column alone above which no honest column was seen in the public sets of ../shared/data."""
_FEW_WON = 20
_CODES = frozenset({"zip", "postal", "postcode", "plz", "cap", "code", "id", "area", "region", "state"})


@dataclass
class UnmappedFeatures:
    """Columns proposed in [leads.features], with the evidence."""

    numeric: dict[str, str] = field(default_factory=dict)
    categorical: dict[str, str] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    ignore: dict[str, str] = field(default_factory=dict)


def sort_leftovers(
    export: ExportProfile,
    used: set[str],
    mapped: dict[str, str],
    won: Sequence[bool] | None,
    findings: InferenceFindings,
) -> UnmappedFeatures:
    """Return what becomes of the columns that have no use yet.

    Parameters
    ----------
    export
        The leads.
    used
        Columns that have a use.
    mapped
        Standard field -> column; a column that bears the free name of a standard field is added.
    won
        Which sampled rows are won; None where that is not known.
    findings
        Receives what was left out.
    """
    features = UnmappedFeatures()
    for column in export.columns.values():
        if column.name in used:
            continue
        late = _why_late(export, column, won)
        if late:
            features.ignore[column.name] = late
            findings.leave(export.name, column.name, late)
        elif column.name in Lead.model_fields:
            _standard(export, column, mapped, findings)
        else:
            _by_values(export, column, features, findings)
    return features


def _why_late(export: ExportProfile, column: ColumnProfile, won: Sequence[bool] | None) -> str:
    """Return why a column is not known at submit, or nothing."""
    if column.kind == "empty":
        return ""
    late, people = export.known_as(column.name, "late"), export.known_as(column.name, "people")
    if late or people:
        match = late or people
        origin = match.origin if match else ""
        what = "is written after the lead came in" if late else "says who works the lead, decided after it came in"
        return f"the header says that it {what} ({origin})"
    outcome = export.says(column.name, "outcomes")
    if outcome and outcome.name not in {"currency", "lead_id"}:
        return f"the header says that it tells the outcome ({outcome.origin})"
    return _evidence(export.values(column.name), column, won) if won is not None else ""


def _evidence(values: list[str], column: ColumnProfile, won: Sequence[bool] | None) -> str:
    mark = np.array(won, dtype=bool)
    if min(mark.sum(), (~mark).sum()) < _FEW_WON:
        return ""
    filled = np.array([bool(value) for value in values])
    yes, no = filled[mark].mean(), filled[~mark].mean()
    if yes >= ONLY_WON[0] and no <= ONLY_WON[1]:
        return f"filled in {yes:.0%} of the won and {no:.0%} of the other leads: it looks written after the outcome"
    alone = _alone(values, mark) if column.distinct <= 200 else 0.0
    if alone >= STRONG:
        return f"tells won from not won by itself (AUC {alone:.2f}): it looks written after the outcome"
    return ""


def _alone(values: list[str], won: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """Return the AUC of the win rate per value, each row left out of its own rate."""
    _, codes = np.unique(np.array(values), return_inverse=True)
    count, wins = np.bincount(codes), np.bincount(codes, weights=won)
    rate = (wins[codes] - won + won.mean()) / count[codes]
    ranks = pd.Series(rate).rank().to_numpy()[won].sum()
    pairs = won.sum() * (~won).sum()
    return float((ranks - won.sum() * (won.sum() + 1) / 2) / pairs)


def _standard(
    export: ExportProfile, column: ColumnProfile, mapped: dict[str, str], findings: InferenceFindings
) -> None:
    if column.name in mapped or column.name in {"lead_id", "submitted_at"}:
        findings.leave(export.name, column.name, f"named like the field {column.name}, which another column fills")
        return
    mapped[column.name] = column.name
    findings.add(f"leads.columns.{column.name}", column, f"named like the field; {described(column)}")


def _by_values(
    export: ExportProfile, column: ColumnProfile, features: UnmappedFeatures, findings: InferenceFindings
) -> None:
    kind, reason = infer_kind(pa.array(export.values(column.name), pa.string()), ("",))
    why = described(column)
    if column.kind in {"code", "email", "phone", "ip", "user_agent", "click_id"}:
        kind, reason = None, f"personal or identifying: {why}"
    if kind == "categorical" and column.kind == "many" and column.unique > 0.5:
        kind, reason = None, f"{why}: too many to be categories, too short to be text (names?)"
    if kind == "numeric" and _CODES & set(normalise(column.name).split()):
        kind, why = "categorical", f"{why}, which the header calls a code"
    if kind is None:
        findings.leave(export.name, column.name, reason)
        return
    getattr(features, kind)[column.name] = why
