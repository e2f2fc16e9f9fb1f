"""What the ad platforms were told; files that they fetch by schedule; consent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from conversions.csv_export import CsvExport
from conversions.export_worker import ExportWorker
from conversions.outbox_status import outbox_status, timeline
from conversions.status_report import status_as_json
from leadworth.consent import not_understood, read_consent
from leadworth.errors import StoreError
from serving.lead_bodies import read_object
from serving.problems import Problem
from serving.routes.described import PROBLEMS
from serving.service import Service, service_of
from store import consents

router = APIRouter(prefix="/v1", tags=["exports"])

OVERLAP = timedelta(hours=48)
"""Rows are in the file for two days: a click may be too young to be matched the first time; repeats count once."""


def _answer(value: Any) -> bool | None:
    if not_understood(value) is not None:
        raise ValueError("not understood, so nothing was recorded")
    return read_consent(value)


Answer = Annotated[bool | None, BeforeValidator(_answer)]


class GivenConsent(BaseModel):
    """What a person agreed to, or no longer does; what is left out stays as it was."""

    model_config = ConfigDict(extra="forbid")

    ad_user_data: Answer = None
    ad_personalization: Answer = None
    source: str = Field(max_length=200, description="What recorded it, such as the name of a consent tool")


@router.get("/exports", responses=PROBLEMS, summary="What the ad platforms were told")
async def read_exports(
    request: Request, lead: Annotated[str | None, Query(description="Only of this lead, event by event")] = None
) -> Response:
    """Return the ledger in numbers by platform, or everything that was told of one lead and why not."""
    service = service_of(request)
    await service.caller(request, "read")

    def find(connection: Any) -> dict[str, Any]:
        if lead is not None:
            return {"lead_id": lead, "events": [_shown(row) for row in timeline(connection, lead)]}
        named = service.submit.destinations if service.submit else {}
        restating = [name for name, one in named.items() if one.limits.restate is not None]
        return status_as_json(outbox_status(connection, datetime.now(UTC), restating))

    return Response(to_json(await service.store.read(find)), media_type="application/json")


@router.get("/exports/{platform}.csv", responses=PROBLEMS, summary="A file of conversions, for a scheduled fetch")
async def read_file(platform: Literal["google", "microsoft"], request: Request) -> Response:
    """Return the conversions of the last two days in the platform's own template.

    For a platform that fetches by schedule and signs in with a name and a password: any name, and an API key
    with the scope `export` as the password.
    """
    service = service_of(request)
    await service.caller(request, "export")
    template = service.submit.destinations.get(f"{platform}_file") if service.submit else None
    if not isinstance(template, CsvExport):
        what = f"no file is set up for {platform}; what to do: name actions in [export.{platform}_file]"
        raise Problem(404, "no-file", what)
    text = await asyncio.to_thread(_written, service, template)
    named = {"Content-Disposition": f'attachment; filename="{platform}.csv"', "Cache-Control": "no-store"}
    return Response(text, headers=named, media_type="text/csv; charset=utf-8")


@router.post("/leads/{lead_id:path}/consent", responses=PROBLEMS, summary="Record what a person agreed to")
async def give_consent(lead_id: str, request: Request) -> Response:
    """Record that a person agreed, or no longer does; what waits is held against it when it is sent."""
    service = service_of(request)
    await service.caller(request, "feedback")
    given = _read(read_object(await request.body(), request.headers.get("content-type")))
    if service.store.away is not None:
        raise StoreError("the store is away, so the consent was not kept", do="send it again; see /readyz")
    said = {
        name: value for name in ("ad_user_data", "ad_personalization") if (value := getattr(given, name)) is not None
    }
    now = datetime.now(UTC)
    await service.store.write(lambda connection: consents.record(connection, lead_id, said, given.source, now))
    return Response(to_json({"lead_id": lead_id, **said}), 201, media_type="application/json")


def _written(service: Service, template: CsvExport) -> str:
    """Write what waits into files, and return one of all that are recent."""
    assert service.submit is not None
    worker = ExportWorker(service.store.engine, template, service.settings, service.submit.cipher)
    while worker.work():
        pass
    return template.recent(datetime.now(UTC) - OVERLAP)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    hidden = {"payload", "digest", "leased_by", "lease_until"}
    return {name: value for name, value in row.items() if name not in hidden}


def _read(content: dict[str, Any]) -> GivenConsent:
    try:
        return GivenConsent.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "body"
        allowed = "ad_user_data and ad_personalization (granted or denied, true or false), source"
        raise Problem(422, "consent", f"{where}: {first['msg']}; allowed: {allowed}") from error
