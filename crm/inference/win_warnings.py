"""Warnings about wins: no column shows them, nothing dates them, or they mean something else in this CRM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from crm.casts import flags as flags_of
from crm.casts import is_checkbox
from crm.inference.export_profile import ExportProfile
from crm.inference.inference_findings import InferenceFindings
from crm.inference.late_headers import sales_phrase
from crm.inference.outcome_columns import OutcomeColumns
from crm.inference.scaled_amounts import is_scaled
from crm.inference.stage_meanings import stage_kind
from leadworth.privacy import redact

_MOST_CANDIDATES = 4
_MOST_STAGES = 30
_MOST_SHOWN = 6


def warn_about_wins(
    export: ExportProfile,
    outcome: OutcomeColumns,
    used: set[str],
    findings: InferenceFindings,
    unjoined: Sequence[str] = (),
) -> None:
    """Add warnings about the columns that show which leads were won.

    Parameters
    ----------
    export
        Profile of the outcomes.
    outcome
        Inferred settings of [outcomes].
    used
        Columns that are mapped to something else.
    findings
        Receives the warnings.
    unjoined
        Names of further files that do not meet the leads.
    """
    if outcome.has_won:
        if not {"won_at", "stage_at"} & set(outcome.columns):
            findings.warn(
                "no column dates the wins: how long a win takes, and which recent leads are still open, is unknown",
                "export the close date as well; without it the leads are evaluated with their outcomes as they stand",
            )
        _note_checkbox(export, outcome, findings)
        return
    if "stage" in outcome.columns:
        stages = list(export.columns[outcome.columns["stage"]].counts)
        named = ", ".join(repr(redact(stage[:30])) for stage in stages[:_MOST_SHOWN])
        findings.warn(
            f"no column of {export.name} shows which leads were won: no value of {outcome.columns['stage']!r} "
            f"means won ({named})",
            "export the won deals too, or set `won_stages` in [outcomes] to the values that mean won",
            "stop",
        )
        return
    candidates = list(_candidates(export, used))
    problem = f"no column of {export.name} shows which leads were won"
    if candidates:
        problem += f"; these might: {', '.join(candidates[:_MOST_CANDIDATES])}"
        remedy = "in [outcomes], set `won` to a column of yes and no, or `stage` and the `won_stages` that mean won"
    elif unjoined:
        remedy = f"make the ids of {', '.join(unjoined)} meet those of {export.name}, and run init again"
    else:
        remedy = "export the deals with the id of the lead, or a status column, and run init with both files"
    findings.warn(problem, remedy, "stop")


def warn_of_no_revenue(export: ExportProfile, used: set[str], findings: InferenceFindings) -> None:
    """Say that no column has the revenue of a won lead; name one that seems to have it and that cannot be used.

    Parameters
    ----------
    export
        Profile of the outcomes.
    used
        Columns that are mapped to something else.
    findings
        Receives the warning.
    """
    scaled = next((name for name in export.columns if name not in used and is_scaled(name)), None)
    if scaled is not None:
        findings.warn(
            f"{export.name}: by its header, {scaled!r} is not in whole units of money, but in thousands, cents or the "
            "like, so it is not taken for the revenue",
            "export whole units, or multiply or divide the column, and name it in `revenue` of [outcomes]",
        )
        return
    named = [column for column, _ in export.columns_for("outcomes", "revenue") if column.name not in used]
    unread = next((column for column in named if any(map(str.isdigit, column.example))), None)
    if unread is None:
        findings.note(
            f"no column of {export.name} has the revenue of a won lead",
            "set `revenue` in [outcomes]; without it leads are ranked by win probability alone",
        )
        return
    findings.warn(
        f"{export.name}: {unread.name!r} is named like the revenue, but its amounts cannot be read, such as "
        f"{redact(unread.example)!r}, so no lead has a revenue",
        "export it as plain numbers; without it leads are ranked by win probability alone",
    )


def _note_checkbox(export: ExportProfile, outcome: OutcomeColumns, findings: InferenceFindings) -> None:
    """Say that dated rows are not won where the flag of won is empty and never says no."""
    won, won_at = outcome.columns.get("won"), outcome.columns.get("won_at")
    if won is None or won_at is None or "stage" in outcome.columns:
        return
    cells = pa.array(export.values(won), pa.string())
    if not is_checkbox(cells, ["", "-"], "won"):
        return
    flags = flags_of(cells, outcome="won")
    empty = np.isnan(flags.values) & ~flags.unreadable
    dated = sum(bool(date) and blank for date, blank in zip(export.values(won_at), empty.tolist(), strict=True))
    if dated:
        findings.note(
            f"{export.name}: {won!r} never says no, so where it is empty the lead is not won, though {dated:,} such "
            f"rows have a date in {won_at!r}",
            "remove `won` from [outcomes] if the date alone shows which leads were won",
        )


def _candidates(export: ExportProfile, used: set[str]) -> Iterator[str]:
    """Yield the columns that might show which leads were won, with their values; likely headers first."""
    likely: list[str] = []
    others: list[str] = []
    for column in export.columns.values():
        if column.name in used or column.kind not in {"flag", "category"} or column.distinct > _MOST_STAGES:
            continue
        if export.best_match(column.name, "people") or sales_phrase(column.name):
            continue
        values = ", ".join(repr(redact(value[:20])) for value in list(column.counts)[:3])
        text = f"{redact(column.name)!r} ({values})"
        match = export.best_match(column.name, "outcomes")
        closing = any(stage_kind(value) in {"lost", "engaged"} for value in column.counts)
        (likely if closing or match else others).append(text)
    yield from (*likely, *(text for text in others if len(likely) + len(others) <= _MOST_CANDIDATES))
