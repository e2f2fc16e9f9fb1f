"""Partitions hold each row once, in order, with its line in the source."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from crm import lead_partitions
from crm.lead_partitions import parquet_files, partitions_in
from leadworth.errors import InputError


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(0, 70), min_size=1, max_size=4), groups=st.integers(1, 30))
def test_every_row_is_in_one_partition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sizes: list[int], groups: int
) -> None:
    monkeypatch.setattr(lead_partitions, "ROWS", 25)
    files, rows = [], []
    for number, size in enumerate(sizes):
        names = [f"{number}-{row}" for row in range(size)]
        rows += [(name, line) for line, name in enumerate(names, start=1)]
        files.append(tmp_path / f"{number}.parquet")
        parquet.write_table(pa.table({"id": pa.array(names, pa.string())}), files[-1], row_group_size=groups)
    partitions = partitions_in(files)
    assert partitions is not None
    assert [part.number for part in partitions] == list(range(len(partitions)))
    read = [
        (name, line)
        for part in partitions
        for batch in part.open().batches
        for name, line in zip(batch.rows.column("id").to_pylist(), batch.lines.tolist(), strict=True)
    ]
    assert read == rows
    assert sum(part.rows for part in partitions) == len(rows)


def test_files_whose_name_begins_with_a_dot_or_an_underscore_are_left_out(tmp_path: Path) -> None:
    for name in ("b.parquet", "day=1/a.parquet", "_temporary/x.parquet", ".hidden.parquet", "_SUCCESS.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in parquet_files(tmp_path)] == ["b.parquet", "a.parquet"]
    assert parquet_files(tmp_path / "leads.csv") == []


def test_a_folder_without_parquet_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no Parquet file"):
        parquet_files(tmp_path)


def test_a_large_row_group_is_divided_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lead_partitions, "LARGEST", 10)
    parquet.write_table(pa.table({"id": ["1"] * 11}), tmp_path / "a.parquet")
    assert partitions_in([tmp_path / "a.parquet"]) is None


def test_only_some_columns_are_read(tmp_path: Path) -> None:
    rows = pa.table({"note.text": ["x"], "id": ["1"], "ip": ["10.0.0.1"], "other": [1]})
    parquet.write_table(rows, tmp_path / "flat.parquet")
    parquet.write_table(rows.append_column("owner", pa.array([{"name": "Ada"}])), tmp_path / "nested.parquet")
    flat, nested = partitions_in([tmp_path / "flat.parquet"]), partitions_in([tmp_path / "nested.parquet"])
    assert flat is not None
    assert nested is not None
    table = flat[0].open({"note.text", "ip", "absent"})
    assert table.columns == ("note.text", "ip")
    assert [batch.rows.to_pylist() for batch in table.batches] == [[{"note.text": "x", "ip": "10.0.0.1"}]]
    assert "owner.name" in nested[0].open({"ip"}).columns


def test_repeated_column_names_are_numbered(tmp_path: Path) -> None:
    rows = pa.table([pa.array(["1"]), pa.array(["a"]), pa.array(["b"])], names=["id", "email", "email"])
    parquet.write_table(rows, tmp_path / "a.parquet")
    (part,) = partitions_in([tmp_path / "a.parquet"]) or []
    read = part.open()
    assert read.columns == ("id", "email", "email.2")
    assert next(read.batches).rows.to_pylist() == [{"id": "1", "email": "a", "email.2": "b"}]
