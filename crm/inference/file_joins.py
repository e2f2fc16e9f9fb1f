"""Join inference: which file has the leads, which has the outcomes, and the columns that join them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.header_words import normalise
from crm.inference.id_columns import id_columns
from crm.inference.row_sample import distinct_values
from crm.inference.stage_meanings import stage_kind

MIN_OVERLAP = 0.5
_OUTCOME_SETTINGS = ("won", "won_at", "lost", "lost_at", "closed_at", "stage", "stage_at", "revenue", "known_at")


@dataclass(frozen=True)
class FileJoin:
    """A column of the leads and a column of another file with the same values.

    Attributes
    ----------
    left, right
        Columns of the leads and of the other file.
    overlap
        Share of the other file's values that the leads contain.
    named
        The headers match as well.
    """

    left: str
    right: str
    overlap: float
    named: bool


def lead_score(export: ExportProfile) -> float:
    """Return how much a file looks like leads: standard fields and an id, minus its outcome score."""
    fields = {
        match.name
        for meanings in export.meanings.values()
        for match in meanings[:3]
        if match.section == "fields" and not match.near and match.name not in {"id", "submitted_at"}
    }
    contacts = sum(column.kind in {"email", "phone"} for column in export.columns.values())
    dated = any(column.dates for column, _ in export.columns_for("fields", "submitted_at"))
    return len(fields) + contacts + dated + bool(id_columns(export)) - outcome_score(export)


def outcome_score(export: ExportProfile) -> float:
    """Return how much a file looks like outcomes: stages, won dates, amounts."""
    settings = sum(bool(export.columns_for("outcomes", name)) for name in _OUTCOME_SETTINGS)
    return settings + (2.0 if _has_stages(export) else 0.0)


def _has_stages(export: ExportProfile) -> bool:
    return any(
        {stage_kind(value) for value in list(column.counts)[:60]} & {"won", "lost"}
        for column in export.columns.values()
        if column.kind == "category"
    )


def choose_leads(exports: Sequence[ExportProfile]) -> ExportProfile:
    """Return the export with the highest lead score."""
    return max(exports, key=lead_score)


def find_join(leads: ExportProfile, other: ExportProfile) -> FileJoin | None:
    """Return the best pair of columns that joins two files, or None.

    Integers that count from one overlap by chance in any two files; they also need matching headers.
    """
    joins: list[FileJoin] = []
    rights = [column for column in other.columns.values() if _can_join(column)]
    right_values = {
        column.name: distinct_values(other.sample.path, column.name) - set(other.missing) for column in rights
    }
    for column, _ in id_columns(leads):
        left_values = distinct_values(leads.sample.path, column.name)
        for right in rights:
            values = right_values[right.name]
            overlap = len(values & left_values) / max(len(values), 1)
            named = _headers_match(column.name, right.name, other)
            if overlap >= MIN_OVERLAP and (named or not right.integers):
                joins.append(FileJoin(column.name, right.name, overlap, named))
    return max(joins, key=lambda join: (join.overlap + 0.3 * join.named, join.named), default=None)


def _can_join(column: ColumnProfile) -> bool:
    if column.kind in {"moment", "constant", "empty", "flag", "text", "user_agent"}:
        return False
    return column.kind != "number" or column.integers


def _headers_match(left: str, right: str, other: ExportProfile) -> bool:
    if normalise(left) == normalise(right):
        return True
    return any(column.name == right for column, _ in other.columns_for("outcomes", "lead_id"))
