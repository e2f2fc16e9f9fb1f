"""Parquet files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from crm.parquet import open_parquet
from crm.table_sources import gather
from leadworth.errors import InputError


def test_rows_keep_their_types_and_are_numbered_from_one(tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    parquet.write_table(pa.table({"id": ["a", "b"], "n": [1, None], "at": [at, None]}), tmp_path / "leads.pq")
    table = open_parquet(tmp_path / "leads.pq")
    batch = gather(table)

    assert table.columns == ("id", "n", "at")
    assert batch.rows.to_pylist() == [{"id": "a", "n": 1, "at": at}, {"id": "b", "n": None, "at": None}]
    assert batch.lines.tolist() == [1, 2]


def test_a_file_that_is_not_parquet(tmp_path: Path) -> None:
    (tmp_path / "leads.pq").write_bytes(b"PAR1rest")

    with pytest.raises(InputError, match="not a Parquet file"):
        open_parquet(tmp_path / "leads.pq")


def test_bytes_are_text(tmp_path: Path) -> None:
    table = pa.table({"id": [b"K1", None], "owner": [{"name": b"Zo\xc3\xab"}, None]})
    parquet.write_table(table, tmp_path / "leads.pq")
    opened = open_parquet(tmp_path / "leads.pq")

    assert opened.columns == ("id", "owner.name")
    assert gather(opened).rows.to_pylist() == [{"id": "K1", "owner.name": "Zoë"}, {"id": None, "owner.name": None}]
