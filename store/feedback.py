"""Append-only log of labels that people give to leads; the newest label of a lead overrides its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, insert, select

from leadworth.records import Verdict
from store import outbox
from store.any_of import any_of
from store.row_ids import new_row_id
from store.schema import decisions, feedback
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.sql.selectable import Subquery

Label = Literal["not_junk", "junk", "engaged", "won", "lost", "disqualified"]
ENGAGED_LABELS = ("not_junk", "engaged", "won", "disqualified")
"""Labels of leads that somebody took up as genuine; `lost` adds nothing to the CRM's own outcome."""
LISTED_COLUMNS = (
    "lead_id",
    "decision_id",
    "scored_at",
    "channel",
    "campaign",
    "form_id",
    "predicted_value",
    "currency",
    "junk_probability",
    "automation_probability",
    "mql",
    "mql_reason",
    "reasons",
)


@dataclass(frozen=True)
class LatestLabel:
    """Newest label of a lead; `given_at` is a timestamp as stored."""

    lead_id: str
    label: Label
    given_at: str


def verdict_of(label: Label) -> Verdict:
    """Return the verdict that a label sets.

    A lead turned down for fit or budget is an engaged human, not junk.

    Examples
    --------
    >>> verdict_of("junk").value, verdict_of("disqualified").value
    ('reject', 'accept')
    """
    return Verdict.REJECT if label == "junk" else Verdict.ACCEPT


def give(
    connection: Connection, lead_id: str, label: Label, *, given_by: str, why: str | None
) -> dict[str, Any] | None:
    """Add a label to a lead; return the row written, or None if the lead was never scored.

    Parameters
    ----------
    connection
        In a transaction.
    lead_id
        Id of the lead.
    label
        What the lead turned out to be.
    given_by
        Id of the caller's API key.
    why
        Comment of the person.
    """
    decision = current(connection, lead_id)
    if decision is None:
        return None
    now = datetime.now(UTC)
    row = {
        "feedback_id": new_row_id(),
        "lead_id": lead_id,
        "decision_id": decision["decision_id"],
        "label": label,
        "verdict_before": decision["verdict"],
        "verdict_after": verdict_of(label).value,
        "given_by": given_by,
        "why": why,
        "given_at": stamp(now),
    }
    connection.execute(insert(feedback).values(**row))
    if row["verdict_after"] == Verdict.REJECT.value:
        outbox.withdraw(connection, [lead_id], "junk", now)
    return row


def current(connection: Connection, lead_id: str) -> Mapping[str, Any] | None:
    """Return the id of a lead's newest decision and the verdict that holds now, or None if there is none."""
    rows = select(decisions.c.decision_id, decisions.c.verdict).where(decisions.c.lead_id == lead_id)
    latest = connection.execute(rows.order_by(decisions.c.decision_id.desc()).limit(1)).mappings().first()
    if latest is None:
        return None
    return {**latest, "verdict": verdicts_of_leads(connection, [lead_id]).get(lead_id, latest["verdict"])}


def verdicts_of_leads(connection: Connection, leads: Sequence[str]) -> dict[str, str]:
    """Return the verdict set by the newest label, for the leads that have one."""
    last = (
        select(func.max(feedback.c.feedback_id)).where(any_of(feedback.c.lead_id, leads)).group_by(feedback.c.lead_id)
    )
    query = select(feedback.c.lead_id, feedback.c.verdict_after).where(feedback.c.feedback_id.in_(last))
    return dict(connection.execute(query).all())


def latest_labels(connection: Connection) -> list[LatestLabel]:
    """Return the newest label of every lead that has one."""
    last = select(func.max(feedback.c.feedback_id)).group_by(feedback.c.lead_id)
    query = select(feedback.c.lead_id, feedback.c.label, feedback.c.given_at).where(feedback.c.feedback_id.in_(last))
    return [LatestLabel(*row) for row in connection.execute(query)]


def history_of(connection: Connection, lead_id: str) -> list[dict[str, Any]]:
    """Return all feedback on a lead, oldest first."""
    rows = select(feedback).where(feedback.c.lead_id == lead_id).order_by(feedback.c.feedback_id)
    return [dict(row) for row in connection.execute(rows).mappings()]


def list_leads(connection: Connection, verdict: str | None, limit: int, before: str | None) -> list[dict[str, Any]]:
    """Return leads with the verdict that holds now, newest first, one row a lead.

    Parameters
    ----------
    connection
        Connection to the store.
    verdict
        Only leads with this verdict; None: all.
    limit
        Most rows to return.
    before
        Id of the last decision of the previous page; None for the first page.
    """
    newest = _newest_decisions()
    label = _newest_labels()
    current_verdict = func.coalesce(label.c.verdict_after, decisions.c.verdict)
    columns = [decisions.c[name] for name in LISTED_COLUMNS]
    rows = (
        select(*columns, current_verdict.label("verdict"), label.c.label.label("feedback"))
        .join(newest, newest.c.decision_id == decisions.c.decision_id)
        .outerjoin(label, label.c.lead_id == decisions.c.lead_id)
        .order_by(decisions.c.decision_id.desc())
        .limit(limit)
    )
    if verdict is not None:
        rows = rows.where(current_verdict == verdict)
    if before is not None:
        rows = rows.where(decisions.c.decision_id < before)
    return [dict(row) for row in connection.execute(rows).mappings()]


def _newest_decisions() -> Subquery:
    latest = func.max(decisions.c.decision_id).label("decision_id")
    return select(latest).group_by(decisions.c.lead_id).subquery("newest_decisions")


def _newest_labels() -> Subquery:
    last = select(func.max(feedback.c.feedback_id)).group_by(feedback.c.lead_id)
    return (
        select(feedback.c.lead_id, feedback.c.verdict_after, feedback.c.label)
        .where(feedback.c.feedback_id.in_(last))
        .subquery("newest_labels")
    )
