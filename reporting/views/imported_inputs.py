"""Inputs of metrics from imported counts and search queries: e-mail, webinars, social networks, organic traffic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from reporting.imports.import_rows import METRIC_NAMES
from reporting.views.metric_inputs import MILLION

if TYPE_CHECKING:
    from store.metric_sums import DayCounts, QuerySums

ENGAGEMENT = ("social_reactions", "social_comments", "social_shares")
STOCK = "customers"
"""Count of a day that does not add up over days."""
UNUSED = frozenset({"email_complaints", "organic_clicks", "organic_impressions"})
"""Counts that are stored and are part of no metric: totals of search, which hold clicks of brand searches too."""
READ = frozenset(METRIC_NAMES) - UNUSED
INPUTS = (READ - {STOCK, *ENGAGEMENT}) | {"customers_at_start", "social_engagement"}
"""Inputs of metrics that `counted_inputs` returns."""


def counted_inputs(days: DayCounts) -> dict[str, float]:
    """Return the inputs from imported counts of some days.

    Counts add up over days, but for the number of customers: its first day is that of the start.

    Examples
    --------
    >>> counted_inputs({"2026-01-01": {"customers": 100, "social_shares": 2}, "2026-01-02": {"customers": 97}})
    {'social_engagement': 2.0, 'customers_at_start': 100.0}
    """
    sums: dict[str, float] = defaultdict(float)
    at_start: float | None = None
    for day in sorted(days):
        for name, count in days[day].items():
            if name == STOCK:
                at_start = float(count) if at_start is None else at_start
            else:
                sums["social_engagement" if name in ENGAGEMENT else name] += count
    return dict(sums) if at_start is None else {**sums, "customers_at_start": at_start}


def organic_inputs(queries: Sequence[QuerySums], brand_words: Iterable[str]) -> dict[str, float]:
    """Return the inputs of the value of organic traffic; none without organic queries or with a cost without a rate.

    Only named queries count: the total of a day holds clicks of queries that nobody may see, among them brand
    searches. Queries that contain a brand word are left out.

    Parameters
    ----------
    queries
        Sums of each query.
    brand_words
        Words of searches for the own brand.
    """
    words = tuple(word.casefold() for word in brand_words)
    named = [row for row in queries if row.query]
    organic = [
        row for row in named if row.kind == "organic" and not any(word in row.query.casefold() for word in words)
    ]
    paid = [row for row in queries if row.kind == "paid"]
    if not organic or any(row.unconverted for row in paid):
        return {}
    cost, clicks = _paid_total(paid)
    prices = _prices(row for row in paid if row.query)
    priced = sum(row.clicks * prices[row.query] for row in organic if row.query in prices)
    others = sum(row.clicks for row in organic if row.query not in prices)
    return {
        "organic_priced_value": priced,
        "organic_other_clicks": float(others),
        "query_cost": cost,
        "query_clicks": float(clicks),
    }


def priced_share(queries: Sequence[QuerySums], brand_words: Iterable[str]) -> float | None:
    """Return the share of the organic clicks whose query has a cost per click of our own."""
    inputs = organic_inputs(queries, brand_words)
    words = tuple(word.casefold() for word in brand_words)
    clicks = sum(
        row.clicks
        for row in queries
        if row.query and row.kind == "organic" and not any(word in row.query.casefold() for word in words)
    )
    return None if not inputs or not clicks else 1.0 - inputs["organic_other_clicks"] / clicks


def _prices(paid: Iterable[QuerySums]) -> Mapping[str, float]:
    """Return query -> cost per click that we paid."""
    costs: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in paid:
        costs[row.query][0] += row.converted_micros
        costs[row.query][1] += row.clicks
    return {query: cost / MILLION / clicks for query, (cost, clicks) in costs.items() if clicks > 0}


def _paid_total(paid: Sequence[QuerySums]) -> tuple[float, int]:
    """Return cost and clicks of search: of an account's total where it states one, else of its queries."""
    with_total = {row.account_id for row in paid if not row.query}
    rows = [row for row in paid if (row.account_id in with_total) == (not row.query)]
    return sum(row.converted_micros for row in rows) / MILLION, sum(row.clicks for row in rows)
