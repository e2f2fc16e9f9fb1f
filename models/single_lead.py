"""The learned part of a bundle made ready for one lead after the other, in plain floats.

The same formulas as `models.worth`, where they stand for arrays; a score of one lead would spend most
of its time on arrays of length 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from models.base import Vector
from models.guarantee import Threshold
from models.judge import Numbers
from models.junk import Junk
from models.worth import Worth

JunkLogOdds = Callable[[Vector, Sequence[float]], float]
Card = Callable[[Sequence[float]], float]


class Explained(NamedTuple):
    """What is predicted of one lead, and why: baseline, contributions and terms add up to the log-odds.

    `limit` is the threshold of rejection for the junk log-odds; None where no junk score may reject.
    """

    numbers: Numbers
    junk_log_odds: float
    limit: Threshold | None
    baseline: float
    contributions: Vector
    terms: dict[str, float]


class SingleLead:
    """The models of a bundle for single leads.

    Parameters
    ----------
    worth
        The models.
    """

    def __init__(self, worth: Worth) -> None:
        self._worth = worth
        self._baseline = worth.platt.shift + worth.platt.slope * (worth.intercept + worth.win.baseline)
        self._factors = {float(code): factor for code, factor in worth.revenue.channels.items()}
        self._automation = worth.automation.single(worth.names)
        card = worth.junk.rules if isinstance(worth.junk, Junk) else worth.junk
        by_rules = card.single(worth.names)
        self._junk = _learned(worth.junk, by_rules) if isinstance(worth.junk, Junk) else _by_card(by_rules)

    def explain(self, row: Vector, values: Sequence[float], age_days: float | None = None) -> Explained:
        """Predict a lead at submit, or one that is still open, with what each feature adds.

        Parameters
        ----------
        row, values
            Features, shape (n_features,): as an array, and the same as plain floats.
        age_days
            Days since submit of a lead that is still open; nan or None: at submit.
        """
        worth = self._worth
        limit = worth.guarantee.of(None if worth.channel is None else values[worth.channel])
        if age_days is not None and age_days > 0 and worth.delay is not None:
            return _of_arrays(worth, row, age_days, limit)
        margin, contributions = worth.win.contributions_one(row)
        genuine = worth.platt.shift + worth.platt.slope * (worth.intercept + margin)
        junk = self._junk(row, values)
        win = _sigmoid(-junk) * _sigmoid(genuine)
        held = min(max(win, 1e-12), 1.0 - 1e-12)
        submit = math.log(held) - math.log1p(-held)
        automation = _sigmoid(self._automation(values))
        return Explained(
            Numbers(_sigmoid(submit), self._revenue(row, values), _sigmoid(junk), automation),
            junk,
            limit,
            self._baseline,
            worth.platt.slope * contributions,
            {"junk": submit - genuine, "age": 0.0},
        )

    def _revenue(self, row: Vector, values: Sequence[float]) -> float:
        model, channel = self._worth.revenue, self._worth.channel
        if model.unit:
            return 1.0
        money = model.factor * math.exp(model.intercept + model.trees.raw_one(row))
        return money if channel is None else money * self._factors.get(values[channel], 1.0)


def _of_arrays(worth: Worth, row: Vector, age_days: float, limit: Threshold | None) -> Explained:
    said, baseline, contributions, terms = worth.explain(row.reshape(1, -1), np.array([age_days]))
    return Explained(
        Numbers(*[float(getattr(said, name)[0]) for name in Numbers._fields]),
        float(said.junk_log_odds[0]),
        limit,
        float(baseline[0]),
        contributions[0],
        {name: float(term[0]) for name, term in terms.items()},
    )


def _learned(model: Junk, by_rules: Card) -> JunkLogOdds:
    return lambda row, values: model.shift + model.slope * (by_rules(values) + model.trees.raw_one(row))


def _by_card(by_rules: Card) -> JunkLogOdds:
    return lambda _, values: by_rules(values)


def _sigmoid(log_odds: float) -> float:
    tail = math.exp(-abs(log_odds))
    return (1.0 if log_odds >= 0 else tail) / (1.0 + tail)
