"""Read a file of leads in batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from itertools import chain
from pathlib import Path

import pandas as pd

from crm.cell_faults import CellFaults
from crm.lead_table import FeatureKind, LeadReader
from crm.raw_table import ROW_NUMBER, RawBatch, RawTable, require
from crm.rejects import Rejects, TableCounts
from crm.table_sources import open_file
from leadworth.settings import LeadsSource

BATCH_ROWS = 20_000


class LeadFile:
    """File of leads that is read once, batch by batch.

    Only the id column is required; other absent columns count as missing and are listed in `absent`.
    `cells` counts the unreadable cells of the rows read so far.
    Date formats are inferred from the first batch.

    Parameters
    ----------
    path
        CSV or Parquet, or an open table.
    source
        Settings of the leads; their `path` is ignored.
    zone
        Time zone of times without an offset.
    extras
        Additional columns of the model, with their kind.
    rejects
        Receives the rows that cannot be parsed.
    sample
        Rows from which date formats are inferred; None: those of the first batch.

    Raises
    ------
    InputError
        If the file cannot be read, has no id column, or its dates are ambiguous.
    """

    def __init__(
        self,
        path: Path | RawTable,
        source: LeadsSource,
        zone: tzinfo,
        extras: Mapping[str, FeatureKind],
        rejects: Rejects,
        sample: RawBatch | None = None,
    ) -> None:
        self._table = path if isinstance(path, RawTable) else open_file(path, source, rejects)
        require(self._table.name, self._table.columns, {"leads.id": source.id})
        columns = {source.submitted_at, *source.columns.values(), *extras} - {None, ROW_NUMBER}
        self.absent = tuple(sorted(str(name) for name in columns if name not in self._table.columns))
        self._source = source
        self._zone = zone
        self._extras = extras
        self._rejects = rejects
        self._sample = sample
        self.rows_in = 0
        self.rows_kept = 0
        self.cells = CellFaults()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the file."""
        return self._table.columns

    @property
    def dates(self) -> RawBatch | None:
        """Rows from which date formats are inferred; None: those of the first batch."""
        return self._sample

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is in doubt about the way in which the file is read."""
        return self._table.warnings

    @property
    def counts(self) -> TableCounts:
        """Row counts so far; raises InputError if they do not balance."""
        return self._rejects.counts(self._table.name, self.rows_in, self.rows_kept)

    def batches(self, rows: int = BATCH_ROWS) -> Iterator[tuple[RawBatch, pd.DataFrame]]:
        """Yield raw rows with their lead table, at most `rows` at a time."""
        first = next(self._table.batches, None)
        if first is None:
            return
        reader = LeadReader.from_sample(self._source, self._zone, self._extras, self._table.name, self._sample or first)
        self.cells = reader.cells
        for batch in chain([first], self._table.batches):
            for part in batch.slices(rows):
                self.rows_in += len(part.lines) + part.faults
                raw, leads = reader.read(part, self._rejects)
                self.rows_kept += len(leads)
                if len(leads):
                    yield raw, leads
