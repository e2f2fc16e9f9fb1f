"""Maximum likelihood fit of the time to win from right-truncated delays.

Both families are fitted, and the likelier one is taken. If it does not fit, a mixture of two speeds is fitted too, and
kept if the Bayesian information criterion prefers it (Schwarz 1978). The fit is measured by the Kolmogorov distance of
F(d) / F(age), which is uniform under the right distribution.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from leadworth.arrays import Vector
from models.time_to_win import MINIMUM_DAYS, Family, SecondSpeed, TimeToWin

MISFIT = 1.0
"""Kolmogorov distance x sqrt(n) above which one speed does not fit; 1.36 is the 5 % limit without fitted parameters."""
_CHANNEL_SPREAD = 0.3
_SLOPE_SPREAD = 0.5
_YEAR_SPREAD = 0.3
_SHIFT_SPREAD = 2.0
_FAMILIES: tuple[Family, ...] = ("lognormal", "weibull")
_SINGLE_BOUNDS = [(-2.0, 12.0), (np.log(0.05), np.log(5.0)), (-2.0, 2.0), (-1.5, 1.5)]
_MIXTURE_BOUNDS = [(-3.0, 3.0), (-6.0, 6.0), (np.log(0.05), np.log(5.0))]


@dataclass(frozen=True)
class WinDelays:
    """Observed wins, arrays of shape (n,).

    Attributes
    ----------
    days
        Days from submit to win.
    age_days
        Days from submit to snapshot; nan if unknown (no truncation).
    log_size
        Natural log of the revenue; nan if unknown.
    channel
        Codes of the channel, or None.
    """

    days: Vector
    age_days: Vector
    log_size: Vector
    channel: Vector | None

    def misfit(self, delay: TimeToWin) -> float:
        """Return the Kolmogorov distance of F(d) / F(age) from the uniform distribution, x sqrt(n)."""
        n = len(self.days)
        if not n:
            return 0.0
        within = self._truncation(delay.horizon_days)
        mu = delay.location(self.log_size, self.channel, self.age_days)
        uniform = np.sort(np.exp(delay.log_cdf(self.days, mu) - delay.log_cdf(within, mu)))
        above = np.arange(1, n + 1) / n - uniform
        below = uniform - np.arange(n) / n
        return float(max(above.max(), below.max()) * np.sqrt(n))

    def log_likelihood(self, delay: TimeToWin) -> float:
        """Return the log-likelihood of the delays, given that each win is visible."""
        mu = delay.location(self.log_size, self.channel, self.age_days)
        within = self._truncation(delay.horizon_days)
        return float((delay.log_density(self.days, mu) - delay.log_cdf(within, mu)).sum())

    def _truncation(self, horizon_days: float) -> Vector:
        return np.maximum(np.fmin(self.age_days, horizon_days), self.days)


def fit_delay(wins: WinDelays, horizon_days: float, *, min_wins: int = 20) -> TimeToWin:
    """Fit the distribution of the time to win.

    Parameters
    ----------
    wins
        Observed wins.
    horizon_days
        Wins later than this do not count.
    min_wins
        Minimum wins of a channel with its own effect.
    """
    sizes = wins.log_size[np.isfinite(wins.log_size)]
    center = float(sizes.mean()) if len(sizes) else 0.0
    spread = float(sizes.std()) if len(sizes) else 0.0
    logs = np.log(np.maximum(wins.days, MINIMUM_DAYS))
    fits = []
    for family in _FAMILIES:
        start = TimeToWin(
            family=family,
            intercept=float(logs.mean()),
            slope=0.0,
            scale=max(float(logs.std()), 0.1),
            channels=dict.fromkeys(_frequent(wins.channel, min_wins), 0.0),
            horizon_days=horizon_days,
            size_center=center,
            size_spread=spread if spread > 0 else 1.0,
        )
        fits.append(_maximise(start, wins, has_size=spread > 0))
    single, likelihood = max(fits, key=lambda fit: fit[1])
    if wins.misfit(single) <= MISFIT:
        return single
    mixtures = [
        _maximise(replace(fit, second=SecondSpeed(0.5, shift, fit.scale)), wins, has_size=spread > 0)
        for fit, _ in fits
        for shift in (-1.5, 1.5)
    ]
    mixture, higher = max(mixtures, key=lambda fit: fit[1])
    penalty = 0.5 * len(_MIXTURE_BOUNDS) * np.log(len(wins.days))
    return mixture if higher - likelihood > penalty else single


def _frequent(channel: Vector | None, min_wins: int) -> list[int]:
    """Return the channels with enough wins for an effect of their own."""
    if channel is None:
        return []
    values, counts = np.unique(channel[np.isfinite(channel)], return_counts=True)
    return [int(code) for code, count in zip(values, counts, strict=True) if count >= min_wins]


def _maximise(start: TimeToWin, wins: WinDelays, *, has_size: bool) -> tuple[TimeToWin, float]:
    """Return the fit from one start and its penalised log-likelihood."""
    codes = list(start.channels)
    mixed = start.second is not None
    first_channel = len(_SINGLE_BOUNDS) + (len(_MIXTURE_BOUNDS) if mixed else 0)

    def model(parameters: Vector) -> TimeToWin:
        second = None
        if mixed:
            share, shift, log_scale = parameters[len(_SINGLE_BOUNDS) : first_channel].tolist()
            second = SecondSpeed(1.0 / (1.0 + float(np.exp(-share))), shift, float(np.exp(log_scale)))
        return replace(
            start,
            intercept=float(parameters[0]),
            scale=float(np.exp(parameters[1])),
            slope=float(parameters[2]) if has_size else 0.0,
            per_year=float(parameters[3]),
            second=second,
            channels={code: float(effect) for code, effect in zip(codes, parameters[first_channel:], strict=True)},
        )

    initial = [start.intercept, np.log(start.scale), start.slope, start.per_year]
    prior_spread = [3.0, 1.0, _SLOPE_SPREAD, _YEAR_SPREAD]
    center = [start.intercept, np.log(start.scale), 0.0, 0.0]
    bounds = list(_SINGLE_BOUNDS)
    if start.second is not None:
        initial += [0.0, start.second.shift, np.log(start.second.scale)]
        prior_spread += [1.5, _SHIFT_SPREAD, 1.0]
        center += [0.0, 0.0, np.log(start.second.scale)]
        bounds += _MIXTURE_BOUNDS
    prior = np.array(prior_spread + [_CHANNEL_SPREAD] * len(codes))
    middle = np.array(center + [0.0] * len(codes))

    def loss(parameters: Vector) -> float:
        penalty = 0.5 * float((((parameters - middle) / prior) ** 2).sum())
        return penalty - wins.log_likelihood(model(parameters))

    point = np.array(initial + list(start.channels.values()))
    from scipy.optimize import minimize  # for fits only

    best = minimize(loss, point, method="L-BFGS-B", bounds=bounds + [(-2.0, 2.0)] * len(codes))
    return model(best.x), -float(best.fun)
