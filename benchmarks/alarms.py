"""Junk alarms: time of one look, delay of an alarm, false alarms: `python -m benchmarks.alarms` (or `make bench`).

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
from numpy.typing import NDArray

from leadworth.console import console
from monitoring.cusum import Cusum, alarm_limit
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


def alarm_positions(stream: NDArray[np.bool_], usual: float, per_year: float) -> list[int]:
    """Return the positions of the leads that give an alarm."""
    detector = Cusum()
    limit = alarm_limit(per_year)
    positions: list[int] = []
    for junk in stream.tolist():
        detector.update(junk, usual, limit)
        if detector.alarm is not None and detector.alarm not in positions[-1:]:
            positions.append(detector.alarm)
    return positions


def alarm_figures() -> dict[str, float]:
    """Return the delay of an alarm where 5 % of bots become 45 %, and false alarms a channel-year."""
    delays = []
    for seed in range(1_000):
        rng = np.random.default_rng(seed)
        stream = np.concatenate([rng.random(1_000) < 0.05, rng.random(400) < 0.45])
        positions = [position for position in alarm_positions(stream, 0.08, 3_000) if position >= 1_000]
        delays.append(positions[0] - 999 if positions else 9_999)
    false_alarms = {}
    for rate in (500, 3_000, 10_000):
        for share in (0.02, 0.05, 0.15, 0.30):
            years = 100 if rate == 10_000 else 300
            streams = (np.random.default_rng([rate, year]).random(rate) < share for year in range(years))
            alarms = sum(len(alarm_positions(stream, share, rate)) for stream in streams)
            false_alarms[f"{rate} a year, {share:.0%}"] = alarms / years
    return {
        "delay_median": float(np.median(delays)),
        "delay_p99": float(np.quantile(delays, 0.99)),
        "within_150": float(np.mean(np.array(delays) <= 150)),
        "most_false_alarms_a_channel_year": max(false_alarms.values()),
    }


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
