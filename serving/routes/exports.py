"""Routes on value export: status of the outbox, files for scheduled fetches, consent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from conversions.csv_export import CsvExport
from conversions.export_worker import ExportWorker
from conversions.outbox_status import PlatformStatus, outbox_status, timeline
from conversions.status_report import status_as_json
from leadworth.consent import not_understood, read_consent
from leadworth.settings import Settings
from serving.dependencies import AuditedExport, AuditedFeedback, AuditedRead, CurrentSettings, Outbox, Store
from serving.json_route import JsonRoute
from serving.problems import Problem, documented
from store import consents

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from leadworth.encryption import IdentifierCipher

router = APIRouter(prefix="/v1", tags=["exports"], route_class=JsonRoute, strict_content_type=False)

OVERLAP = timedelta(hours=48)
"""Rows stay in the file for two days: a click may be too young to be matched the first time; repeats count once."""
_HIDDEN = {"payload", "leased_by", "lease_until"}


class CsvResponse(Response):
    """Response with a CSV file."""

    media_type = "text/csv"


def _read_answer(value: Any) -> bool | None:
    if not_understood(value) is not None:
        raise ValueError("not understood, so nothing was recorded; allowed: granted or denied, true or false")
    return read_consent(value)


ConsentAnswer = Annotated[bool | None, BeforeValidator(_read_answer, json_schema_input_type=bool | str | None)]


class ConsentChange(BaseModel):
    """Consent that a person gave or withdrew; what is left out is not changed."""

    model_config = ConfigDict(extra="forbid")

    ad_user_data: ConsentAnswer = None
    ad_personalization: ConsentAnswer = None
    source: str = Field(max_length=200, description="What recorded it, such as the name of a consent tool")


class RecordedConsent(BaseModel):
    """Consent as recorded."""

    lead_id: str
    ad_user_data: bool | None = None
    ad_personalization: bool | None = None


class UnsentReason(BaseModel):
    """Number of events that were not sent for one reason."""

    platform: str
    state: str
    code: str
    events: int


class RepairedEvents(BaseModel):
    """Number of events that were sent with the same correction or omission of an optional field."""

    platform: str
    repair: str
    events: int


class ExportStatus(BaseModel):
    """The outbox in numbers."""

    platforms: list[PlatformStatus]
    reasons: list[UnsentReason]
    repairs: list[RepairedEvents] = Field(description="Events that were sent with an optional field repaired")
    alarms: list[dict[str, Any]] = Field(description="Platforms whose own numbers differ from those of the outbox")


class LeadEvents(BaseModel):
    """All events of one lead, with the consent that allowed or forbade them, and why those not sent were not."""

    lead_id: str
    events: list[dict[str, Any]]


@router.get("/exports", responses=documented(422), summary="Status of the outbox")
async def read_exports(
    call: AuditedRead,
    store: Store,
    lead: Annotated[str | None, Query(description="Only this lead, event by event")] = None,
) -> ExportStatus | LeadEvents:
    """Return the outbox in numbers by platform, or all events of one lead."""

    def read(connection: Connection) -> ExportStatus | LeadEvents:
        if lead is not None:
            call.record_lead(connection, "lead.exports", lead)
            return LeadEvents(lead_id=lead, events=[_without_internals(row) for row in timeline(connection, lead)])
        return ExportStatus.model_validate(status_as_json(outbox_status(connection, datetime.now(UTC))))

    return await (store.read(read) if lead is None else store.write(read))


@router.get(
    "/exports/{platform}.csv",
    response_class=CsvResponse,
    responses=documented(404, 422),
    summary="Conversions as a file",
)
async def read_file(
    platform: Literal["google", "microsoft"],
    call: AuditedExport,
    store: Store,
    outbox: Outbox,
    settings: CurrentSettings,
) -> Response:
    """Return the conversions of the last two days in the platform's own template.

    For platforms that fetch a file by schedule and sign in with a name and a password: any name, and an API key
    with the scope `export` as the password.
    """
    template = outbox.destinations.get(f"{platform}_file") if outbox else None
    if outbox is None or not isinstance(template, CsvExport):
        raise Problem(
            404,
            "no-file",
            f"no file is set up for {platform}; what to do: name actions in [export.{platform}_file]",
        )
    await store.write(lambda connection: call.record(connection, "export.file", "platform", platform))
    text = await asyncio.to_thread(_file_of, store.engine, template, settings, outbox.cipher)
    headers = {"Content-Disposition": f'attachment; filename="{platform}.csv"', "Cache-Control": "no-store"}
    return CsvResponse(text, headers=headers)


@router.post(
    "/leads/{lead_id:path}/consent",
    status_code=201,
    responses=documented(404, 413, 415, 422),
    response_model_exclude_none=True,
    summary="Record consent",
)
async def record_consent(lead_id: str, change: ConsentChange, call: AuditedFeedback, store: Store) -> RecordedConsent:
    """Record consent that a person gave or withdrew; waiting events are checked against it when they are sent."""
    granted = change.model_dump(include={"ad_user_data", "ad_personalization"}, exclude_none=True)
    now = datetime.now(UTC)

    def write(connection: Connection) -> None:
        consents.record(connection, lead_id, granted, change.source, now)
        call.record_lead(connection, "lead.consent", lead_id, **granted)

    await store.write(write)
    return RecordedConsent(lead_id=lead_id, **granted)


def _file_of(engine: Engine, template: CsvExport, settings: Settings, cipher: IdentifierCipher) -> str:
    """Write the waiting events into files; return the recent ones as one file."""
    worker = ExportWorker(engine, template, settings, cipher)
    while worker.work():
        pass
    return template.recent(datetime.now(UTC) - OVERLAP)


def _without_internals(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _HIDDEN}
