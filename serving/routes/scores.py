"""Give scores, and look them up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from conversions.outbox_writer import NO_ROWS
from leadworth.errors import StoreError
from leadworth.records import Score
from serving import metrics
from serving.idempotency import HEADER, Answered
from serving.lead_bodies import read_lead, read_leads, read_object, take_age
from serving.problems import Problem, log_failure
from serving.request_id import request_id_of
from serving.routes.described import BATCH, ONE, PROBLEMS, Batch
from serving.scoring import decide, row_of
from serving.service import Service, service_of
from store.spool import StoreEntry, joined

PATH = "/v1/scores"

router = APIRouter(prefix=PATH, tags=["scores"])

PAUSE_EVERY = 16
"""Leads of a batch that are scored before other requests get their turn."""


@router.post("", response_model=Score, responses=PROBLEMS, openapi_extra=ONE, summary="Score one lead")
async def create_score(request: Request) -> Response:
    """Score one lead as known at submit; the score is stored before it is answered."""
    service = service_of(request)
    caller = await service.caller(request, "score")
    body = await request.body()

    async def compute(key: str | None) -> tuple[bytes, StoreEntry]:
        content = read_object(body, request.headers.get("content-type"))
        age = take_age(content)
        score, entry = await decide_lead(service, content, request_id_of(request.scope), key, age)
        return _written(score), entry

    given = request.headers.get(HEADER)
    answered = await service.idempotency.answer(given, caller, PATH, body, compute)
    return _response(service, answered)


@router.post("/batch", response_model=Batch, responses=PROBLEMS, openapi_extra=BATCH, summary="Score up to 1,000 leads")
async def create_scores(request: Request) -> Response:
    """Score each lead on its own: a result is a score, or the problem of that lead."""
    service = service_of(request)
    caller = await service.caller(request, "score")
    body = await request.body()

    async def compute(key: str | None) -> tuple[bytes, StoreEntry]:
        items = read_leads(read_object(body, request.headers.get("content-type")))
        results, entry = await _decide_all(service, items, request, key)
        scored = len(entry.rows)
        head = f'{{"scored":{scored},"failed":{len(items) - scored},"results":['
        return b"".join([head.encode(), b",".join(results), b"]}"]), entry

    given = request.headers.get(HEADER)
    answered = await service.idempotency.answer(given, caller, f"{PATH}/batch", body, compute)
    return _response(service, answered)


@router.get("/{lead_id:path}", response_model=Score, responses=PROBLEMS, summary="Look up the latest score of a lead")
async def read_score(lead_id: str, request: Request) -> Response:
    """Return the score that was given to a lead last."""
    service = service_of(request)
    await service.caller(request, "read")
    if service.store.away is not None:
        raise StoreError("the store is away", do="try again; see /readyz")
    score = await service.store.latest(lead_id.replace("\x00", ""))
    if score is None:
        raise Problem(404, "unknown-lead", "no score is stored for this lead; what to do: POST it to /v1/scores")
    return Response(score.model_dump_json(), media_type="application/json")


async def decide_lead(
    service: Service,
    content: Mapping[str, Any],
    request_id: str,
    key: str | None = None,
    age_days: float | None = None,
) -> tuple[dict[str, Any], StoreEntry]:
    """Read a lead, complete it, decide about it; return its score and what to store."""
    model, now = service.model, datetime.now(UTC)
    lead = await service.evidence.complete(read_lead(content, now))
    decided = decide(model.bundle, lead, now, service.passing, age_days)
    metrics.count(decided.score)
    row = row_of(decided, request_id=request_id, idempotency_key=key)
    outbox = service.submit.rows(lead, decided.score, now, decided.would_be) if service.submit else NO_ROWS
    return decided.score, StoreEntry([row], outbox=outbox)


async def _decide_all(
    service: Service, items: Sequence[Any], request: Request, key: str | None
) -> tuple[list[bytes], StoreEntry]:
    request_id = request_id_of(request.scope)
    results: list[bytes] = []
    entries: list[StoreEntry] = []
    for position, item in enumerate(items):
        try:
            if not isinstance(item, dict):
                raise Problem(422, "not-an-object", "this lead is not a JSON object")
            score, entry = await decide_lead(service, item, request_id, key, take_age(item))
        except Problem as problem:
            results.append(_refused(problem, request_id))
        except Exception as error:  # one lead must not cost the others their answer
            log_failure(request.scope, error)
            results.append(_refused(Problem(500, "internal", "this lead could not be scored"), request_id))
        else:
            results.append(b'{"status":200,"score":' + _written(score) + b"}")
            entries.append(entry)
        if position % PAUSE_EVERY == PAUSE_EVERY - 1:
            await asyncio.sleep(0)
    return results, joined(entries)


def _written(score: dict[str, Any]) -> bytes:
    """Return a score as JSON; its reasons are JSON already."""
    head = to_json({name: value for name, value in score.items() if name != "reasons"})
    return b'%b,"reasons":%b}' % (head[:-1], score["reasons"].encode())


def _refused(problem: Problem, request_id: str) -> bytes:
    metrics.REFUSED.labels(problem.code).inc()
    return to_json({"status": problem.status_code, "problem": problem.document(request_id)})


def _response(service: Service, answered: Answered) -> Response:
    response = Response(answered.body, media_type="application/json")
    degraded = service.degraded
    if degraded or not answered.stored:
        parts = degraded.keys() | (set() if answered.stored else {"store"})
        response.headers["x-leadworth-degraded"] = ", ".join(sorted(parts))
    if answered.repeated:
        response.headers["idempotent-replayed"] = "true"
    return response
