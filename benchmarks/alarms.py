"""Time of one look for junk alarms: `python -m benchmarks.alarms` (or `make bench`).

A SQLite store holds a year of 300,000 leads in eight channels. The first look reads all of them, a later one 100 new
leads. Read the ratio; the seconds depend on the machine.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from leadworth.console import console
from monitoring.junk_alarms import JunkMonitor
from store import decision_log
from store.engine import open_engine
from store.migrate import upgrade

RESULTS = Path(__file__).parent / "results" / "alarms.json"
LEADS = 300_000
NEW_LEADS = 100
ROUNDS = 7
CHANNELS = 8
JUNK_THRESHOLD = 0.5
PERIOD = timedelta(days=365)


def main() -> None:
    """Measure, print and write benchmarks/results/alarms.json."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/store.db")
        upgrade(engine)
        start = datetime.now(UTC) - timedelta(days=364)
        rows = _decisions(start)
        with engine.begin() as connection:
            for _ in range(LEADS // 10_000):
                decision_log.insert(connection, [next(rows) for _ in range(10_000)])
        monitor = JunkMonitor(PERIOD)
        first = _look_seconds(engine, monitor)
        later = []
        for _ in range(ROUNDS):
            with engine.begin() as connection:
                decision_log.insert(connection, [next(rows) for _ in range(NEW_LEADS)])
            later.append(_look_seconds(engine, monitor))
        engine.dispose()
    figures = {
        "leads": monitor.leads,
        "new_leads": NEW_LEADS,
        "first_look_seconds": first,
        "later_look_seconds": statistics.median(later),
        "first_in_later": first / statistics.median(later),
    }
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    console.print_json(data=figures)


def _look_seconds(engine: Any, monitor: JunkMonitor) -> float:
    began = time.perf_counter()
    with engine.connect() as connection:
        monitor.look(connection, datetime.now(UTC), JUNK_THRESHOLD)
    monitor.alarms(touch_cost=25.0)
    return time.perf_counter() - began


def _decisions(start: datetime) -> Iterator[dict[str, Any]]:
    """Yield decisions about ever new leads, evenly over a year."""
    rng = np.random.default_rng(7)
    empty = {
        **decision_log.EMPTY,
        "model_version": "1",
        "bundle_id": "b",
        "features_hash": "f",
        "win_probability": 0.1,
        "expected_revenue": 800.0,
        "currency": "EUR",
        "automation_probability": 0.0,
        "mql": False,
        "mql_reason": "",
        "reasons": "[]",
        "request_id": "",
    }
    number = 0
    while True:
        at = start + number * timedelta(days=363) / LEADS
        junk = bool(rng.random() < 0.1)
        yield {
            **empty,
            "decision_id": f"{int(at.timestamp() * 1e9):016x}{number:016x}",
            "lead_id": f"L{number}",
            "scored_at": at.isoformat(timespec="microseconds"),
            "predicted_value": 0.0 if junk else 80.0,
            "junk_probability": 0.9 if junk else 0.02,
            "verdict": "reject" if junk else "accept",
            "channel": f"channel {rng.integers(CHANNELS)}",
            "campaign": f"campaign {rng.integers(5)}",
        }
        number += 1


if __name__ == "__main__":
    main()
