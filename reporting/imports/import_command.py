"""`leadworth spend` and `leadworth traffic`: import files of ad platforms, analytics and mailing tools."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.console import console, errors, table
from leadworth.errors import InputError
from leadworth.readers.number_notation import Mark
from leadworth.settings import FILE_NAME, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from leadworth.settings import Settings
    from reporting.imports.import_proposal import ImportOptions
    from reporting.imports.import_rows import ImportKind
    from reporting.imports.read_import import ImportContent
    from reporting.imports.store_import import ImportReceipt

spend = typer.Typer(add_completion=False, no_args_is_help=True)
traffic = typer.Typer(add_completion=False, no_args_is_help=True)

DIFFERENT = 1
"""Exit code where our sum differs from the file's own total."""
TOLERANCE = 0.005
"""Largest difference from the file's own total, as a share of it."""
_PLATFORM_HELP = "Where the file comes from: google_ads, meta, linkedin, microsoft, tiktok, or a name of your own."

Files = Annotated[list[Path], typer.Argument(help="Files: CSV in any encoding, Excel or Parquet.")]
Config = Annotated[Path, typer.Option("--config", "-c", help="Settings file.")]
Platform = Annotated[str | None, typer.Option(help=_PLATFORM_HELP)]
Account = Annotated[str | None, typer.Option(help="Id of the account or property, where the file does not say it.")]
Currency = Annotated[str | None, typer.Option(help="ISO 4217 code of the costs, where the file does not say it.")]
DecimalMark = Annotated[Mark | None, typer.Option("--decimal", help="Decimal mark, where it is undecidable.")]
DateFormat = Annotated[str | None, typer.Option(help="dmy, mdy or a strptime format, where it is undecidable.")]
Zone = Annotated[str | None, typer.Option(help="IANA name of the account's time zone, where the file does not say it.")]
Columns = Annotated[list[str] | None, typer.Option("--column", help='Meaning of a column, such as cost="Ad spend".')]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what was recognised, write nothing.")]
ReplaceSource = Annotated[bool, typer.Option(help="Replace days that come from an interface.")]


@spend.callback()
def _spend() -> None:
    """Import what ads cost: files of the ad platforms."""


@traffic.callback()
def _traffic() -> None:
    """Import sessions, search queries and counts: files of analytics and mailing tools."""


@spend.command("import")
def import_spend(  # noqa: PLR0913, PLR0917 - options of a command
    files: Files,
    config: Config = Path(FILE_NAME),
    platform: Platform = None,
    account: Account = None,
    currency: Currency = None,
    decimal: DecimalMark = None,
    date_format: DateFormat = None,
    zone: Zone = None,
    column: Columns = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    replace_source: ReplaceSource = False,
) -> None:
    """Import files of spend by day and campaign: whole days of an account are replaced, so a repeat changes nothing.

    First shows what was recognised, then asks; --yes does not ask. Exit code 1 if the sum differs from the file's
    own total by more than 0.5 %.
    """
    options = _options(platform, account, currency, decimal, date_format, zone, None, column)
    _import(files, load_settings(config), {"spend", "queries"}, options, yes, dry_run, replace_source)


@traffic.command("import")
def import_traffic(  # noqa: PLR0913, PLR0917 - options of a command
    files: Files,
    config: Config = Path(FILE_NAME),
    platform: Annotated[
        str | None, typer.Option(help="ga4, search_console, mailchimp, brevo, hubspot, or a name of your own.")
    ] = None,
    account: Account = None,
    decimal: DecimalMark = None,
    date_format: DateFormat = None,
    zone: Zone = None,
    metric: Annotated[str | None, typer.Option(help="Name of the counts of a file of days and counts.")] = None,
    column: Columns = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    replace_source: ReplaceSource = False,
) -> None:
    """Import sessions (GA4, BigQuery), search queries, e-mail figures, and counts such as webinars and downloads.

    First shows what was recognised, then asks; --yes does not ask. Exit code 1 if the sum differs from the file's
    own total by more than 0.5 %.
    """
    options = _options(platform, account, None, decimal, date_format, zone, metric, column)
    _import(files, load_settings(config), {"traffic", "metrics", "queries"}, options, yes, dry_run, replace_source)


def _options(
    platform: str | None,
    account: str | None,
    currency: str | None,
    decimal: Mark | None,
    date_format: str | None,
    zone: str | None,
    metric: str | None,
    columns: list[str] | None,
) -> ImportOptions:
    from reporting.imports.import_proposal import ImportOptions

    named: dict[str, str] = {}
    for entry in columns or ():
        field, mark, header = entry.partition("=")
        if not mark or not header:
            raise InputError(f"--column {entry}", allowed='FIELD=HEADER, such as cost="Ad spend"', do="correct it")
        named[field.strip()] = header.strip()
    code = currency.upper() if currency else None
    return ImportOptions(platform, account, code, decimal, date_format, zone, metric, named)


def _import(
    files: list[Path],
    settings: Settings,
    kinds: Collection[ImportKind],
    options: ImportOptions,
    yes: bool,
    dry_run: bool,
    replace_source: bool,
) -> None:
    from store.engine import open_store

    contents = [(path, _read(path, kinds, options)) for path in files]
    for _, content in contents:
        _show_content(content)
    different = any(content.rows.difference > TOLERANCE for _, content in contents)
    if not dry_run:
        if not yes and not _confirmed():
            raise typer.Exit(DIFFERENT)
        with open_store(settings, migrate=True) as engine:
            for path, content in contents:
                _write(engine, settings, path, content, replace_source)
            _refresh(engine, settings, contents)
    if different:
        raise typer.Exit(DIFFERENT)


def _read(path: Path, kinds: Collection[ImportKind], options: ImportOptions) -> ImportContent:
    """Read a file; what it does not show is asked for at a terminal."""
    from reporting.imports.read_import import read_import
    from reporting.imports.undecided import UndecidedError

    while True:
        try:
            return read_import(path, kinds, options)
        except UndecidedError as error:
            if not sys.stdin.isatty():
                raise
            field = error.option.replace("-", "_")
            answer = typer.prompt(f"{error.given} ({error.allowed})").strip()
            if not answer or getattr(options, field) == answer or (field == "decimal" and answer not in {".", ","}):
                raise
            options = replace(options, **{field: answer})


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        raise InputError("nothing was written", do="check what was recognised, and add --yes")
    return typer.confirm("Import?")


def _show_content(content: ImportContent) -> None:
    rows = content.rows
    days = sorted(day for batch in content.batches for day in (batch.first_day, batch.last_day))
    lines = [
        *content.proposal,
        ("days", f"{days[0]} to {days[-1]}"),
        ("rows", f"{content.rows_read:,} read, {content.set_aside:,} set aside, {rows.totals:,} total rows apart"),
        ("sum of the rows", f"{rows.total:,}"),
        ("total of the file", "none" if rows.source_total is None else f"{rows.source_total:,}"),
    ]
    console.print(table(("what", "recognised"), lines))
    for note in content.footer:
        console.print(f"Below the table: {note[:100]}", markup=False)
    for warning in content.warnings:
        errors.print(f"Note: {warning}", markup=False)
    if rows.difference > TOLERANCE:
        errors.print(
            f"The sum differs from the file's own total by {rows.difference:.1%}: rows are missing or set aside",
            markup=False,
        )


def _write(engine: Engine, settings: Settings, path: Path, content: ImportContent, replace_source: bool) -> None:
    from crm.rejects import Rejects, rejected_path
    from reporting.imports.store_import import store_import

    now = datetime.now(UTC)
    receipts = [
        store_import(engine, settings, batch, now=now, replace_source=replace_source) for batch in content.batches
    ]
    with Rejects(rejected_path(path)) as rejects:
        for line, reason, row in content.rejected:
            rejects.add(line, reason, row)
    for receipt in receipts:
        _show_receipt(receipt)
    if rejects.count:
        console.print(f"{rejects.summary()}: {rejects.path}", markup=False)


def _refresh(engine: Engine, settings: Settings, contents: list[tuple[Path, ImportContent]]) -> None:
    """Match the leads of the imported days with their campaigns again, and write the sums of the report."""
    from reporting.facts.refresh import refresh

    first_day = min(batch.first_day for _, content in contents for batch in content.batches)
    counts = refresh(engine, settings, now=datetime.now(UTC), since_day=first_day)
    console.print(f"Report refreshed: the facts of {counts.facts:,} leads changed", markup=False)


def _show_receipt(receipt: ImportReceipt) -> None:
    verb = "nothing changed" if receipt.unchanged else f"{receipt.rows_stored:,} rows stored"
    if receipt.rows_deleted:
        verb += f", {receipt.rows_deleted:,} replaced"
    stated = "" if receipt.source_total is None else f", the file says {receipt.source_total:,}"
    console.print(
        f"{receipt.platform} {receipt.account_id}, {receipt.first_day} to {receipt.last_day}: "
        f"{receipt.rows_read:,} rows read, {receipt.rows_set_aside:,} set aside, {verb}; "
        f"sum {receipt.total:,} {receipt.currency}".rstrip()
        + stated,
        markup=False,
        soft_wrap=True,
    )
    for notice in receipt.notices:
        errors.print(f"Note: {notice}", markup=False)
