"""How dates, numbers and times are written in the files that are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.inference.column_profile import ColumnProfile, decimal_mark
from crm.inference.date_notation import swapped
from crm.inference.export_profile import ExportProfile

if TYPE_CHECKING:
    from crm.inference.proposal import Proposal


def settle_notations(proposal: Proposal, timezone: str | None) -> None:
    """Set date format, decimal mark and time zone of a proposal."""
    leads = [proposal.submitted_at] if proposal.submitted_at else []
    dated = [name for setting, name in proposal.outcome.columns.items() if setting.endswith("_at")]
    if proposal.outcomes is proposal.leads:
        uses = [("leads", proposal.leads, [*leads, *dated])]
    else:
        uses = [("leads", proposal.leads, leads), ("outcomes", proposal.outcomes, dated)]
    for section, export, names in uses:
        columns = [export.columns[name] for name in dict.fromkeys(names)]
        written = {
            "date_format": _date_format(proposal, section, export, columns),
            "decimal": _decimal(proposal, export),
        }
        proposal.notations[section] = {setting: value for setting, value in written.items() if value}
    proposal.notations.setdefault("outcomes", {})
    _time_zone(proposal, timezone, [export.columns[name] for _, export, names in uses for name in names])


def _date_format(proposal: Proposal, section: str, export: ExportProfile, columns: list[ColumnProfile]) -> str:
    """Return the one format of all dates of a file; nothing where they are ISO or differ."""
    findings = proposal.findings
    formats = {column.dates.format for column in columns if column.dates}
    unsure = [column for column in columns if column.dates and column.dates.other]
    sure = {column.dates.format for column in export.columns.values() if column.dates and not column.dates.other}
    if len(formats - {None}) == 0:
        return ""
    if len(formats) == 1 and not unsure:
        form = str(formats.pop())
        findings.add(f"{section}.date_format", columns[0], f"{form!r} reads every date; the other order does not")
        return form
    for column in unsure:
        options = [str(column.dates.format), str(column.dates.other)] if column.dates else []
        seen = [form for form in options if form in sure]
        form, why = (seen[0], "another date of the file is sure") if seen else _by_custom(export, options)
        findings.doubt(
            f"{export.name}: {column.name!r} fits {options[0]} and {options[1]}; {form} is written, because {why}",
            f'look at a date you know, and write date_format = "{swapped(form)}" if it is the other',
        )
        return form
    return ""


def _by_custom(export: ExportProfile, options: list[str]) -> tuple[str, str]:
    """Choose between day first and month first by what else the file shows."""
    day_first, month_first = sorted(options, key=lambda form: form.find("%d"))
    if "%p" in day_first:
        return month_first, "the times are written with AM and PM"
    if export.sample.dialect is not None and export.sample.dialect.delimiter == ";":
        return day_first, "the file is separated by semicolons, as where the day comes first"
    if "." in day_first or decimal_mark(list(export.columns.values()))[0] == ",":
        return day_first, "dots or decimal commas are used where the day comes first"
    others = {m.origin for meanings in export.meanings.values() for m in meanings[:1] if m.strength >= 1}
    if others & {"Italian", "German", "French", "Spanish", "Russian"} and "English" not in others:
        return day_first, "the headers are in a language that puts the day first"
    return month_first, "nothing in the file says otherwise"


def _decimal(proposal: Proposal, export: ExportProfile) -> str:
    mark, evidence, unsure = decimal_mark(list(export.columns.values()))
    if unsure:
        proposal.findings.doubt(
            f"{export.name}: {evidence}", 'set decimal = "," or decimal = "." beside `path`, as your CRM writes numbers'
        )
    return mark or ""


def _time_zone(proposal: Proposal, timezone: str | None, columns: list[ColumnProfile]) -> None:
    if timezone:
        proposal.timezone = timezone
        return
    naive = [column.name for column in columns if column.dates and not column.dates.offset]
    if naive:
        proposal.findings.doubt(
            f"the times of {', '.join(map(repr, dict.fromkeys(naive)))} carry no time zone; they are read as UTC",
            "write the zone of your CRM (such as Europe/Rome) into `timezone`, or run init with --timezone",
        )
