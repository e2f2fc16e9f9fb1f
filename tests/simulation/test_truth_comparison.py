"""Scores are compared with the truth that holds for their status."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from leadworth.errors import InputError
from simulation import Simulation
from simulation.truth_comparison import read_scored, with_truth

TRUTH = pd.DataFrame(
    {
        "lead_id": ["a", "b", "c", "d"],
        "channel": ["fair", "fair", "search", "search"],
        "win_probability": [0.1, 0.2, 0.3, 0.4],
        "value": [10.0, 20.0, 30.0, 40.0],
        "open_win_probability": [0.05, None, None, None],
        "open_value": [5.0, None, None, None],
    }
)


def scores(statuses: dict[str, str]) -> pd.DataFrame:
    table = pd.DataFrame({"Lead ID": list(statuses), "status": list(statuses.values())})
    return table.assign(win_probability=0.5, predicted_value=1.0)


def test_the_truth_depends_on_the_status() -> None:
    compared = with_truth(scores({"d": "at submit", "a": "open", "b": "past horizon", "c": "won"}), TRUTH)
    assert compared["true_value"].tolist() == [40.0, 5.0, 0.0, 30.0]
    assert compared["true_probability"].tolist() == [0.4, 0.05, 0.0, 0.3]
    assert compared["channel"].tolist() == ["search", "fair", "fair", "search"]


def test_what_cannot_be_compared_is_said() -> None:
    with pytest.raises(InputError, match="1 of 2 leads are not in the truth"):
        with_truth(scores({"a": "open", "x": "open"}), TRUTH)
    with pytest.raises(InputError, match=r"1 leads are scored as open that were not open at the export.*--as-of"):
        with_truth(scores({"a": "open", "b": "open"}), TRUTH)
    with pytest.raises(InputError, match="no column predicted_value"):
        with_truth(scores({"a": "open"}).drop(columns="predicted_value"), TRUTH)


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "parquet"])
def test_scored_files_of_each_format_are_read(tmp_path: Path, suffix: str) -> None:
    table = scores({"007": "open"})
    path = tmp_path / f"scored.{suffix}"
    table.to_parquet(path) if suffix == "parquet" else table.to_csv(path, index=False)
    assert read_scored(path)["Lead ID"].tolist() == ["007"]


def test_perfect_scores_have_the_ratio_one(base: Simulation) -> None:
    truth = base.truth[base.truth["open_at_end"]]
    perfect = pd.DataFrame({"Lead ID": truth["lead_id"], "status": "open"})
    perfect["win_probability"] = truth["open_win_probability"]
    perfect["predicted_value"] = truth["open_value"]
    compared = with_truth(perfect, base.truth)
    assert compared["true_value"].tolist() == compared["predicted_value"].tolist()
