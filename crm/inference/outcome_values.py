"""Date of winning and revenue by their values, where no header means them."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from crm.inference.column_links import names_an_id
from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.field_matching import describe_values
from crm.inference.header_vocabulary import tokens
from crm.inference.inference_findings import InferenceFindings
from crm.inference.outcome_columns import OutcomeColumns, closed_rows
from crm.inference.scaled_amounts import is_scaled
from leadworth.readers.money_reader import read_money

_FILLED_WON = 0.8
_ONLY_WON = 0.5
"""Difference in the filled share of won and other rows from which on a column belongs to winning."""
_MIN_WON = 10
_SURE = 3
_SMALL = 20.0
"""Shares, counts and ratings are smaller than the usual deal."""
_MAGNITUDE = re.compile(r"\d\s?(?:[kKmM]|Mio\.?|Tsd\.?|тыс\.?|млн\.?)$")
_CENTS = re.compile(r"\d[.,]\d{2}\b")


def map_by_values(
    export: ExportProfile, used: set[str], outcome: OutcomeColumns, findings: InferenceFindings, *, own_file: bool
) -> None:
    """Add the date of winning and the revenue by their values, each with a warning.

    Parameters
    ----------
    export
        Profile of the outcomes.
    used
        Columns that are mapped to something else.
    outcome
        Inferred settings, which are extended.
    findings
        Receives the columns and the warnings.
    own_file
        Whether the file has outcomes only; among the columns of leads the evidence must be stronger.
    """
    won = closed_rows(export, outcome, "won")
    if won.sum() < _MIN_WON or not outcome.has_won_flag_or_stage:
        return
    columns = [column for column in export.columns.values() if column.name not in used | outcome.used]
    if not {"won_at", "lost_at", "stage_at"} & set(outcome.columns):
        dates = [column for column in columns if column.dates]
        if not own_file:
            dates = [column for column in dates if _only_won(_filled(export, column), won)]
        _map_date(export, dates, outcome, won, findings)
    if "revenue" not in outcome.columns:
        scores = {column.name: _money_score(export, column, won) for column in columns if _may_be_money(column)}
        best = max(scores, key=scores.__getitem__, default="")
        alone = own_file and len([name for name, score in scores.items() if score]) == 1
        if best and scores[best] >= (1 if alone else _SURE - own_file):
            _set(export, "revenue", export.columns[best], outcome, findings, "the revenue")


def _map_date(
    export: ExportProfile,
    dates: list[ColumnProfile],
    outcome: OutcomeColumns,
    won: NDArray[np.bool_],
    findings: InferenceFindings,
) -> None:
    """Map the date that won rows have, if there is one that is not the time of submit or of a change."""
    taken = ("submitted_at", "known_at")
    fitting = [
        column
        for column in dates
        if _filled(export, column)[won].mean() >= _FILLED_WON
        and not any(match.name in taken and not match.near for match in export.meanings[column.name])
    ]
    if len(fitting) != 1:
        return
    _set(export, "won_at", fitting[0], outcome, findings, "the date of winning")
    if outcome.lost_stages or "lost" in outcome.columns:
        outcome.columns["lost_at"] = fitting[0].name


def _set(
    export: ExportProfile,
    setting: str,
    column: ColumnProfile,
    outcome: OutcomeColumns,
    findings: InferenceFindings,
    meaning: str,
) -> None:
    outcome.columns[setting] = column.name
    findings.add(f"outcomes.{setting}", column, f"values only: {describe_values(column)}")
    findings.warn(
        f"{export.name}: {column.name!r} is used as {meaning} only because of its values",
        f"remove `{setting}` from [outcomes] if it is something else",
    )


def _filled(export: ExportProfile, column: ColumnProfile) -> NDArray[np.bool_]:
    return np.array([bool(value) for value in export.values(column.name)], dtype=bool)


def _may_be_money(column: ColumnProfile) -> bool:
    fits = column.kind == "number" and column.shares["money"] >= _FILLED_WON
    return fits and not names_an_id(column.name) and not is_scaled(column.name)


def _money_score(export: ExportProfile, column: ColumnProfile, won: NDArray[np.bool_]) -> int:
    """Return how much a column of numbers looks like the revenue of won rows."""
    filled = _filled(export, column)
    amounts = [amount for amount in map(read_money, column.counts) if isinstance(amount, float)]
    if filled[won].mean() < _FILLED_WON or not amounts or np.median(amounts) < _SMALL:
        return 0
    sample = list(column.counts)[:200]
    marks = (*tokens().currencies, *tokens().currency_codes)
    marked = sum(any(mark in value for mark in marks) or bool(_MAGNITUDE.search(value)) for value in sample)
    cents = sum(bool(_CENTS.search(value)) for value in sample) >= 0.5 * len(sample)
    return 2 * (marked >= 0.5 * len(sample)) + 2 * _only_won(filled, won) + cents


def _only_won(filled: NDArray[np.bool_], won: NDArray[np.bool_]) -> bool:
    return bool((~won).any() and filled[won].mean() - filled[~won].mean() >= _ONLY_WON)
