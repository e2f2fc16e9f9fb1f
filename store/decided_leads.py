"""Leads that the service scored, as the decision log has them: at submit, and now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from store.any_of import any_of
from store.chunks import chunks
from store.decision_log import CORRECTED_WITHIN, Row
from store.schema import decisions
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NAMES = (
    *("lead_id", "decision_id", "scored_at", "submitted_at", "form_id", "age_days", "entry", "source", "medium"),
    *("campaign", "campaign_id", "click_platform", "click", "country", "account_key", "model_version"),
    *("win_probability", "expected_revenue", "predicted_value", "currency", "junk_probability", "mql"),
)


@dataclass(frozen=True)
class DecidedLead:
    """Decisions about a lead.

    Attributes
    ----------
    at_submit
        The first decision, or the last one about a form that was sent again within half an hour.
    newest
        The newest decision.
    mql_at
        Time of the first decision that it is an MQL, as text; None without one.
    """

    at_submit: Row
    newest: Row
    mql_at: str | None


def decided_leads(connection: Connection, since: datetime | None) -> Iterator[dict[str, DecidedLead]]:
    """Yield leads by id, in parts: all, or those with a decision since a time."""
    ids = select(decisions.c.lead_id).distinct().order_by(decisions.c.lead_id)
    if since is not None:
        ids = ids.where(decisions.c.scored_at >= stamp(since))
    leads = list(connection.execute(ids).scalars())
    columns = [decisions.c[name] for name in _NAMES]
    for part in chunks(leads):
        query = select(*columns).where(any_of(decisions.c.lead_id, part)).order_by(decisions.c.decision_id)
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in connection.execute(query).mappings():
            rows.setdefault(row["lead_id"], []).append(dict(row))
        yield {lead: _decided(of_lead) for lead, of_lead in rows.items()}


def known(connection: Connection, leads: Sequence[str]) -> set[str]:
    """Return those of some leads that have a decision."""
    query = select(decisions.c.lead_id).where(any_of(decisions.c.lead_id, leads)).distinct()
    return set(connection.execute(query).scalars())


def has_any(connection: Connection) -> bool:
    """Return whether the service has scored any lead."""
    return connection.execute(select(decisions.c.lead_id).limit(1)).first() is not None


def _decided(rows: list[Row]) -> DecidedLead:
    ends = datetime.fromisoformat(rows[0]["scored_at"]) + CORRECTED_WITHIN
    corrected = [
        row
        for row in rows
        if row["form_id"] is not None and row["age_days"] is None and datetime.fromisoformat(row["scored_at"]) <= ends
    ]
    mql_at = next((row["scored_at"] for row in rows if row["mql"]), None)
    return DecidedLead((corrected or rows[:1])[-1], rows[-1], mql_at)
