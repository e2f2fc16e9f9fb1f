"""`leadworth audit`: list and verify the audit log."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from leadworth.console import console, table
from leadworth.csv_cells import neutralise
from leadworth.errors import InputError
from leadworth.settings import FILE_NAME, load_settings
from serving.key_expiry import read_duration
from store import audit_log
from store.audit_log import AuditLog
from store.audit_spool import record_waiting
from store.engine import open_store

if TYPE_CHECKING:
    from sqlalchemy import Connection

app = typer.Typer(add_completion=False, no_args_is_help=True)

Config = Annotated[Path, typer.Option("--config", "-c", help="Settings file.")]
COLUMNS = ("number", "at", "who", "key_name", "origin", "action", "object_kind", "object_id", "result", "details")


@app.command("list")
def list_entries(
    since: Annotated[
        str | None, typer.Option(help="Begin: a date or time of ISO 8601 (UTC), or a duration back such as 7d or 12h.")
    ] = None,
    who: Annotated[str | None, typer.Option(help="Name of a user, name or id of an API key, or system.")] = None,
    action: Annotated[str | None, typer.Option(help="An action such as key.create, or key. for all on keys.")] = None,
    lead: Annotated[str | None, typer.Option(help="Only what was done with the lead of this id.")] = None,
    form: Annotated[
        Literal["table", "json", "csv"], typer.Option("--format", help="table, json (one object a line) or csv.")
    ] = "table",
    config: Config = Path(FILE_NAME),
) -> None:
    """List the entries, oldest first: who did what, when, from where, with which result.

    Leads are pseudonyms; --lead finds those of one lead.
    """
    begin = None if since is None else _begin(since)
    with _opened(config) as (connection, log):
        pseudonym = None if lead is None else log.pseudonym(lead)
        rows = audit_log.entries(connection, since=begin, who=who, action=action, object_id=pseudonym)
        if form == "table":
            console.print(
                table(("no.", "at (UTC)", "who", "from", "action", "object", "result", "details"), map(_cells, rows))
            )
        elif form == "json":
            for row in rows:
                typer.echo(json.dumps(row | {"details": json.loads(row["details"])}, ensure_ascii=False))
        else:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(COLUMNS)
            for row in rows:
                writer.writerow([neutralise(str(row[name])) if row[name] is not None else "" for name in COLUMNS])


@app.command()
def verify(config: Config = Path(FILE_NAME)) -> None:
    """Check that no entry was changed, removed or inserted. The exit code is 1 where one was.

    Prints the digest of the newest entry: note it elsewhere, and a log that was replaced as a whole is noticed too.
    """
    with _opened(config) as (connection, log):
        result = log.verify(connection)
    for fault in result.faults:
        console.print(f"Fault: {fault}", soft_wrap=True)
    if result.faults:
        raise typer.Exit(1)
    console.print(
        f"{result.entries:,} entries, none changed or missing; the newest: {result.last or 'none'}", soft_wrap=True
    )


@contextmanager
def _opened(config: Path) -> Iterator[tuple[Connection, AuditLog]]:
    """Open the store, migrated, with the entries that waited for it."""
    settings = load_settings(config)
    with open_store(settings, migrate=True) as engine:
        record_waiting(engine, settings)
        with engine.connect() as connection:
            yield connection, AuditLog.of(settings)


def _begin(text: str) -> datetime:
    duration = read_duration(text)
    if duration is not None:
        return datetime.now(UTC) - duration
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"--since {text!r} cannot be read", allowed="2026-11-28, 2026-11-28T09:00, 7d, 12h") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    who = row["who"] if row["key_name"] is None else f"key {row['key_name']} ({row['who'].removeprefix('key:')})"
    target = " ".join(filter(None, (row["object_kind"], (row["object_id"] or "")[:12])))
    given = json.loads(row["details"])
    details = ", ".join(f"{name} {value}" for name, value in given.items() if value is not None)
    return row["number"], row["at"][:19], who, row["origin"], row["action"], target, row["result"], details
