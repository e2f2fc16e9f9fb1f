"""Phrases of features and values as bytes, found and written by compiled loops."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leadworth.arrays import Indices, Matrix
from models.text_column import TextColumn
from models.text_kernel import UNKNOWN, Form, Lists, fill_slots, find, slot_of, write

CACHE_SIZE = 10_000
"""Phrases above which the table is emptied before the next look-up."""
_NO_VALUE = -1

PhraseOf = Callable[[int, float, bool], str]


class PhraseTable:
    """Phrases by column, value and sign of a contribution. Not thread-safe.

    Parameters
    ----------
    phrase_of
        Returns the phrase of a column, a value (nan where it is missing) and whether the contribution is positive.
    fixed
        Phrases whose ids are their positions here.

    Examples
    --------
    >>> table = PhraseTable(lambda column, value, raises: f"{column}: {value:g} {raises}", ["; "])
    >>> ids = table.find(np.array([[3, -1]]), np.array([[0.5, np.nan]]), np.array([[1.0, 0.0]]))
    >>> ids.tolist(), table.write((np.array([0, 1]), ids[0], np.array([np.nan])), (0, 0, 0, 1))[0]
    ([[1, -1]], '; 3: 0.5 True; ')
    """

    def __init__(self, phrase_of: PhraseOf, fixed: list[str]) -> None:
        self._phrase_of = phrase_of
        self._fixed = fixed
        self._clear()

    def find(self, columns: Indices, values: Matrix, amounts: Matrix) -> Indices:
        """Return the ids of the phrases of n contributions, shape (rows, ranks); -1 where the column is negative.

        Parameters
        ----------
        columns, values, amounts
            Of the contributions, contiguous, shape (rows, ranks).
        """
        bits = values.view(np.int64)
        ids, unknown = find(self._slots, self._keys, columns, bits, amounts)
        if unknown:
            absent = ids == UNKNOWN
            for column, value, amount in zip(columns[absent], values[absent], amounts[absent], strict=True):
                self._learn(int(column), float(value), bool(amount > 0.0))
            ids, _ = find(self._slots, self._keys, columns, bits, amounts)
        return ids

    def text(self, text: str) -> int:
        """Return the id of a phrase that has no value."""
        if text not in self._texts:
            self._texts[text] = self._append(text, (_NO_VALUE, 0, 0))
        return self._texts[text]

    def write(self, items: Lists, form: Form) -> TextColumn:
        """Return the lists of phrases and numbers as text; see `models.text_kernel.write`."""
        return TextColumn(*write(items, (self._blob, self._starts), form))

    def trim(self) -> None:
        """Forget the phrases if they are too many; earlier ids, other than those of the fixed ones, are void."""
        if self._size > CACHE_SIZE:
            self._clear()

    def _clear(self) -> None:
        self._size = 0
        self._texts: dict[str, int] = {}
        self._slots = np.full(1_024, -1, dtype=np.int32)
        self._keys = np.zeros((256, 3), dtype=np.int64)
        self._starts = np.zeros(257, dtype=np.int64)
        self._blob = np.zeros(16_384, dtype=np.uint8)
        for text in self._fixed:
            self._append(text, (_NO_VALUE, 0, 0))

    def _learn(self, column: int, value: float, raises: bool) -> None:
        bits = int(np.float64(value).view(np.int64))
        slot = slot_of(self._slots, self._keys, column, bits, int(raises))
        if self._slots[slot] < 0:
            self._slots[slot] = self._append(self._phrase_of(column, value, raises), (column, bits, int(raises)))
            if self._size * 2 > len(self._slots):
                self._slots = np.full(2 * len(self._slots), -1, dtype=np.int32)
                fill_slots(self._slots, self._keys, self._size)

    def _append(self, text: str, key: tuple[int, int, int]) -> int:
        """Add a phrase and return its id."""
        content = np.frombuffer(text.encode("utf-8", "replace"), dtype=np.uint8)
        begin = int(self._starts[self._size])
        end = begin + len(content)
        if self._size + 1 == len(self._keys):
            self._keys = np.concatenate([self._keys, np.zeros_like(self._keys)])
            self._starts = np.concatenate([self._starts, np.zeros_like(self._starts)])
        if end > len(self._blob):
            self._blob = np.concatenate([self._blob, np.zeros(max(len(self._blob), len(content)), dtype=np.uint8)])
        self._blob[begin:end] = content
        self._keys[self._size] = key
        self._size += 1
        self._starts[self._size] = end
        return self._size - 1
