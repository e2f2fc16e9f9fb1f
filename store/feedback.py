"""What people said of leads afterwards: append-only, and the verdict that holds because of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from leadworth.records import Verdict
from store import outbox
from store.decision_log import decision_id
from store.schema import decisions, feedback

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.sql.selectable import Subquery

VERDICTS = {
    "not_junk": Verdict.ACCEPT,
    "engaged": Verdict.ACCEPT,
    "won": Verdict.ACCEPT,
    "lost": Verdict.ACCEPT,
    "disqualified": Verdict.ACCEPT,
    "junk": Verdict.REJECT,
}
"""Label -> the verdict it leaves; one turned down for fit or budget is an engaged human, not junk."""


def give(connection: Connection, lead_id: str, label: str, *, given_by: str, why: str | None) -> dict[str, Any] | None:
    """Add a label to a lead; return what was written, or None where the lead was never scored.

    Parameters
    ----------
    connection
        In a transaction.
    lead_id, label
        Of `VERDICTS`.
    given_by
        Id of the caller's key.
    why
        In the words of whoever says so.
    """
    now = current(connection, lead_id)
    if now is None:
        return None
    row = {
        "feedback_id": decision_id(),
        "lead_id": lead_id,
        "decision_id": now["decision_id"],
        "label": label,
        "verdict_before": now["verdict"],
        "verdict_after": VERDICTS[label].value,
        "given_by": given_by,
        "why": why,
        "given_at": datetime.now(UTC).isoformat(timespec="microseconds"),
    }
    connection.execute(insert(feedback).values(**row))
    if row["verdict_after"] == Verdict.REJECT.value:
        outbox.withdraw(connection, [lead_id], "junk", datetime.now(UTC))
    return row


def current(connection: Connection, lead_id: str) -> Mapping[str, Any] | None:
    """Return the latest decision of a lead with the verdict that holds now, or None where there is none."""
    rows = select(decisions.c.decision_id, decisions.c.verdict).where(decisions.c.lead_id == lead_id)
    latest = connection.execute(rows.order_by(decisions.c.decision_id.desc()).limit(1)).mappings().first()
    if latest is None:
        return None
    said = select(feedback.c.verdict_after).where(feedback.c.lead_id == lead_id)
    last = connection.execute(said.order_by(feedback.c.feedback_id.desc()).limit(1)).scalar()
    return {**latest, "verdict": last or latest["verdict"]}


def history_of(connection: Connection, lead_id: str) -> list[dict[str, Any]]:
    """Return all feedback on a lead, oldest first."""
    rows = select(feedback).where(feedback.c.lead_id == lead_id).order_by(feedback.c.feedback_id)
    return [dict(row) for row in connection.execute(rows).mappings()]


LISTED = (
    "lead_id", "decision_id", "scored_at", "channel", "campaign", "form_id", "predicted_value", "currency",
    "junk_probability", "automation_probability", "mql", "mql_reason", "reasons",
)  # fmt: skip


def listed(connection: Connection, verdict: str | None, limit: int, before: str | None) -> list[dict[str, Any]]:
    """Return leads with the verdict that holds now, newest first, one row a lead.

    Parameters
    ----------
    connection
        Of the store.
    verdict
        Only leads with this one; None: all.
    limit
        Rows at the most.
    before
        Id of the decision after which the last page ended; None for the first.
    """
    newest, said = _newest(), _last_feedback()
    holds = func.coalesce(said.c.verdict_after, decisions.c.verdict)
    rows = (
        select(*(decisions.c[name] for name in LISTED), holds.label("verdict"), said.c.label.label("feedback"))
        .join(newest, newest.c.decision_id == decisions.c.decision_id)
        .outerjoin(said, said.c.lead_id == decisions.c.lead_id)
        .order_by(decisions.c.decision_id.desc())
        .limit(limit)
    )
    if verdict is not None:
        rows = rows.where(holds == verdict)
    if before is not None:
        rows = rows.where(decisions.c.decision_id < before)
    return [dict(row) for row in connection.execute(rows).mappings()]


def _newest() -> Subquery:
    latest = func.max(decisions.c.decision_id).label("decision_id")
    return select(latest).group_by(decisions.c.lead_id).subquery("newest")


def _last_feedback() -> Subquery:
    last = select(func.max(feedback.c.feedback_id)).group_by(feedback.c.lead_id)
    return (
        select(feedback.c.lead_id, feedback.c.verdict_after, feedback.c.label)
        .where(feedback.c.feedback_id.in_(last))
        .subquery("said")
    )
