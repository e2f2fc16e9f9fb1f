"""Metrics of how well the data of the report fit together."""

from __future__ import annotations

from reporting.metrics.definition import define, ratio
from reporting.metrics.metric import Kind
from reporting.page.page_model import Message, Unit


@define(
    Message("Spend with a matching campaign"),
    Kind.LEADING,
    Unit.SHARE,
    Message("spend of campaigns that have leads / spend"),
    ({"matched_spend": 54_000.0, "spend": 60_000.0}, 0.9),
)
def match_rate_spend(matched_spend: float, spend: float) -> float | None:
    """Return the share of spend whose campaign has leads."""
    return ratio(matched_spend, spend)


@define(
    Message("Paid leads with a matching campaign"),
    Kind.LEADING,
    Unit.SHARE,
    Message("paid leads with a campaign of the spend / paid leads"),
    ({"matched_leads": 460, "paid_leads": 500}, 0.92),
)
def match_rate_leads(matched_leads: int, paid_leads: int) -> float | None:
    """Return the share of leads of paid channels whose campaign is one of the spend."""
    return ratio(matched_leads, paid_leads)


@define(
    Message("Leads without a channel"),
    Kind.LEADING,
    Unit.SHARE,
    Message("leads of channel Unassigned / leads"),
    ({"unassigned_leads": 30, "leads": 300}, 0.1),
    higher_is_better=False,
)
def unassigned_share(unassigned_leads: int, leads: int) -> float | None:
    """Return the share of leads whose channel is not determined."""
    return ratio(unassigned_leads, leads)
