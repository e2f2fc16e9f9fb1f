"""`leadworth truth`."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadworth import cli
from tests.simulation.test_truth_comparison import TRUTH, scores


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["truth", *arguments])
    return int(ended.value.code or 0)


def test_predicted_and_true_values_are_shown_by_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    TRUTH.to_csv(tmp_path / "truth.csv", index=False)
    scores({"a": "open", "d": "at submit"}).to_csv(tmp_path / "scored.csv", index=False)
    assert run(str(tmp_path / "scored.csv")) == 0
    said = capsys.readouterr().out
    assert "The simulator knows the true value: predicted 2, true 45, ratio 0.04." in said
    assert "at submit" in said
    assert "all" in said


def test_a_missing_truth_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scores({"a": "open"}).to_csv(tmp_path / "scored.csv", index=False)
    assert run(str(tmp_path / "scored.csv")) == 2
    assert "there is no file" in capsys.readouterr().err
