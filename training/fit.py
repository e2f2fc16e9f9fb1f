"""From features and labels to the learned part of a bundle.

Order of work: junk, then the delay (its truncated likelihood needs no win model), then revenue of the
wins seen, each weighted by the chance that it had come, then closing and win probability in turns, and
last the calibration on the latest leads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.spec import FeatureSpec
from leadworth.arrays import Matrix, Vector
from leadworth.errors import TrainingError
from leadworth.settings import Settings
from models.automation import automation_scorecard
from models.base import sigmoid
from models.boosting import Shape, Table, stump
from models.calibration import Platt, fit_platt
from models.closing import Closing, Ends, fit_closing
from models.delay import Delay, fit_delay
from models.junk import Junk
from models.revenue import MAXIMUM_WEIGHT, Revenue, fit_revenue, no_revenue, with_unpaid
from models.trees import Trees
from models.win import Evidence, Level, fit_level, fit_win
from models.worth import Worth
from training.junk_fit import FittedJunk, junk_labels, learn_junk

Rows = NDArray[np.int64]
Progress = Callable[[str], None]

FEW_DATED_WINS = 30
LATE_SHARE = 0.25
ASKED_SHARE = 0.3
CLOSING_ROUNDS = 2
CHANNEL = "campaign_source"
WIN_SHAPE = Shape(rounds=1000, leaves=4, learning_rate=0.1, min_leaf=60, l2=20.0, feature_share=0.3)
ROUGH_SHAPE = WIN_SHAPE.with_rounds(60)
REVENUE_SHAPE = Shape(rounds=200, leaves=4, learning_rate=0.1, min_leaf=25, l2=30.0, feature_share=0.5)


@dataclass(frozen=True)
class FitReport:
    """What was learned from what, for the run log and the model card.

    `lateness` is "delay" (late outcomes modelled), "mature" (mature leads only) or "final" (nothing is
    dated). `notes` are sentences for people.
    """

    leads: int
    wins: int
    dated_wins: int
    open_leads: int
    junk_labels: int
    engaged_labels: int
    lateness: str
    delay_family: str | None = None
    delay_median_days: float | None = None
    delay_p95_days: float | None = None
    delay_size_slope: float | None = None
    losers_closed_share: float | None = None
    trend_per_year: float = 0.0
    win_trees: int = 0
    revenue_trees: int = 0
    revenue_wins: int = 0
    junk_model: str = "scorecard"
    junk_by_rules: int = 0
    guarantee: str = ""
    calibration_shift: float = 0.0
    calibration_slope: float = 1.0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass
class _KnownOutcomes:
    """The labels as arrays, oldest lead first in `order`."""

    won: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    junk: NDArray[np.bool_]
    engaged: NDArray[np.bool_]
    age: Vector
    delay: Vector
    closed: Vector
    revenue: Vector
    order: Rows = field(init=False)

    def __post_init__(self) -> None:
        self.order = np.argsort(-np.nan_to_num(self.age), kind="stable")

    @classmethod
    def of(cls, labels: pd.DataFrame) -> _KnownOutcomes:
        def column(name: str) -> Vector:
            return labels[name].to_numpy(dtype=np.float64, na_value=np.nan)

        state = labels["state"].to_numpy(dtype=str)
        disposition = labels["disposition"].to_numpy(dtype=str)
        return cls(
            won=state == "won",
            lost=state == "lost",
            junk=disposition == "junk",
            engaged=disposition == "engaged",
            age=column("age_days"),
            delay=column("delay_days"),
            closed=column("closed_days"),
            revenue=column("revenue"),
        )


def learn(
    matrix: Matrix,
    spec: FeatureSpec,
    labels: pd.DataFrame,
    settings: Settings,
    seed: int,
    progress: Progress | None = None,
) -> tuple[Worth, FitReport]:
    """Learn what leads are worth.

    Parameters
    ----------
    matrix
        Features, shape (n, n_features).
    spec
        Names and kinds of the features.
    labels
        What `training.labels.label` says of the same n leads, in the same order.
    settings
        The horizon and what is promised about junk are used.
    seed
        Same data and seed give the same `Worth`, byte for byte.
    progress
        Called with a sentence as each step begins.

    Returns
    -------
    tuple of Worth and LearnReport

    Raises
    ------
    TrainingError
        Where there are no leads, no features or no wins.
    """
    if not matrix.size:
        raise TrainingError(
            f"{matrix.shape[0]} leads with {matrix.shape[1]} features",
            allowed="at least one of each",
            do="map columns in [leads.columns] or declare them in [leads.features]",
        )
    if not labels["state"].eq("won").any():
        raise TrainingError("no lead is won", allowed="at least one", do="see [outcomes] in leadworth.toml")
    return _Trainer(matrix, spec, labels, settings, seed, progress or _quiet).run()


def fitting_shape(table: Table, rows: Rows, evidence: Evidence, level: Vector, seed: int) -> Shape | None:
    """Return the shape with as many trees as help leads left out, or None where no tree helps.

    Leads are left out at random from the whole history, not the latest ones: after a change of the market
    those would stop the fit before it has learned what still holds.
    """
    asked = np.random.default_rng(seed).random(len(rows)) < ASKED_SHARE
    trees = fit_win(table, rows[~asked], evidence, WIN_SHAPE, seed, level, validation_rows=rows[asked])
    return WIN_SHAPE.with_rounds(trees.n_trees) if np.ptp(trees.raw(table.matrix[rows])) > 0 else None


def _years_before_newest(age_days: Vector) -> Vector:
    """Return the years from each submit to the newest one, shape (n,); 0 where not known."""
    known = age_days[np.isfinite(age_days)]
    return np.nan_to_num(age_days - known.min()) / 365.25 if len(known) else np.zeros(len(age_days))


def _quiet(step: str) -> None:
    del step


class _Trainer:
    """One run of `learn`; holds what the steps hand on."""

    def __init__(
        self, matrix: Matrix, spec: FeatureSpec, labels: pd.DataFrame, settings: Settings, seed: int, progress: Progress
    ) -> None:
        names, known = spec.names, _KnownOutcomes.of(labels)
        self.matrix, self.spec, self.names, self.known = matrix, spec, names, known
        self.junk_labels, self.promise = junk_labels(labels), settings.junk
        self.horizon, self.seed, self.progress = float(settings.horizon_days), seed, progress
        categorical = tuple(names.index(name) for name in spec.categorical)
        self.table = Table(matrix, categorical, unused=spec.junk_only())
        self.win_table = replace(self.table, monotone=spec.monotone())
        self.channel_at = names.index(CHANNEL) if CHANNEL in names else None
        self.channel = None if self.channel_at is None else matrix[:, self.channel_at]
        self.years = _years_before_newest(known.age)
        self.notes: list[str] = []
        self.dated = known.won & np.isfinite(known.delay)
        self.paid = known.won & (known.revenue > 0)
        self.lateness = self._lateness()

    def _lateness(self) -> str:
        if not np.isfinite(self.known.age).any():
            return "final"
        return "delay" if self.dated.sum() >= FEW_DATED_WINS else "mature"

    def run(self) -> tuple[Worth, FitReport]:
        """Take the steps in order."""
        began = time.perf_counter()
        self.progress("junk")
        junk = self._junk()
        self.progress("delay from submit to win")
        delay = self._delay()
        self.progress("revenue of a win")
        revenue = self._revenue(delay)
        self.progress("win probability")
        level, win, platt, closing = self._win(sigmoid(-junk.outside), delay, revenue)
        worth = Worth(
            names=self.names,
            channel=self.channel_at,
            intercept=level.now,
            win=win,
            platt=platt,
            junk=junk.model,
            revenue=revenue,
            delay=delay,
            closing=closing,
            automation=automation_scorecard(),
            guarantee=junk.guarantee,
        )
        return worth, self._report(worth, level, junk, time.perf_counter() - began)

    def _junk(self) -> FittedJunk:
        learned = learn_junk(self.matrix, self.spec, self.junk_labels, self.promise, self.channel, self.seed)
        self.notes += [learned.note] if learned.note else []
        return learned

    def _delay(self) -> Delay | None:
        if self.lateness != "delay":
            return None
        known, rows = self.known, np.flatnonzero(self.dated)
        channel = None if self.channel is None else self.channel[rows]
        oldest = float(np.nanmax(known.age))
        if oldest < self.horizon:
            self.notes.append(
                f"late outcomes: no lead is older than {oldest:.0f} days; wins later than that were never seen and are "
                "not counted"
            )
        horizon = min(self.horizon, oldest)
        return fit_delay(known.delay[rows], known.age[rows], self._log_revenue()[rows], channel, horizon)

    def _log_revenue(self) -> Vector:
        return np.log(np.where(self.paid, self.known.revenue, np.nan))

    def _revenue(self, delay: Delay | None) -> Revenue:
        rows = np.flatnonzero(self.paid)
        if not len(rows):
            self.notes.append("revenue: none recorded; every win counts 1, so values are wins, not money")
            return no_revenue(self.table)
        weight = np.ones(len(self.matrix))
        if delay is not None:
            channel = None if self.channel is None else self.channel[rows]
            seen = delay.seen(self.known.age[rows], self._log_revenue()[rows], channel)
            weight[rows] = np.minimum(1.0 / np.maximum(seen, 1e-6), MAXIMUM_WEIGHT)
        fitted = fit_revenue(self.table, rows, self.known.revenue, weight, self.channel, REVENUE_SHAPE, self.seed)
        known = self.known.won & np.isfinite(self.known.revenue)
        return with_unpaid(fitted, self.paid[known], None if self.channel is None else self.channel[known])

    def _win(self, genuine: Vector, delay: Delay | None, revenue: Revenue) -> tuple[Level, Trees, Platt, Closing]:
        known, n = self.known, len(self.matrix)
        evidence = Evidence(known.won, known.lost, np.zeros(n), np.ones(n), genuine)
        rows = self._usable()
        level, closing = fit_level(evidence, rows, np.zeros(len(rows))), Closing()
        if delay is not None:
            seen, _ = delay.expected(known.age, revenue.log_size(self.matrix), revenue.spread, self.channel)
            evidence = replace(evidence, winner_open=1.0 - seen)
            level, closing, evidence = self._closing(evidence, rows)
        base = level.at(self.years)
        shape = fitting_shape(self.win_table, rows, evidence, base, self.seed)
        early, late = self._split(rows)
        if shape is None or not len(late):
            return level, stump(self.table), Platt(), closing
        first = fit_win(self.win_table, early, evidence, shape, self.seed, base)
        platt = fit_platt(base[late] + first.raw(self.matrix[late]), evidence, late)
        return level, fit_win(self.win_table, rows, evidence, shape, self.seed, base), platt, closing

    def _closing(self, evidence: Evidence, rows: Rows) -> tuple[Level, Closing, Evidence]:
        """Fit closing, level and win probability in turns."""
        known, closing = self.known, Closing()
        age = np.fmin(known.age, self.horizon)
        closed = known.lost & (np.isfinite(known.closed) | (known.age < self.horizon))
        ends = Ends(age[rows], closed[rows], known.closed[rows])
        junk = 1.0 - evidence.genuine
        level = fit_level(evidence, rows, np.zeros(len(rows)), self.years[rows])
        for _ in range(CLOSING_ROUNDS):
            base = level.at(self.years)
            margin = fit_win(self.win_table, rows, evidence, ROUGH_SHAPE, self.seed, base).raw(self.matrix)
            log_odds = base + margin
            loser = 1.0 - evidence.label(evidence.genuine[rows] * sigmoid(log_odds[rows]), rows)
            is_junk = self._junk_if_lost(junk, log_odds, closing, age)
            closing = fit_closing(ends, loser, is_junk[rows], log_odds[rows])
            evidence = replace(evidence, loser_open=closing.loser_open(age, junk, log_odds))
            level = fit_level(evidence, rows, margin[rows], self.years[rows])
        return level, closing, evidence

    def _junk_if_lost(self, junk: Vector, log_odds: Vector, closing: Closing, age: Vector) -> Vector:
        """Return the chance to be junk of each lead, given that it does not win and whether it is still open."""
        known = self.known
        is_open = ~known.won & ~known.lost
        spam = junk * np.where(is_open, closing.junk.at(age), 1.0)
        lost = (1.0 - junk) * sigmoid(-log_odds) * np.where(is_open, closing.genuine_open(age, log_odds), 1.0)
        return np.where(known.junk, 1.0, np.where(known.engaged, 0.0, spam / np.maximum(spam + lost, 1e-12)))

    def _usable(self) -> Rows:
        """Return the leads to learn from, oldest first."""
        order = self.known.order
        if self.lateness != "mature":
            return order
        age, mature = self.known.age, self.horizon
        if self.dated.any():
            mature = min(mature, float(np.quantile(self.known.delay[self.dated], 0.95)))
        old = order[~(age[order] < mature)]
        if not self.known.won[old].any():
            self.notes.append(
                f"late outcomes: {int(self.dated.sum())} dated wins and no mature one; all leads are used as they stand"
            )
            return order
        self.notes.append(
            f"late outcomes: {int(self.dated.sum())} dated wins, fewer than {FEW_DATED_WINS}; "
            f"learned from the {len(old)} leads of {mature:.0f} days and more only"
        )
        return old

    def _split(self, rows: Rows) -> tuple[Rows, Rows]:
        cut = int(len(rows) * (1.0 - LATE_SHARE))
        return rows[:cut], rows[cut:]

    def _report(self, worth: Worth, level: Level, junk: FittedJunk, seconds: float) -> FitReport:
        known, delay = self.known, worth.delay
        return FitReport(
            leads=len(known.won),
            wins=int(known.won.sum()),
            dated_wins=int(self.dated.sum()),
            open_leads=int((~known.won & ~known.lost).sum()),
            junk_labels=int(known.junk.sum()),
            engaged_labels=int(known.engaged.sum()),
            lateness=self.lateness,
            delay_family=None if delay is None else delay.family,
            delay_median_days=None if delay is None else delay.quantile(0.5),
            delay_p95_days=None if delay is None else delay.quantile(0.95),
            delay_size_slope=None if delay is None else delay.slope,
            losers_closed_share=None if delay is None else 1.0 - worth.closing.genuine[-1].share[-1],
            trend_per_year=-level.per_year,
            win_trees=worth.win.n_trees,
            revenue_trees=worth.revenue.trees.n_trees,
            revenue_wins=int(self.paid.sum()),
            junk_model="learned" if isinstance(worth.junk, Junk) else "scorecard",
            junk_by_rules=junk.by_rules,
            guarantee=str(junk.guarantee),
            calibration_shift=worth.platt.shift,
            calibration_slope=worth.platt.slope,
            seconds=seconds,
            notes=tuple(self.notes),
        )
