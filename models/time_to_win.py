"""Time from submit to win: an accelerated failure time model with right truncation.

Log delay = mu + scale x noise, mu = intercept + slope x standardised log size + effect of the channel. The noise is
normal (log-normal delays) or extreme-value (Weibull delays), whichever has the higher likelihood. A win is in the data
only if it came before the snapshot, so each contributes f(d) / F(age) (Lawless 2003, "Statistical Models and Methods
for Lifetime Data", 2.4). All distributions are conditional on a win within the horizon: F(t) / F(horizon).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.optimize import minimize
from scipy.special import log_ndtr

from leadworth.arrays import Vector

MINIMUM_DAYS = 0.5
"""Shorter delays count as half a day: many CRMs store dates without a time."""
_CHANNEL_SPREAD = 0.3
_SLOPE_SPREAD = 0.5
_LOWEST = 1e-12
_NODES, _NODE_WEIGHTS = (part.astype(np.float64) for part in hermegauss(9))
_SHARES = _NODE_WEIGHTS / _NODE_WEIGHTS.sum()


@dataclass(frozen=True)
class TimeToWin:
    """Distribution of the days from submit to a win within the horizon.

    Examples
    --------
    >>> delay = TimeToWin("weibull", intercept=np.log(60.0), slope=0.0, scale=1.0, channels={}, horizon_days=365.0)
    >>> delay.seen(np.array([0.0, 60.0, 365.0]), np.zeros(3)).round(3).tolist()
    [0.008, 0.634, 1.0]
    """

    family: Literal["lognormal", "weibull"]
    intercept: float
    slope: float
    scale: float
    channels: dict[int, float]
    horizon_days: float
    size_center: float = 0.0
    size_spread: float = 1.0

    def seen(self, days: Vector, log_size: Vector, channel: Vector | None = None) -> Vector:
        """Return the probability that a win of this size has occurred by this age, shape (n,).

        Parameters
        ----------
        days
            Days since submit, shape (n,); nan counts as the horizon.
        log_size
            Natural log of the deal size, shape (n,); nan counts as the mean.
        channel
            Codes of the channel, shape (n,); unknown codes have no effect.
        """
        mu = self._mu(log_size, channel)
        within = np.fmin(np.where(np.isnan(days), self.horizon_days, days), self.horizon_days)
        return np.exp(self._log_cdf(within, mu) - self._log_cdf(np.full_like(mu, self.horizon_days), mu))

    def expected(
        self, days: Vector, log_size: Vector, spread: float, channel: Vector | None = None
    ) -> tuple[Vector, Vector]:
        """Return `seen` averaged over the unknown size, and the relative expected revenue of later wins.

        The log size is normal with mean `log_size` and standard deviation `spread`. The second vector is
        E[size | win after this age] / E[size | win], above 1 if large deals are slow. The integral is Gauss-Hermite
        with 9 nodes; weighting a normal by its exponential shifts the mean by the variance.
        """
        seen = np.zeros(len(days))
        money = np.zeros(len(days))
        for node, share in zip(_NODES, _SHARES, strict=True):
            seen += share * self.seen(days, log_size + spread * node, channel)
            money += share * self.seen(days, log_size + spread * (node + spread), channel)
        left = 1.0 - seen
        return seen, np.where(left > 1e-6, (1.0 - money) / np.maximum(left, 1e-6), 1.0)

    def quantile(self, share: float) -> float:
        """Return the days after which this share of the wins of mean size has occurred."""
        grid = np.arange(1.0, self.horizon_days + 1.0)
        seen = self.seen(grid, np.full(len(grid), self.size_center))
        return float(grid[min(int(np.searchsorted(seen, share)), len(grid) - 1)])

    def _mu(self, log_size: Vector, channel: Vector | None) -> Vector:
        size = np.nan_to_num((log_size - self.size_center) / self.size_spread)
        mu: Vector = self.intercept + self.slope * np.clip(size, -4.0, 4.0)
        if channel is not None and self.channels:
            for code, effect in self.channels.items():
                mu = mu + effect * (channel == code)
        return mu

    def _log_cdf(self, days: Vector, mu: Vector) -> Vector:
        z = (np.log(np.maximum(days, MINIMUM_DAYS)) - mu) / self.scale
        if self.family == "lognormal":
            return np.asarray(log_ndtr(z))
        return np.log(np.maximum(-np.expm1(-np.exp(np.minimum(z, 30.0))), _LOWEST))

    def _log_density(self, days: Vector, mu: Vector) -> Vector:
        """Return log f without the terms that do not depend on the parameters."""
        z = (np.log(np.maximum(days, MINIMUM_DAYS)) - mu) / self.scale
        if self.family == "weibull":
            z = np.minimum(z, 30.0)
            return np.asarray(z - np.exp(z) - np.log(self.scale))
        return np.asarray(-0.5 * z**2 - np.log(self.scale * np.sqrt(2.0 * np.pi)))


def fit_delay(
    days: Vector,
    age_days: Vector,
    log_size: Vector,
    channel: Vector | None,
    horizon_days: float,
    *,
    min_wins: int = 20,
) -> TimeToWin:
    """Fit both families to the observed wins and return the one with the higher likelihood.

    Parameters
    ----------
    days
        Days from submit to win of each observed win, shape (n,).
    age_days
        Days from submit to snapshot, shape (n,); nan if unknown (no truncation).
    log_size
        Natural log of the revenue, shape (n,); nan if unknown.
    channel
        Codes of the channel, shape (n,), or None.
    horizon_days
        Wins later than this do not count.
    min_wins
        Minimum wins of a channel with its own effect.
    """
    sizes = log_size[np.isfinite(log_size)]
    center = float(sizes.mean()) if len(sizes) else 0.0
    spread = float(sizes.std()) if len(sizes) else 0.0
    codes: list[int] = []
    if channel is not None:
        values, counts = np.unique(channel[np.isfinite(channel)], return_counts=True)
        codes = [int(code) for code, count in zip(values, counts, strict=True) if count >= min_wins]
    logs = np.log(np.maximum(days, MINIMUM_DAYS))
    fits = []
    for family in ("lognormal", "weibull"):
        start = TimeToWin(
            family=family,
            intercept=float(logs.mean()),
            slope=0.0,
            scale=max(float(logs.std()), 0.1),
            channels=dict.fromkeys(codes, 0.0),
            horizon_days=horizon_days,
            size_center=center,
            size_spread=spread if spread > 0 else 1.0,
        )
        fits.append(_maximise(start, days, age_days, log_size, channel, spread > 0))
    return max(fits, key=lambda fit: fit[1])[0]


def _maximise(
    start: TimeToWin, days: Vector, age_days: Vector, log_size: Vector, channel: Vector | None, has_size: bool
) -> tuple[TimeToWin, float]:
    """Return the fit of one family and its penalised log-likelihood."""
    codes = list(start.channels)
    truncation = np.maximum(np.fmin(age_days, start.horizon_days), days)

    def model(parameters: Vector) -> TimeToWin:
        return replace(
            start,
            intercept=float(parameters[0]),
            scale=float(np.exp(parameters[1])),
            slope=float(parameters[2]) if has_size else 0.0,
            channels={code: float(effect) for code, effect in zip(codes, parameters[3:], strict=True)},
        )

    def loss(parameters: Vector) -> float:
        delay = model(parameters)
        mu = delay._mu(log_size, channel)
        likelihood = delay._log_density(days, mu) - delay._log_cdf(truncation, mu)
        penalty = np.sum((parameters[3:] / _CHANNEL_SPREAD) ** 2) + (parameters[2] / _SLOPE_SPREAD) ** 2
        prior = ((parameters[0] - start.intercept) / 3.0) ** 2 + ((parameters[1] - np.log(start.scale)) / 1.0) ** 2
        return float(-likelihood.sum() + 0.5 * (penalty + prior))

    initial = np.concatenate([[start.intercept, np.log(start.scale), 0.0], np.zeros(len(codes))])
    bounds = [(-2.0, 12.0), (np.log(0.05), np.log(5.0)), (-2.0, 2.0)] + [(-2.0, 2.0)] * len(codes)
    best = minimize(loss, initial, method="L-BFGS-B", bounds=bounds)
    return model(best.x), -float(best.fun)
