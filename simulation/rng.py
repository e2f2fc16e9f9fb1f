"""Independent random streams, and vectorised text columns."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

LOWER = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
HEXADECIMAL = "0123456789abcdef"
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random stream of one name; streams of other names do not depend on it.

    Examples
    --------
    >>> float(stream(1, "people").random()) == float(stream(1, "people").random())
    True
    >>> float(stream(1, "people").random()) == float(stream(1, "deals").random())
    False
    """
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def codes(rng: np.random.Generator, weights: Sequence[float], size: int) -> Ints:
    """Draw `size` positions with probabilities proportional to `weights`.

    Examples
    --------
    >>> codes(stream(1, "x"), [0.0, 1.0], 3).tolist()
    [1, 1, 1]
    """
    steps = np.cumsum(weights)
    drawn: Ints = np.searchsorted(steps, rng.random(size) * steps[-1], side="right").clip(0, len(steps) - 1)
    return drawn


def codes_by_row(rng: np.random.Generator, log_weights: Floats) -> Ints:
    """Draw one position per row with probabilities proportional to exp of (rows, positions)."""
    drawn: Ints = np.argmax(log_weights - np.log(-np.log(rng.random(log_weights.shape))), axis=1)
    return drawn


def chance(rng: np.random.Generator, probability: ArrayLike, size: int) -> Flags:
    """Draw `size` booleans with a probability, common or one per row."""
    return rng.random(size) < np.asarray(probability)


def pick(pool: Sequence[str], positions: Ints) -> pa.Array:
    """Return the texts of a pool at the positions."""
    return pa.array(list(pool), pa.string()).take(pa.array(positions))


def join(*parts: pa.Array | str, sep: str = "") -> pa.Array:
    """Join texts row by row; missing parts are left out.

    Examples
    --------
    >>> join(pa.array(["a", None]), "x", sep="-").to_pylist()
    ['a-x', 'x']
    """
    return pc.binary_join_element_wise(*parts, sep, null_handling="skip")


def blank(values: pa.Array, where: Flags) -> pa.Array:
    """Return the values with nulls at `where`."""
    return pc.if_else(pa.array(where), pa.scalar(None, values.type), values)


def put(values: pa.Array, where: Flags, replacements: pa.Array | str) -> pa.Array:
    """Return the values with `replacements` (one per true row, or a scalar) at `where`."""
    if isinstance(replacements, str):
        return pc.if_else(pa.array(where), replacements, values)
    return pc.replace_with_mask(values, pa.array(where), replacements)


def characters(rng: np.random.Generator, alphabet: str, lengths: Ints) -> pa.Array:
    """Return random texts of the given lengths over an ASCII alphabet.

    Examples
    --------
    >>> characters(stream(1, "x"), "a", np.array([2, 0, 1])).to_pylist()
    ['aa', '', 'a']
    """
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    letters = np.frombuffer(alphabet.encode(), dtype=np.uint8)[rng.integers(0, len(alphabet), int(ends[-1]))]
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(ends.tobytes()), pa.py_buffer(letters.tobytes()))


def fixed(rng: np.random.Generator, alphabet: str, length: int, rows: int) -> pa.Array:
    """Return `rows` random texts of one length."""
    return characters(rng, alphabet, np.full(rows, length))


def digits_of(values: Ints) -> pa.Array:
    """Return whole numbers as text."""
    return pa.array(values).cast(pa.string())
