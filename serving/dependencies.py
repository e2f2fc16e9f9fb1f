"""FastAPI dependencies: the parts of the service that routes declare in their signatures.

`serving.app.create_app` puts the parts on `app.state`. All functions are coroutines: FastAPI runs plain
functions on a thread pool, which costs more than a score. `Request` must not be imported for type checking
only, else FastAPI takes it for a query parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from conversions.outbox_writer import OutboxWriter
from leadworth.errors import StoreError
from leadworth.settings import Settings
from serving.audited_call import AuditedCall, RequireAudited
from serving.champion_skew import ChampionSkew
from serving.required_scope import RequireScope
from serving.scoring_service import ScoringService
from store.decision_store import DecisionStore


@dataclass(frozen=True, slots=True)
class ScoringCall:
    """An authorised scoring call: id of the caller's key, and the service."""

    caller: str
    service: ScoringService


class RequireScoring(RequireScope):
    """Dependency of the scoring calls: both parts at once, since each dependency costs some microseconds."""

    async def __call__(self, request: Request) -> ScoringCall:  # type: ignore[override]
        """Return the caller, whose key has the scope `score`, and the service."""
        return ScoringCall(await super().__call__(request), request.app.state.scoring)


async def _scoring(request: Request) -> ScoringService:
    service: ScoringService = request.app.state.scoring
    return service


async def _skew(request: Request) -> ChampionSkew:
    skew: ChampionSkew = request.app.state.skew
    return skew


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _store(request: Request) -> DecisionStore:
    store: DecisionStore = request.app.state.store
    if store.away is not None:
        raise StoreError("the store is away, so nothing was read or written", do="try again; see /readyz")
    return store


async def _outbox(request: Request) -> OutboxWriter | None:
    outbox: OutboxWriter | None = request.app.state.scoring.outbox
    return outbox


AuthorisedScoring = Annotated[ScoringCall, Depends(RequireScoring("score"))]
AuditedRead = Annotated[AuditedCall, Depends(RequireAudited("read"))]
AuditedFeedback = Annotated[AuditedCall, Depends(RequireAudited("feedback"))]
AuditedExport = Annotated[AuditedCall, Depends(RequireAudited("export"))]
READ = Depends(RequireScope("read"))
Scoring = Annotated[ScoringService, Depends(_scoring)]
Skew = Annotated[ChampionSkew, Depends(_skew)]
CurrentSettings = Annotated[Settings, Depends(_settings)]
Store = Annotated[DecisionStore, Depends(_store)]
"""The decision store; a call fails with 503 while it is away."""
Outbox = Annotated[OutboxWriter | None, Depends(_outbox)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        json_schema_extra={"minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        description="1 to 255 visible ASCII characters. Sent again with the same body, the answer is the same and "
        "nothing is scored twice",
    ),
]
