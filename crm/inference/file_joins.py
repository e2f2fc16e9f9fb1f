"""Which file holds the leads, which one their outcome, and by which columns they meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.header_words import normalise
from crm.inference.id_columns import id_columns
from crm.inference.row_sample import distinct
from crm.inference.stage_meanings import stage_kind

ENOUGH = 0.5


@dataclass(frozen=True)
class FileJoin:
    """A column of the leads and one of another file that hold the same values.

    Attributes
    ----------
    overlap
        Share of the other file's values that the leads have.
    named
        The headers say the same.
    """

    left: str
    right: str
    overlap: float
    named: bool


def leadness(export: ExportProfile) -> float:
    """Return how much a file looks like leads: standard fields, and an id."""
    fields = {
        match.name
        for meanings in export.meanings.values()
        for match in meanings[:3]
        if match.section == "fields" and not match.near and match.name not in {"id", "submitted_at"}
    }
    contacts = sum(column.kind in {"email", "phone"} for column in export.columns.values())
    dated = any(column.dates for column, _ in export.meant("fields", "submitted_at"))
    return len(fields) + contacts + dated + bool(id_columns(export)) - outcomeness(export)


def outcomeness(export: ExportProfile) -> float:
    """Return how much a file looks like outcomes: stages, won dates, amounts."""
    names = ("won", "won_at", "lost", "lost_at", "closed_at", "stage", "stage_at", "revenue", "known_at")
    return sum(bool(export.meant("outcomes", name)) for name in names) + (2.0 if _has_stages(export) else 0.0)


def _has_stages(export: ExportProfile) -> bool:
    return any(
        {stage_kind(value) for value in list(column.counts)[:60]} & {"won", "lost"}
        for column in export.columns.values()
        if column.kind == "category"
    )


def choose_leads(exports: Sequence[ExportProfile]) -> ExportProfile:
    """Return the export that holds the leads."""
    return max(exports, key=leadness)


def find_join(leads: ExportProfile, other: ExportProfile) -> FileJoin | None:
    """Return the best pair of columns by which two files meet.

    Whole numbers that count from one meet by chance in any two files; they need headers that say the
    same as well.
    """
    found: list[FileJoin] = []
    rights = [column for column in other.columns.values() if _may_join(column)]
    known = {column.name: distinct(other.sample.path, column.name) - set(other.missing) for column in rights}
    for column, _ in id_columns(leads):
        mine = distinct(leads.sample.path, column.name)
        for right in rights:
            values = known[right.name]
            overlap = len(values & mine) / max(len(values), 1)
            named = _same_name(column.name, right.name, other)
            if overlap >= ENOUGH and (named or not right.integers):
                found.append(FileJoin(column.name, right.name, overlap, named))
    return max(found, key=lambda join: (join.overlap + 0.3 * join.named, join.named), default=None)


def _may_join(column: ColumnProfile) -> bool:
    if column.kind in {"moment", "constant", "empty", "flag", "text", "user_agent"}:
        return False
    return column.kind != "number" or column.integers


def _same_name(left: str, right: str, other: ExportProfile) -> bool:
    if normalise(left) == normalise(right):
        return True
    return any(column.name == right for column, _ in other.meant("outcomes", "lead_id"))
