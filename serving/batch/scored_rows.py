"""Rows of a scored file: id, kept columns, status and the columns of a score, rounded for people or in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm.lead_table import column_of
from crm.raw_table import RawBatch
from leadworth.arrays import Matrix, Vector
from leadworth.csv_cells import neutralise_column
from leadworth.errors import InputError
from leadworth.records import SCORE_COLUMNS, ReasonStyle
from leadworth.settings import NO_CURRENCY
from serving.batch.lead_statuses import CLOSED, STATUS

SortKey = Literal["file", "value", "probability"]

NUMBERS = ("win_probability", "expected_revenue", "predicted_value", "junk_probability", "automation_probability")
MONEY = frozenset({"expected_revenue", "predicted_value"})
DIGITS = 4
"""Significant digits of a rounded number; money has two decimals at least."""
SMALLEST = 1e-6
"""Smaller rounded numbers are 0, so that no number is written with an exponent."""
_DETAILS = r"( \([0-9][^)]*\)|; .*)$"


class ScoredBatch(NamedTuple):
    """Raw rows, leads, statuses and scores, row by row alike."""

    raw: RawBatch
    leads: pd.DataFrame
    statuses: NDArray[np.object_]
    scores: pd.DataFrame


@dataclass(frozen=True)
class RowLayout:
    """Layout of the rows of a scored file.

    Attributes
    ----------
    keep
        Columns of the file of leads to copy.
    reasons
        JSON, the three main reasons in plain words, or none.
    plain
        For people: rounded numbers, no currency where none is set, times to the second, short reasons of the MQL
        decision.
    sort
        Order of the rows: that of the file, or by falling value or win probability with closed leads last.
    """

    keep: tuple[str, ...] = ()
    reasons: ReasonStyle = "json"
    plain: bool = False
    sort: SortKey = "file"

    def check(self, id_name: str, columns: Sequence[str]) -> None:
        """Check the id column and the kept columns of a file.

        Raises
        ------
        InputError
            If a column does not exist, or its name is taken.
        """
        if id_name in (STATUS, *SCORE_COLUMNS):
            raise InputError(f"the id column {id_name!r} has the name of a score", do="rename it in the file")
        absent = [name for name in self.keep if name not in columns]
        if absent:
            near = get_close_matches(absent[0], columns, 1, 0.5)
            hint = f"; {absent[0]!r} may be {near[0]!r}" if near else ""
            raise InputError(
                f"the file has no column {', '.join(map(repr, absent))}{hint}",
                allowed=", ".join(columns),
                do="correct --keep",
            )
        taken = [name for name in self.keep if name in (STATUS, *SCORE_COLUMNS)]
        if taken:
            raise InputError(
                f"--keep {', '.join(taken)}: the output has a column of that name", do="rename it in the file"
            )

    def rows(self, id_name: str, batch: ScoredBatch, *, as_csv: bool) -> pa.Table:
        """Return the rows to write.

        Parameters
        ----------
        id_name
            Column of the id, which `crm` reads back as the file has it.
        batch
            The scored leads.
        as_csv
            Whether the rows go to a CSV file: times are text, and no text begins a formula.
        """
        scores = batch.scores
        columns = {name: column_of(batch.raw, name) for name in dict.fromkeys((id_name, *self.keep))}
        columns[STATUS] = pa.array(batch.statuses, pa.string())
        for name in SCORE_COLUMNS:
            column = scores[name]
            if name == "scored_at":
                columns[name] = self._times(column, as_text=as_csv)
            elif self.plain and name in NUMBERS:
                columns[name] = pa.array(rounded(column.to_numpy(dtype=np.float64), money=name in MONEY))
            else:
                columns[name] = self._text(name, pa.Array.from_pandas(column))
        return pa.table({name: _safe(column) for name, column in columns.items()} if as_csv else columns)

    def _times(self, column: pd.Series, *, as_text: bool) -> pa.Array:
        if not as_text:
            return pa.array(column.dt.tz_convert(None).to_numpy(), pa.timestamp("us", "UTC"))
        detail = "seconds" if self.plain else "auto"
        texts = {moment: moment.to_pydatetime().isoformat(timespec=detail) for moment in column.unique()}
        return pa.array(column.map(texts), pa.string())

    def _text(self, name: str, column: pa.Array) -> pa.Array:
        if self.plain and name == "currency":
            return pc.replace_substring(column, NO_CURRENCY, "")
        if self.plain and name == "mql_reason" and self.reasons != "json":
            return pc.replace_substring_regex(column, _DETAILS, "")
        return column


def _safe(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Return a column for a CSV file, in which no text begins a formula of a spreadsheet."""
    return neutralise_column(column) if pa.types.is_string(column.type) else column


def rounded(values: Vector, *, money: bool) -> Vector:
    """Round to four significant digits; money has two decimals at least, and less than 0.000001 is 0.

    Small amounts keep their digits, so that the sum of many cheap leads stays right.

    Examples
    --------
    >>> rounded(np.array([0.1234567, 1.76e-14, 0.0000123456]), money=False).tolist()
    [0.1235, 0.0, 1.235e-05]
    >>> rounded(np.array([123456.789, 12.3456, 0.00123456]), money=True).tolist()
    [123456.79, 12.35, 0.001235]
    """
    size = np.abs(values)
    digits = DIGITS - 1 - np.floor(np.log10(np.where(size >= SMALLEST, size, 1.0))).astype(np.int64)
    decimals = np.maximum(digits, 2 if money else 0)
    result = np.zeros(len(values))
    for number in np.unique(decimals).tolist():
        inside = (decimals == number) & ~(size < SMALLEST)
        result[inside] = np.round(values[inside], number)
    return result


def sort_keys(key: SortKey, batch: ScoredBatch) -> Matrix:
    """Return the sort keys of the rows of a batch: whether a lead is closed, and the negative number, shape (n, 2)."""
    column = "predicted_value" if key == "value" else "win_probability"
    values = batch.scores[column].to_numpy(dtype=np.float64)
    return np.column_stack([np.isin(batch.statuses, CLOSED).astype(np.float64), -values])


class SortedRows:
    """Rows that are kept in memory and sorted by `sort_keys`: falling value or probability, closed leads last."""

    def __init__(self) -> None:
        self._tables: list[pa.Table] = []
        self._keys: list[Matrix] = []

    def add(self, rows: pa.Table, keys: Matrix) -> None:
        """Add the rows of a batch with their keys, shape (n, 2)."""
        self._tables.append(rows)
        self._keys.append(keys)

    def tables(self) -> list[pa.Table]:
        """Return the rows in order, none where none were added."""
        if not self._tables:
            return []
        keys = np.concatenate(self._keys)
        return [pa.concat_tables(self._tables).take(pa.array(np.lexsort((keys[:, 1], keys[:, 0]))))]
