"""Tell an orchestrator and a monitoring system how the service is."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from serving import metrics
from serving.routes.described import PROBLEMS
from serving.service import service_of

router = APIRouter(tags=["health"])


@router.get("/livez", summary="Tell whether the process answers")
async def livez() -> dict[str, str]:
    """Return at once; nothing is looked at."""
    return {"status": "alive"}


@router.get("/healthz", include_in_schema=False)
@router.get("/readyz", responses={503: PROBLEMS[503]}, summary="Tell whether leads can be scored")
async def readyz(request: Request) -> dict[str, Any]:
    """Return 200 while leads can be scored, with what the service goes on without; 503 where it has no model."""
    service = service_of(request)
    model, degraded = service.model, service.degraded
    return {
        "status": "degraded" if degraded else "ready",
        "degraded": degraded,
        "model_version": model.version,
        "waiting": service.store.waiting,
    }


@router.get("/metrics", response_class=Response, summary="Figures for Prometheus")
async def read_metrics() -> Response:
    """Return the figures of all workers; no label holds anything of a lead."""
    return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)
