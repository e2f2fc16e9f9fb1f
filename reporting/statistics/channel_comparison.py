"""Comparison of channels by what a unit of spend returns: probability that one is better, and leads still needed.

The log ratio of two returns is about normal with variance v_A + v_B, v = (1 - p) / w + cv^2 / w + (share predicted x
tau)^2, where w are the wins seen and expected, p is wins / leads, cv the coefficient of variation of deal values, and
tau the standard deviation of ln(revenue that came / revenue that was predicted) of past cohorts of this age. Channels
are ranked only where the probability exceeds 90 %.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

RANKED_FROM = 0.9
INTERVAL = 0.8
TAU_WITHOUT_RECORD = 0.35
COHORTS_OF_A_RECORD = 8
MOST_MORE_LEADS = 10.0
"""Factor of the leads above which no number of missing leads is named."""
LEAST_WINS = 1.0
"""Wins, seen and expected, below which a return has no interval."""
_Z = float(ndtri(RANKED_FROM))
_HALF_WIDTH = float(ndtri((1.0 + INTERVAL) / 2.0))


@dataclass(frozen=True)
class ChannelReturn:
    """Return of a channel.

    Attributes
    ----------
    leads
        Leads of the period, shape of the evidence.
    wins
        Wins seen and expected.
    seen, predicted
        Revenue of won leads, and predicted revenue of open ones.
    spend
        Positive.
    value_cv
        Coefficient of variation of deal values; see `deal_value_cv`.
    tau
        See `tau_of_record`.
    """

    leads: float
    wins: float
    seen: float
    predicted: float
    spend: float
    value_cv: float = 1.0
    tau: float = TAU_WITHOUT_RECORD

    @property
    def per_unit(self) -> float:
        """Revenue, seen and predicted, per unit of spend; nan without spend."""
        return (self.seen + self.predicted) / self.spend if self.spend > 0 else math.nan

    @property
    def predicted_share(self) -> float:
        """Share of the revenue that is predicted."""
        revenue = self.seen + self.predicted
        return self.predicted / revenue if revenue > 0 else 0.0

    def chance_variance(self) -> float:
        """Return the variance of the log return that more leads would lower; inf without a win."""
        if self.wins <= 0:
            return math.inf
        share = min(self.wins / self.leads, 1.0) if self.leads > 0 else 0.0
        return (1.0 - share + self.value_cv**2) / self.wins

    def model_variance(self) -> float:
        """Return the variance of the log return that only time lowers: that of the prediction."""
        return (self.predicted_share * self.tau) ** 2

    def interval(self) -> tuple[float, float] | None:
        """Return the 80 % interval of the return; None without spend, or with less than one win seen and expected.

        Examples
        --------
        >>> search = ChannelReturn(leads=400, wins=12, seen=96_000, predicted=0, spend=16_000)
        >>> [round(end, 2) for end in search.interval()]
        [3.57, 10.08]
        """
        if not (self.wins >= LEAST_WINS and self.per_unit > 0):
            return None
        variance = self.chance_variance() + self.model_variance()
        width = _HALF_WIDTH * math.sqrt(variance)
        return self.per_unit * math.exp(-width), self.per_unit * math.exp(width)


@dataclass(frozen=True)
class ReturnComparison:
    """Whether one channel is better than another.

    Attributes
    ----------
    probability
        That the first returns more per unit of spend than the second.
    z
        Log ratio of the returns over its standard error.
    more_leads
        Factor of the leads of both at which the better one would be ranked; 1 where it is; inf where more leads alone
        would not do, because the difference is within the error of the predictions.
    """

    probability: float
    z: float
    more_leads: float

    @property
    def is_distinguishable(self) -> bool:
        """Whether the first is better with a probability above 90 %."""
        return self.probability > RANKED_FROM


def compare(first: ChannelReturn, second: ChannelReturn) -> ReturnComparison:
    """Compare the returns of two channels; without a return in either, nothing is distinguishable.

    Examples
    --------
    >>> search = ChannelReturn(leads=400, wins=12, seen=96_000, predicted=0, spend=16_000)
    >>> social = ChannelReturn(leads=900, wins=9, seen=63_000, predicted=0, spend=12_000)
    >>> result = compare(search, social)
    >>> round(result.z, 3), round(result.probability, 3), result.more_leads > MOST_MORE_LEADS
    (0.215, 0.585, True)
    """
    chance = first.chance_variance() + second.chance_variance()
    model = first.model_variance() + second.model_variance()
    if not (first.per_unit > 0 and second.per_unit > 0 and math.isfinite(chance + model)):
        return ReturnComparison(0.5, 0.0, math.inf)
    distance = math.log(first.per_unit) - math.log(second.per_unit)
    if chance + model == 0.0:
        return ReturnComparison(0.5 + 0.5 * float(np.sign(distance)), float(np.sign(distance)) * math.inf, 1.0)
    z = distance / math.sqrt(chance + model)
    left = (distance / _Z) ** 2 - model
    more = max(chance / left, 1.0) if left > 0 else math.inf
    return ReturnComparison(float(ndtr(z)), z, more)


@dataclass(frozen=True)
class RankVerdict:
    """What can be said about a channel against the next one below it.

    Attributes
    ----------
    other
        Channel that it is compared with; None for the last.
    comparison
        With `other`.
    more_leads
        Leads that are still needed, about; None where it is better already, or more than ten times as many are needed.
    """

    other: str | None
    comparison: ReturnComparison | None
    more_leads: int | None


def rank(channels: Mapping[str, ChannelReturn]) -> dict[str, RankVerdict]:
    """Return the channels by falling return, each compared with the nearest one below that it certainly exceeds.

    Where it certainly exceeds none, it is compared with the next one below. Channels without an interval
    come last and are compared with none.

    Examples
    --------
    >>> search = ChannelReturn(leads=400, wins=30, seen=240_000, predicted=0, spend=16_000)
    >>> fair = ChannelReturn(leads=100, wins=4, seen=40_000, predicted=0, spend=3_000)
    >>> social = ChannelReturn(leads=900, wins=18, seen=20_000, predicted=0, spend=12_000)
    >>> [(name, verdict.other) for name, verdict in rank({"social": social, "fair": fair, "search": search}).items()]
    [('search', 'social'), ('fair', 'social'), ('social', None)]
    """
    comparable = {name: value for name, value in channels.items() if value.interval() is not None}
    order = sorted(comparable, key=lambda name: (-comparable[name].per_unit, name))
    verdicts = {name: _verdict(name, order[place + 1 :], comparable) for place, name in enumerate(order)}
    nothing = RankVerdict(None, None, None)
    return verdicts | {name: nothing for name in channels if name not in comparable}


def _verdict(name: str, below: Sequence[str], channels: Mapping[str, ChannelReturn]) -> RankVerdict:
    for other in below:
        comparison = compare(channels[name], channels[other])
        if comparison.is_distinguishable:
            return RankVerdict(other, comparison, None)
    if not below:
        return RankVerdict(None, None, None)
    other = below[0]
    comparison = compare(channels[name], channels[other])
    more = None
    if comparison.more_leads <= MOST_MORE_LEADS:
        more = math.ceil((comparison.more_leads - 1.0) * (channels[name].leads + channels[other].leads))
    return RankVerdict(other, comparison, more)


def tau_of_record(said: Sequence[float], came: Sequence[float], chance: Sequence[float] | None = None) -> float:
    """Return the standard deviation of ln(came / said) of past cohorts at one age; 0.35 until there are eight.

    Parameters
    ----------
    said, came
        Revenue predicted and seen of each cohort; pairs that are not both positive are left out.
    chance
        Variance of each logarithm by the luck of single leads, (1 - p + cv^2) / wins said, which is no error of the
        prediction: what exceeds it is estimated by moments (DerSimonian and Laird 1986), so small cohorts weigh
        little. None: nothing is subtracted, which overstates tau where cohorts have few wins.

    Examples
    --------
    >>> tau_of_record([1.0] * 7, [1.0] * 7), round(tau_of_record([1.0] * 8, [1.2, 1 / 1.2] * 4), 3)
    (0.35, 0.195)
    """
    by_chance = [1.0] * len(said) if chance is None else chance
    pairs = [
        (math.log(real / expected), variance)
        for expected, real, variance in zip(said, came, by_chance, strict=True)
        if expected > 0 and real > 0 and 0 < variance < math.inf
    ]
    if len(pairs) < COHORTS_OF_A_RECORD:
        return TAU_WITHOUT_RECORD
    logs, variances = np.array(pairs).T
    if chance is None:
        return float(np.std(logs, ddof=1))
    weights = 1.0 / variances
    mean = float(np.average(logs, weights=weights))
    excess = float((weights * (logs - mean) ** 2).sum()) - (len(logs) - 1)
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    return math.sqrt(max(excess / scale, 0.0))


def deal_value_cv(wins: int, revenue: float, revenue_squares: float) -> float:
    """Return the coefficient of variation of deal values from their sums; 1 below two wins.

    Examples
    --------
    >>> round(deal_value_cv(2, 30_000.0, 10_000.0**2 + 20_000.0**2), 4)
    0.4714
    """
    if wins < 2 or revenue <= 0:
        return 1.0
    mean = revenue / wins
    variance = max(revenue_squares / wins - mean**2, 0.0) * wins / (wins - 1)
    return math.sqrt(variance) / mean
