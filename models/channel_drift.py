"""Recent drift of single channels: a change of the log-odds over the latest half-year, by channel.

The level curve follows the whole market. A channel can change alone: a new campaign, a new landing page, a partner that
sends other people. Each channel has one effect that grows linearly from 0 at 180 days before the newest lead to its
full size at the newest lead, with a normal prior around 0: a channel with few wins keeps the level of the market.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from leadworth.arrays import Indices, Vector
from models.code_table import by_code, look_up
from models.cure_model import CensoredOutcomes
from models.time_to_win import DAYS_PER_YEAR

RAMP_DAYS = 180.0
SPREAD = 0.2
"""Prior standard deviation of an effect, log-odds."""
MINIMUM_LEADS = 50
"""Minimum leads of the last 180 days for an effect."""
_ROUNDS = 100


@dataclass(frozen=True)
class ChannelDrift:
    """Effect of each channel on the log-odds of the newest leads, by its code; 0 for other codes.

    Examples
    --------
    >>> drift = ChannelDrift({1: 0.4})
    >>> drift.now(np.array([0.0, 1.0, np.nan])).tolist()
    [0.0, 0.4, 0.0]
    >>> drift.at(np.array([1.0, 1.0]), np.array([90.0, 400.0]) / 365.25).tolist()
    [0.2, 0.0]
    """

    effects: dict[int, float] = field(default_factory=dict)

    def now(self, channel: Vector) -> Vector:
        """Return the effect on the newest leads of these channels, shape (n,)."""
        return look_up(np.ascontiguousarray(channel), self._table)

    def at(self, channel: Vector, years_before: Vector) -> Vector:
        """Return the effect on leads submitted these years before the newest lead, shape (n,)."""
        return self.now(channel) * _ramp(years_before)

    @cached_property
    def _table(self) -> Vector:
        return by_code(self.effects, 0.0)


def fit_channel_drift(
    evidence: CensoredOutcomes, rows: Indices, log_odds: Vector, channel: Vector, years_before: Vector
) -> ChannelDrift:
    """Fit the effects by Newton's method.

    Parameters
    ----------
    evidence
        Censored outcomes of all leads.
    rows
        Row numbers of the leads to fit.
    log_odds
        Out-of-fold log-odds of g without drift of channels, shape (len(rows),).
    channel
        Code of each row's channel, shape (len(rows),).
    years_before
        Years from submit to the submit of the newest lead, shape (len(rows),).
    """
    ramp = _ramp(years_before)
    tempered = evidence.of(rows).tempered()
    effects = {}
    for code in np.unique(channel[np.isfinite(channel)]).tolist():
        inside = np.flatnonzero((channel == code) & (ramp > 0))
        if len(inside) < MINIMUM_LEADS:
            continue
        effect = 0.0
        known, without, weight = tempered.of(inside), log_odds[inside], ramp[inside]
        for _ in range(_ROUNDS):
            gradient, curve = known.derivatives(without + effect * weight)
            slope = float(gradient @ weight) + effect / SPREAD**2
            change = slope / (float(curve @ weight**2) + SPREAD**-2)
            effect -= float(np.clip(change, -0.5, 0.5))
            if abs(change) < 1e-7:
                break
        effects[int(code)] = effect
    return ChannelDrift(effects)


def _ramp(years_before: Vector) -> Vector:
    return np.clip(1.0 - years_before * DAYS_PER_YEAR / RAMP_DAYS, 0.0, 1.0)
