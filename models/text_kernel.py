"""Compiled loops that look up phrases by number and write lists of phrases as bytes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from leadworth.arrays import Indices, Matrix, Vector
from leadworth.compiled import ZERO, compiled

ABSENT, UNKNOWN = -1, -2
"""No phrase, and a phrase that the table does not have yet."""
NUMBER_SIZE = 24
"""Most bytes of a number with the brace behind it."""
_BILLION = 1_000_000_000
_MULTIPLIER = 0x9E3779B97F4A7C1
_ZERO, _MINUS, _POINT, _BRACE = b"0-.}"

Slots = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Lists = tuple[Indices, Indices, Matrix]
"""First item of each row and the end, shape (rows + 1,); id and number of each item, shapes (items,). A number that is
nan is not written."""
Phrases = tuple[Bytes, Indices]
"""Text of all phrases, and the first byte of each with the end."""
Form = tuple[int, int, int, int]
"""Ids of the phrases that open, separate and close a list, and the most items of a list."""


@compiled
def slot_of(slots: Slots, keys: Indices, column: int, bits: int, raises: int) -> int:
    """Return the slot of a key, or the free slot where it belongs."""
    mask = len(slots) - 1
    mixed = (bits ^ (column * 2 + raises)) * _MULTIPLIER
    slot = (mixed ^ (mixed >> 29)) & mask
    while slots[slot] >= 0:
        entry = slots[slot]
        if keys[entry, 0] == column and keys[entry, 1] == bits and keys[entry, 2] == raises:
            return slot
        slot = (slot + 1) & mask
    return slot


@compiled
def fill_slots(slots: Slots, keys: Indices, size: int) -> None:
    """Add the first keys of a table to empty slots; a key with a negative column is that of no value."""
    for entry in range(size):
        if keys[entry, 0] >= 0:
            slots[slot_of(slots, keys, keys[entry, 0], keys[entry, 1], keys[entry, 2])] = entry


@compiled
def find(slots: Slots, keys: Indices, columns: Indices, bits: Indices, amounts: Matrix) -> tuple[Indices, int]:
    """Return the id of the phrase of each contribution, `ABSENT` or `UNKNOWN`, and the number of unknown ones.

    Parameters
    ----------
    slots
        Hash table with linear probing of the keys; -1 is free.
    keys
        Column, bits of the value, and 1 if the contribution is positive, shape (entries, 3).
    columns, bits, amounts
        Of the contributions, shape (rows, ranks); a negative column is none.
    """
    rows, ranks = columns.shape
    unknown = 0
    ids = np.full((rows, ranks), ABSENT, dtype=np.int64)
    for row in range(rows):
        for rank in range(ranks):
            column = columns[row, rank]
            if column >= 0:
                raises = 1 if amounts[row, rank] > 0.0 else 0
                entry = slots[slot_of(slots, keys, column, bits[row, rank], raises)]
                ids[row, rank] = entry if entry >= 0 else UNKNOWN
                unknown += entry < 0
    return ids, unknown


@compiled
def merge(
    rules: tuple[Indices, Indices],
    junk: tuple[Indices, Indices, Matrix],
    model: tuple[Indices, Matrix],
    totals: tuple[int, int, float, Vector],
) -> tuple[Indices, Indices, Vector]:
    """Return the items of each row in one list: rules, reasons of junk, baseline, contributions, sum of all others.

    Parameters
    ----------
    rules
        First rule of each row and the end, shape (rows + 1,), and the ids.
    junk
        Rows with reasons of junk, ascending; ids and numbers, shape (suspects, ranks).
    model
        Ids and numbers, shape (rows, ranks).
    totals
        Ids of the baseline and of the other contributions, or `ABSENT`; baseline; others, shape (rows,).
    """
    starts, rule_ids = rules
    suspects, junk_ids, junk_numbers = junk
    model_ids, model_numbers = model
    baseline_id, other_id, baseline, others = totals
    rows = len(model_ids)
    most = len(rule_ids) + junk_ids.size + model_ids.size + 2 * rows
    begins = np.zeros(rows + 1, dtype=np.int64)
    ids = np.empty(most, dtype=np.int64)
    numbers = np.full(most, np.nan)
    at = ZERO
    suspect = 0
    for row in range(rows):
        for rule in range(starts[row], starts[row + 1]):
            ids[at] = rule_ids[rule]
            at += 1
        if suspect < len(suspects) and suspects[suspect] == row:
            at = _append(junk_ids[suspect], junk_numbers[suspect], ids, numbers, at)
            suspect += 1
        if baseline_id >= 0:
            ids[at] = baseline_id
            numbers[at] = baseline
            at += 1
        at = _append(model_ids[row], model_numbers[row], ids, numbers, at)
        if other_id >= 0:
            ids[at] = other_id
            numbers[at] = others[row]
            at += 1
        begins[row + 1] = at
    return begins, ids, numbers


@compiled
def _append(source_ids: Indices, source_numbers: Vector, ids: Indices, numbers: Vector, at: int) -> int:
    """Copy the items that are present; return the new end."""
    for rank in range(len(source_ids)):
        if source_ids[rank] >= 0:
            ids[at] = source_ids[rank]
            numbers[at] = source_numbers[rank]
            at += 1
    return at


@compiled
def write(items: tuple[Indices, Indices, Vector], phrases: Phrases, form: Form) -> tuple[Bytes, Indices]:
    """Return the text of n lists, and the first byte of each with the end, shape (rows + 1,).

    Parameters
    ----------
    items
        First item of each row and the end, shape (rows + 1,); ids and numbers of the items. A number follows its phrase
        with a closing brace, to nine decimals; nan is not written.
    phrases
        Text and first byte of each phrase.
    form
        Ids of the phrases that open, separate and close a list, and the most items of a list.
    """
    begins, ids, numbers = items
    _, starts = phrases
    opening, separator, closing, most = form
    rows = len(begins) - 1
    size = 0
    for row in range(rows):
        for item in range(begins[row], min(begins[row + 1], begins[row] + most)):
            size += starts[ids[item] + 1] - starts[ids[item]] + starts[separator + 1] - starts[separator] + NUMBER_SIZE
        size += starts[opening + 1] - starts[opening] + starts[closing + 1] - starts[closing]
    out = np.empty(size, dtype=np.uint8)
    ends = np.zeros(rows + 1, dtype=np.int64)
    at = ZERO
    for row in range(rows):
        at = _copy(phrases, opening, out, at)
        for item in range(begins[row], min(begins[row + 1], begins[row] + most)):
            if item > begins[row]:
                at = _copy(phrases, separator, out, at)
            at = _copy(phrases, ids[item], out, at)
            if not np.isnan(numbers[item]):
                at = _write_number(numbers[item], out, at)
                out[at] = _BRACE
                at += 1
        at = _copy(phrases, closing, out, at)
        ends[row + 1] = at
    return out[:at], ends


@compiled
def _copy(phrases: Phrases, phrase: int, out: Bytes, at: int) -> int:
    """Copy a phrase; return the new end."""
    blob, starts = phrases
    for position in range(starts[phrase], starts[phrase + 1]):  # numba compiles an assignment of slices for 2 s
        out[at] = blob[position]
        at += 1
    return at


@compiled
def _write_number(number: float, out: Bytes, at: int) -> int:
    """Write a number to nine decimals, without trailing zeros; beyond a billion it is a billion."""
    billionths = int(np.rint(min(max(number, -1e9), 1e9) * 1e9))
    if billionths < 0:
        out[at] = _MINUS
        at += 1
        billionths = -billionths
    whole, fraction = billionths // _BILLION, billionths % _BILLION
    divisor = 1
    while whole // divisor >= 10:
        divisor *= 10
    while divisor > 0:
        out[at] = _ZERO + whole // divisor % 10
        at += 1
        divisor //= 10
    out[at] = _POINT
    at += 1
    divisor = _BILLION // 10
    while True:
        out[at] = _ZERO + fraction // divisor
        at += 1
        fraction %= divisor
        if fraction == 0:
            return at
        divisor //= 10
