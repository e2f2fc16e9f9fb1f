"""Routes that list leads by verdict and take feedback on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json

from leadworth.records import Reason, Verdict
from serving.dependencies import AuditedFeedback, AuditedRead, Store
from serving.json_route import JsonRoute
from serving.problems import Problem, documented
from store import decision_log, feedback
from store.feedback import Label

if TYPE_CHECKING:
    from sqlalchemy import Connection

router = APIRouter(prefix="/v1/leads", tags=["leads"], route_class=JsonRoute, strict_content_type=False)

MAX_PAGE = 500


class Feedback(BaseModel):
    """Label that people give to a lead."""

    model_config = ConfigDict(extra="forbid")

    label: Label
    why: str | None = Field(None, max_length=1_000, description="In your own words, for the record; nothing personal")


class ListedLead(BaseModel):
    """A lead with its latest decision and the verdict in force."""

    lead_id: str
    decision_id: str
    scored_at: str
    channel: str | None
    campaign: str | None
    form_id: str | None
    predicted_value: float
    currency: str
    junk_probability: float
    automation_probability: float
    mql: bool
    mql_reason: str
    reasons: list[Reason]
    verdict: Verdict = Field(description="Of the latest decision, or of feedback, which overrides it")
    feedback: Label | None


class LeadPage(BaseModel):
    """A page of leads, newest first."""

    leads: list[ListedLead]
    next: str | None = Field(description="Value of `before` for the next page; null on the last one")


class LoggedDecision(BaseModel):
    """A decision in short."""

    model_config = ConfigDict(protected_namespaces=())

    decision_id: str
    scored_at: str
    model_version: str
    verdict: Verdict
    would_be: Verdict | None = Field(description="Verdict without the exploration rate")
    junk_probability: float
    mql: bool


class FeedbackReceipt(BaseModel):
    """Feedback as stored, for the caller that gave it."""

    feedback_id: str
    lead_id: str
    decision_id: str
    label: Label
    verdict_before: Verdict
    verdict_after: Verdict
    why: str | None
    given_at: str


class FeedbackRecord(FeedbackReceipt):
    """Feedback as stored."""

    given_by: str = Field(description="Id of the API key")


class LeadDecisions(BaseModel):
    """All decisions and feedback on a lead, oldest first."""

    lead_id: str
    decisions: list[LoggedDecision]
    feedback: list[FeedbackRecord]


@router.get("", responses=documented(422), summary="List leads by the verdict in force")
async def list_leads(
    call: AuditedRead,
    store: Store,
    verdict: Annotated[Verdict | None, Query(description="Only leads with this verdict; left out: all")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    before: Annotated[str | None, Query(pattern=r"^[0-9a-f]{32}$", description="`next` of the previous page")] = None,
) -> LeadPage:
    """Return leads, newest first, each with its latest decision; feedback overrides the verdict."""
    wanted = None if verdict is None else verdict.value

    def read(connection: Connection) -> list[dict[str, Any]]:
        call.record(connection, "lead.list", "lead", verdict=wanted or "all", limit=limit)
        return feedback.list_leads(connection, wanted, limit, before)

    rows = await store.write(read)
    leads = [ListedLead.model_validate({**row, "reasons": from_json(row["reasons"])}) for row in rows]
    return LeadPage(leads=leads, next=rows[-1]["decision_id"] if len(rows) == limit else None)


@router.get("/{lead_id:path}/history", responses=documented(404, 422), summary="All decisions and feedback on a lead")
async def read_history(lead_id: str, call: AuditedRead, store: Store) -> LeadDecisions:
    """Return all decisions and feedback on a lead, oldest first."""

    def read(connection: Connection) -> dict[str, Any]:
        call.record_lead(connection, "lead.history", lead_id)
        return {
            "lead_id": lead_id,
            "decisions": decision_log.decisions_of_lead(connection, lead_id),
            "feedback": feedback.history_of(connection, lead_id),
        }

    history = LeadDecisions.model_validate(await store.write(read))
    if not history.decisions:
        raise _unknown_lead()
    return history


@router.post(
    "/{lead_id:path}/feedback", status_code=201, responses=documented(404, 413, 415, 422), summary="Give a lead a label"
)
async def give_feedback(lead_id: str, given: Feedback, call: AuditedFeedback, store: Store) -> FeedbackReceipt:
    """Store a label: it changes the verdict, stays on record and is used by the next training."""

    def write(connection: Connection) -> dict[str, Any] | None:
        written = feedback.give(connection, lead_id, given.label, given_by=call.caller, why=given.why)
        if written is not None:
            call.record_lead(connection, "lead.feedback", lead_id, label=given.label)
        return written

    row = await store.write(write)
    if row is None:
        raise _unknown_lead()
    return FeedbackReceipt.model_validate(row)


def _unknown_lead() -> Problem:
    return Problem(404, "unknown-lead", "no score is stored for this lead; what to do: POST it to /v1/scores")
