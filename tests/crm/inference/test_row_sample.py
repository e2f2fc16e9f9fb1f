"""Samples of the rows of exports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from crm.inference.row_sample import distinct_values, read_sample
from crm.raw_table import RawBatch, RawTable
from leadworth.errors import InputError


def test_a_large_file_is_sampled_over_its_whole_length(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("id,won\n" + "".join(f"{number},1\n" for number in range(1_000)))
    sample = read_sample(path, rows=100)
    ids = [int(value) for value in sample.columns["id"]]

    assert sample.rows == 1_000
    assert 100 <= len(ids) <= 200
    assert ids == list(range(0, 1_000, ids[1]))
    assert len(distinct_values(path, "id")) == 1_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"id,won\n", "has no rows"),
        (b"id\n1\n2\n", "only one column"),
        (b"7,ada@example.com,2025-01-02\n8,bob@example.com,2025-01-03\n", "no header"),
        (b"12,0.5,2025-01-02\n8,0.7,2025-01-03\n", "no header"),
        (b"PK\x03\x04xxxxxx", "damaged zip"),
    ],
)
def test_a_file_that_is_not_a_table_is_an_error(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_sample(path)


def test_an_absent_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        read_sample(tmp_path / "none.csv")


def test_a_batch_shorter_than_the_stride(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = [pa.table({"id": list(map(str, range(start, start + count)))}) for start, count in ((0, 50), (50, 1))]
    table = RawTable("leads.csv", ("id",), (RawBatch(rows, np.arange(len(rows))) for rows in batches))
    monkeypatch.setattr("crm.inference.row_sample.open_file", lambda *_: table)
    monkeypatch.setattr("crm.inference.row_sample._check_header", lambda *_: None)
    (tmp_path / "leads.csv").write_text("id\n")
    sample = read_sample(tmp_path / "leads.csv", rows=4)

    assert sample.rows == 51
    assert sample.columns["id"] == ["0", "8", "16", "24", "32", "40", "48"]


def test_rejected_rows_explain_an_empty_sample(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("id,name,city\n" + "1,Ada,Rome, Italy\n" * 3)
    with pytest.raises(InputError, match="no rows that can be read; 3 rows were rejected: wrong number of fields"):
        read_sample(tmp_path / "leads.csv")
