"""Application factory of the scoring service (ASGI)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from fastapi import FastAPI

from conversions.outbox_writer import OutboxWriter
from conversions.platform_factory import destinations
from features.lookup_lists import lists_hash
from leadworth import __version__
from leadworth.channel_groups import channel_groups
from leadworth.encryption import IdentifierCipher
from leadworth.errors import ConfigurationError, StoreError
from leadworth.key_derivation import key_for
from reporting.page.html_page import prepare_page
from serving import problems
from serving.alarm_watcher import AlarmWatcher
from serving.api_keys import KEY_COPY, KeyRing
from serving.body_limit import BodyLimit
from serving.champion import Champion, cache_folder
from serving.fast_path import FastPath
from serving.forms.enrichment import LeadEnrichment
from serving.forms.resubmission import SECRET_PURPOSE, Resubmissions
from serving.head_requests import HeadRequests
from serving.idempotency import Idempotency
from serving.loopback import is_loopback
from serving.problems import UnhandledErrors
from serving.rate_limit import AddressRateLimit, MinuteLimit
from serving.report.refresh_watcher import RefreshWatcher
from serving.report.report_login import ReportSessions
from serving.report.share_link_tokens import ShareLinkTokens
from serving.request_id import RequestId
from serving.routes import (
    crm_webhooks,
    exports,
    forms,
    health,
    leads,
    models,
    openapi_docs,
    report,
    report_access,
    scores,
)
from serving.scoring import ExplorationRate
from serving.scoring_service import ScoringService
from serving.service_metrics import RequestMetrics
from serving.velocity.velocity_factory import open_velocity_store
from store.audit_log import AuditActor, AuditEntry, AuditLog
from store.decision_store import DecisionStore
from store.engine import store_url

if TYPE_CHECKING:
    from leadworth.settings import Settings

ROUTERS = (
    *(module.router for module in (scores, health, exports, leads, forms, crm_webhooks, models, report)),
    *(report_access.router, report_access.json_router, openapi_docs.router),
)
"""In the order in which a request is matched: the scoring call first."""


def create_app(
    settings: Settings, *, champion: Champion | None = None, on_started: Callable[[], None] | None = None
) -> FastAPI:
    """Return the service.

    Parameters
    ----------
    settings
        Content of leadworth.toml.
    champion
        Model in use; None takes the one of the registry that the settings name.
    on_started
        Called once everything is loaded, before the first request.

    Raises
    ------
    ConfigurationError
        If API keys are switched off for a service that other machines can reach.
    """
    serving = settings.serving
    refuse_open_service(settings)
    store = DecisionStore(
        store_url(settings),
        spool=settings.resolve(".leadworth") / "spool",
        retention=settings.retention,
    )
    cipher = IdentifierCipher.from_settings(settings)
    app = FastAPI(
        title="leadworth",
        version=__version__,
        summary="Predicted value of leads",
        docs_url=None,
        redirect_slashes=False,
        redoc_url=None,
        # Not include_router, which searches the routes of a router twice in each request.
        routes=[route for router in ROUTERS for route in router.routes],
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.store = store
    app.state.keys = KeyRing(store, serving.reload_seconds, settings.resolve(KEY_COPY)) if serving.api_keys else None
    app.state.key_limit = _limit(settings, "key", serving.per_key_per_minute)
    app.state.address_limit = _limit(settings, "address", settings.forms.per_minute)
    app.state.audit = AuditLog.of(settings)
    app.state.on_started = on_started
    app.state.report_sessions = ReportSessions(settings)
    app.state.share_tokens = ShareLinkTokens(settings)
    app.state.watcher = None
    enrichment = LeadEnrichment.of(settings, open_velocity_store(serving.redis, store))
    app.state.scoring = ScoringService(
        champion=champion or registered_champion(settings),
        store=store,
        idempotency=Idempotency(store, key_for(settings, "idempotency")),
        enrichment=enrichment,
        exploration=ExplorationRate(settings.junk.exploration_rate, key_for(settings, "always-pass")),
        cipher=cipher,
        resubmissions=Resubmissions(store, enrichment, key_for(settings, SECRET_PURPOSE)),
        channels=channel_groups(settings),
        outbox=_outbox(settings, cipher),
    )
    app.mount(openapi_docs.ASSETS, openapi_docs.assets())
    problems.install(app)
    app.add_middleware(HeadRequests)
    app.add_middleware(FastPath)
    app.add_middleware(BodyLimit, limit=serving.body_limit_bytes)
    app.add_middleware(AddressRateLimit, limit=app.state.address_limit)
    app.add_middleware(UnhandledErrors)
    app.add_middleware(RequestMetrics)
    app.add_middleware(RequestId)
    return app


def _limit(settings: Settings, callers: str, per_minute: int) -> MinuteLimit | None:
    redis = settings.serving.redis
    return MinuteLimit(callers, per_minute, redis.get_secret_value() if redis else None) if per_minute else None


def _outbox(settings: Settings, cipher: IdentifierCipher) -> OutboxWriter | None:
    named = destinations(settings)
    return OutboxWriter(named, cipher, settings.retention.identifiers_days, channel_groups(settings)) if named else None


def registered_champion(settings: Settings) -> Champion:
    """Return the champion of the registry that the settings name."""
    from models.model_registry import ModelRegistry

    return Champion(ModelRegistry.of(settings), cache_folder(settings), settings.serving.reload_seconds)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state = app.state
    scoring: ScoringService = state.scoring
    await asyncio.to_thread(scoring.store.start)
    await _record_start(state.settings, scoring.store, state.audit)
    await scoring.enrichment.velocity.start()
    await asyncio.to_thread(scoring.champion.start)
    await asyncio.to_thread(prepare_page, state.settings.report.language)
    watcher = AlarmWatcher(state.settings, scoring.store, scoring.champion)
    state.skew = watcher.skew
    state.watcher = watcher
    watcher.start()
    refreshes = RefreshWatcher(state.settings, scoring.store)
    refreshes.start()
    poll = asyncio.create_task(state.keys.poll()) if state.keys else None
    lists_hash()  # reads a dozen files once
    if state.on_started is not None:
        state.on_started()
    yield
    if poll:
        poll.cancel()
        with suppress(asyncio.CancelledError):
            await poll
    for limit in (state.key_limit, state.address_limit):
        if limit is not None:
            await limit.close()
    await scoring.enrichment.velocity.close()
    await asyncio.to_thread(watcher.stop)
    await asyncio.to_thread(refreshes.stop)
    await asyncio.to_thread(scoring.champion.stop)
    await asyncio.to_thread(scoring.store.stop)
    for destination in scoring.outbox.destinations.values() if scoring.outbox else ():
        destination.close()


async def _record_start(settings: Settings, store: DecisionStore, log: AuditLog) -> None:
    """Record the start of a process, with a digest of the settings; a service starts without the store too."""
    digest = hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:16]  # secrets are masked
    entry = AuditEntry("service.start", "service", details={"version": __version__, "settings": digest})
    with suppress(StoreError):
        await store.write(lambda connection: log.record(connection, AuditActor.system(), entry))


def refuse_open_service(settings: Settings) -> None:
    """Refuse a service without API keys that other machines can reach.

    Raises
    ------
    ConfigurationError
        If the settings ask for one.
    """
    serving = settings.serving
    if not serving.api_keys and not is_loopback(serving.host):
        raise ConfigurationError(
            f"api_keys = false with host = {serving.host!r}",
            allowed="api_keys = false only with host 127.0.0.1, ::1 or localhost",
            do="set api_keys = true and make a key with `leadworth keys create`",
        )
