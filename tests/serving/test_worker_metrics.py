"""Metrics of several workers, in processes of their own: prometheus_client reads its folder when it is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

WORKERS = """
import os
from serving import service_metrics as metrics
from serving.worker_metrics import remove_series

def worker(version):
    metrics.CHAMPION.labels("1").set(10)
    metrics.REFUSED.labels("not-stored").inc()
    metrics.MONEY_AT_RISK.labels("search").set(7)
    if version != "1":
        remove_series(metrics.CHAMPION)
        metrics.CHAMPION.labels(version).set(20)

if (child := os.fork()) == 0:
    worker({killed!r})
    os._exit(9)
os.waitpid(child, 0)
worker({running!r})
remove_series(metrics.MONEY_AT_RISK)
print(metrics.exposition().decode())
"""


@pytest.mark.parametrize(
    ("killed", "running", "champions"), [("1", "2", ["2"]), ("2", "1", ["1"]), ("2", "2", ["2"]), ("1", "1", ["1"])]
)
def test_removed_series_and_those_of_ended_workers_are_not_shown(
    tmp_path: Path, killed: str, running: str, champions: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", WORKERS.format(killed=killed, running=running)],
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in done.stdout.splitlines() if not line.startswith("#")]
    shown = [line for line in lines if line.startswith("leadworth_champion_loaded")]
    assert [line.partition('version="')[2].partition('"')[0] for line in shown] == champions
    assert 'leadworth_refused_leads_total{problem="not-stored"} 2.0' in lines
    assert not any(line.startswith("leadworth_money_at_risk") for line in lines)
    assert done.stderr == ""
