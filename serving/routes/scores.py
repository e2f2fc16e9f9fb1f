"""Routes that score leads and look up scores."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import to_json

from leadworth.records import Score
from serving import service_metrics
from serving.dependencies import AuditedRead, AuthorisedScoring, IdempotencyKey, Store
from serving.idempotency import Answered
from serving.input_warnings import InputWarning
from serving.json_route import JsonRoute
from serving.problems import Problem, ProblemDocument, documented, log_failure
from serving.request_id import request_id_of
from serving.request_models import LeadBatch, ScoreRequest
from serving.scoring_service import ScoringService
from store import decision_log
from store.spool import StoreEntry, joined

if TYPE_CHECKING:
    from sqlalchemy import Connection

PATH = "/v1/scores"

router = APIRouter(prefix=PATH, tags=["scores"], route_class=JsonRoute, strict_content_type=False)

YIELD_EVERY = 16
"""Leads of a batch that are scored before other requests get their turn."""


class AnsweredScore(Score):
    """Score of a scoring call, with warnings about its input."""

    warnings: list[InputWarning] = Field(
        [], description="Values that cannot be read, fields that nothing uses; absent where there are none"
    )


class BatchResult(BaseModel):
    """Score of one lead of a batch, or its problem."""

    status: int = Field(description="As if the lead had been sent alone")
    score: AnsweredScore | None = None
    problem: ProblemDocument | None = None


class BatchScores(BaseModel):
    """Results of a batch, in the order of its leads."""

    scored: int
    failed: int
    results: list[BatchResult]


Strict = Annotated[bool, Query(description="Refuse a lead with warnings (422) instead of scoring it")]


@router.post("", response_model=AnsweredScore, responses=documented(413, 415, 422), summary="Score one lead")
async def create_score(
    lead: ScoreRequest, request: Request, call: AuthorisedScoring, key: IdempotencyKey = None, strict: Strict = False
) -> Response:
    """Score one lead as known at submit; the score is stored before it is answered."""
    scoring = call.service

    async def compute(digest: str | None) -> tuple[bytes, StoreEntry]:
        warnings = _warnings(scoring, lead, strict=strict)
        score, entry = await scoring.decide(
            lead,
            request_id_of(request.scope),
            caller=call.caller,
            idempotency_key=digest,
            age_days=lead.age_days,
            resubmits=True,
        )
        return _score_json(score, warnings), entry

    body = await request.body()
    return _response(scoring, await scoring.idempotency.answer(key, call.caller, PATH, body, compute))


@router.post(
    "/batch", response_model=BatchScores, responses=documented(413, 415, 422), summary="Score up to 1,000 leads"
)
async def create_scores(
    batch: LeadBatch, request: Request, call: AuthorisedScoring, key: IdempotencyKey = None, strict: Strict = False
) -> Response:
    """Score each lead on its own: a result is a score, or the problem of that lead."""
    scoring = call.service

    async def compute(digest: str | None) -> tuple[bytes, StoreEntry]:
        results, entry = await _decide_all(scoring, batch, request, digest, strict=strict)
        scored = len(entry.rows)
        head = f'{{"scored":{scored},"failed":{len(results) - scored},"results":['
        return b"".join([head.encode(), b",".join(results), b"]}"]), entry

    body = await request.body()
    return _response(scoring, await scoring.idempotency.answer(key, call.caller, f"{PATH}/batch", body, compute))


@router.get("/{lead_id:path}", responses=documented(404, 422), summary="Look up the latest score of a lead")
async def read_score(lead_id: str, call: AuditedRead, store: Store) -> Score:
    """Return the latest score of a lead."""
    lead = lead_id.replace("\x00", "")

    def read(connection: Connection) -> Score | None:
        call.record_lead(connection, "lead.score", lead)
        return decision_log.latest(connection, lead)

    score = await store.write(read)
    if score is None:
        raise Problem(404, "unknown-lead", "no score is stored for this lead; what to do: POST it to /v1/scores")
    return score


async def _decide_all(
    scoring: ScoringService, batch: LeadBatch, request: Request, digest: str | None, *, strict: bool
) -> tuple[list[bytes], StoreEntry]:
    request_id = request_id_of(request.scope)
    results: list[bytes] = [b""] * len(batch.leads)
    entries: list[StoreEntry] = []
    leads: list[tuple[int, ScoreRequest]] = []
    for position, item in enumerate(batch.leads):
        try:
            leads.append((position, _read_lead(item)))
        except Problem as problem:
            results[position] = _problem_json(problem, request_id)
    leads.sort(key=_time_of)  # velocity counts the leads before a lead
    for number, (position, lead) in enumerate(leads):
        try:
            warnings = _warnings(scoring, lead, strict=strict)
            score, entry = await scoring.decide(lead, request_id, idempotency_key=digest, age_days=lead.age_days)
        except Problem as problem:
            results[position] = _problem_json(problem, request_id)
        except Exception as error:  # the other leads of the batch are scored all the same
            log_failure(request.scope, error)
            results[position] = _problem_json(Problem(500, "internal", "this lead could not be scored"), request_id)
        else:
            results[position] = b'{"status":200,"score":' + _score_json(score, warnings) + b"}"
            entries.append(entry)
        if number % YIELD_EVERY == YIELD_EVERY - 1:
            await asyncio.sleep(0)
    return results, joined(entries)


def _time_of(numbered: tuple[int, ScoreRequest]) -> float:
    """Return the submit time of a lead of a batch; a lead without one is submitted now."""
    at = numbered[1].submitted_at
    return math.inf if at is None else at.timestamp()


def _read_lead(item: Any) -> ScoreRequest:
    if not isinstance(item, dict):
        raise Problem(422, "not-an-object", "this lead is not a JSON object")
    try:
        return ScoreRequest.model_validate(item)
    except ValidationError as error:
        raise Problem.of_validation(error.errors()) from error


def _warnings(scoring: ScoringService, lead: ScoreRequest, *, strict: bool) -> list[InputWarning]:
    """Return the warnings about a lead.

    Raises
    ------
    Problem
        422, where there are any and the call is strict.
    """
    warnings = lead.warnings(scoring.model.bundle.spec.extras)
    if warnings and strict:
        listed = "; ".join(f"{warning.field}: {warning.detail}" for warning in warnings)
        raise Problem(
            422, "strict-input", f"{listed}; what to do: correct the fields, or leave `strict` out to score the lead"
        )
    return warnings


def _score_json(score: dict[str, Any], warnings: list[InputWarning]) -> bytes:
    """Return a score as JSON; its reasons are JSON already."""
    head = to_json({name: value for name, value in score.items() if name != "reasons"})
    tail = b',"warnings":' + to_json(warnings) if warnings else b""
    return b'%b,"reasons":%b%b}' % (head[:-1], score["reasons"].encode(), tail)


def _problem_json(problem: Problem, request_id: str) -> bytes:
    service_metrics.REFUSED.labels(problem.code).inc()
    return to_json({"status": problem.status_code, "problem": problem.document(request_id)})


def _response(scoring: ScoringService, answered: Answered) -> Response:
    response = Response(answered.body, media_type="application/json")
    degraded = scoring.degraded
    if degraded or not answered.stored:
        parts = degraded.keys() | (set() if answered.stored else {"store"})
        response.headers["x-leadworth-degraded"] = ", ".join(sorted(parts))
    if answered.repeated:
        response.headers["idempotent-replayed"] = "true"
    return response
