"""Join further tables to the rows of outcomes: contacts, contact roles, deals.

Each table adds its columns. A row that meets several rows of a table is repeated for each; a row that meets
none has empty cells. The tables are read once; the rows of outcomes are joined batch by batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
import pyarrow as pa

from crm import casts as typed
from crm.database import is_url
from crm.id_matching import IdIndex, Positions
from crm.lead_table import column_of
from crm.raw_table import RawBatch, require
from crm.rejects import TableCounts
from crm.table_sources import gather, open_source, rejects_of
from leadworth.settings import JoinedTable, OutcomesSource, Settings


class JoinedRows(NamedTuple):
    """Rows of outcomes with the columns of all joined tables.

    Attributes
    ----------
    batch
        The rows; repeated rows have the same line.
    origin
        Position of each row in the batch that was joined.
    """

    batch: RawBatch
    origin: Positions


@dataclass(frozen=True)
class _Table:
    source: JoinedTable
    name: str
    rows: pa.Table
    index: IdIndex

    def join(self, joined: JoinedRows, missing: Sequence[str]) -> JoinedRows:
        batch, origin = joined
        matches = self.index.match(id_texts(batch, self.source.column, missing))
        alone = np.flatnonzero(~matches.met)
        rows = np.concatenate([matches.rows, alone])
        others = pa.array(
            np.concatenate([matches.reference_rows, np.zeros_like(alone)]),
            mask=np.repeat([False, True], [len(matches.rows), len(alone)]),
        )
        order = np.argsort(rows, kind="stable")
        rows, others = rows[order], others.take(pa.array(order))
        table = batch.rows.take(pa.array(rows))
        for column in self.rows.column_names:
            table = table.append_column(
                joined_name(column, table.column_names, self.name), self.rows.column(column).take(others)
            )
        return JoinedRows(RawBatch(table, batch.lines[rows], batch.faults), origin[rows])


@dataclass(frozen=True)
class OutcomeJoins:
    """Joined tables of the outcomes.

    Attributes
    ----------
    counts
        Row counts of each table.
    """

    tables: tuple[_Table, ...]
    counts: tuple[TableCounts, ...]
    missing: Sequence[str]

    @classmethod
    def read(cls, settings: Settings, outcomes: OutcomesSource) -> Self:
        """Read the tables of the settings.

        Raises
        ------
        InputError
            If a table cannot be read or lacks its column of ids.
        """
        missing = settings.leads.missing
        tables: list[_Table] = []
        counts: list[TableCounts] = []
        for number, source in enumerate(outcomes.joins):
            with rejects_of(settings, source) as rejects:
                table = open_source(settings, source, rejects)
                require(table.name, table.columns, {f"outcomes.joins[{number}].meets": source.meets})
                raw = gather(table)
                counts.append(rejects.counts(table.name, len(raw.lines) + raw.faults, len(raw.lines)))
            index = IdIndex(id_texts(raw, source.meets, missing))
            tables.append(_Table(source, table_stem(source), raw.rows, index))
        return cls(tuple(tables), tuple(counts), missing)

    def columns(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Return the columns of joined rows, given those of the outcomes.

        Raises
        ------
        InputError
            If a table is joined by a column that does not exist.
        """
        names = list(columns)
        for number, table in enumerate(self.tables):
            require("the outcomes", names, {f"outcomes.joins[{number}].column": table.source.column})
            names += [joined_name(column, names, table.name) for column in table.rows.column_names]
        return tuple(names)

    def join(self, batch: RawBatch) -> JoinedRows:
        """Return a batch of outcomes with the columns of all tables."""
        joined = JoinedRows(batch, np.arange(len(batch.lines)))
        for table in self.tables:
            joined = table.join(joined, self.missing)
        return joined


def id_texts(batch: RawBatch, name: str, missing: Sequence[str]) -> pd.Series:
    """Return a raw column of ids as text; missing and unreadable cells are nan."""
    return typed.text_series(typed.ids(column_of(batch, name), missing).values)


def table_stem(source: JoinedTable) -> str:
    """Return the name of a joined table in the names of its columns.

    Examples
    --------
    >>> table_stem(JoinedTable(path="exports/roles.csv.gz", column="Id", meets="DealId"))
    'roles'
    """
    return source.table or "query" if is_url(source.path) else Path(source.path).name.partition(".")[0]


def joined_name(column: str, existing: Sequence[str], table: str) -> str:
    """Return the name of a column of a joined table: its own, or with the name of the table if that exists already.

    Examples
    --------
    >>> joined_name("Amount", ["Id"], "deals"), joined_name("Id", ["Id"], "deals")
    ('Amount', 'deals.Id')
    """
    name = column if column not in existing else f"{table}.{column}"
    while name in existing:
        name += "_"
    return name
