"""Prometheus metrics of the service; no label contains data of a lead."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.registry import REGISTRY

from serving.metrics_folder import MULTIPROC
from serving.worker_metrics import LiveWorkersCollector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

REQUESTS = Histogram(
    "leadworth_request_seconds", "Time from request to response", ["route", "method", "status"], buckets=BUCKETS
)
DECISIONS = Counter("leadworth_decisions", "Scores given", ["verdict", "mql", "model_version"])
JUNK_LEADS = Counter(
    "leadworth_junk_leads", "Leads with a junk probability of the policy's review_junk or more", ["model_version"]
)
RATE_LIMITED = Counter("leadworth_rate_limited", "Requests beyond a limit a minute, by what is limited", ["limit"])
REFUSED = Counter("leadworth_refused_leads", "Leads that could not be scored, by problem", ["problem"])
CHAMPION = Gauge(
    "leadworth_champion_loaded_timestamp_seconds",
    "When the model in use was loaded",
    ["model_version"],
    multiprocess_mode="livemax",
)
CALLER_CLOCK = Gauge(
    "leadworth_caller_clock_seconds",
    "How far a caller's clock is behind the service's, by its latest leads; negative: ahead",
    ["caller"],
    multiprocess_mode="livemostrecent",
)
CHAMPION_AS_OF = Gauge(
    "leadworth_champion_as_of_timestamp_seconds",
    "Snapshot of the history that the model in use was trained on",
    ["model_version"],
    multiprocess_mode="livemax",
)
EXPORT_OLDEST_DUE = Gauge(
    "leadworth_export_oldest_due_seconds",
    "Age of the oldest event that is due and was not sent; 0: none",
    ["platform"],
    multiprocess_mode="livemostrecent",
)
CRM_EVENTS = Counter("leadworth_crm_events", "Webhooks of CRMs: stored, repeated or refused", ["crm", "result"])
JUNK_SHARE = Gauge(
    "leadworth_junk_share", "Share of suspects among the leads of 30 days", ["channel"], multiprocess_mode="livemax"
)
JUNK_ALARM = Gauge(
    "leadworth_junk_alarm",
    "1 where the share of junk has risen (`leadworth watch`)",
    ["channel"],
    multiprocess_mode="livemax",
)
MONEY_AT_RISK = Gauge(
    "leadworth_money_at_risk",
    "Credited to junk and wasted on it since it rose",
    ["channel"],
    multiprocess_mode="livemax",
)
INPUT_MISSING_SHARE = Gauge(
    "leadworth_input_missing_share",
    "Share of the latest leads without an input that differs from training; nan if unknown",
    ["input"],
    multiprocess_mode="livemostrecent",
)
INPUT_SKEW_MONEY = Gauge(
    "leadworth_input_skew_money",
    "Relative change of the predicted value if the input were as in training",
    ["input"],
    multiprocess_mode="livemostrecent",
)


def count(score: Mapping[str, Any], review_junk: float) -> None:
    """Count one score.

    Parameters
    ----------
    score
        Fields of a `Score`.
    review_junk
        Junk probability from which the policy calls for a review.
    """
    version = score["model_version"]
    DECISIONS.labels(score["verdict"], str(score["mql"]).lower(), version).inc()
    if score["junk_probability"] >= review_junk:
        JUNK_LEADS.labels(version).inc()


def exposition() -> bytes:
    """Return the metrics of all workers in the text format of Prometheus."""
    if MULTIPROC not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    registry.register(LiveWorkersCollector())
    return generate_latest(registry)


class RequestMetrics:
    """ASGI middleware that measures each request by its route; the path may contain the id of a lead."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and record its duration and status."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 500

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note_status)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if route != "none" else "any"
            REQUESTS.labels(route, method, str(status)).observe(time.perf_counter() - start)
