"""Cells that are written but cannot be read, counted for each column of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crm import casts as typed
from leadworth.privacy import redact

FaultKind = Literal["date", "flag", "money", "number"]
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
    >>> faults = CellFaults()
    >>> faults.count("Closed", "date", pa.array(["2026-03-01", "soon", None]), np.array([False, True, False]))
    >>> fault = faults.of("Closed")
    >>> fault.unreadable, fault.filled, fault.examples
    (1, 2, ['soon'])
    """

    def __init__(self) -> None:
        self._columns: dict[str, CellFault] = {}

    def count(
        self, column: str, kind: FaultKind, cells: pa.ChunkedArray | pa.Array, unreadable: NDArray[np.bool_]
    ) -> None:
        """Count the cells of a column.

        Parameters
        ----------
        column
            Name of the column.
        kind
            What it is read as.
        cells
            (n,) raw cells, null where missing.
        unreadable
            (n,) which cells are written but cannot be read.
        """
        array = typed.flat(cells)
        fault = self._columns.setdefault(column, CellFault(kind))
        examples: list[str] = []
        if unreadable.any():
            rows = np.flatnonzero(unreadable)[: 10 * MOST_EXAMPLES]
            examples = [str(value) for value in array.take(pa.array(rows)).to_pylist()]
        fault.add(len(array) - array.null_count, int(unreadable.sum()), examples)

    def of(self, column: str) -> CellFault:
        """Return the counts of a column; zeros for a column that was not read."""
        return self._columns.get(column, CellFault("number"))

    def items(self) -> Iterator[tuple[str, CellFault]]:
        """Yield the columns with unreadable cells, the largest share first."""
        faulty = [(name, fault) for name, fault in self._columns.items() if fault.unreadable]
        yield from sorted(faulty, key=lambda item: (-item[1].share, item[0]))


def describe_faults(faults: CellFaults) -> list[str]:
    """Return a sentence for each column with unreadable cells.

    Examples
    --------
    >>> faults = CellFaults()
    >>> faults.count("Closed", "date", pa.array(["2026-03-01", "soon"]), np.array([False, True]))
    >>> describe_faults(faults)
    ["'Closed': 1 of 2 dates cannot be read (50 %), such as 'soon'"]
    """
    nouns: Mapping[FaultKind, str] = {"date": "dates", "flag": "flags", "money": "amounts", "number": "numbers"}
    return [
        f"{redact(name)!r}: {fault.unreadable:,} of {fault.filled:,} {nouns[fault.kind]} cannot be read "
        f"({_percent(fault.share)}), such as {', '.join(map(repr, fault.examples))}"
        for name, fault in faults.items()
    ]


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %") if share >= 0.01 else "below 1 %"
