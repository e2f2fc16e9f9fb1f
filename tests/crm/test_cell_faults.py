"""Unreadable cells are counted for each column."""

from __future__ import annotations

import json
from datetime import UTC

import pyarrow as pa

from crm import casts
from crm.cell_faults import CellFaults, describe_fault, faults_as_json


def faults() -> CellFaults:
    cells = CellFaults()
    for written in (["2026-03-01", "soon", None, "n/a"], ["ada@acme.it", "soon"]):
        column = pa.array(written)
        cells.count("Closed", "date", column, casts.moments(column, UTC))
    seats = pa.array([1.0, None])
    cells.count("Seats", "number", seats, casts.numbers(seats))
    return cells


def test_counts_add_up_over_batches() -> None:
    fault = faults().of("Closed")
    assert (fault.filled, fault.unreadable, fault.share) == (4, 3, 0.75)
    assert [name for name, _ in faults().items()] == ["Closed"]
    assert faults().of("Elsewhere").filled == 0


def test_examples_are_redacted_and_differ() -> None:
    name, fault = next(iter(faults().items()))
    assert describe_fault(name, fault) == "'Closed': 3 of 4 dates cannot be read (75 %), such as 'soon', '[redacted]'"


def test_the_record_has_no_examples() -> None:
    record = json.loads(faults_as_json({"leads": faults()}))
    assert record == {"leads": {"Closed": {"kind": "date", "filled": 4, "unreadable": 3}}}
