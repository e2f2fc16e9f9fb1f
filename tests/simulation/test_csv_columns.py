"""Columns of leads.csv are standard fields, with types as in an export."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from leadworth.records import Lead
from simulation import Simulation
from simulation.csv_columns import FILE_COLUMNS, LATER_COLUMNS, frame, instants, lead_ids


def test_every_column_is_a_standard_field(base: Simulation) -> None:
    assert set(FILE_COLUMNS) <= set(Lead.model_fields)
    assert len(set(FILE_COLUMNS.values())) == len(FILE_COLUMNS)
    assert {*FILE_COLUMNS.values(), *LATER_COLUMNS, "Lead ID", "Created"} <= set(base.leads.columns)


def test_ids_and_times() -> None:
    assert lead_ids(2).to_pylist() == ["L-0000001", "L-0000002"]
    table = frame({"at": instants(np.array([0])), "text": pa.array([None], pa.string())})
    assert table["at"][0] == pd.Timestamp("1970-01-01", tz="UTC")
    assert pd.isna(table["text"][0])


def test_counts_are_whole_numbers(base: Simulation) -> None:
    for column in ("Employees", "Pages Viewed", "Visits", "Emails Clicked"):
        known = base.leads[column].dropna()
        assert (known == known.round()).all(), column
