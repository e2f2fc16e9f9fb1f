"""Rejected rows are written with line and reason, and the counts balance."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from crm.rejects import Rejects, TableCounts, rejected_path
from leadworth.errors import InputError


def test_rows_are_written_on_close(tmp_path: Path) -> None:
    path = tmp_path / "leads.rejected.csv"
    with Rejects(path) as rejects:
        rejects.add(3, "wrong number of fields: 2 instead of 3", "a,b\r\n")
        rejects.add(9, "no lead id", [None, 'x "y"', 1.5])
        assert not path.exists()

    with path.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["line", "reason", "row"],
            ["3", "wrong number of fields: 2 instead of 3", "a,b"],
            ["9", "no lead id", ',"x ""y""",1.5'],
        ]
    assert rejects.reasons == {"wrong number of fields": 1, "no lead id": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["leads.rejected.csv"]


def test_a_clean_run_removes_the_rejects_of_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "leads.rejected.csv"
    path.write_text("line,reason,row\n")
    with Rejects(path):
        pass

    assert not path.exists()


def test_counts_that_do_not_balance_are_an_error() -> None:
    with pytest.raises(InputError, match="10 rows were read, 7 kept and 2 rejected"):
        TableCounts("leads.csv", 10, 7, 2).check()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("leads.csv", "leads.rejected.csv"),
        ("leads.CSV.gz", "leads.rejected.csv"),
        ("my.leads.parquet", "my.leads.rejected.csv"),
        ("leads", "leads.rejected.csv"),
    ],
)
def test_name_of_the_rejected_file(name: str, expected: str) -> None:
    assert rejected_path(Path("/data") / name) == Path("/data") / expected
