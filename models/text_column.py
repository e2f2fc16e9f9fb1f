"""Column of texts in one buffer, as compiled loops write it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from leadworth.arrays import Indices
from models.text_kernel import Bytes


class TextColumn:
    """Texts of n rows in one buffer.

    Parameters
    ----------
    content
        UTF-8 text of all rows.
    starts
        First byte of each row and the end, shape (n + 1,).

    Examples
    --------
    >>> column = TextColumn(np.frombuffer(b"onetwo", dtype=np.uint8), np.array([0, 3, 6]))
    >>> column[1], column.series().tolist(), TextColumn.blank(2)[0]
    ('two', ['one', 'two'], '')
    """

    def __init__(self, content: Bytes, starts: Indices) -> None:
        self._content = content
        self._starts = starts

    @classmethod
    def blank(cls, rows: int) -> TextColumn:
        """Return empty texts."""
        return cls(np.zeros(0, dtype=np.uint8), np.zeros(rows + 1, dtype=np.int64))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, row: int) -> str:
        return self._content[self._starts[row] : self._starts[row + 1]].tobytes().decode()

    def series(self) -> pd.Series:
        """Return the texts as a column of a table, which uses the same memory."""
        buffers = pa.py_buffer(self._starts), pa.py_buffer(self._content)
        return pd.Series(pd.array(pa.LargeStringArray.from_buffers(len(self), *buffers), dtype="str"))
