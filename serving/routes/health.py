"""Routes for orchestrators and monitoring: liveness, readiness and Prometheus metrics."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ConfigDict, Field

from serving import service_metrics
from serving.dependencies import READ, Scoring, Skew
from serving.idempotency import not_stored
from serving.problems import documented

router = APIRouter(tags=["health"])


class Liveness(BaseModel):
    """Answer of a running process."""

    status: Literal["alive"] = "alive"


class ServiceReadiness(BaseModel):
    """State of a service that can score."""

    model_config = ConfigDict(protected_namespaces=())

    status: Literal["ready", "degraded"]
    degraded: dict[str, str] = Field(description="Unavailable parts with the kind of their error")
    model_version: str
    waiting: int = Field(description="Requests whose rows wait for the store")
    inputs: list[str] = Field(
        description="Inputs of the latest leads that differ from training, with their effect on predicted value"
    )


@router.get("/livez", responses=documented(keyed=False), summary="Liveness")
async def livez() -> Liveness:
    """Return at once, without looking at any part."""
    return Liveness()


@router.get("/healthz", include_in_schema=False)
@router.get("/readyz", responses=documented(keyed=False), summary="Readiness")
async def readyz(scoring: Scoring, skew: Skew) -> ServiceReadiness:
    """Return 200 while leads can be scored and stored, with the parts that are unavailable; else 503.

    Inputs that differ from training are listed and do not make the service unready.
    """
    degraded = scoring.degraded
    if "spool" in degraded:
        raise not_stored()
    return ServiceReadiness(
        status="degraded" if degraded else "ready",
        degraded=degraded,
        model_version=scoring.model.version,
        waiting=scoring.store.waiting,
        inputs=skew.sentences,
    )


@router.get(
    "/metrics",
    dependencies=[READ],
    response_class=PlainTextResponse,
    responses=documented(),
    summary="Prometheus metrics",
)
async def read_metrics() -> Response:
    """Return the metrics of all workers. They need a key: counters before and after a lead show its verdict."""
    return Response(service_metrics.exposition(), media_type=CONTENT_TYPE_LATEST)
