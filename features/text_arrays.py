"""Arrow arrays of texts: their bytes, and the parts before and after a mark."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadworth.arrays import Indices


def lengths(texts: pa.Array) -> Indices:
    """Return the number of bytes of each text."""
    return np.asarray(pc.binary_length(texts), dtype=np.int64)


def ascii_bytes(texts: pa.Array) -> tuple[NDArray[np.uint8], Indices]:
    """Return the bytes of ASCII texts, one text after the other, and the length of each.

    Examples
    --------
    >>> [part.tolist() for part in ascii_bytes(pa.array(["ab", "", "c"]))]
    [[97, 98, 99], [2, 0, 1]]
    """
    sizes = lengths(texts)
    if not sizes.any():
        return np.zeros(0, dtype=np.uint8), sizes
    _, offsets, data = texts.buffers()
    begin = np.frombuffer(offsets, dtype=np.int32)[texts.offset]
    return np.frombuffer(data, dtype=np.uint8)[begin : begin + int(sizes.sum())], sizes


def partition(texts: pa.Array, mark: str, *, last: bool = False) -> tuple[pa.Array, pa.Array]:
    """Return the parts of texts before and after a mark; the second is null where a text lacks the mark.

    Parameters
    ----------
    texts
        Array of strings without nulls.
    mark
        What separates the parts.
    last
        Whether the last mark of a text separates them; else the first.

    Examples
    --------
    >>> [part.to_pylist() for part in partition(pa.array(["a@b@c", "d"]), "@", last=True)]
    [['a@b', 'd'], ['c', None]]
    """
    parts = pc.split_pattern(texts, mark, max_splits=1, reverse=last)
    offsets = parts.offsets.to_numpy()
    first, end = offsets[:-1], offsets[1:]
    return parts.values.take(pa.array(first)), parts.values.take(pa.array(end - 1, mask=end - first < 2))
