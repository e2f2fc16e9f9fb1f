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
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the settings are written.")] = Path(FILE_NAME),
    timezone: Annotated[str | None, typer.Option(help="IANA name of the zone of times without offset.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code of the money in the files.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the settings.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the settings, write nothing.")] = False,
) -> None:
    """Propose leadworth.toml from your CRM exports.

    Recognises exports of HubSpot, Salesforce, Dynamics 365 and Odoo, and tables made by hand in English,
    Italian, German, French, Spanish, Russian and Korean. Says what it recognised, what it doubts and
    what it left out; nothing is guessed silently.

    Raises
    ------
    ConfigurationError
        Where the settings exist already and `--force` is not given.
    InputError
        Where a file is no table with a header.
    """
    if output.exists() and not (force or dry_run):
        raise ConfigurationError(
            f"{output} exists already", do="compare with --dry-run, overwrite with --force, or name another with -o"
        )
    _check(timezone, currency)
    with progress("Reading the exports", total=len(files)) as advance:
        proposal = propose(files, timezone=timezone, currency=currency)
        advance(len(files))
    text = render(proposal, output.parent)
    Settings(**tomllib.loads(text))
    _show(proposal)
    if dry_run:
        console.print(text, markup=False, soft_wrap=True)
        return
    _write(output, text)
    _say_next(proposal, output)


def _check(timezone: str | None, currency: str | None) -> None:
    """Refuse options that the settings would not take, before any file is read."""
    if timezone is not None and timezone not in available_timezones():
        raise ConfigurationError(f"timezone {timezone!r} is not known", allowed="IANA names such as Europe/Rome")
    if currency is not None and not re.fullmatch("[A-Z]{3}", currency):
        raise ConfigurationError(f"currency {currency!r} is no ISO 4217 code", allowed="such as EUR, USD, JPY")


def _show(proposal: Proposal) -> None:
    findings = proposal.findings
    for export in dict.fromkeys((proposal.leads.name, proposal.outcomes.name)):
        console.print(_sentence(proposal.leads if export == proposal.leads.name else proposal.outcomes), markup=False)
    console.print(table(
        ["setting", "column", "why", "example (masked)"],
        [(item.setting, item.column, item.why, item.example) for item in findings.found],
        title="\nRecognised",
    ))  # fmt: skip
    if findings.left_out:
        console.print(table(
            ["left out", "column", "why"],
            [(item.file, item.column, item.why) for item in findings.left_out],
            title="\nLeft out",
        ))  # fmt: skip
    if findings.doubts:
        console.print(table(
            ["", "in doubt", "how to settle it"],
            [(number, item.what, item.settle) for number, item in enumerate(findings.doubts, start=1)],
            title="\nIn doubt",
        ))  # fmt: skip


def _sentence(export: ExportProfile) -> str:
    dialect = export.sample.dialect
    how = f"{dialect.encoding}, separated by {dialect.delimiter!r}" if dialect else "Parquet"
    maker = f"; looks like {export.crm}" if export.crm else ""
    faults = f"; {export.sample.faults} rows cannot be split into columns" if export.sample.faults else ""
    missing = f"; missing: {', '.join(map(repr, export.missing))}" if export.missing else ""
    return f"{export.name}: {export.sample.rows:,} rows, {len(export.columns)} columns, {how}{maker}{missing}{faults}"


def _write(output: Path, text: str) -> None:
    part = output.with_name(output.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, output)
    except OSError as error:
        raise ConfigurationError(f"{output} cannot be written: {error}", do="name another place with -o") from error


def _say_next(proposal: Proposal, output: Path) -> None:
    doubts = len(proposal.findings.doubts)
    console.print(
        f"\nWrote {output}" + (f", with {doubts} doubts at its top: settle them first." if doubts else "."),
        markup=False,
    )
    config = "" if output == Path(FILE_NAME) else f" --config {output}"
    console.print(f"Next: leadworth train{config}", markup=False, soft_wrap=True)
