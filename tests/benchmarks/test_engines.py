"""Figures of single engines join those that are stored, where they are of the same leads and scores."""

from __future__ import annotations

from typing import Any

from benchmarks.engines import with_stored


def _result(engines: list[str], digest: str = "a", leads: int = 10) -> dict[str, Any]:
    runs = [{"engine": engine, "digest": digest, "rows": leads} for engine in engines]
    return {"leads": leads, "cpus": 2, "runs": runs}


def test_stored_runs_of_other_engines_stay() -> None:
    stored = _result(["one process", "Dask, 2 workers"])
    assert [run["engine"] for run in with_stored(_result(["Spark, 2 tasks"]), stored)] == [
        "one process",
        "Dask, 2 workers",
        "Spark, 2 tasks",
    ]
    again = _result(["Dask, 2 workers"])
    assert with_stored(again, stored)[1] is again["runs"][0]


def test_stored_runs_of_other_leads_or_scores_do_not() -> None:
    one = _result(["Spark, 2 tasks"])
    assert with_stored(one, _result(["one process"], leads=20)) == one["runs"]
    assert with_stored(one, _result(["one process"], digest="b")) == one["runs"]
