"""Worker processes end with their engine, and stay between two calls."""

from __future__ import annotations

import os
import time
from pathlib import Path

from crm.lead_partitions import LeadPartition
from serving.batch.engines.worker_processes import open_processes
from tests.serving.batch.engines import worker_tasks

PARTS = [LeadPartition(number, Path("leads.parquet"), (0,), 1, 10, "leads") for number in range(6)]


def test_workers_stay_between_calls_and_end_with_the_engine() -> None:
    with open_processes(2) as engine:
        first = set(engine.map(worker_tasks.process, PARTS))
        assert set(engine.map(worker_tasks.process, PARTS)) <= first
        assert os.getpid() not in first
        assert len(first) <= 2
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in first) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in first)


def test_a_caller_that_stops_early_ends_the_busy_workers() -> None:
    with open_processes(2) as engine:
        results = engine.map(worker_tasks.rows, PARTS)
        assert next(iter(results)) == 10
        del results
        assert sorted(engine.map(worker_tasks.rows, PARTS)) == [10] * 6
