"""`leadworth init`: propose leadworth.toml from the exports of a CRM."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

import typer

from crm.inference.column_explanation import explain_column
from crm.inference.init_report import markdown, screen_lines, wrap
from crm.inference.proposal import Proposal, propose
from crm.inference.toml_writer import render
from leadworth.atomic_files import replacing
from leadworth.console import console
from leadworth.errors import ConfigurationError
from leadworth.money import is_currency
from leadworth.settings import FILE_NAME, Settings

Exports = Annotated[list[Path], typer.Argument(help="Exports of the CRM: leads, deals, associations, stage changes.")]
INCOMPLETE = 1
"""Exit code if the settings were written, but `train` cannot work with them yet."""
_MOST_WIDTH = 100


def init(
    files: Exports,
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write the settings to.")] = Path(FILE_NAME),
    timezone: Annotated[str | None, typer.Option(help="IANA name of the time zone of times without an offset.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code of all money in the files.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite existing settings.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the settings without writing them.")] = False,
    explain: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Explain how a column is used and why; write nothing.")
    ] = None,
) -> None:
    """Propose leadworth.toml from your CRM exports.

    Reads leads, deals or opportunities, associations and stage changes, and joins them by the values of
    their columns. Supports exports of CRMs and hand-made tables in several languages. Prints what was
    inferred and what to check; leadworth.init.md has the use of every column and the reason.

    The exit code is 1 if the settings are written, but the files lack something that `train` needs.

    Raises
    ------
    ConfigurationError
        If the settings exist already and `--force` is not set, or no file has the column to explain.
    InputError
        If a file is not a table with a header.
    """
    if output.exists() and not (force or dry_run or explain):
        raise ConfigurationError(
            f"{output} exists already",
            do="compare with --dry-run, overwrite with --force, or choose another file with -o",
        )
    _check_options(timezone, currency)
    if output.exists() and any(file.exists() and output.samefile(file) for file in files):
        raise ConfigurationError(f"{output} is one of the exports", do="choose another file with -o")
    proposal = propose(files, timezone=timezone, currency=currency)
    if explain is not None:
        _print_lines(_explanation(proposal, explain))
        return
    text = render(proposal, output.parent)
    Settings(**tomllib.loads(text))
    details = output.with_name(f"{output.stem}.init.md")
    if not dry_run:
        _write(details, markdown(proposal))
        _write(output, text)
    _print_lines(screen_lines(proposal, _width(), details.name))
    if dry_run:
        console.print(text, markup=False, soft_wrap=True)
    else:
        _print_next_step(proposal, output, details)
    if proposal.findings.of_level("stop"):
        raise typer.Exit(INCOMPLETE)


def _check_options(timezone: str | None, currency: str | None) -> None:
    """Validate the options before any file is read."""
    if timezone is not None and timezone not in available_timezones():
        raise ConfigurationError(f"timezone {timezone!r} does not exist", allowed="IANA names such as Europe/Rome")
    if currency is not None and not is_currency(currency):
        raise ConfigurationError(f"currency {currency!r} is not an ISO 4217 code", allowed="such as EUR, USD, JPY")


def _explanation(proposal: Proposal, name: str) -> list[str]:
    """Return the explanation of a column of each file that has it."""
    found = [export for export in proposal.exports if name in export.columns]
    if not found:
        names = [column for export in proposal.exports for column in export.columns]
        near = get_close_matches(name.casefold(), {column.casefold(): column for column in names}, n=3, cutoff=0.5)
        nearest = sorted(
            {column for column in names if column.casefold() in near}, key=lambda c: near.index(c.casefold())
        )
        raise ConfigurationError(
            f"no file has a column {name!r}",
            allowed=", ".join(nearest or names[:10]),
            do="give the header as it is in the file",
        )
    lines: list[str] = []
    for export in found:
        lines += (
            ["", *wrap(f"{name} in {export.name}", _width())] if lines else wrap(f"{name} in {export.name}", _width())
        )
        for label, text in explain_column(proposal, export, name):
            lines += wrap(f"  {label:<9}{text}", _width(), " " * 11)
    return lines


def _width() -> int:
    return min(console.width, _MOST_WIDTH)


def _print_lines(lines: list[str]) -> None:
    """Print lines that have their width already."""
    console.print("\n".join(lines), markup=False, soft_wrap=True)


def _write(output: Path, text: str) -> None:
    try:
        with replacing(output) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{output} cannot be written: {error.strerror}", do="choose another file with -o"
        ) from error


def _print_next_step(proposal: Proposal, output: Path, details: Path) -> None:
    _print_lines(["", *wrap(f"Wrote {output}; {details} explains each column.", _width())])
    config = "" if output == Path(FILE_NAME) else f" --config {output}"
    stops = proposal.findings.of_level("stop")
    if stops:
        _print_lines(
            wrap(f"Not complete (1.): edit {output.name}, or export again and run init with --force.", _width())
        )
    console.print(f"Next: leadworth train{config}", markup=False, soft_wrap=True)
