"""Tell which model is in use."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from serving.routes.described import PROBLEMS
from serving.service import service_of

router = APIRouter(prefix="/v1/models", tags=["models"])


class ChampionDocument(BaseModel):
    """The model in use."""

    model_config = ConfigDict(protected_namespaces=())

    model: str
    version: str
    bundle_id: str
    features_hash: str = Field(description="Hash of the definition of the features")
    features: int = Field(description="Number of features")
    currency: str
    horizon_days: int
    as_of: datetime | None = Field(description="Snapshot of the history it learned from")
    trained_at: datetime | None
    loaded_at: datetime
    degraded: dict[str, str]


@router.get("/champion", responses=PROBLEMS, summary="Describe the model in use")
async def read_champion(request: Request) -> ChampionDocument:
    """Return the version, identity and origin of the model that scores now."""
    service = service_of(request)
    await service.caller(request, "read")
    loaded = service.model
    bundle = loaded.bundle
    return ChampionDocument(
        model=service.settings.registry.model,
        version=loaded.version,
        bundle_id=bundle.id,
        features_hash=bundle.spec.hash,
        features=len(bundle.spec.names),
        currency=bundle.meta.currency,
        horizon_days=bundle.meta.horizon_days,
        as_of=bundle.meta.as_of,
        trained_at=bundle.trained_at,
        loaded_at=loaded.loaded_at,
        degraded=service.degraded,
    )
