"""Read one file to be imported: recognise it, read its rows, compare the total."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from crm.rejects import Rejects
from leadworth.errors import InputError
from reporting.imports.bigquery_sessions import EventSessions, is_event_export
from reporting.imports.file_rows import FileRows, read_rows
from reporting.imports.import_proposal import ImportOptions, propose
from reporting.imports.import_rows import ImportBatch, ImportKind
from reporting.imports.import_table import ImportFile
from reporting.imports.undecided import UndecidedError


class HeldRejects(Rejects):
    """Rejected rows in memory, until the user agrees with the import."""

    def __init__(self) -> None:
        super().__init__(None)
        self.rows: list[tuple[int, str, str | Sequence[object]]] = []

    def add(self, line: int, reason: str, row: str | Sequence[object]) -> None:
        """Add a row."""
        super().add(line, reason, row)
        self.rows.append((line, reason, row))


@dataclass(frozen=True)
class ImportContent:
    """What a file has, before anything is written.

    Attributes
    ----------
    proposal
        What was recognised, for a table of two columns.
    rejected
        Rows that were set aside: line, reason, row.
    footer
        Lines below the table.
    """

    proposal: list[tuple[str, str]]
    rows: FileRows
    rejected: list[tuple[int, str, str | Sequence[object]]]
    set_aside: int
    footer: list[str]
    warnings: tuple[str, ...]

    @property
    def batches(self) -> tuple[ImportBatch, ...]:
        """Rows by account."""
        return self.rows.batches

    @property
    def rows_read(self) -> int:
        """Rows of the table without totals."""
        return sum(batch.rows_read for batch in self.batches)


def read_import(path: Path, kinds: Collection[ImportKind], options: ImportOptions) -> ImportContent:
    """Read a file.

    Parameters
    ----------
    kinds
        Kinds of rows that the command imports.
    options
        Of the user.

    Raises
    ------
    InputError
        If the file cannot be used; `UndecidedError` where an option of the command decides it.
    """
    rejects = HeldRejects()
    file = ImportFile(path, rejects)
    origin = f"file {path.name}"
    if is_event_export(file.raw.columns):
        return _events(file, origin, kinds, options)
    table = file.read()
    proposal = propose(table, kinds, options)
    rows = read_rows(proposal, origin, rejects)
    return ImportContent(proposal.lines(), rows, rejects.rows, rejects.count, table.footer, file.raw.warnings)


def _events(file: ImportFile, origin: str, kinds: Collection[ImportKind], options: ImportOptions) -> ImportContent:
    name = file.raw.name
    if "traffic" not in kinds:
        raise InputError(f"{name} has events of GA4", do="import it with `leadworth traffic import`")
    if options.account is None:
        raise UndecidedError(f"{name} does not say which property it is of", "account", "ID of the GA4 property")
    sessions = EventSessions(name, file.raw.columns)
    sessions.add(file.raw.batches)
    rows = list(sessions.rows(options.account))
    if not rows:
        raise InputError(f"{name} has no event with a session", do="export the daily tables events_YYYYMMDD")
    batch = ImportBatch(
        kind="traffic",
        platform=options.platform or "ga4",
        account_id=options.account,
        origin=origin,
        zone=options.zone or "",
        first_day=min(row.day for row in rows),
        last_day=max(row.day for row in rows),
        rows=rows,
        rows_read=sessions.events,
        rows_set_aside=sessions.set_aside,
    )
    lines = [
        ("file", name),
        ("content", f"events of GA4: {sessions.events:,}"),
        ("account", options.account),
        ("zone of the days", batch.zone or "not stated"),
    ]
    total = Decimal(sum(row.sessions for row in rows))
    return ImportContent(lines, FileRows((batch,), total, None, 0), [], sessions.set_aside, [], file.raw.warnings)
