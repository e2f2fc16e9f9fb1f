"""The result of a partition is read back as it was written."""

from __future__ import annotations

from pathlib import Path

from crm.cell_faults import CellFault
from serving.batch.partition_scoring import PartitionResult


def test_a_result_is_read_back(tmp_path: Path) -> None:
    result = PartitionResult(
        number=3,
        rows_in=12,
        rows_kept=10,
        rows_written=9,
        rejected={"no lead id": 2},
        statuses={"open": 9, "won": 1},
        last_submit="2026-05-01T00:00:00+00:00",
        channels={"google": [9.0, 1.0, 0.0, 0.0, 120.5]},
        cells={"Closed": CellFault("date", 10, 1, ["soon"])},
        absent=["phone"],
        warnings=[],
    )
    result.save(tmp_path / "result.json")
    assert PartitionResult.load(tmp_path / "result.json") == result
