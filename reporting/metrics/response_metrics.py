"""Metrics of how fast sales answers, and how fast leads move from stage to stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from reporting.metrics.definition import define, ratio
from reporting.metrics.metric import Kind
from reporting.page.page_model import Message, Unit
from reporting.statistics.kaplan_meier import MEDIAN, kaplan_meier, kaplan_meier_of_bins
from reporting.statistics.log_bins import EDGE_MINUTES, counts_under

DAYS = (1, 2, 2, 3, 5, 8, 9, 12)
HAPPENED = (True, True, False, True, False, True, False, False)


@define(
    Message("Response time, median"),
    Kind.LEADING,
    Unit.MINUTES,
    Message("first time by which half of the leads are touched (Kaplan-Meier): touched leads, untouched leads open"),
    ({"response_touched": {0: 1, 10: 2, 20: 1}, "response_untouched": {30: 1}}, 5 * 2**1.05),
    is_quality=True,
    higher_is_better=False,
)
def response_median(response_touched: Mapping[int, int], response_untouched: Mapping[int, int]) -> float | None:
    """Return the median minutes from submit to the first contact by a person, from logarithmic bins."""
    return kaplan_meier_of_bins(response_touched, response_untouched).first_time_at(MEDIAN)


@define(
    Message("Answered within 5 minutes"),
    Kind.LEADING,
    Unit.SHARE,
    Message("touched leads within 5 minutes / (touched leads + untouched leads)"),
    ({"response_touched": {-10: 12, 36: 60}, "response_untouched": {70: 28}}, 0.12),
    is_quality=True,
)
def response_within_5(response_touched: Mapping[int, int], response_untouched: Mapping[int, int]) -> float | None:
    """Return the share of all leads, not of the touched, that a person answered within five minutes."""
    leads = sum(response_touched.values()) + sum(response_untouched.values())
    return ratio(counts_under(EDGE_MINUTES, response_touched), leads)


@define(
    Message("Untouched MQLs"),
    Kind.LEADING,
    Unit.COUNT,
    Message("MQLs without a contact by a person so far, of all periods"),
    ({"untouched": 23}, 23),
    is_quality=True,
    higher_is_better=False,
)
def untouched_mql(untouched: int) -> float:
    """Return the MQLs that nobody of sales has contacted."""
    return untouched


@define(
    Message("MQL to SQL, median days"),
    Kind.LEADING,
    Unit.DAYS,
    Message("first day by which half of the MQLs are SQLs (Kaplan-Meier): days from MQL to SQL, SQLs reached or open"),
    ({"mql_sql_days": DAYS, "mql_sql_reached": HAPPENED}, 8.0),
    is_quality=True,
    higher_is_better=False,
)
def velocity_mql_sql(mql_sql_days: Sequence[float], mql_sql_reached: Sequence[bool]) -> float | None:
    """Return the median days from MQL to SQL; None where it is not reached."""
    return _median(mql_sql_days, mql_sql_reached)


@define(
    Message("SQL to quote, median days"),
    Kind.LEADING,
    Unit.DAYS,
    Message(
        "first day by which half of the SQLs have a quote (Kaplan-Meier): days from SQL to quote, quotes made or open"
    ),
    ({"sql_quote_days": DAYS, "sql_quote_reached": HAPPENED}, 8.0),
    is_quality=True,
    higher_is_better=False,
)
def velocity_sql_quote(sql_quote_days: Sequence[float], sql_quote_reached: Sequence[bool]) -> float | None:
    """Return the median days from SQL to quote; None where it is not reached."""
    return _median(sql_quote_days, sql_quote_reached)


@define(
    Message("Quote to close, median days"),
    Kind.LEADING,
    Unit.DAYS,
    Message(
        "first day by which half of the quotes are closed (Kaplan-Meier): days from quote to close, closed or open"
    ),
    ({"quote_close_days": DAYS, "quote_close_reached": HAPPENED}, 8.0),
    is_quality=True,
    higher_is_better=False,
)
def velocity_quote_close(quote_close_days: Sequence[float], quote_close_reached: Sequence[bool]) -> float | None:
    """Return the median days from quote to close; None where it is not reached."""
    return _median(quote_close_days, quote_close_reached)


def _median(days: Sequence[float], reached: Sequence[bool]) -> float | None:
    return kaplan_meier(np.asarray(days, dtype=np.float64), np.asarray(reached, dtype=bool)).first_time_at(MEDIAN)
