"""Returns of channels and campaigns as the comparison of channels needs them."""

from __future__ import annotations

from collections.abc import Mapping

from reporting.statistics.channel_comparison import ChannelReturn, deal_value_cv
from reporting.statistics.cohort_interval import PredictedSums, interval_of_sums
from reporting.views.metric_inputs import MILLION, ScopeSums

FEWEST_WINS = 10
"""Wins, seen and expected, below which a range is shown instead of a number."""


def value_variation(sums: Mapping[str, int]) -> float:
    """Return the coefficient of variation of deal values.

    Examples
    --------
    >>> value_variation({"won": 1, "revenue_micros": 5_000_000, "revenue_squares": 25})
    1.0
    """
    revenue = sums.get("revenue_micros", 0) / MILLION
    return deal_value_cv(sums.get("won", 0), revenue, float(sums.get("revenue_squares", 0)))


def channel_return(sums: ScopeSums, tau: float, variation: float) -> ChannelReturn:
    """Return the return of a channel per unit of spend; 0 spend where it is unknown.

    Parameters
    ----------
    sums
        Sums of the channel.
    tau
        Error of past predictions.
    variation
        Variation of deal values of all channels, for a channel with fewer than two wins.
    """
    inputs = sums.inputs
    return ChannelReturn(
        leads=inputs["leads"],
        wins=inputs["won"] + inputs["predicted_wins"],
        seen=inputs["revenue"],
        predicted=inputs["predicted_value"],
        spend=max(inputs.get("spend", 0.0), 0.0),
        value_cv=value_variation(sums.leads) if inputs["won"] >= 2 else variation,
        tau=tau,
    )


def revenue_interval(sums: Mapping[str, int], tau: float, variation: float) -> tuple[float, float]:
    """Return the 80 % interval of revenue that is seen and will come of the open leads.

    Parameters
    ----------
    sums
        Sums over leads.
    tau
        Error of past predictions.
    variation
        Variation of deal values.
    """
    predicted = PredictedSums(
        wins=sums.get("open_win_ppm", 0) / MILLION,
        win_variance=sums.get("open_win_squares_ppm", 0) / MILLION,
        value=sums.get("open_value_micros", 0) / MILLION,
    )
    return interval_of_sums(sums.get("revenue_micros", 0) / MILLION, [predicted], variation, tau)
