"""Raw tables: column names, batches and required columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from crm.raw_table import ROW_NUMBER, RawBatch, require, unique_names
from leadworth.errors import InputError


def test_a_batch_is_sliced_with_its_lines() -> None:
    batch = RawBatch(pa.table({"id": ["a", "b", "c"]}), np.array([2, 3, 5]), faults=4)
    parts = list(batch.slices(2))

    assert [part.rows.column("id").to_pylist() for part in parts] == [["a", "b"], ["c"]]
    assert [part.lines.tolist() for part in parts] == [[2, 3], [5]]
    assert [part.faults for part in parts] == [4, 0]


def test_repeated_names_stay_unique() -> None:
    assert unique_names(["a", "a.2", "a"]) == ("a", "a.2", "a.3")


def test_absent_columns_are_reported_with_the_nearest_ones() -> None:
    require("leads.csv", ["E-Mail"], {"leads.id": ROW_NUMBER})
    with pytest.raises(InputError, match=r"leads\.columns\.email = 'Email' \(nearest: E-Mail\)"):
        require("leads.csv", ["E-Mail", "Phone"], {"leads.columns.email": "Email", "leads.columns.phone": "Phone"})


def test_personal_data_in_a_missing_header_are_redacted() -> None:
    with pytest.raises(InputError) as caught:
        require("leads.csv", ["ada@example.org", "web"], {"leads.id": "id"})
    assert "ada@example.org" not in str(caught.value)
