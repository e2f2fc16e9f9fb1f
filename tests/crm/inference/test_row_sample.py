"""Samples of the rows of exports."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm.inference.row_sample import distinct_values, read_sample
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
