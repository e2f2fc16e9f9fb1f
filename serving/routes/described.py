"""What /openapi.json says of the answers and bodies that the routes read and write themselves."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from leadworth.records import Lead, Score


class ProblemDocument(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = Field(examples=["urn:leadworth:problem:unauthorized"])
    title: str
    status: int
    detail: str = Field(description="What was given, what is allowed, what to do")
    request_id: str


class ScoreRequest(Lead):
    """The body of a scoring call: a lead, and what is an argument of the call and no field of the lead."""

    age_days: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="Days that the lead has been open; left out: scored as at submit"
    )


class Leads(BaseModel):
    """The body of a batch."""

    leads: list[ScoreRequest] = Field(max_length=1_000)


class Result(BaseModel):
    """The score of one lead of a batch, or its problem."""

    status: int = Field(description="As if the lead had been sent alone")
    score: Score | None = None
    problem: ProblemDocument | None = None


class Batch(BaseModel):
    """The answer to a batch; results stand in the order of the leads."""

    scored: int
    failed: int
    results: list[Result]


_TITLES = {
    401: "No valid API key",
    403: "The API key lacks the scope",
    404: "Nothing stored",
    413: "The body is too long",
    415: "The body is not JSON",
    422: "The body or a header cannot be used",
    500: "The service failed",
    503: "No model is loaded, or the store is away",
}
_REFERENCE = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": title, "content": _REFERENCE} for status, title in _TITLES.items()
}

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "Sent again with the same body, the answer is the same and nothing is scored twice",
}


def _body(schema: str, example: dict[str, Any]) -> dict[str, Any]:
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}
    return {"required": True, "content": {"application/json": content}}


_EXAMPLE = {
    "email": "ada@acme.example", "company": "Acme", "job_title": "Head of operations", "employees": "50-100",
    "message": "We would like a quote for 40 seats.", "source": "google", "medium": "cpc",
}  # fmt: skip
ONE: dict[str, Any] = {"requestBody": _body("ScoreRequest", _EXAMPLE), "parameters": [_KEY]}
BATCH: dict[str, Any] = {"requestBody": _body("Leads", {"leads": [_EXAMPLE]}), "parameters": [_KEY]}
