"""Parts of long lists: transactions, results and statements of a bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

CHUNK = 500


def chunks(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Yield the items in lists of at most 500.

    Examples
    --------
    >>> [len(part) for part in chunks(range(1_200))]
    [500, 500, 200]
    """
    for begin in range(0, len(items), CHUNK):
        yield list(items[begin : begin + CHUNK])
