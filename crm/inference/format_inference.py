"""Format inference: date format, decimal mark and time zone of the exports."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from crm.date_formats import swap_day_and_month
from crm.decimal_marks import column_mark
from crm.inference.column_profile import ColumnProfile, infer_decimal_mark
from crm.inference.export_profile import ExportProfile
from crm.inference.inference_findings import InferenceFindings
from leadworth.readers.money_reader import read_money

_DAY_FIRST_LANGUAGES = {"Italian", "German", "French", "Spanish", "Russian"}


def infer_formats(
    section: str,
    export: ExportProfile,
    columns: Sequence[ColumnProfile],
    revenue: ColumnProfile | None,
    findings: InferenceFindings,
) -> dict[str, str]:
    """Return `date_format` and `decimal` of one file, as far as they must be set.

    Parameters
    ----------
    section
        "leads" or "outcomes".
    export
        Profile of the file.
    columns
        Its date columns that the proposal uses.
    revenue
        Its column of the revenue, if it has one.
    findings
        Receives inferred formats and warnings.
    """
    formats = {
        "date_format": _date_format(section, export, columns, findings),
        "decimal": _decimal(export, revenue, findings),
    }
    return {setting: value for setting, value in formats.items() if value}


def infer_timezone(columns: Sequence[ColumnProfile], timezone: str | None, findings: InferenceFindings) -> str:
    """Return the time zone of the option, or UTC with a warning if times have no offset."""
    if timezone:
        return timezone
    naive = [column.name for column in columns if column.dates and not column.dates.offset]
    if naive:
        findings.note(
            f"the times of {', '.join(map(repr, dict.fromkeys(naive)))} have no time zone and are read as UTC",
            "set `timezone` to the zone of your CRM (such as Europe/Rome), or run init with --timezone",
        )
    return "UTC"


def _date_format(
    section: str, export: ExportProfile, columns: Sequence[ColumnProfile], findings: InferenceFindings
) -> str:
    """Return the date format of a file; empty if its dates are ISO 8601 or have several formats."""
    for column in columns:
        if column.mixed:
            day, month = column.mixed
            findings.warn(
                f"{export.name}: {column.name!r} mixes two date orders: {day!r} begins with the day, {month!r} with "
                "the month, and dates such as 03/04 can be read both ways",
                "export it with one order, best as 2024-12-31",
                "stop",
            )
    formats = {column.dates.format for column in columns if column.dates}
    ambiguous = [
        (column.name, str(column.dates.format), column.dates.other)
        for column in columns
        if column.dates and column.dates.other
    ]
    if not formats - {None}:
        return ""
    if len(formats) == 1 and not ambiguous:
        form = str(formats.pop())
        findings.add(f"{section}.date_format", columns[0], f"{form!r} reads every date; the other order does not")
        return form
    if not ambiguous:
        return ""
    name, *candidates = ambiguous[0]
    certain = {column.dates.format for column in export.columns.values() if column.dates and not column.dates.other}
    confirmed = [form for form in candidates if form in certain]
    if not confirmed and candidates[1].startswith("%y"):
        return ""  # day or year first: the reader of training refuses the column
    form, reason = (confirmed[0], "another column has that format") if confirmed else _by_locale(export, candidates)
    findings.warn(
        f"{export.name}: {name!r} fits {candidates[0]} and {candidates[1]}; {form} was chosen, because {reason}",
        f'check a date that you know, and set date_format = "{swap_day_and_month(form)}" if it is the other',
    )
    return form


def _by_locale(export: ExportProfile, options: list[str]) -> tuple[str, str]:
    """Choose between day first and month first by other properties of the file."""
    day_first, month_first = sorted(options, key=lambda form: form.find("%d"))
    if "%p" in day_first:
        return month_first, "the times have AM and PM"
    if reason := _continental(export):
        return day_first, f"{reason} that write the day first"
    if "." in day_first or infer_decimal_mark(list(export.columns.values()))[0] == ",":
        return day_first, "dots in dates and decimal commas are used in countries that write the day first"
    return month_first, "nothing in the file shows the day first"


def _continental(export: ExportProfile) -> str:
    """Return what shows that a country writes the day first and a decimal comma; empty if nothing does."""
    if export.sample.dialect is not None and export.sample.dialect.delimiter == ";":
        return "the delimiter is a semicolon, as in countries"
    languages = {match.origin for matches in export.meanings.values() for match in matches[:1] if match.strength >= 1}
    if languages & _DAY_FIRST_LANGUAGES and "English" not in languages:
        return "the headers are in a language of countries"
    return ""


def _decimal(export: ExportProfile, revenue: ColumnProfile | None, findings: InferenceFindings) -> str:
    mark, evidence, uncertain = infer_decimal_mark(list(export.columns.values()))
    remedy = 'set decimal = "," or decimal = "." in the same section as `path`, as your CRM writes numbers'
    reason = _continental(export) if mark is None and uncertain else ""
    doubtful = _doubtful_amount(revenue) if revenue and (mark or reason) else None
    if revenue and doubtful:
        if column_mark(pa.array(list(revenue.counts))) != "unclear":  # else its unreadable amounts are counted
            findings.warn(f"{export.name}: {evidence}, but {revenue.name!r} has amounts such as {doubtful!r}", remedy)
        return ""
    if not uncertain:
        return mark or ""
    if reason:
        findings.note(f"{export.name}: {evidence}; they are thousands, because {reason} with a decimal comma", remedy)
        return ","
    findings.warn(f"{export.name}: {evidence}", remedy, "note" if "both ways" not in evidence else "check")
    return mark or ""


def _doubtful_amount(revenue: ColumnProfile) -> str | None:
    """Return an amount that a decimal comma makes a thousandth of what it is without, if its column shows no comma."""
    if column_mark(pa.array(list(revenue.counts))) == ",":
        return None
    readings = ((value, read_money(value), read_money(value, ",")) for value in revenue.counts)
    return next((value for value, alone, comma in readings if isinstance(alone, float) and alone != comma), None)
