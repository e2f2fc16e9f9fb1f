"""Inputs of metrics that are no sums of the rollups: imported counts, queries, matching, stages and quarters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from reporting.metrics.registry import METRICS
from reporting.statistics.pipeline_value import stage_probabilities, weighted_pipeline
from reporting.views.channel_rows import MatchRates
from reporting.views.hand_over import STAGES, HandOverData, durations
from reporting.views.imported_inputs import INPUTS, READ, counted_inputs, organic_inputs, priced_share
from reporting.views.metric_inputs import MILLION, ScopeSums
from reporting.views.page_sums import PageSums
from reporting.views.report_period import DayRange
from store import metric_sums, report_queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.metric_sums import DayCounts, QuerySums, SearchedSums
    from store.report_queries import Sums

_NO_COUNTS: DayCounts = {}
_NO_SHARES: dict[str, SearchedSums] = {}
_NO_QUERIES: list[QuerySums] = []
EMAIL, UNASSIGNED = "Email", "Unassigned"
_OPEN_DEALS = {"sql": ("deal_sqls", "deal_sql_micros"), "quoted": ("deal_quotes", "deal_quote_micros")}
"""Stage -> sums of the open deals that have reached it and no later one: their number and expected revenue."""


@dataclass(frozen=True)
class FurtherInputs:
    """Inputs of the period, of the one before it, and of each week.

    Attributes
    ----------
    has_bounds
        Whether an impression share of the period was a bound, so that the metric is one too.
    priced_share
        Share of the organic clicks whose query has a cost per click of our own; None without any.
    """

    total: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    weeks: Mapping[date, Mapping[str, Any]] = field(default_factory=dict)
    has_bounds: bool = False
    priced_share: float | None = None

    def added_to(self, sums: PageSums) -> PageSums:
        """Return sums with these inputs."""
        weeks = {start: _with(week, self.weeks.get(start, {})) for start, week in sums.weeks.items()}
        before = None if sums.before is None else _with(sums.before, self.before)
        return replace(sums, total=_with(sums.total, self.total), before=before, weeks=weeks)


def _with(part: ScopeSums, inputs: Mapping[str, Any]) -> ScopeSums:
    return replace(part, further={**part.further, **inputs})


def read_further(
    connection: Connection, sums: PageSums, hand_over: HandOverData, rates: MatchRates, complete: Sums
) -> FurtherInputs:
    """Return the inputs of a page; of those with a query of their own only what the ladder of the settings needs.

    Parameters
    ----------
    connection
        Connection to the store.
    sums
        Sums of the page.
    hand_over
        Response times and stages.
    rates
        What is matched with a campaign.
    complete
        Sums over the leads whose outcomes have come; with `open_` sums of 0 where nothing may be predicted.
    """
    weeks = {start: DayRange(start, start + timedelta(days=6)) for start in sums.weeks}
    ranges = [sums.days, *([sums.compared] if sums.compared else []), *weeks.values()]
    first, last = min(days.first for days in ranges), max(days.last for days in ranges)
    scope, brand = sums.filters.scope, sums.settings.report.brand_words
    needed = {name for metric in sums.settings.report.ladder for name in METRICS[metric].inputs}
    counts, searched, queries = _NO_COUNTS, _NO_SHARES, _NO_QUERIES
    if needed & INPUTS:
        counts = metric_sums.daily_counts(connection, scope, READ, first, last)
    if "eligible_impressions" in needed and sums.spend_has_countries:
        searched = metric_sums.searched_sums(connection, scope, first, last)
    if "organic_priced_value" in needed:
        queries = metric_sums.query_sums(connection, scope, sums.days.first, sums.days.last)
    chances = stage_probabilities(complete)

    def of_days(days: DayRange, part: ScopeSums) -> dict[str, Any]:
        inside = {day: found for day, found in counts.items() if _is_in(day, days)}
        known: dict[str, Any] = counted_inputs(inside)
        eligible = [found.eligible for day, found in searched.items() if _is_in(day, days)]
        if eligible:
            known["eligible_impressions"] = sum(eligible)
        return known | _pipeline(part, chances, sums)

    total = of_days(sums.days, sums.total) | organic_inputs(queries, brand) | _of_page(sums, rates, complete)
    total |= _of_hand_over(hand_over)
    if "quarter_leads" in needed:
        total["quarter_leads"] = _quarter_leads(connection, sums)
    if EMAIL in sums.channels:
        total |= _of_email(sums.channels[EMAIL])
    before = {} if sums.compared is None or sums.before is None else of_days(sums.compared, sums.before)
    if EMAIL in sums.channels_before:
        before |= _of_email(sums.channels_before[EMAIL])
    return FurtherInputs(
        total,
        before,
        {start: of_days(days, sums.weeks[start]) for start, days in weeks.items()},
        any(found.is_bound for day, found in searched.items() if _is_in(day, sums.days)),
        priced_share(queries, brand),
    )


def _is_in(day: str, days: DayRange) -> bool:
    return days.first.isoformat() <= day <= days.last.isoformat()


def _pipeline(part: ScopeSums, chances: Mapping[str, float], sums: PageSums) -> dict[str, Any]:
    """Return the value of open deals, plain and by the probability of their stage."""
    if not sums.has_outcomes:
        return {}
    stages = [stage for stage, (deals, _) in _OPEN_DEALS.items() if part.leads.get(deals)]
    values = [part.leads[_OPEN_DEALS[stage][1]] / MILLION for stage in stages]
    known = {"pipeline_value": sum(values)}
    weighted, left_out = weighted_pipeline(values, stages, chances)
    return known if left_out else {**known, "weighted_value": weighted}


def _quarter_leads(connection: Connection, sums: PageSums) -> int:
    month = sums.today.month - (sums.today.month - 1) % 3
    first = sums.today.replace(month=month, day=1)
    return report_queries.lead_sums(connection, sums.filters.scope, first, sums.today).get((), {}).get("leads", 0)


def _of_page(sums: PageSums, rates: MatchRates, complete: Sums) -> dict[str, Any]:
    unassigned = sums.channels.get(UNASSIGNED)
    known: dict[str, Any] = {
        "unassigned_leads": unassigned.leads.get("leads", 0) if unassigned else 0,
        "paid_leads": rates.paid_leads,
        "matched_leads": rates.matched_leads,
    }
    if rates.spend is not None:
        known["matched_spend"] = rates.matched_micros / MILLION
    if complete.get("leads"):
        known |= {"mature_leads": complete["leads"], "mature_revenue": complete["revenue_micros"] / MILLION}
    if sums.before is not None:
        known["revenue_before"] = sums.before.leads.get("revenue_micros", 0) / MILLION
    return known


def _of_email(part: ScopeSums) -> dict[str, Any]:
    return {"email_mqls": part.leads.get("mql", 0), "email_wins": part.leads.get("won", 0)}


def _of_hand_over(data: HandOverData) -> dict[str, Any]:
    known: dict[str, Any] = {
        "mature_mql": float(data.mature_mql),
        "mature_sql": float(data.mature_sql),
        "untouched": data.untouched,
    }
    if data.times.leads:
        known |= {"response_touched": data.touched_bins, "response_untouched": data.untouched_bins}
    for stage in STAGES:
        days, happened = durations(data, stage)
        if days.size:
            known |= {f"{stage}_days": days, f"{stage}_reached": happened}
    return known
