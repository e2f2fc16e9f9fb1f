"""Metrics of the funnel from lead to win."""

from __future__ import annotations

from reporting.metrics.definition import define, ratio
from reporting.metrics.metric import Kind
from reporting.page.page_model import Message, Unit


@define(
    Message("MQLs"),
    Kind.LEADING,
    Unit.COUNT,
    Message("MQLs"),
    ({"mql": 400}, 400),
    is_quality=True,
)
def mql(mql: int) -> float:
    """Return the leads that the policy accepted as MQL."""
    return mql


@define(
    Message("SQLs"),
    Kind.LEADING,
    Unit.COUNT,
    Message("SQLs"),
    ({"sql": 280}, 280),
    is_quality=True,
)
def sql(sql: int) -> float:
    """Return the leads that sales engaged with."""
    return sql


@define(
    Message("Wins"),
    Kind.LAGGING,
    Unit.COUNT,
    Message("wins"),
    ({"won": 48}, 48),
    is_quality=True,
)
def wins(won: int) -> float:
    """Return the leads that were won."""
    return won


@define(
    Message("MQL to SQL"),
    Kind.LEADING,
    Unit.SHARE,
    Message("SQLs / MQLs of mature cohorts"),
    ({"mature_sql": 41, "mature_mql": 50}, 0.82),
    is_quality=True,
    period=Message("cohorts old enough to be SQLs"),
)
def mql_to_sql(mature_sql: int, mature_mql: int) -> float | None:
    """Return the share of MQLs that sales accepted; it should exceed 80 %."""
    return ratio(mature_sql, mature_mql)


@define(
    Message("Lead to opportunity"),
    Kind.LAGGING,
    Unit.SHARE,
    Message("opportunities / leads"),
    ({"quoted": 60, "leads": 500}, 0.12),
    is_quality=True,
)
def lead_to_opportunity(quoted: int, leads: int) -> float | None:
    """Return the share of leads that reached an opportunity or quote."""
    return ratio(quoted, leads)


@define(
    Message("Lead to win"),
    Kind.LAGGING,
    Unit.SHARE,
    Message("wins / leads"),
    ({"won": 12, "leads": 500}, 0.024),
    is_quality=True,
)
def lead_to_win(won: int, leads: int) -> float | None:
    """Return the share of leads that were won so far."""
    return ratio(won, leads)


@define(
    Message("Win rate, closed view"),
    Kind.LAGGING,
    Unit.SHARE,
    Message("wins / (wins + losses), by the day of closing"),
    ({"closed_won": 48, "closed_lost": 112}, 0.3),
    is_quality=True,
)
def win_rate_closed(closed_won: int, closed_lost: int) -> float | None:
    """Return the share won among leads closed in the period."""
    return ratio(closed_won, closed_won + closed_lost)


@define(
    Message("Win rate, cohort view"),
    Kind.BOTH,
    Unit.SHARE,
    Message("(wins + expected wins) / MQLs of the cohort"),
    ({"won": 48, "predicted_wins": 22.0, "mql": 400}, 0.175),
    is_quality=True,
)
def win_rate_cohort(won: int, predicted_wins: float, mql: int) -> float | None:
    """Return the share of MQLs that is or will be won."""
    return ratio(won + predicted_wins, mql)


@define(
    Message("Cost per MQL"),
    Kind.LEADING,
    Unit.MONEY,
    Message("spend / MQLs of the same cohort"),
    ({"spend": 30_000.0, "mql": 400}, 75.0),
    is_quality=True,
    higher_is_better=False,
)
def cost_per_mql(spend: float, mql: int) -> float | None:
    """Return the spend per MQL."""
    return ratio(spend, mql)


@define(
    Message("Cost per SQL"),
    Kind.LEADING,
    Unit.MONEY,
    Message("spend / SQLs of the same cohort"),
    ({"spend": 30_000.0, "sql": 280}, 30_000 / 280),
    is_quality=True,
    higher_is_better=False,
)
def cost_per_sql(spend: float, sql: int) -> float | None:
    """Return the spend per SQL."""
    return ratio(spend, sql)


@define(
    Message("Pipeline"),
    Kind.LEADING,
    Unit.MONEY,
    Message("value of open deals"),
    ({"pipeline_value": 50_000.0}, 50_000.0),
    is_quality=True,
)
def pipeline(pipeline_value: float) -> float:
    """Return the value of open deals, if all were won."""
    return pipeline_value


@define(
    Message("Weighted pipeline"),
    Kind.BOTH,
    Unit.MONEY,
    Message("sum of value of open deals x probability of their stage"),
    ({"weighted_value": 22_000.0}, 22_000.0),
    is_quality=True,
)
def weighted_pipeline(weighted_value: float) -> float:
    """Return the expected value of open deals by the win probabilities of our own stages."""
    return weighted_value
