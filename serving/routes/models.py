"""Route that describes the model in use."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from serving.dependencies import READ, CurrentSettings, Scoring
from serving.problems import documented

router = APIRouter(prefix="/v1/models", tags=["models"])


class ChampionDocument(BaseModel):
    """Model in use."""

    model_config = ConfigDict(protected_namespaces=())

    model: str
    version: str
    bundle_id: str
    features_hash: str = Field(description="Hash of the definition of the features")
    features: int = Field(description="Number of features")
    currency: str
    horizon_days: int
    as_of: datetime | None = Field(description="Snapshot of the history that it was trained on")
    trained_at: datetime | None
    loaded_at: datetime
    degraded: dict[str, str]


@router.get("/champion", dependencies=[READ], responses=documented(), summary="Describe the model in use")
async def read_champion(settings: CurrentSettings, scoring: Scoring) -> ChampionDocument:
    """Return version, identity and origin of the model in use."""
    loaded = scoring.model
    bundle = loaded.bundle
    return ChampionDocument(
        model=settings.registry.model,
        version=loaded.version,
        bundle_id=bundle.id,
        features_hash=bundle.spec.hash,
        features=len(bundle.spec.names),
        currency=bundle.meta.currency,
        horizon_days=bundle.meta.horizon_days,
        as_of=bundle.meta.as_of,
        trained_at=bundle.trained_at,
        loaded_at=loaded.loaded_at,
        degraded=scoring.degraded,
    )
