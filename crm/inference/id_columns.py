"""Which column identifies a lead, which one dates it, and which one orders the leads."""

from __future__ import annotations

from itertools import pairwise

from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.field_matching import because, described
from crm.inference.header_words import normalise
from crm.inference.inference_findings import InferenceFindings
from crm.raw_table import ROW_NUMBER

UNIQUE = 0.98
_ID_WORDS = frozenset({"id", "no", "nr", "number", "numero", "nummer", "key", "code", "uuid", "guid", "номер", "번호"})


def id_columns(export: ExportProfile) -> list[tuple[ColumnProfile, str]]:
    """Return the columns that could identify a row, likeliest first, each with the reason."""
    named = [(column, because(match, column)) for column, match in export.meant("fields", "id")]
    by_word = [
        (column, f"header ends like an id; {described(column)}")
        for column in export.columns.values()
        if normalise(column.name).split()[-1:] and normalise(column.name).split()[-1] in _ID_WORDS
    ]
    codes = [(column, "values only: every one another") for column in export.columns.values() if column.kind == "code"]
    mails = [
        (column, "no id: the e-mail address stands for it")
        for column in export.columns.values()
        if column.kind == "email"
    ]
    found: dict[str, tuple[ColumnProfile, str]] = {}
    for column, why in (*named, *by_word, *codes, *mails):
        if column.unique >= UNIQUE and column.filled >= UNIQUE and column.kind not in {"moment", "constant"}:
            found.setdefault(column.name, (column, why))
    return list(found.values())


def choose_id(export: ExportProfile, findings: InferenceFindings) -> str:
    """Return the column that identifies a lead, or the row number where none does."""
    found = id_columns(export)
    if not found:
        findings.doubt(
            f"{export.name}: no column is different in every row, so the number of the row stands for the id",
            "export the id of the leads too; row numbers change with every export",
        )
        return ROW_NUMBER
    column, why = found[0]
    findings.add("leads.id", column, why)
    if column.unique < 1:
        twice = round((1 - column.unique) * column.rows * column.filled)
        findings.doubt(
            f"{export.name}: {twice} of the rows looked at repeat an id of {column.name!r}",
            "remove the repeated rows, or name another column in `id`",
        )
    if column.kind == "email":
        findings.doubt(
            f"{export.name}: no id was found, so the e-mail address identifies a lead",
            "export the id of the leads too; a person who asks twice is otherwise one lead",
        )
    return column.name


def choose_date(export: ExportProfile, taken: set[str], findings: InferenceFindings) -> str | None:
    """Return the column with the time of submit, if there is one."""
    for column, match in export.meant("fields", "submitted_at"):
        if column.dates and column.name not in taken:
            findings.add("leads.submitted_at", column, because(match, column))
            return column.name
    outcome = {name for name in export.columns if export.says(name, "outcomes") or export.says(name, "late")}
    dates = [c for c in export.columns.values() if c.dates and c.filled >= UNIQUE and c.name not in outcome | taken]
    if dates:
        findings.add("leads.submitted_at", dates[0], f"the only kind of date left; {described(dates[0])}")
        findings.doubt(
            f"{export.name}: {dates[0].name!r} is taken as the time of submit because its values are dates",
            "name the right column in `submitted_at`",
        )
        return dates[0].name
    return None


def choose_order(export: ExportProfile, findings: InferenceFindings) -> str:
    """Return the column that orders the leads in time, where there is no date."""
    for column, why in id_columns(export):
        if column.integers and (share := _steady(export.values(column.name))) >= 0.95:
            findings.add("leads.order_by", column, f"{why}; runs through the file in one direction ({share:.0%})")
            findings.doubt(
                f"{export.name} has no date: {column.name!r} is taken as the order in which the leads came",
                "export the creation date if the CRM has it",
            )
            return column.name
    findings.doubt(
        f"{export.name} has neither a date nor a running number: the rows are taken to stand in the order of time",
        "export the creation date; without it the test forward in time means nothing",
    )
    return ROW_NUMBER


def _steady(values: list[str]) -> float:
    """Return the share of neighbours that go the commoner way."""
    numbers = [int(value) for value in values if value]
    ups = sum(after > before for before, after in pairwise(numbers))
    return max(ups, len(numbers) - 1 - ups) / max(len(numbers) - 1, 1)
