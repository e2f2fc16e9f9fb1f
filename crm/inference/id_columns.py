"""Infer the id, the submit time and the order of the leads."""

from __future__ import annotations

from itertools import pairwise

from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.field_matching import describe_values, explain_match
from crm.inference.header_words import normalise
from crm.inference.inference_findings import InferenceFindings
from crm.inference.masking import mask
from crm.raw_table import ROW_NUMBER

UNIQUE = 0.98
_FIRST_COLUMNS = 2
"""Exports have the id in front: whole numbers without a header that means id may be it only there."""
_REPEATED = 0.5
"""Share of distinct values of a column that identifies leads, of which some rows are repeated."""
_SAME_CELLS = 0.7
"""Share of equal cells above which two rows with the same id are the same lead."""
_ID_WORDS = frozenset({"id", "no", "nr", "number", "numero", "nummer", "key", "code", "uuid", "guid", "номер", "번호"})


def id_columns(export: ExportProfile) -> list[tuple[ColumnProfile, str]]:
    """Return the columns that could identify a row, best first, each with the reason."""
    named = [(column, explain_match(match, column)) for column, match in export.columns_for("fields", "id")]
    by_word = [
        (column, f"the last word of the header means id; {describe_values(column)}")
        for column in export.columns.values()
        if normalise(column.name).split()[-1:] and normalise(column.name).split()[-1] in _ID_WORDS
    ]
    codes = [(column, "values only: all different") for column in export.columns.values() if column.kind == "code"]
    numbers = [
        (column, "values only: whole numbers, all different")
        for column in list(export.columns.values())[:_FIRST_COLUMNS]
        if column.kind == "number" and column.integers
    ]
    emails = [
        (column, "no id column: the e-mail address is used")
        for column in export.columns.values()
        if column.kind == "email"
    ]
    candidates: dict[str, tuple[ColumnProfile, str]] = {}
    for column, reason in (*named, *by_word, *codes, *numbers, *emails):
        if column.unique >= UNIQUE and column.filled >= UNIQUE and column.kind not in {"moment", "constant"}:
            candidates.setdefault(column.name, (column, reason))
    for column, reason in named:
        if column.name not in candidates and _has_repeated_rows(export, column):
            candidates[column.name] = column, reason
    return sorted(candidates.values(), key=lambda pair: pair[0].kind == "email" or "values only" in pair[1])


def identifies_leads(export: ExportProfile, column: ColumnProfile) -> bool:
    """Return whether a column is the id of the leads, and not that of their deal or contact.

    It is the best of the id columns, or one of them where no header means id.
    """
    candidates = id_columns(export)
    names = [candidate.name for candidate, _ in candidates]
    return column.name in names and (names[0] == column.name or "header" not in candidates[0][1])


def _has_repeated_rows(export: ExportProfile, column: ColumnProfile) -> bool:
    """Return whether a column identifies leads, of which some rows are repeated: nearly equal rows, the same id."""
    if not _REPEATED <= column.unique < UNIQUE or column.filled < UNIQUE or column.kind in {"moment", "constant"}:
        return False
    first: dict[str, int] = {}
    equal = total = 0
    others = [export.values(name) for name in export.columns if name != column.name]
    for row, value in enumerate(export.values(column.name)):
        start = first.setdefault(value, row)
        if value and start != row:
            equal += sum(cells[row] == cells[start] for cells in others)
            total += len(others)
    return total > 0 and equal >= _SAME_CELLS * total


def choose_id(export: ExportProfile, findings: InferenceFindings) -> str:
    """Return the column that identifies a lead, or the row number if there is none."""
    candidates = id_columns(export)
    if not candidates:
        findings.warn(
            f"{export.name}: no column differs in every row, so the row number is used as the id",
            "export the id of the leads too; row numbers change with every export",
        )
        return ROW_NUMBER
    column, reason = candidates[0]
    findings.add("leads.id", column, reason)
    note_repeated_ids(export, column, findings)
    if column.kind == "email":
        findings.warn(
            f"{export.name}: there is no id column, so the e-mail address identifies a lead",
            "export the id of the leads too; otherwise two leads of one person count as one",
        )
    return column.name


def note_repeated_ids(export: ExportProfile, column: ColumnProfile, findings: InferenceFindings) -> None:
    """Add a warning with the number of rows that repeat an id, and one such id."""
    repeated = sum(count - 1 for count in column.counts.values())
    if not repeated:
        return
    example = mask(column.example, "code")
    sampled = "" if column.rows == export.sample.rows else "sampled "
    findings.warn(
        f"{export.name}: {repeated:,} {sampled}rows repeat an id of {column.name!r} (for example {example})",
        "export each lead once, or name another column in `id`; until then the last row of each id is used",
    )


def choose_submit_time(export: ExportProfile, used: set[str], findings: InferenceFindings) -> str | None:
    """Return the column with the submit time, or None; one whose dates cannot be read is named later."""
    named = [
        (column, match) for column, match in export.columns_for("fields", "submitted_at") if column.name not in used
    ]
    dated = [pair for pair in named if pair[0].dates] or [pair for pair in named if pair[0].unread_dates]
    for column, match in dated[:1]:
        findings.add("leads.submitted_at", column, explain_match(match, column))
        return column.name
    later = {name for name in export.columns if export.best_match(name, "outcomes") or export.best_match(name, "late")}
    dates = [c for c in export.columns.values() if c.dates and c.filled >= UNIQUE and c.name not in later | used]
    if dates:
        findings.add(
            "leads.submitted_at", dates[0], f"first date column without another use; {describe_values(dates[0])}"
        )
        findings.warn(
            f"{export.name}: {dates[0].name!r} is used as the submit time only because its values are dates",
            "set `submitted_at` to the right column",
        )
        return dates[0].name
    return None


def choose_order(export: ExportProfile, findings: InferenceFindings) -> str:
    """Return the column that orders the leads in time, if there is no date."""
    for column, reason in id_columns(export):
        if column.integers and (share := _monotonic_share(export.values(column.name))) >= 0.95:
            findings.add("leads.order_by", column, f"{reason}; monotonic in the order of the rows ({share:.0%})")
            findings.warn(
                f"{export.name} has no date: {column.name!r} is used as the order in time",
                "export the creation date if the CRM has it",
            )
            return column.name
    findings.warn(
        f"{export.name} has neither a date nor a sequence number: the order of the rows is used as the order in time",
        "export the creation date; without it the evaluation forward in time is meaningless",
    )
    return ROW_NUMBER


def _monotonic_share(values: list[str]) -> float:
    """Return the share of consecutive values that change in the more frequent direction."""
    numbers = [int(value) for value in values if value]
    increases = sum(after > before for before, after in pairwise(numbers))
    return max(increases, len(numbers) - 1 - increases) / max(len(numbers) - 1, 1)
