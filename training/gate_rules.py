"""Rules that a model must pass on its own: parity of the served path, ranking, level, concentration of the revenue.

Each rule says in one sentence what was measured and, where it fails, what to do. Ranking and level are apart: a model
that ranks well may be wrong in its sums, and a constant may be right in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.gate_outcome import FAIL_MARK, finding
from training.backtest import Backtest
from training.concentration import Concentration
from training.evaluation_metrics import auc, share_in_top
from training.forecast import Forecast
from training.holdout import Holdout
from training.level import HIGH, LOW, ForecastLevel
from training.remedies import ADD_COLUMNS, IGNORE, LATEST_WINS, NOT_BEFORE
from training.resamples import Resamples
from training.served_path import LIMIT, Parity

CHANCE = 0.5
LEAST_AUC = 0.51
"""Least lower end of the interval: with many leads chance alone is soon exceeded by too little to be of use."""
IMPLAUSIBLE_AUC = 0.95
IMPLAUSIBLE_PRECISION = 0.75
"""Where most leads are spam the AUC alone may be this high; nobody knows at submit who among the others will buy."""


@dataclass(frozen=True)
class GateRule:
    """Result of one rule; a warning does not stop a promotion.

    Attributes
    ----------
    text
        What was found, a colon, and the numbers.
    do
        What to do where the rule failed.

    Examples
    --------
    >>> rule = GateRule(False, "the level is wrong: 2.1 [1.8, 2.5]", "level", do="leave out older leads")
    >>> print(rule)
    FAIL  the level is wrong: 2.1 [1.8, 2.5]; leave out older leads
    >>> rule.cause
    'the level is wrong'
    """

    passed: bool
    text: str
    name: str = ""
    warning: bool = False
    do: str = ""

    @property
    def cause(self) -> str:
        """What was found, without the numbers."""
        return finding(self.text)

    def __str__(self) -> str:
        mark = "warn" if self.warning else "pass" if self.passed else FAIL_MARK
        return f"{mark}  {self.text}{f'; {self.do}' if self.do else ''}"


@dataclass(frozen=True)
class GateDecision:
    """Results of all rules, and the version that was champion when they were decided."""

    lines: tuple[GateRule, ...]
    champion: str | None = None

    @property
    def promote(self) -> bool:
        """Whether every rule passed."""
        return all(line.passed for line in self.lines)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The lines as text."""
        return tuple(map(str, self.lines))

    @property
    def remedies(self) -> tuple[str, ...]:
        """What to do about the rules that failed, each once."""
        return tuple(dict.fromkeys(line.do for line in self.lines if not line.passed and line.do))


def parity_rule(parity: Parity) -> GateRule:
    """Check that the leads have the value that was evaluated when they are scored as users score them."""
    name = "parity"
    if abs(parity.served_difference) > LIMIT:
        return GateRule(
            False,
            f"`leadworth score` gives the {parity.leads:,} evaluated leads {_percent(parity.served_difference)} value "
            f"than the evaluation: {parity.served:,.0f} and {parity.evaluated:,.0f}, so no figure below holds for it",
            name,
            do="check that the file of leads did not change during the training, and report it as a defect if not",
        )
    return GateRule(True, f"{parity.leads:,} later leads have the same value in `leadworth score` as evaluated", name)


def ranking_rule(
    holdout: Holdout,
    forecast: Forecast,
    baselines: Mapping[str, Forecast] | None = None,
    *,
    do: str = "",
    strongest: str = "",
    seed: int = 7,
) -> GateRule:
    """Check that won leads rank above the others, better than chance and not implausibly well.

    Parameters
    ----------
    holdout
        Later leads with their outcomes.
    forecast
        Of the model.
    baselines
        Of simple methods, which show whether the data hold a signal at all.
    do
        What to do where only the model fails.
    strongest
        Input that the forecast depends on most, which is named where the ranking is implausible.
    seed
        Seed of the resamples.
    """
    name = "ranking"
    on = f"on {len(holdout):,} later leads with {int(holdout.won.sum()):,} wins"
    resamples = Resamples.draw(len(holdout), seed)
    value, low, high = _auc_interval(holdout, forecast, resamples)
    measured = f"AUC {value:.3f} [{low:.3f}, {high:.3f}] {on}, where chance is {CHANCE}"
    if np.ptp(forecast.probability) < 1e-9:
        measured = f"every lead has the same win probability {on}, so there is no ranking"
    elif low > LEAST_AUC:
        share = _top_precision(holdout, forecast)
        if value >= IMPLAUSIBLE_AUC and share >= IMPLAUSIBLE_PRECISION:
            by = f", mostly by {strongest}" if strongest else ""
            return GateRule(
                False,
                f"won and lost are told apart too well to be true: {measured}{by}",
                name,
                do=f"a column is filled in after the outcome, find it in the CRM and add it to {IGNORE}",
            )
        return GateRule(True, f"won leads rank above the others: {measured}", name)
    areas = {other: _auc_interval(holdout, its, resamples, 0.005) for other, its in (baselines or {}).items()}
    best = max(areas, key=lambda other: areas[other][1], default="")
    if best and areas[best][1] > LEAST_AUC:
        simple = f"{measured}; {best} has AUC {areas[best][0]:.3f}"
        return GateRule(False, f"the model does not tell won from lost, though the data do: {simple}", name, do=do)
    return GateRule(False, f"the data do not tell won from lost: {measured}", name, do=ADD_COLUMNS)


def level_rules(wins: ForecastLevel, money: ForecastLevel | None, basis: str) -> Iterator[GateRule]:
    """Check predicted over seen wins, and money where the history has revenue.

    Parameters
    ----------
    wins, money
        Of all evaluated leads together.
    basis
        What they were measured on, such as "5 periods".
    """
    yield _level_rule(wins, "wins", basis)
    if money is not None:
        yield _level_rule(money, "money", basis)


def window_warnings(backtest: Backtest) -> Iterator[GateRule]:
    """Warn of single periods whose level is certainly wrong."""
    for window in backtest.windows:
        if window.wins.too_low or window.wins.too_high:
            yield GateRule(
                True,
                f"leads from {window.start:%Y-%m-%d} to {window.end:%Y-%m-%d}: predicted over seen wins {window.wins}, "
                "outside what is right in this period alone",
                "window",
                warning=True,
            )


def concentration_rule(revenue: Sequence[float] | np.ndarray) -> Iterator[GateRule]:
    """Warn where few wins bring most of the revenue."""
    sentence = Concentration.of(np.asarray(revenue, dtype=np.float64)).sentence
    if sentence:
        do = "go by wins rather than money"
        yield GateRule(True, sentence, "concentration", warning=True, do=do)


def _level_rule(level: ForecastLevel, what: str, basis: str) -> GateRule:
    name = f"level of {what}"
    measured = f"predicted over seen {what} {level} ({basis})"
    if level.too_high:
        return GateRule(
            False,
            f"too much is predicted: {measured}, at most {HIGH} is right",
            name,
            do=f"{LATEST_WINS}, or {NOT_BEFORE}",
        )
    if level.too_low:
        return GateRule(
            False,
            f"too little is predicted: {measured}, at least {LOW} is right",
            name,
            do=NOT_BEFORE,
        )
    return GateRule(True, measured, name)


def _auc_interval(
    holdout: Holdout, forecast: Forecast, resamples: Resamples, tail: float = 0.025
) -> tuple[float, float, float]:
    """Return the AUC and the ends of its interval."""
    value = float(auc(forecast, holdout, np.ones((1, len(holdout))))[0])
    low, high = np.nanquantile(resamples.each(partial(auc, forecast, holdout)), [tail, 1.0 - tail])
    return value, float(low), float(high)


def _top_precision(holdout: Holdout, forecast: Forecast) -> float:
    """Return how many of the top leads are won, as many as there are wins: 0 as by chance, 1 if all."""
    base = float(holdout.won.mean())
    hits = float(share_in_top(forecast.probability, base) @ holdout.won) / float(holdout.won.sum())
    return (hits - base) / (1.0 - base)


def _percent(difference: float) -> str:
    """Return a relative difference as text.

    Examples
    --------
    >>> _percent(-0.034), _percent(0.5)
    ('3.4 % less', '50.0 % more')
    """
    return f"{100 * abs(difference):.1f} % {'less' if difference < 0 else 'more'}"
