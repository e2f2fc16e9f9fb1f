"""Compiled min-hash of many messages: the run of three words with the smallest CRC-32."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from leadworth.arrays import Indices
from leadworth.compiled import ZERO, compiled

Bytes = NDArray[np.uint8]

RUN = 3
"""Words of a run."""
_ONES = 0xFFFF_FFFF
_CRC = np.array([crc32(bytes([byte ^ 0xFF])) ^ _ONES ^ (_ONES >> 8) for byte in range(256)], dtype=np.int64)
"""Table of CRC-32 by byte."""
_SPACE = 32
_LETTER, _OTHER = 1, 2
_BEYOND = 0x1_0000
"""First character that takes four bytes."""


def _kinds() -> Bytes:
    """Return the kind of each character below `_BEYOND`: letter, another character of a word, or none of a word."""
    kinds = np.zeros(_BEYOND, dtype=np.uint8)
    for code in range(_BEYOND):
        character = chr(code)
        kinds[code] = _LETTER if character.isalpha() else _OTHER if character.isalnum() or character == "_" else 0
    return kinds


_KINDS = _kinds()


@compiled
def _character(data: Bytes, at: int) -> tuple[int, int]:
    """Return the position after a character in UTF-8 and its kind; the kind is -1 where it takes four bytes."""
    first = int(data[at])
    if first < 0x80:
        return at + 1, _KINDS[first]
    if first < 0xE0:
        return at + 2, _KINDS[(first & 0x1F) << 6 | data[at + 1] & 0x3F]
    if first < 0xF0:
        return at + 3, _KINDS[(first & 0x0F) << 12 | (data[at + 1] & 0x3F) << 6 | data[at + 2] & 0x3F]
    return at + 4, -1


@compiled
def _words(data: Bytes, begin: int, end: int, spans: Indices) -> int:
    """Write begin and end of the words of a text that have letters only, shape (words, 2).

    Returns
    -------
    Their number, or -1 where a character takes four bytes.
    """
    count = 0
    at = start = begin
    only_letters = True
    while at < end:
        after, kind = _character(data, at)
        if kind < 0:
            return -1
        if kind == 0:
            if at > start and only_letters:
                spans[count, 0], spans[count, 1] = start, at
                count += 1
            start, only_letters = after, True
        elif kind == _OTHER:
            only_letters = False
        at = after
    if at > start and only_letters:
        spans[count, 0], spans[count, 1] = start, at
        count += 1
    return count


@compiled
def _sum(data: Bytes, spans: Indices) -> int:
    """Return the CRC-32 of some words with spaces between them."""
    state = _ONES
    for word in range(len(spans)):
        if word > 0:
            state = _CRC[(state ^ _SPACE) & 0xFF] ^ (state >> 8)
        for at in range(spans[word, 0], spans[word, 1]):
            state = _CRC[(state ^ data[at]) & 0xFF] ^ (state >> 8)
    return state ^ _ONES


@compiled
def smallest_runs(data: Bytes, ends: Indices, least: int, runs: Bytes, run_ends: Indices) -> None:
    """Write the run of each of n texts, with spaces between its words; none for a text of fewer than `least` words.

    Words with digits are left out.

    Parameters
    ----------
    data
        Case-folded texts in UTF-8, one after the other.
    ends
        End of each text, shape (n,).
    least
        Number of words.
    runs
        Receives the runs, one after the other; as long as `data`.
    run_ends
        Receives the end of each run, shape (n,); -1 where a text has a character that takes four bytes.
    """
    spans = np.empty((len(data) // 2 + 1, 2), dtype=np.int64)
    size = begin = ZERO
    for row in range(len(ends)):
        count = _words(data, begin, ends[row], spans)
        begin = ends[row]
        if count >= least:
            smallest = _ONES + 1
            chosen = 0
            for first in range(count - RUN + 1):
                checksum = _sum(data, spans[first : first + RUN])
                if checksum < smallest:
                    smallest, chosen = checksum, first
            for word in range(chosen, chosen + RUN):
                if word > chosen:
                    runs[size] = _SPACE
                    size += 1
                for at in range(spans[word, 0], spans[word, 1]):
                    runs[size] = data[at]
                    size += 1
        run_ends[row] = size if count >= 0 else -1
