"""Stages that no vocabulary knows: open, unless the dates of their rows say that they are closed."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from crm.inference.column_profile import sort_keys
from crm.inference.export_profile import ExportProfile
from crm.inference.inference_findings import InferenceFindings
from crm.inference.outcome_columns import OutcomeColumns, quoted
from crm.inference.stage_meanings import is_open_stage, stage_kind
from leadworth.privacy import redact

_MOST = 0.5
_FEW_OPEN = 3
"""Rows of open stages below which their dates are no evidence of what the date means."""
_MOST_SHOWN = 6


def warn_about_open_stages(export: ExportProfile, outcome: OutcomeColumns, findings: InferenceFindings) -> None:
    """Add warnings about the stages that are neither won nor lost by their words.

    Where most rows of such a stage have a past close date, and those of stages known to be open have not, the stage is
    closed, and a person has to say how.

    Parameters
    ----------
    export
        Profile of the outcomes.
    outcome
        Inferred settings of [outcomes].
    findings
        Receives the warnings.
    """
    name = outcome.columns.get("stage")
    if name is None:
        return
    unknown = [stage for stage in export.columns[name].counts if stage_kind(stage) is None and not is_open_stage(stage)]
    stages = np.array(export.values(name))
    closed = _closed(export, outcome, stages, unknown)
    if closed:
        shown = [f"{redact(stage[:40])!r} ({int((stages == stage).sum()):,} rows)" for stage in closed[:_MOST_SHOWN]]
        more = f" and {len(closed) - _MOST_SHOWN} more" if len(closed) > _MOST_SHOWN else ""
        findings.warn(
            f"{export.name}: stages of {name!r} that count as open, though most of their rows have a past close date: "
            f"{', '.join(shown)}{more}",
            "add each that is won to won_stages and each that is lost to lost_stages in [outcomes]",
            "stop",
        )
    rest = [stage for stage in unknown if stage not in closed and not stage.isdigit()]
    if rest:
        findings.warn(
            f"{export.name}: stages of {name!r} that count as open: {quoted(rest)}",
            "add those that are won or lost to won_stages or lost_stages",
            "note" if outcome.won_stages and outcome.lost_stages else "check",
        )


def _closed(
    export: ExportProfile, outcome: OutcomeColumns, stages: NDArray[np.str_], unknown: Iterable[str]
) -> list[str]:
    """Return the unknown stages most of whose rows have a past close date."""
    headers = {
        column.name for kind in ("won_at", "lost_at", "closed_at") for column, _ in export.columns_for("outcomes", kind)
    }
    names = {outcome.columns.get("won_at"), outcome.columns.get("lost_at")} & headers - {
        outcome.columns.get("stage_at")
    }
    past = np.zeros(len(stages), dtype=bool)
    for name in filter(None, names):
        past |= sort_keys(export.columns[name], export.values(name)) < time.time()
    is_open = np.array(
        [is_open_stage(stage) or stage_kind(stage) == "engaged" for stage in stages.tolist()], dtype=bool
    )
    if is_open.sum() >= _FEW_OPEN and past[is_open].mean() > _MOST:
        return []
    return [stage for stage in unknown if past[stages == stage].mean() > _MOST]
