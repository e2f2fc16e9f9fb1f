"""Charts of a training."""

from __future__ import annotations

from pathlib import Path

from training.pipeline import TrainingResult
from training.plots import draw


def test_every_chart_is_written(training: TrainingResult, tmp_path: Path) -> None:
    assert training.forward is not None
    files = draw(training.forward, training.known.labels, "EUR", tmp_path / "figures")
    assert {file.stem for file in files} == {"calibration", "channels", "cohorts", "gains", "visible_share"}
    assert all(file.read_text(encoding="utf-8").startswith("<svg") for file in files)
