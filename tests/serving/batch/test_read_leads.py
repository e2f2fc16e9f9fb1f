"""Leads with their features are read back from a file as they were written, bit by bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from crm.raw_table import RawBatch
from features.category_codes import UNSEEN
from leadworth.arrays import Matrix
from models.scored_leads import LeadFeatures
from serving.batch.read_leads import ReadLeads, append_leads, read_leads

NAN = np.nan
ODD = np.array(
    [
        [0.0, 1.0, 254.0, NAN],
        [0.0, 1.0, 255.0, NAN],
        [-0.0, 1.0, 2.0, 3.0],
        [0.1, 1e300, -1.0, np.inf],
        [NAN, NAN, NAN, NAN],
        [0.0, 253.0, UNSEEN, NAN],
        [0.0, 254.0, UNSEEN, NAN],
    ]
).T


def batch_of(matrix: Matrix, fields: Matrix, **columns: list[str]) -> ReadLeads:
    rows = len(matrix)
    return ReadLeads(
        RawBatch(pa.table({"id": [f"L{row}" for row in range(rows)], "Note": ["x"] * rows}), np.arange(rows) + 7),
        pd.DataFrame({"lead_id": ["L"] * rows, **columns}, dtype="str"),
        np.array(["open"] * rows, dtype=object),
        np.array([NAN] * rows),
        LeadFeatures(matrix, fields),
        np.arange(rows) * 2,
        ("recent_ip_10m", "domain_age_days"),
    )


def test_batches_are_read_back(tmp_path: Path) -> None:
    first = batch_of(ODD, np.zeros((4, 0)), source=["fair", "google", "fair", "bing"])
    second = batch_of(ODD[:1], ODD[:1, :2])
    with (tmp_path / "leads").open("wb") as file:
        append_leads(file, first, {"id"})
        append_leads(file, second, {"id", "Note", "absent"})
    got = list(read_leads(tmp_path / "leads"))
    assert len(got) == 2
    for batch, expected in zip(got, (first, second), strict=True):
        for values, wanted in zip(batch.features, expected.features, strict=True):
            assert values.shape == wanted.shape
            assert values.flags.c_contiguous
            assert values.tobytes() == np.ascontiguousarray(wanted).tobytes()
        assert batch.uncounted == expected.uncounted
        for name in ("statuses", "age_days", "positions"):
            np.testing.assert_array_equal(getattr(batch, name), getattr(expected, name))
        np.testing.assert_array_equal(batch.raw.lines, expected.raw.lines)
        assert len(batch.leads) == len(expected.leads)
    assert got[0].leads["source"].tolist() == ["fair", "google", "fair", "bing"]
    assert [batch.raw.rows.column_names for batch in got] == [["id"], ["id", "Note"]]
    assert got[1].raw.rows.to_pylist() == second.raw.rows.to_pylist()


def test_no_batch_is_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "leads").touch()
    assert list(read_leads(tmp_path / "leads")) == []
