"""A million leads are trained within the time and memory of a machine with two cores, at the right level."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.training_scale import simulated, trained

LEADS = 1_000_000
MOST_SECONDS = 45 * 60
MOST_MIB = 5 * 1024
CORES = 2


@pytest.mark.slow
@pytest.mark.skipif((os.cpu_count() or 1) < CORES, reason="the time is that of two cores")
def test_a_million_leads(tmp_path: Path) -> None:
    """On a machine with other work the CPU seconds bound the time of a quiet one."""
    figures = trained(simulated(tmp_path / "crm", LEADS))
    assert figures["peak_mib"] <= MOST_MIB
    assert min(figures["seconds"], figures["cpu_seconds"]) <= MOST_SECONDS
    for name in ("wins_ratio", "backtest_wins_ratio"):
        assert 0.85 <= figures[name] <= 1.15, name
    for name in ("money_ratio", "backtest_money_ratio"):
        assert 0.7 <= figures[name] <= 1.3, name
