"""`leadworth init`: propose leadworth.toml from the exports of a CRM."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

import typer

from crm.inference.export_profile import ExportProfile
from crm.inference.proposal import Proposal, propose
from crm.inference.toml_writer import render
from leadworth.console import console, progress, table
from leadworth.errors import ConfigurationError
from leadworth.settings import FILE_NAME, Settings

Exports = Annotated[list[Path], typer.Argument(help="Exports of the CRM: leads, and deals or stage changes.")]


def init(
    files: Exports,
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write the settings to.")] = Path(FILE_NAME),
    timezone: Annotated[str | None, typer.Option(help="IANA name of the time zone of times without an offset.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code of all money in the files.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite existing settings.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the settings without writing them.")] = False,
) -> None:
    """Propose leadworth.toml from your CRM exports.

    Supports exports of HubSpot, Salesforce, Dynamics 365 and Odoo, and tables with English, Italian,
    German, French, Spanish, Russian or Korean headers. Lists the inferred settings, the unused columns
    and a warning for each assumption.

    Raises
    ------
    ConfigurationError
        If the settings exist already and `--force` is not set.
    InputError
        If a file is not a table with a header.
    """
    if output.exists() and not (force or dry_run):
        raise ConfigurationError(
            f"{output} exists already",
            do="compare with --dry-run, overwrite with --force, or choose another file with -o",
        )
    _check_options(timezone, currency)
    with progress("Reading the exports", total=len(files)) as advance:
        proposal = propose(files, timezone=timezone, currency=currency)
        advance(len(files))
    text = render(proposal, output.parent)
    Settings(**tomllib.loads(text))
    _print_findings(proposal)
    if dry_run:
        console.print(text, markup=False, soft_wrap=True)
        return
    _write(output, text)
    _print_next_step(proposal, output)


def _check_options(timezone: str | None, currency: str | None) -> None:
    """Validate the options before any file is read."""
    if timezone is not None and timezone not in available_timezones():
        raise ConfigurationError(f"timezone {timezone!r} does not exist", allowed="IANA names such as Europe/Rome")
    if currency is not None and not re.fullmatch("[A-Z]{3}", currency):
        raise ConfigurationError(f"currency {currency!r} is not an ISO 4217 code", allowed="such as EUR, USD, JPY")


def _print_findings(proposal: Proposal) -> None:
    findings = proposal.findings
    for export in [proposal.leads] if proposal.one_file else [proposal.leads, proposal.outcomes]:
        console.print(_summary(export), markup=False)
    inferred = [(item.setting, item.column, item.reason, item.example) for item in findings.inferred]
    console.print(table(["setting", "column", "reason", "example (masked)"], inferred, title="\nInferred settings"))
    if findings.unused:
        unused = [(item.file, item.column, item.reason) for item in findings.unused]
        console.print(table(["file", "column", "reason"], unused, title="\nUnused columns"))
    if findings.warnings:
        warnings = [(number, item.problem, item.remedy) for number, item in enumerate(findings.warnings, start=1)]
        console.print(table(["", "warning", "what to do"], warnings, title="\nWarnings"))


def _summary(export: ExportProfile) -> str:
    dialect = export.sample.dialect
    parts = [
        f"{export.sample.rows:,} rows, {len(export.columns)} columns",
        f"{dialect.encoding}, delimiter {dialect.delimiter!r}" if dialect else export.sample.format.capitalize(),
    ]
    if export.crm:
        parts.append(f"probably from {export.crm}")
    if export.missing:
        parts.append(f"missing values written as {', '.join(map(repr, export.missing))}")
    if export.sample.faults:
        parts.append(f"{export.sample.faults} lines are not rows of the table, or cannot be split into columns")
    return f"{export.name}: {'; '.join(parts)}"


def _write(output: Path, text: str) -> None:
    part = output.with_name(output.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, output)
    except OSError as error:
        raise ConfigurationError(f"{output} cannot be written: {error}", do="choose another file with -o") from error


def _print_next_step(proposal: Proposal, output: Path) -> None:
    count = len(proposal.findings.warnings)
    warnings = f" It starts with {count} warnings: check them first." if count else ""
    console.print(f"\nWrote {output}.{warnings}", markup=False)
    config = "" if output == Path(FILE_NAME) else f" --config {output}"
    console.print(f"Next: leadworth train{config}", markup=False, soft_wrap=True)
