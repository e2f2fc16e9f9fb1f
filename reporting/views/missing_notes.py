"""Why a figure is withheld, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reporting.page.page_model import Message

if TYPE_CHECKING:
    from reporting.metrics.metric import Metric
    from reporting.views.metric_inputs import ScopeSums

_NO_SPEND = Message("no spend for this period")
_NO_SESSIONS = Message("no sessions for this period")
_NO_CUSTOMERS = Message("average revenue and churn of a customer are not in the settings")
_NOT_MATURE = Message("no leads that are old enough")
_NO_STAGE = Message("no lead of this period has reached the stage")
_NO_OUTCOMES = Message("no outcomes yet")
_NO_LEADS = Message("no leads in this period")
_NO_RATE = Message("some spend is in a currency without a rate")
NOTES: Mapping[str, Message] = {
    "spend": _NO_SPEND,
    "impressions": _NO_SPEND,
    "clicks": _NO_SPEND,
    "search_impressions": _NO_SPEND,
    "matched_spend": _NO_SPEND,
    "eligible_impressions": Message("no impression share in the spend of this period"),
    "sessions": _NO_SESSIONS,
    "engaged_sessions": _NO_SESSIONS,
    "monthly_revenue": _NO_CUSTOMERS,
    "monthly_churn": _NO_CUSTOMERS,
    "incremental_cost": Message("incremental cost is not in the settings"),
    "pipeline_value": _NO_OUTCOMES,
    "won": _NO_OUTCOMES,
    "revenue": _NO_OUTCOMES,
    "cost": _NO_OUTCOMES,
    "closed_won": _NO_OUTCOMES,
    "closed_lost": _NO_OUTCOMES,
    "email_wins": _NO_OUTCOMES,
    "email_mqls": Message("no leads of the channel Email in this period"),
    "weighted_value": Message("too few outcomes to know how many deals of each stage are won"),
    "mature_leads": _NOT_MATURE,
    "mature_revenue": _NOT_MATURE,
    "mature_mql": _NOT_MATURE,
    "mature_sql": _NOT_MATURE,
    "untouched": _NO_LEADS,
    "paid_leads": _NO_LEADS,
    "matched_leads": _NO_LEADS,
    "unassigned_leads": _NO_LEADS,
    "quarter_leads": _NO_LEADS,
    "response_touched": Message("no lead of this period has a response time"),
    "mql_sql_reached": _NO_STAGE,
    "sql_quote_reached": _NO_STAGE,
    "quote_close_reached": _NO_STAGE,
    "revenue_before": Message("no period of comparison"),
    "organic_priced_value": Message("no search queries for this period and these filters"),
    "revenue_last_year": Message("stands at the goals"),
}
"""Input that is missing -> reason, the first that fits."""


def missing_note(metric: Metric, sums: ScopeSums) -> Message:
    """Return why a metric is withheld."""
    known = sums.inputs
    missing = [name for name in metric.inputs if name not in known]
    if "spend" in missing and sums.spend is not None:
        return _NO_RATE
    for name, note in NOTES.items():
        if name in missing:
            return note
    if missing:
        return Message("not imported for this period and these filters")
    if "mature_mql" in metric.inputs and not known["mature_mql"]:
        return _NOT_MATURE
    if metric.name.startswith(("velocity_", "response_")):
        return Message("fewer than half have come so far")
    return Message("not enough data")
