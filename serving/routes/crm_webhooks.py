"""Webhooks of CRMs: verified, stored and answered at once; `leadworth rescore --watch` reads the records again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import structlog
from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from crm.connector import ForgedEventError
from crm.crm_connection import open_connector
from leadworth.crm_catalog import crms
from leadworth.errors import DeliveryError
from serving import service_metrics
from serving.dependencies import CurrentSettings, Store
from serving.problems import Problem, documented
from store import crm_events
from store.store_errors import store_errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leadworth.crm_records import RecordEvent
    from leadworth.settings import Settings
    from store.decision_store import DecisionStore

log = structlog.get_logger()
router = APIRouter(prefix="/v1", tags=["crm"])

CrmName = Annotated[str, Path(max_length=40, description="Name of the connector, such as hubspot")]

_UNREADABLE = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""What the parts of an event raise that has another form than expected."""


@router.post(
    "/crm/{name}/events",
    status_code=202,
    response_class=Response,
    responses=documented(401, 404, 413, 415, 422, keyed=False)
    | {
        202: {"description": "Stored"},
        200: {"description": "Stored; in the form that the CRM asks for", "content": {"text/xml": {}}},
    },
    summary="Receive webhooks of a CRM",
)
async def receive_events(name: CrmName, request: Request, settings: CurrentSettings, store: Store) -> Response:
    """Verify a webhook by the CRM's own recipe and store which records changed; repetitions change nothing.

    The nightly run does not depend on it: it reads every change of fields since the last run again.
    """
    if name not in crms() or not settings.crm.section(name).in_use():
        raise Problem(
            404, "unknown-crm", f"no such CRM is connected; allowed: {', '.join(_connected(settings)) or 'none'}"
        )
    body = await request.body()
    url, headers = _public_url(settings, request), dict(request.headers.items())
    events, answer = await run_in_threadpool(_verified, settings, name, request.method, url, headers, body)
    await run_in_threadpool(_keep, store, name, events)
    if answer is None:
        return Response(status_code=202)
    media_type, content = answer
    return Response(content, media_type=media_type)


def _verified(
    settings: Settings, name: str, method: str, url: str, headers: Mapping[str, str], body: bytes
) -> tuple[Sequence[RecordEvent], tuple[str, bytes] | None]:
    """Return the events, and the form of the answer that the CRM asks for; it may be asked who it is."""
    with open_connector(settings, name) as connector:
        try:
            return connector.events(method, url, headers, body), connector.event_answer
        except ForgedEventError as error:
            log.warning("crm-event-refused", crm=name, reason=error.given)
            service_metrics.CRM_EVENTS.labels(name, "refused").inc()
            raise Problem(
                401, "forged-event", "the signature, the secret or the age of the event is not valid"
            ) from None
        except _UNREADABLE as error:
            log.warning("crm-event-unreadable", crm=name, error=type(error).__name__)
            service_metrics.CRM_EVENTS.labels(name, "refused").inc()
            raise Problem(
                422,
                "unreadable-event",
                "the body has another form than the events of this CRM; what to do: check what the CRM sends here",
            ) from None
        except DeliveryError as error:
            log.warning("crm-unavailable", crm=name, reason=error.given)
            raise Problem(
                503, "crm-unavailable", "the event cannot be verified now; what to do: send it again"
            ) from None


def _keep(store: DecisionStore, name: str, events: Sequence[RecordEvent]) -> None:
    with store_errors(), store.engine.begin() as connection:
        added = crm_events.add(connection, name, events, datetime.now(UTC))
    service_metrics.CRM_EVENTS.labels(name, "stored").inc(added)
    service_metrics.CRM_EVENTS.labels(name, "repeated").inc(len(events) - added)


def _public_url(settings: Settings, request: Request) -> str:
    """Return the address as the CRM called it: signatures cover it, and a proxy changes it."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    base = settings.crm.public_url
    return f"{base.rstrip('/')}{path}" if base else str(request.url)


def _connected(settings: Settings) -> list[str]:
    return [name for name in crms() if settings.crm.section(name).in_use()]
