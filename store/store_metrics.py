"""Prometheus metrics of the store: rows by state, queue length, degraded parts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

ROWS = Counter("leadworth_store_rows", "Rows of the decision store, by state", ["state"])
WAITING = Gauge("leadworth_store_waiting_rows", "Rows that wait for the store", multiprocess_mode="livesum")
DEGRADED = Gauge(
    "leadworth_degraded", "1 while the service works without this part", ["part"], multiprocess_mode="livemax"
)
