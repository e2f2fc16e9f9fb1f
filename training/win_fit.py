"""Fit of the win probability of a genuine lead, and of the time at which losing leads are closed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from leadworth.arrays import Vector
from models.boosting import BoosterDataset, BoosterParams, stump
from models.calibration import Platt, fit_platt
from models.channel_drift import ChannelDrift, fit_channel_drift
from models.cure_model import CensoredOutcomes, fit_win
from models.level_curve import KNOT_DAYS, LevelCurve, fit_level
from models.log_odds import sigmoid
from models.loss_censoring import ClosingTimes, LossCensoring, fit_closing
from models.revenue_model import RevenueModel
from models.time_to_win import TimeToWin
from models.trees import Trees
from training.labels import losses_are_recorded
from training.outcome_arrays import FEW_DATED_WINS, OutcomeArrays

Rows = NDArray[np.int64]

CALIBRATION_FOLDS = 4
VALIDATION_SHARE = 0.3
CLOSING_ROUNDS = 2
LARGE_STEP = 1.0
"""Change of the log-odds between two knots that the report names."""
WIN_SHAPE = BoosterParams(rounds=1000, leaves=4, learning_rate=0.1, min_leaf=60, l2=20.0, feature_share=0.3)
ROUGH_SHAPE = WIN_SHAPE.with_rounds(60)


def early_stopped_shape(
    table: BoosterDataset, rows: Rows, evidence: CensoredOutcomes, level: Vector, seed: int
) -> BoosterParams | None:
    """Return the shape with the number of trees that is best on a validation set, or None if no tree helps.

    The validation set is drawn at random from the whole history, not from the latest leads: after a change
    of the market those would stop the fit before it has learned what is still valid.
    """
    validation = np.random.default_rng(seed).random(len(rows)) < VALIDATION_SHARE
    trees = fit_win(table, rows[~validation], evidence, WIN_SHAPE, seed, level, validation_rows=rows[validation])
    return WIN_SHAPE.with_rounds(trees.n_trees) if np.ptp(trees.raw(table.matrix[rows])) > 0 else None


def training_rows(outcomes: OutcomeArrays, horizon_days: float) -> tuple[Rows, str]:
    """Return the leads to train on, oldest first, and a note about those left out.

    These are all leads, except where wins have dates but too few for a delay model: then only leads old
    enough for most wins to have happened are used; and where no lead is dated: then open leads are left out.
    """
    order = outcomes.order
    if outcomes.lateness == "delay":
        return order, ""
    decided = order[~outcomes.is_open[order]]
    if outcomes.lateness == "final":
        left_out = len(order) - len(decided)
        return decided, f"no dates: {left_out} open leads are left out" if left_out else ""
    dated = int(outcomes.dated.sum())
    mature_days = horizon_days
    if dated:
        mature_days = min(mature_days, float(np.quantile(outcomes.delay[outcomes.dated], 0.95)))
    mature = order[~(outcomes.age[order] < mature_days)]
    if not outcomes.won[mature].any() and not losses_are_recorded(outcomes.won, outcomes.lost & ~outcomes.junk):
        return order, f"late outcomes: {dated} dated wins and none among mature leads; open leads count as not won"
    if not outcomes.won[mature].any():
        return decided, f"late outcomes: {dated} dated wins and none among mature leads; open leads are left out"
    return mature, (
        f"late outcomes: {dated} dated wins, fewer than {FEW_DATED_WINS}; "
        f"trained only on the {len(mature)} leads of {mature_days:.0f} days and more"
    )


def level_note(level: LevelCurve) -> str:
    """Return a sentence about the largest change of the level between two knots; empty if it is small.

    Examples
    --------
    >>> level_note(LevelCurve(-2.5, steps=(0.0, 0.1, 2.0)))
    'level: before about 100 days ago the odds of winning were 7.4 times as high; were only customers kept then?'
    >>> level_note(LevelCurve(-2.5, steps=(0.1, -0.2)))
    ''
    """
    if not level.steps:
        return ""
    position = int(np.argmax(np.abs(level.steps)))
    step = level.steps[position]
    if abs(step) < LARGE_STEP:
        return ""
    days = (position + 0.5) * KNOT_DAYS
    if step > 0:
        return (
            f"level: before about {days:.0f} days ago the odds of winning were {np.exp(step):.1f} times as high; "
            "were only customers kept then?"
        )
    return (
        f"level: since about {days:.0f} days ago the odds of winning are {np.exp(-step):.1f} times as high; "
        "are lost leads missing since?"
    )


@dataclass(frozen=True)
class FittedWin:
    """Models of the win probability.

    Attributes
    ----------
    level
        Level of the log-odds over the history.
    drift
        Recent drift of single channels.
    trees
        Log-odds over the level.
    platt
        Calibration on out-of-fold margins.
    closing
        Time at which losing leads are closed.
    note
        Sentence for the report; empty if there is none.
    """

    level: LevelCurve
    drift: ChannelDrift
    trees: Trees
    platt: Platt
    closing: LossCensoring
    note: str = ""


class WinFit:
    """Fit of the win probability to labels of which some are late.

    Parameters
    ----------
    table
        Features of all n leads, with monotone constraints.
    outcomes
        Labels of the same leads.
    horizon_days
        Later wins do not count.
    seed
        Seed of the trees and of the validation set.
    """

    def __init__(self, table: BoosterDataset, outcomes: OutcomeArrays, horizon_days: float, seed: int) -> None:
        self.table = table
        self.outcomes = outcomes
        self.horizon_days = horizon_days
        self.seed = seed
        self.years = outcomes.years_before_newest()

    def fit(self, genuine: Vector, delay: TimeToWin | None, revenue: RevenueModel, channel: Vector | None) -> FittedWin:
        """Fit level, closing, trees and calibration.

        Parameters
        ----------
        genuine
            1 - junk probability of each lead, shape (n,).
        delay
            Delay of wins, or None where outcomes are not modelled as late.
        revenue
            Revenue of a win; large deals take longer.
        channel
            Code of each lead's channel, shape (n,), or None.
        """
        outcomes, n = self.outcomes, len(self.outcomes)
        evidence = CensoredOutcomes(outcomes.won, outcomes.lost, np.zeros(n), np.ones(n), genuine, outcomes.weight)
        rows, note = training_rows(outcomes, self.horizon_days)
        level = fit_level(evidence, rows, np.zeros(len(rows)))
        closing = LossCensoring()
        if delay is not None:
            visible, _ = delay.expected(outcomes.age, revenue.log_size(self.table.matrix), revenue.spread, channel)
            evidence = replace(evidence, winner_open=1.0 - visible)
            level, closing, evidence = self._closing(evidence, rows)
        base = level.at(self.years)
        shape = early_stopped_shape(self.table, rows, evidence, base, self.seed)
        note = " ".join(filter(None, (note, level_note(level))))
        if shape is None:
            return FittedWin(level, ChannelDrift(), stump(self.table), Platt(), closing, note)
        margin = self._out_of_fold(rows, evidence, shape, base)
        drift = ChannelDrift()
        if channel is not None:
            drift = fit_channel_drift(evidence, rows, base[rows] + margin, channel[rows], self.years[rows])
            base = base + drift.at(channel, self.years)
        platt = fit_platt(margin, base[rows], level.now, evidence, rows)
        trees = fit_win(self.table, rows, evidence, shape, self.seed, base)
        return FittedWin(level, drift, trees, platt, closing, note)

    def _out_of_fold(self, rows: Rows, evidence: CensoredOutcomes, shape: BoosterParams, base: Vector) -> Vector:
        """Return the margin of each row by trees fitted without its fold, shape (len(rows),)."""
        fold = np.random.default_rng(self.seed).integers(0, CALIBRATION_FOLDS, len(rows))
        folds = range(CALIBRATION_FOLDS)
        fitted = Parallel()(
            delayed(fit_win)(self.table, rows[fold != number], evidence, shape, self.seed, base) for number in folds
        )
        margin = np.zeros(len(rows))
        for number, trees in zip(folds, fitted, strict=True):
            margin[fold == number] = trees.raw(self.table.matrix[rows[fold == number]])
        return margin

    def _closing(self, evidence: CensoredOutcomes, rows: Rows) -> tuple[LevelCurve, LossCensoring, CensoredOutcomes]:
        """Fit closing, level and win probability in turns."""
        outcomes, closing = self.outcomes, LossCensoring()
        age = np.fmin(outcomes.age, self.horizon_days)
        closed = outcomes.lost & (np.isfinite(outcomes.closed) | (outcomes.age < self.horizon_days))
        ends = ClosingTimes(age[rows], closed[rows], outcomes.closed[rows])
        junk = 1.0 - evidence.genuine
        level = fit_level(evidence, rows, np.zeros(len(rows)), self.years[rows])
        for _ in range(CLOSING_ROUNDS):
            base = level.at(self.years)
            margin = fit_win(self.table, rows, evidence, ROUGH_SHAPE, self.seed, base).raw(self.table.matrix)
            log_odds = base + margin
            loser = 1.0 - evidence.label(evidence.genuine[rows] * sigmoid(log_odds[rows]), rows)
            is_junk = self._junk_if_lost(junk, log_odds, closing, age)
            represented = 1.0 if outcomes.weight is None else outcomes.weight[rows]
            closing = fit_closing(ends, represented * loser, is_junk[rows], log_odds[rows])
            evidence = replace(evidence, loser_open=closing.loser_open(age, junk, log_odds))
            level = fit_level(evidence, rows, margin[rows], self.years[rows])
        return level, closing, evidence

    def _junk_if_lost(self, junk: Vector, log_odds: Vector, closing: LossCensoring, age: Vector) -> Vector:
        """Return the probability that each lead is junk, given that it does not win and whether it is open."""
        outcomes = self.outcomes
        spam = junk * np.where(outcomes.is_open, closing.junk.at(age), 1.0)
        genuine_open = np.where(outcomes.is_open, closing.genuine_open(age, log_odds), 1.0)
        lost = (1.0 - junk) * sigmoid(-log_odds) * genuine_open
        mixed = spam / np.maximum(spam + lost, 1e-12)
        return np.where(outcomes.junk, 1.0, np.where(outcomes.engaged, 0.0, mixed))
