"""Time from submit to win: an accelerated failure time model with right truncation.

Log delay = mu + noise, mu = intercept + slope x standardised log size + effect of the channel + `per_year` for each
year before the newest lead. The noise is normal (log-normal delays), extreme-value (Weibull delays), or a mixture of
two such noises where sales has two speeds. A win is in the data only if it came before the snapshot, so each
contributes f(d) / F(age) (Lawless 2003, "Statistical Models and Methods for Lifetime Data", 2.4). All distributions are
conditional on a win within the horizon: F(t) / F(horizon). `models.delay_likelihood` fits them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import log_ndtr

from leadworth.arrays import Vector
from models.code_table import by_code, look_up

Family = Literal["lognormal", "weibull"]
MINIMUM_DAYS = 0.5
"""Shorter delays count as half a day: many CRMs store dates without a time."""
DAYS_PER_YEAR = 365.25
_LOWEST = 1e-12
_NODES, _NODE_WEIGHTS = (part.astype(np.float64) for part in hermegauss(9))
_SHARES = _NODE_WEIGHTS / _NODE_WEIGHTS.sum()


@dataclass(frozen=True)
class SecondSpeed:
    """Second component of the noise.

    Attributes
    ----------
    share
        Share of the wins in it, between 0 and 1.
    shift
        Location relative to the first component, in log days.
    scale
        Scale of its noise.
    """

    share: float
    shift: float
    scale: float


@dataclass(frozen=True)
class TimeToWin:
    """Distribution of the days from submit to a win within the horizon.

    Examples
    --------
    >>> delay = TimeToWin("weibull", intercept=np.log(60.0), slope=0.0, scale=1.0, channels={}, horizon_days=365.0)
    >>> delay.seen(np.array([0.0, 60.0, 365.0]), np.zeros(3)).round(3).tolist()
    [0.008, 0.634, 1.0]
    """

    family: Family
    intercept: float
    slope: float
    scale: float
    channels: dict[int, float]
    horizon_days: float
    size_center: float = 0.0
    size_spread: float = 1.0
    per_year: float = 0.0
    second: SecondSpeed | None = None

    def seen(
        self, days: Vector, log_size: Vector, channel: Vector | None = None, age_days: Vector | None = None
    ) -> Vector:
        """Return the probability that a win of this size has occurred by this age, shape (n,).

        Parameters
        ----------
        days
            Days since submit, shape (n,); nan counts as the horizon.
        log_size
            Natural log of the deal size, shape (n,); nan counts as the mean.
        channel
            Codes of the channel, shape (n,); unknown codes have no effect.
        age_days
            Days from submit to the snapshot, shape (n,): how old the lead is, for delays that change over the
            years; None where `days` is the age.
        """
        mu = self.location(log_size, channel, days if age_days is None else age_days)
        within = np.fmin(np.where(np.isnan(days), self.horizon_days, days), self.horizon_days)
        return np.exp(self.log_cdf(within, mu) - self.log_cdf(np.full_like(mu, self.horizon_days), mu))

    def expected(
        self,
        days: Vector,
        log_size: Vector,
        spread: float,
        channel: Vector | None = None,
        age_days: Vector | None = None,
    ) -> tuple[Vector, Vector]:
        """Return `seen` averaged over the unknown size, and the relative expected revenue of later wins.

        The log size is normal with mean `log_size` and standard deviation `spread`. The second vector is
        E[size | win after this age] / E[size | win], above 1 if large deals are slow. The integral is Gauss-Hermite
        with 9 nodes; weighting a normal by its exponential shifts the mean by the variance.
        """
        seen = np.zeros(len(days))
        money = np.zeros(len(days))
        for node, share in zip(_NODES, _SHARES, strict=True):
            seen += share * self.seen(days, log_size + spread * node, channel, age_days)
            money += share * self.seen(days, log_size + spread * (node + spread), channel, age_days)
        left = 1.0 - seen
        return seen, np.where(left > 1e-6, (1.0 - money) / np.maximum(left, 1e-6), 1.0)

    def quantile(self, share: float) -> float:
        """Return the days after which this share of the wins of all sizes has occurred, for the newest leads."""
        grid = np.arange(1.0, self.horizon_days + 1.0)
        sizes = np.full(len(grid), self.size_center)
        seen, _ = self.expected(grid, sizes, self.size_spread, age_days=np.zeros(len(grid)))
        return float(grid[min(int(np.searchsorted(seen, share)), len(grid) - 1)])

    def location(self, log_size: Vector, channel: Vector | None, age_days: Vector) -> Vector:
        """Return mu, the location of the log delay, shape (n,); parameters as for `seen`."""
        size = np.nan_to_num((log_size - self.size_center) / self.size_spread)
        years = np.nan_to_num(np.maximum(age_days, 0.0)) / DAYS_PER_YEAR
        mu: Vector = self.intercept + self.slope * np.clip(size, -4.0, 4.0) + self.per_year * years
        if channel is not None and self.channels:
            mu = mu + look_up(np.ascontiguousarray(channel), by_code(self.channels, 0.0))
        return mu

    def log_cdf(self, days: Vector, mu: Vector) -> Vector:
        """Return log F, the log of the probability of a win within these days, shape (n,)."""
        logs = np.log(np.maximum(days, MINIMUM_DAYS)) - mu
        first = self._component_log_cdf(logs / self.scale)
        if self.second is None:
            return first
        return self._mix(first, self._component_log_cdf((logs - self.second.shift) / self.second.scale))

    def log_density(self, days: Vector, mu: Vector) -> Vector:
        """Return log f without the terms that do not depend on the parameters, shape (n,)."""
        logs = np.log(np.maximum(days, MINIMUM_DAYS)) - mu
        first = self._component_log_density(logs / self.scale, self.scale)
        if self.second is None:
            return first
        scaled = (logs - self.second.shift) / self.second.scale
        return self._mix(first, self._component_log_density(scaled, self.second.scale))

    def _mix(self, first: Vector, second: Vector) -> Vector:
        share = self.second.share if self.second else 0.0
        mixed: Vector = np.logaddexp(np.log1p(-share) + first, np.log(share) + second)
        return mixed

    def _component_log_cdf(self, z: Vector) -> Vector:
        if self.family == "lognormal":
            return np.asarray(log_ndtr(z))
        return np.log(np.maximum(-np.expm1(-np.exp(np.minimum(z, 30.0))), _LOWEST))

    def _component_log_density(self, z: Vector, scale: float) -> Vector:
        if self.family == "weibull":
            z = np.minimum(z, 30.0)
            return np.asarray(z - np.exp(z) - np.log(scale))
        return np.asarray(-0.5 * z**2 - np.log(scale * np.sqrt(2.0 * np.pi)))
