"""`leadworth privacy`: what is stored about people, and deletion of what is older than the settings allow."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from leadworth.console import console, table
from leadworth.settings import FILE_NAME, load_settings
from serving.personal_data.report_format import ReportFormat

app = typer.Typer(add_completion=False, no_args_is_help=True)

Config = Annotated[Path, typer.Option("--config", "-c", help="Settings file.")]


@app.command()
def report(
    layout: Annotated[ReportFormat, typer.Option("--format", help="How to print the report.")] = ReportFormat.TABLE,
    config: Config = Path(FILE_NAME),
) -> None:
    """Show what is stored where, about whom, why, how long, how protected, who reads it, and how it is erased.

    Covers every table of the store, its files and the cache, with the retention of the settings in force.
    """
    from serving.personal_data.privacy_report import report_rows
    from serving.personal_data.report_format import print_report
    from store.engine import open_store

    settings = load_settings(config)
    with open_store(settings, migrate=True) as engine:
        rows = report_rows(settings, engine)
    print_report(rows, layout)


@app.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would be deleted; delete nothing.")] = False,
    config: Config = Path(FILE_NAME),
) -> None:
    """Delete what the store has kept for as long as `[retention]` says. Run it every night.

    `leadworth serve` and `leadworth export run` do the same once a day.
    """
    from leadworth.encryption import IdentifierCipher
    from store.audit_log import AuditActor, AuditEntry, AuditLog
    from store.engine import open_store
    from store.retention import delete_expired

    settings = load_settings(config)
    cipher = IdentifierCipher.from_settings(settings)
    with open_store(settings, migrate=True) as engine, console.status("Looking for expired rows"):
        now = datetime.now(UTC)
        counts = delete_expired(engine, settings.retention, now, cipher.lead_digest, dry_run=dry_run)
        if not dry_run:
            entry = AuditEntry("retention.run", "store", details={"rows": counts.total()})
            with engine.begin() as connection:
                AuditLog.of(settings).record(connection, AuditActor.local_user(), entry)
    rows = [(name, f"{count:,}") for name, count in counts.items()]
    console.print(table(("table", "to delete" if dry_run else "deleted"), rows, right=("to delete", "deleted")))
    console.print("Nothing was changed" if dry_run else f"{counts.total():,} rows deleted")
