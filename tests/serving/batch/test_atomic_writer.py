"""A written file appears whole or not at all."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from leadworth.errors import InputError
from serving.batch.atomic_writer import TableWriter

ROWS = pa.table({"id": ["1", "2"], "value": [0.1, 1 / 3], "text": ['a "b", c\nd', None]})


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.parquet", "OUT.CSV"])
def test_what_is_written_is_read_back(tmp_path: Path, name: str) -> None:
    with TableWriter(tmp_path / name) as writer:
        writer.write(ROWS)
        writer.write(ROWS)
        assert not (tmp_path / name).exists()

    path = tmp_path / name
    read = parquet.read_table(path).to_pandas() if name.endswith("parquet") else pd.read_csv(path, dtype={"id": "str"})
    expected = pd.concat([ROWS.to_pandas()] * 2, ignore_index=True)
    pd.testing.assert_frame_equal(read, expected)
    assert writer.rows == 4
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_packed_files_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        with TableWriter(tmp_path / name) as writer:
            writer.write(ROWS)

    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()).startswith(b'"id","value","text"')


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.parquet"])
def test_a_run_that_breaks_off_leaves_the_target_as_it_was(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("earlier")

    def run() -> None:
        with TableWriter(path) as writer:
            writer.write(ROWS)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert path.read_text() == "earlier"
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        TableWriter(tmp_path / "none" / "out.csv")


@pytest.mark.parametrize("name", ["out.xlsx", "out", "out.gz"])
def test_formats_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="which format"):
        TableWriter(tmp_path / name)
