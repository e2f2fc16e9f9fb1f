"""The parts of a running service, as its routes see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conversions.outbox_writer import OutboxWriter
from serving.api_keys import KeyRing
from serving.champion import Champion, Loaded
from serving.forms.enrichment import LeadEnrichment
from serving.idempotency import Idempotency
from serving.problems import Problem
from serving.scoring import ExplorationRate
from store.decision_store import DecisionStore

if TYPE_CHECKING:
    from starlette.requests import Request

    from leadworth.settings import Settings

ANYONE = "anyone"


@dataclass(frozen=True)
class Service:
    """What answers requests.

    `keys` is None where the settings ask for no API keys, `submit` where no ad platform is named.
    """

    settings: Settings
    champion: Champion
    store: DecisionStore
    idempotency: Idempotency
    keys: KeyRing | None
    evidence: LeadEnrichment
    passing: ExplorationRate
    submit: OutboxWriter | None = None

    @property
    def degraded(self) -> dict[str, str]:
        """What the service goes on without, and why."""
        parts = {"registry": self.champion.away, "store": self.store.away, "history": self.evidence.history.away}
        return {name: why for name, why in parts.items() if why is not None}

    @property
    def model(self) -> Loaded:
        """The model in use.

        Raises
        ------
        Problem
            503 where none could be loaded.
        """
        current = self.champion.current
        if current is None:
            raise Problem(
                503,
                "no-champion",
                "no model is loaded; what to do: `leadworth train`, `leadworth models promote`, then try again",
                {"Retry-After": "10"},
            )
        return current

    async def caller(self, request: Request, scope: str) -> str:
        """Return who calls.

        Raises
        ------
        Problem
            Where the caller's key is missing, unknown or lacks the scope.
        """
        return ANYONE if self.keys is None else await self.keys.require(request.headers, scope)


def service_of(request: Request) -> Service:
    """Return the service that a request came to."""
    service: Service = request.app.state.service
    return service
