"""Charts of a training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from training.pipeline import TrainingResult
from training.plots import draw


def test_without_an_evaluation_there_are_no_charts(training: TrainingResult, tmp_path: Path) -> None:
    assert draw(replace(training, forward=None), "EUR", tmp_path / "figures") == []


def test_every_chart_is_written(training: TrainingResult, tmp_path: Path) -> None:
    files = draw(training, "EUR", tmp_path / "figures")
    assert {file.stem for file in files} == {
        "backtest",
        "calibration",
        "channels",
        "cohorts",
        "gains",
        "level",
        "visible_share",
    }
    assert all(file.read_text(encoding="utf-8").startswith("<svg") for file in files)
