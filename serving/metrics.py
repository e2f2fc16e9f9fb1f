"""What the service counts, for Prometheus; no label ever holds anything of a lead."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess
from prometheus_client.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
JUNK = 0.5
MULTIPROC = "PROMETHEUS_MULTIPROC_DIR"

REQUESTS = Histogram(
    "leadworth_request_seconds", "Time from request to answer", ["route", "method", "status"], buckets=BUCKETS
)
DECISIONS = Counter("leadworth_decisions", "Scores given", ["verdict", "mql", "model_version"])
JUNK_LEADS = Counter("leadworth_junk_leads", f"Leads with a junk probability of {JUNK} or more", ["model_version"])
REFUSED = Counter("leadworth_refused_leads", "Leads that could not be scored, by problem", ["problem"])
CHAMPION = Gauge(
    "leadworth_champion_loaded_timestamp_seconds",
    "When the model in use was loaded",
    ["model_version"],
    multiprocess_mode="livemax",
)

JUNK_SHARE = Gauge(
    "leadworth_junk_share", "Share of suspects among the leads of 30 days", ["channel"], multiprocess_mode="livemax"
)
JUNK_ALARM = Gauge(
    "leadworth_junk_alarm", "1 where the share of junk has risen (`leadworth watch`)", ["channel"],
    multiprocess_mode="livemax",
)  # fmt: skip
MONEY_AT_RISK = Gauge(
    "leadworth_money_at_risk", "Credited to junk and wasted on it since it rose", ["channel"],
    multiprocess_mode="livemax",
)  # fmt: skip

_children: dict[tuple[str, ...], Histogram] = {}
_decided: dict[tuple[str, bool, str], Counter] = {}


def count(score: Mapping[str, Any]) -> None:
    """Count one score, given as a row."""
    key = (score["verdict"], score["mql"], score["model_version"])
    child = _decided.get(key)
    if child is None:
        child = _decided[key] = DECISIONS.labels(key[0], str(key[1]).lower(), key[2])
    child.inc()
    if score["junk_probability"] >= JUNK:
        JUNK_LEADS.labels(key[2]).inc()


def exposition() -> bytes:
    """Return all figures in Prometheus' text format; those of all workers together."""
    if MULTIPROC not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


class Timing:
    """ASGI middleware that measures each request by its route, not by its path, which may hold a lead's id."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and note its time and status."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            _observe(scope, status, time.perf_counter() - start)


def _observe(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "none")
    method = scope["method"] if route != "none" else "any"
    key = (route, method, str(status))
    child = _children.get(key)
    if child is None:
        child = _children[key] = REQUESTS.labels(*key)
    child.observe(seconds)
