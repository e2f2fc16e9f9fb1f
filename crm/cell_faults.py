"""Cells that are written but cannot be read, counted for each column of a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm import casts as typed
from crm.column_cast import Column, Values
from leadworth.privacy import redact
from leadworth.settings import LeadsSource

FaultKind = Literal["date", "flag", "money", "number", "id", "phone"]
_NOUNS: Mapping[FaultKind, str] = {
    "date": "dates",
    "flag": "flags",
    "money": "amounts",
    "number": "numbers",
    "id": "ids",
    "phone": "phone numbers",
}
MOST_EXAMPLES = 3
_LONGEST_EXAMPLE = 30


@dataclass
class CellFault:
    """Unreadable cells of one column.

    Attributes
    ----------
    kind
        What the column is read as.
    filled
        Number of cells with a value.
    unreadable
        Of these, cells that cannot be read.
    examples
        Up to three unreadable values, redacted.
    """

    kind: FaultKind
    filled: int = 0
    unreadable: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Share of the filled cells that cannot be read."""
        return self.unreadable / self.filled if self.filled else 0.0

    def add(self, filled: int, unreadable: int, examples: Iterable[str]) -> None:
        """Count further cells."""
        self.filled += filled
        self.unreadable += unreadable
        for example in examples:
            shown = redact(example)[:_LONGEST_EXAMPLE]
            if shown not in self.examples and len(self.examples) < MOST_EXAMPLES:
                self.examples.append(shown)


class CellFaults:
    """Unreadable cells by column.

    Examples
    --------
    >>> from datetime import UTC
    >>> faults = CellFaults()
    >>> closed = pa.array(["2026-03-01", "soon", None])
    >>> faults.count("Closed", "date", closed, typed.moments(closed, UTC))
    >>> fault = faults.of("Closed")
    >>> fault.unreadable, fault.filled, fault.examples
    (1, 2, ['soon'])
    """

    def __init__(self) -> None:
        self._columns: dict[str, CellFault] = {}

    def count(self, column: str, kind: FaultKind, cells: Column, cast: typed.ColumnCast[Values]) -> None:
        """Count the cells of a column.

        Parameters
        ----------
        column
            Name of the column.
        kind
            What it is read as.
        cells
            (n,) raw cells.
        cast
            The same cells as read: values, and which are written but cannot be read.
        """
        fault = self._columns.setdefault(column, CellFault(kind))
        unreadable = cast.unreadable
        examples: list[str] = []
        if unreadable.any():
            rows = np.flatnonzero(unreadable)[: 10 * MOST_EXAMPLES]
            examples = [str(value) for value in typed.flat(cells).take(pa.array(rows)).to_pylist()]
        fault.add(int((_present(cast.values) | unreadable).sum()), int(unreadable.sum()), examples)

    def merge(self, columns: Mapping[str, CellFault]) -> None:
        """Add the counts of other rows by column."""
        for name, fault in columns.items():
            merged = self._columns.setdefault(name, CellFault(fault.kind))
            merged.add(fault.filled, fault.unreadable, fault.examples)

    def columns(self) -> dict[str, CellFault]:
        """Return the counts of all columns that were read."""
        return dict(self._columns)

    def of(self, column: str) -> CellFault:
        """Return the counts of a column; zeros for a column that was not read."""
        return self._columns.get(column, CellFault("number"))

    def items(self) -> Iterator[tuple[str, CellFault]]:
        """Yield the columns with unreadable cells, the largest share first."""
        faulty = [(name, fault) for name, fault in self._columns.items() if fault.unreadable]
        yield from sorted(faulty, key=lambda item: (-item[1].share, item[0]))


def _present(values: object) -> NDArray[np.bool_]:
    """Return which values of a column are not missing."""
    if isinstance(values, np.ndarray):
        return ~np.isnan(values)
    return np.asarray(pc.is_valid(values))


def describe_fault(column: str, fault: CellFault) -> str:
    """Return a sentence about a column.

    Examples
    --------
    >>> describe_fault("Closed", CellFault("date", filled=200, unreadable=30, examples=["soon"]))
    "'Closed': 30 of 200 dates cannot be read (15 %), such as 'soon'"
    """
    share = f"{100 * fault.share:.0f} %" if fault.share >= 0.01 else "below 1 %"
    examples = f", such as {', '.join(map(repr, fault.examples))}" if fault.examples else ""
    return (
        f"{redact(column)!r}: {fault.unreadable:,} of {fault.filled:,} {_NOUNS[fault.kind]} cannot be read "
        f"({share}){examples}"
    )


def effect_on_leads(column: str, source: LeadsSource) -> str:
    """Return what becomes of the unreadable cells of a column of the leads.

    Examples
    --------
    >>> source = LeadsSource(path="leads.csv", id="Id", submitted_at="Created")
    >>> effect_on_leads("Created", source), effect_on_leads("Budget", source)
    ('their rows are set aside', 'they count as missing')
    """
    return "their rows are set aside" if column in (source.id, source.submitted_at) else "they count as missing"


def faults_as_json(tables: Mapping[str, CellFaults]) -> str:
    """Return the counts of the faulty columns by table as JSON, without examples.

    Examples
    --------
    >>> from datetime import UTC
    >>> faults = CellFaults()
    >>> closed = pa.array(["2026-03-01", "soon"])
    >>> faults.count("Closed", "date", closed, typed.moments(closed, UTC))
    >>> faults_as_json({"outcomes": faults})
    '{"outcomes": {"Closed": {"kind": "date", "filled": 2, "unreadable": 1}}}'
    """
    return json.dumps(
        {
            table: {
                redact(name): {"kind": fault.kind, "filled": fault.filled, "unreadable": fault.unreadable}
                for name, fault in faults.items()
            }
            for table, faults in tables.items()
        },
        ensure_ascii=False,
    )
