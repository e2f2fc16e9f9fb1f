"""Look leads up by their verdict, and say what they turned out to be."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json, to_json

from leadworth.errors import StoreError
from leadworth.records import Verdict
from serving.lead_bodies import read_object
from serving.problems import Problem
from serving.routes.described import PROBLEMS
from serving.service import Service, service_of
from store import decision_log, feedback

PATH = "/v1/leads"

router = APIRouter(prefix=PATH, tags=["leads"])

MOST = 500


class Feedback(BaseModel):
    """What a lead turned out to be."""

    model_config = ConfigDict(extra="forbid")

    label: feedback.Label
    why: str | None = Field(None, max_length=1_000, description="In your own words, for the record; nothing personal")


@router.get("", responses=PROBLEMS, summary="List leads by the verdict that holds now")
async def list_leads(
    request: Request,
    verdict: Annotated[Verdict | None, Query(description="Only these; left out: all")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    before: Annotated[str | None, Query(max_length=64, description="`next` of the page before")] = None,
) -> Response:
    """Return leads, newest first, each with its latest decision; feedback overrides the verdict."""
    service = service_of(request)
    await service.caller(request, "read")
    wanted = None if verdict is None else verdict.value
    rows = await service.store.read(lambda connection: feedback.list_leads(connection, wanted, limit, before))
    leads = [{**row, "reasons": from_json(row["reasons"])} for row in rows]
    after = rows[-1]["decision_id"] if len(rows) == limit else None
    return _json({"leads": leads, "next": after})


@router.get("/{lead_id:path}/history", responses=PROBLEMS, summary="All decisions and feedback on a lead")
async def read_history(lead_id: str, request: Request) -> Response:
    """Return what was decided about a lead and what people said of it, oldest first."""
    service = service_of(request)
    await service.caller(request, "read")

    def find(connection: Any) -> dict[str, Any]:
        return {
            "lead_id": lead_id,
            "decisions": decision_log.decisions_of_lead(connection, lead_id),
            "feedback": feedback.history_of(connection, lead_id),
        }

    found = await service.store.read(find)
    if not found["decisions"]:
        raise _unknown()
    return _json(found)


@router.post("/{lead_id:path}/feedback", responses=PROBLEMS, summary="Say what a lead turned out to be")
async def give_feedback(lead_id: str, request: Request) -> Response:
    """Store a label: it flips the verdict, stays on record, and teaches the next model."""
    service = service_of(request)
    caller = await service.caller(request, "feedback")
    given = _read(read_object(await request.body(), request.headers.get("content-type")))
    written = await _give(service, lead_id, given, caller)
    if written is None:
        raise _unknown()
    return _json({name: value for name, value in written.items() if name != "given_by"}, 201)


async def _give(service: Service, lead_id: str, given: Feedback, caller: str) -> dict[str, Any] | None:
    if service.store.away is not None:
        raise StoreError("the store is away, so the feedback was not kept", do="send it again; see /readyz")
    return await service.store.write(
        lambda connection: feedback.give(connection, lead_id, given.label, given_by=caller, why=given.why)
    )


def _read(content: dict[str, Any]) -> Feedback:
    try:
        return Feedback.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "body"
        allowed = ", ".join(feedback.LABELS)
        raise Problem(422, "feedback", f"{where}: {first['msg']}; allowed: a label of {allowed}, and why") from error


def _unknown() -> Problem:
    return Problem(404, "unknown-lead", "no score is stored for this lead; what to do: POST it to /v1/scores")


def _json(content: object, status: int = 200) -> Response:
    return Response(to_json(content), status, media_type="application/json")
