"""The scoring service as an ASGI application."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from conversions.encryption import IdentifierCipher
from conversions.outbox_writer import OutboxWriter
from conversions.platform_factory import destinations
from features.lists import lists_hash
from leadworth import __version__
from leadworth.errors import ConfigurationError
from leadworth.key_derivation import key_for
from serving import problems
from serving.alarm_watcher import AlarmWatcher
from serving.api_keys import KeyRing
from serving.body_limit import BodyLimit
from serving.champion import Champion, cache_folder
from serving.fast_path import FastPath
from serving.forms.enrichment import LeadEnrichment
from serving.idempotency import Idempotency
from serving.metrics import Timing
from serving.problems import Guard
from serving.request_id import RequestId
from serving.routes import exports, forms, health, leads, models, openapi_docs, scores
from serving.routes.described import Leads, ProblemDocument, ScoreRequest
from serving.scoring import ExplorationRate
from serving.service import Service
from serving.velocity.velocity_factory import open_history
from store.decision_store import DecisionStore

if TYPE_CHECKING:
    from leadworth.settings import Settings


def create_app(settings: Settings, *, champion: Champion | None = None, store: DecisionStore | None = None) -> FastAPI:
    """Return the service.

    Parameters
    ----------
    settings
        What leadworth.toml says.
    champion, store
        Left out: those of the settings.

    Raises
    ------
    ConfigurationError
        Where API keys are switched off for a service that others can reach.
    """
    serving = settings.serving
    refuse_open_door(settings)
    store = store or DecisionStore(
        settings.database(serving.store.get_secret_value()),
        spool=settings.resolve(".leadworth") / "spool",
        answer_hours=serving.idempotency_hours,
    )
    champion = champion or registered_champion(settings)
    keys = KeyRing(store, serving.reload_seconds) if serving.api_keys else None
    app = FastAPI(
        title="leadworth",
        version=__version__,
        summary="What each lead is worth",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    evidence = LeadEnrichment.of(settings, open_history(serving.redis))
    passing = ExplorationRate(settings.junk.always_pass, key_for(settings, "always-pass"))
    app.state.service = Service(
        settings, champion, store, Idempotency(store), keys, evidence, passing, _submit(settings)
    )
    for part in (health, scores, exports, leads, forms, models, openapi_docs):
        app.include_router(part.router)
    app.mount(openapi_docs.ASSETS, openapi_docs.assets())
    problems.install(app)
    app.add_middleware(FastPath, method="POST", path=scores.PATH, endpoint=scores.create_score)
    app.add_middleware(BodyLimit, limit=serving.body_limit_bytes)
    app.add_middleware(Guard)
    app.add_middleware(Timing)
    app.add_middleware(RequestId)
    _describe(app, asks_for_keys=keys is not None)
    return app


def _submit(settings: Settings) -> OutboxWriter | None:
    """Return what tells the ad platforms of new leads, where the settings name any."""
    named = destinations(settings)
    return OutboxWriter(named, IdentifierCipher.of(settings), settings.export.keep_days) if named else None


def registered_champion(settings: Settings) -> Champion:
    """Return the champion of the registry that the settings name."""
    from models.registry import Registry

    return Champion(Registry.of(settings), cache_folder(settings), settings.serving.reload_seconds)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    await asyncio.to_thread(service.store.start)
    await asyncio.to_thread(service.champion.start)
    watcher = AlarmWatcher(service.settings, service.store, service.champion)
    watcher.start()
    poll = asyncio.create_task(service.keys.poll()) if service.keys else None
    lists_hash()  # reads a dozen files once
    # What is loaded stays: the collector need not walk over it while requests wait.
    gc.collect()
    gc.freeze()
    yield
    if poll:
        poll.cancel()
        with suppress(asyncio.CancelledError):
            await poll
    await service.evidence.history.close()
    await asyncio.to_thread(watcher.stop)
    await asyncio.to_thread(service.champion.stop)
    await asyncio.to_thread(service.store.stop)


def refuse_open_door(settings: Settings) -> None:
    """Refuse a service without API keys that others can reach.

    Raises
    ------
    ConfigurationError
        Where the settings ask for one.
    """
    serving = settings.serving
    if not serving.api_keys and not is_loopback(serving.host):
        raise ConfigurationError(
            f"api_keys = false with host = {serving.host!r}",
            allowed="api_keys = false only with host 127.0.0.1, ::1 or localhost",
            do="set api_keys = true and make a key with `leadworth keys create`",
        )


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a host.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _describe(app: FastAPI, *, asks_for_keys: bool) -> None:
    """Add to /openapi.json what the routes read from the raw body, and the API keys."""
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        document = generated()
        components = document.setdefault("components", {})
        for model in (ScoreRequest, Leads, ProblemDocument):
            schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schema.pop("$defs", None)
            components.setdefault("schemas", {})[model.__name__] = schema
        if asks_for_keys:
            components["securitySchemes"] = {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            }
            document["security"] = [{"bearer": []}, {"key": []}]
        return document

    app.openapi = openapi  # type: ignore[method-assign]
