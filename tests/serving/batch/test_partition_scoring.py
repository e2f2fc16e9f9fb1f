"""The counts of a partition are read back as they were written."""

from __future__ import annotations

from pathlib import Path

from crm.cell_faults import CellFault
from serving.batch.partition_scoring import PartitionReading, PartitionScores


def test_counts_of_reading_are_read_back(tmp_path: Path) -> None:
    reading = PartitionReading(
        rows_in=12,
        rows_kept=10,
        rejected={"no lead id": 2},
        statuses={"open": 9, "won": 1},
        last_submit="2026-05-01T00:00:00+00:00",
        cells={"Closed": CellFault("date", 10, 1, ["soon"])},
        absent=["phone"],
        warnings=[],
    )
    reading.save(tmp_path / "reading.json")
    assert PartitionReading.load(tmp_path / "reading.json") == reading


def test_counts_of_scores_are_read_back(tmp_path: Path) -> None:
    scores = PartitionScores(rows_written=9, channels={"google": [9.0, 1.0, 0.0, 0.0, 120.5]})
    scores.save(tmp_path / "result.json")
    assert PartitionScores.load(tmp_path / "result.json") == scores
