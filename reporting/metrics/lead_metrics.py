"""Metrics of leads: how many, how genuine, what they cost and bring."""

from __future__ import annotations

from reporting.metrics.definition import define, ratio
from reporting.metrics.metric import Kind
from reporting.page.page_model import Message, Unit


@define(
    Message("Leads"),
    Kind.LEADING,
    Unit.COUNT,
    Message("leads"),
    ({"leads": 300}, 300),
)
def leads(leads: int) -> float:
    """Return the leads by the day of submit, junk included."""
    return leads


@define(
    Message("Leads of the quarter"),
    Kind.LEADING,
    Unit.COUNT,
    Message("leads submitted in the quarter"),
    ({"quarter_leads": 4_500}, 4_500),
    period=Message("quarter to date"),
)
def leads_per_quarter(quarter_leads: int) -> float:
    """Return the leads of a calendar quarter by the day of submit."""
    return quarter_leads


@define(
    Message("Genuine leads"),
    Kind.LEADING,
    Unit.COUNT,
    Message("sum of (1 - junk probability) over genuine leads"),
    ({"genuine": 175.2}, 175.2),
    is_quality=True,
)
def genuine_leads(genuine: float) -> float:
    """Return the expected number of leads that are no junk."""
    return genuine


@define(
    Message("Junk"),
    Kind.LEADING,
    Unit.SHARE,
    Message("(scored leads - genuine leads) / scored leads"),
    ({"scored": 300, "genuine": 175.2}, 124.8 / 300),
    is_quality=True,
    higher_is_better=False,
)
def junk_share(scored: int, genuine: float) -> float | None:
    """Return the expected share of junk among scored leads."""
    return ratio(max(scored - genuine, 0.0), scored)


@define(
    Message("Visits per lead"),
    Kind.LEADING,
    Unit.RATIO,
    Message("visits / leads"),
    ({"sessions": 60_000, "leads": 1_500}, 40.0),
    higher_is_better=False,
)
def visits_per_lead(sessions: int, leads: int) -> float | None:
    """Return the visits that one lead takes."""
    return ratio(sessions, leads)


@define(
    Message("Visits that become leads"),
    Kind.LEADING,
    Unit.SHARE,
    Message("leads / visits"),
    ({"leads": 1_500, "sessions": 60_000}, 0.025),
)
def traffic_to_lead(leads: int, sessions: int) -> float | None:
    """Return the leads per visit."""
    return ratio(leads, sessions)


@define(
    Message("Cost per lead"),
    Kind.LEADING,
    Unit.MONEY,
    Message("spend / leads"),
    ({"spend": 9_000.0, "leads": 300}, 30.0),
    higher_is_better=False,
)
def raw_cpl(spend: float, leads: int) -> float | None:
    """Return the spend per lead, junk included."""
    return ratio(spend, leads)


@define(
    Message("Genuine cost per lead"),
    Kind.LEADING,
    Unit.MONEY,
    Message("spend / genuine leads"),
    ({"spend": 9_000.0, "genuine": 175.2}, 9_000 / 175.2),
    is_quality=True,
    higher_is_better=False,
)
def genuine_cpl(spend: float, genuine: float) -> float | None:
    """Return the spend per expected genuine lead."""
    return ratio(spend, genuine)


@define(
    Message("Value per lead"),
    Kind.BOTH,
    Unit.MONEY,
    Message("(revenue + predicted revenue of open leads) / leads"),
    ({"revenue": 450_000.0, "predicted_value": 0.0, "leads": 1_500}, 300.0),
    is_quality=True,
)
def value_per_lead(revenue: float, predicted_value: float, leads: int) -> float | None:
    """Return what a lead brings, seen and predicted."""
    return ratio(revenue + predicted_value, leads)


@define(
    Message("Value per mature lead"),
    Kind.LAGGING,
    Unit.MONEY,
    Message("revenue of mature leads / mature leads"),
    ({"mature_revenue": 450_000.0, "mature_leads": 1_500}, 300.0),
    is_quality=True,
)
def value_per_mature_lead(mature_revenue: float, mature_leads: int) -> float | None:
    """Return what a lead brought in cohorts whose outcomes are complete."""
    return ratio(mature_revenue, mature_leads)


@define(
    Message("Value per open lead"),
    Kind.LEADING,
    Unit.MONEY,
    Message("predicted revenue of open leads / open leads"),
    ({"predicted_value": 43_100.0, "open_scored": 100}, 431.0),
    is_quality=True,
)
def value_per_open_lead(predicted_value: float, open_scored: int) -> float | None:
    """Return the predicted value of an open lead."""
    return ratio(predicted_value, open_scored)


@define(
    Message("Value per visit"),
    Kind.BOTH,
    Unit.MONEY,
    Message("(revenue + predicted revenue of open leads) / visits"),
    ({"revenue": 450_000.0, "predicted_value": 0.0, "sessions": 60_000}, 7.5),
    is_quality=True,
)
def value_per_visit(revenue: float, predicted_value: float, sessions: int) -> float | None:
    """Return what a visit brings, seen and predicted."""
    return ratio(revenue + predicted_value, sessions)
