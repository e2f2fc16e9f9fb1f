"""What a platform learns from conversions: a value per click for each of its cells."""

from __future__ import annotations

import numpy as np

from simulation.auction.auction_parameters import BidderParameters
from simulation.auction.market_cells import Cells
from simulation.rng import Floats, Ints

_LEAST_SEEN = 0.05
_FACTOR_LIMITS = (0.4, 2.5)


class ClickHistory:
    """Clicks and values by day of the click, on one platform.

    Parameters
    ----------
    days
        Days of the run.
    cells
        Number of cells.
    """

    def __init__(self, days: int, cells: int) -> None:
        self.clicks = np.zeros((days, cells), dtype=np.float32)
        self.value = np.zeros((days, cells), dtype=np.float32)
        self.daily = np.zeros(days)  # clicks
        self._by_lag = np.zeros(days)
        self._conversions = np.zeros(days)  # by day of the report
        self._sums = np.zeros(3)  # number of values above 0, their sum, their sum of squares

    def add_clicks(self, day: int, clicks: Floats) -> None:
        """Record the clicks of a day."""
        self.clicks[day] = clicks
        self.daily[day] = clicks.sum()

    def begin_again(self) -> ClickHistory:
        """Return a history of the same clicks without conversions; it shares the clicks."""
        other = ClickHistory(0, 0)
        other.clicks, other.daily = self.clicks, self.daily
        other.value = np.zeros_like(self.value)
        other._by_lag = np.zeros_like(self._by_lag)
        other._conversions = np.zeros_like(self._conversions)
        return other

    def add_conversions(self, day: int, click_day: Ints, cell: Ints, old: Floats, new: Floats) -> None:
        """Record values that changed from `old` to `new` on `day`; they count on the day of the click."""
        np.add.at(self.value, (click_day, cell), (new - old).astype(np.float32))
        np.add.at(self._by_lag, day - click_day, new - old)
        self._conversions[day] += float(((old == 0) & (new > 0)).sum())
        for values, sign in ((new, 1), (old, -1)):
            self._sums += sign * np.array([(values > 0).sum(), values.sum(), (values**2).sum()])

    def recent(self, day: int) -> float:
        """Return the number of conversions reported in the last 30 days."""
        return float(self._conversions[max(day - 30, 0) : day].sum())

    @property
    def variation(self) -> float:
        """Return the squared coefficient of variation of the values."""
        count, total, squares = self._sums
        return float(max(squares * count / total**2 - 1, 0.0)) if count > 1 and total > 0 else 0.0

    def mean_value(self) -> float:
        """Return the mean of the values above 0, or 0."""
        count, total, _ = self._sums
        return float(total / count) if count > 0 else 0.0

    def seen_share(self, day: int) -> Floats:
        """Return the share of its final value that a click shows at each age in days, as far as lags were seen."""
        with_age = np.cumsum(self.daily[:day])[::-1]  # clicks that are at least so old
        rate = self._by_lag[:day] / np.maximum(with_age, 1.0)
        total = rate.sum()
        if total <= 0:
            return np.ones(day)
        share: Floats = (np.cumsum(rate) / total).clip(_LEAST_SEEN, 2.0)
        return share

    def weighted(self, day: int, rules: BidderParameters) -> tuple[Floats, Floats]:
        """Return clicks, as far as their value can be known, and values by cell; old days count less."""
        first = max(day - rules.history_days, 0)
        age = day - 1 - np.arange(first, day)
        weight = np.exp(-age / rules.memory_days)
        seen = weight * self.seen_share(day)[age]
        clicks = seen.astype(np.float32) @ self.clicks[first:day]
        value = weight.astype(np.float32) @ self.value[first:day]
        return clicks.astype(np.float64), value.astype(np.float64)


class CellTree:
    """Groups of the cells of one platform, from campaigns down; each level shrinks towards the one above it.

    Below campaign and audience, device, hours and country act as factors within their channel.
    """

    def __init__(self, cells: Cells, part: slice) -> None:
        columns = {name: getattr(cells, name)[part] for name in cells.__dataclass_fields__}
        channel = columns["channel"]
        levels = [("channel",), ("channel", "campaign"), ("channel", "campaign", "audience")]
        self._levels = [_groups(*(columns[name] for name in names)) for names in levels]
        self._factors = [_groups(channel, columns[name]) for name in ("audience", "device", "hours", "country")]

    def rates(self, clicks: Floats, value: Floats, strength: float) -> Floats:
        """Return the value per click of each cell.

        Parameters
        ----------
        strength
            Clicks that weigh as much as what is above.

        Examples
        --------
        With much data a cell has its own rate, with none that of the platform.

        >>> zero = np.zeros(2, dtype=np.int64)
        >>> tree = CellTree(Cells(zero, np.array([0, 1]), np.array([0, 1]), zero, zero, zero, zero), slice(None))
        >>> tree.rates(np.array([1e6, 1e6]), np.array([1e6, 3e6]), 10.0).round(2).tolist()
        [1.0, 3.0]
        >>> tree.rates(np.array([1e6, 0.0]), np.array([1e6, 0.0]), 10.0).round(2).tolist()
        [1.0, 1.0]
        """
        total = max(float(value.sum()), 0.0) / max(float(clicks.sum()), 1e-9)
        rate = np.full(len(clicks), total)
        for number, groups in enumerate(self._levels):
            rate = _shrunk(groups, clicks, value, rate, strength)
            if number == 0:
                rate = self._with_factors(rate, clicks, value, strength)
        cell = np.arange(len(clicks))
        return _shrunk(cell, clicks, value, rate, strength).clip(0.0)

    def _with_factors(self, rate: Floats, clicks: Floats, value: Floats, strength: float) -> Floats:
        prior = strength * max(float(value.sum()), 0.0) / max(float(clicks.sum()), 1e-9)
        result = rate.copy()
        for groups in self._factors:
            seen = np.bincount(groups, value)[groups]
            expected = np.bincount(groups, clicks * result)[groups]
            factor = (seen + prior) / np.maximum(expected + prior, 1e-12)
            result = result * factor.clip(*_FACTOR_LIMITS)
        return result


def _groups(*columns: Ints) -> Ints:
    return np.unique(np.column_stack(columns), axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def _shrunk(groups: Ints, clicks: Floats, value: Floats, parent: Floats, strength: float) -> Floats:
    """Return the rate of the group of each cell, corrected for what its cells were expected to have."""
    seen = np.bincount(groups, value)[groups]
    expected = np.bincount(groups, clicks * parent)[groups]
    weight = np.bincount(groups, clicks)[groups]
    prior = strength * np.divide(expected, weight, out=parent.copy(), where=weight > 0)
    factor = (seen + prior) / np.maximum(expected + prior, 1e-12)
    return np.asarray(parent * factor)
