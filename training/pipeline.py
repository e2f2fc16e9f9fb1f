"""Training pipeline: audit, split, fit, evaluate, and the bundle fitted to all leads."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import pandas as pd
from joblib import Parallel, cpu_count, delayed, parallel_config
from threadpoolctl import threadpool_limits

from crm.lead_history import LeadHistory
from crm.mirror_fields import late_columns
from leadworth.arrays import Matrix
from leadworth.garbage_collection import release_memory
from leadworth.settings import JunkSettings, Settings
from models.boosting import limit_threads
from models.bundle import Bundle
from training.assembly import assemble
from training.backtest import WINDOW_DAYS, Backtest, ScoredWindow, backtest, of_new_model
from training.baselines import BASELINES, Baseline, BaselineInput
from training.evaluation import Evaluation, evaluate
from training.fit import FitReport
from training.fit_sample import LeadLimits, random_part
from training.fitted_model import FittedModel, Progress, fit_part
from training.forecast import Forecast
from training.history_check import require_readable
from training.holdout import Holdout, build_holdout
from training.leakage_audit import audit_history
from training.leakage_finding import LeakageAudit
from training.level import ForecastLevel, bounded_level, level_of
from training.served_path import Parity, file_value, served_forecast
from training.time_split import KnownHistory, TimeSplit, forward_split, known_history, random_split
from training.win_check import require_wins

NAME = "leadworth"
MODELS_AT_ONCE = 2
"""More take too much memory."""
LEADS_PER_THREAD = 50_000
"""Leads for each thread of a fit: with fewer, threads wait for each other longer than they work."""
MINIMUM_HOLDOUT = 30


@dataclass
class EvaluatedModel:
    """A model fitted to the training part of a split, and the evaluations on the holdout.

    Attributes
    ----------
    split
        The split.
    leads
        Lead table of the holdout, as scoring reads it.
    holdout
        The same leads with their outcomes.
    fitted
        leadworth's model.
    wins, money
        Predicted over seen of leadworth's model; between bounds where leads are still open and nothing is dated.
    parity
        Sum of the values by the ways to compute it.
    evaluations, forecasts
        By name of the model, leadworth first.
    """

    split: TimeSplit
    leads: pd.DataFrame
    holdout: Holdout
    fitted: FittedModel
    wins: ForecastLevel
    money: ForecastLevel
    parity: Parity
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    forecasts: dict[str, Forecast] = field(default_factory=dict)

    def add(self, name: str, forecast: Forecast, seed: int) -> None:
        """Evaluate one more model on the same holdout."""
        self.forecasts[name] = forecast
        self.evaluations[name] = evaluate(name, forecast, self.holdout, seed)


@dataclass(frozen=True)
class TrainingResult:
    """Result of a training: the bundle fitted to all leads, and the evaluations of models fitted to a part.

    `forward` and `random` are None where the holdout has too few leads or wins; `backtest` is None where the history
    allows none, and `backtest_note` says why.
    """

    known: KnownHistory
    audit: LeakageAudit
    forward: EvaluatedModel | None
    random: Evaluation | None
    backtest: Backtest | None
    backtest_note: str
    bundle: Bundle
    report: FitReport


def train(
    settings: Settings,
    history: LeadHistory,
    *,
    as_of: datetime | None,
    progress: Progress,
    champion_as_of: datetime | None = None,
) -> TrainingResult:
    """Audit the columns, evaluate forward in time, and fit a bundle to all leads.

    Parameters
    ----------
    settings
        Settings of the business.
    history
        Leads and outcomes.
    as_of
        The snapshot; None for that of the settings, or the end of the data.
    progress
        Called with the name of each step as it begins.
    champion_as_of
        Snapshot of the champion that this training challenges.

    Raises
    ------
    LeakageError
        If a column reveals the outcome and is not allowed in the settings.
    TrainingError
        If the history is not enough for a model, such as one without a win.
    """
    threads = settings.training.threads or cpu_count()
    at_once = min(MODELS_AT_ONCE, threads)
    limit_threads(max(1, min(threads // at_once, len(history.leads) // LEADS_PER_THREAD)))
    # One thread of BLAS: sums in another order would make another model on a machine with other cores.
    # Threads for the fits: LightGBM and numpy release the interpreter lock.
    with threadpool_limits(1, user_api="blas"), parallel_config(backend="threading", n_jobs=at_once):
        return _train(settings, history, as_of, progress, champion_as_of)


def _train(
    settings: Settings,
    history: LeadHistory,
    as_of: datetime | None,
    progress: Progress,
    champion_as_of: datetime | None,
) -> TrainingResult:
    options, junk = settings.training, settings.junk
    limits = LeadLimits.of(options)
    require_readable(history, settings)
    known = known_history(
        history, as_of=as_of or options.as_of, not_before=options.not_before, horizon_days=settings.horizon_days
    )
    require_wins(history, known, settings.outcomes)
    release_memory()
    progress("auditing the columns for leaks")
    leakage = audit_history(known, options.seed, late_columns(settings), most=limits.check)
    leakage.stop([*options.allow, *(known.columns[name] for name in options.allow if name in known.columns)])
    progress("computing the features")
    data = known.data
    release_memory()
    progress("training on the earlier leads, evaluating on the later ones")
    split = forward_split(known, options.test_share, champion_as_of)
    forward = evaluate_split(
        known, split, junk=junk, seed=options.seed, limits=limits, progress=progress, baselines=True
    )
    release_memory()
    progress("backtest: training as known on earlier days")
    result, note = backtest(known, junk=junk, seed=options.seed, scored=_scored(forward), most=limits.fit)
    progress("evaluating on a random split, for comparison")
    split = random_split(known, options.test_share, options.seed)
    split = replace(split, train=random_part(split.train, limits.check, options.seed))
    random = evaluate_split(known, split, junk=junk, seed=options.seed, limits=limits, progress=progress)
    release_memory()
    progress("training on all leads")
    fitted = fit_part(
        data,
        known.labels,
        horizon_days=known.horizon_days,
        junk=junk,
        seed=options.seed,
        most=limits.fit,
        progress=progress,
    )
    if forward is not None:
        forward = replace(forward, parity=_with_served(forward, known, settings))
    bundle, rule_notes = assemble(fitted, known, settings, result, history.checkboxes)
    return TrainingResult(
        known=known,
        audit=leakage,
        forward=forward,
        random=random.evaluations[NAME] if random else None,
        backtest=None if result is None else of_new_model(result, fitted.report.level_error),
        backtest_note=note,
        bundle=bundle,
        report=replace(
            fitted.report,
            notes=tuple(dict.fromkeys((*_sample_notes(known, limits), *fitted.report.notes, *rule_notes))),
        ),
    )


def evaluate_split(
    known: KnownHistory,
    split: TimeSplit,
    *,
    junk: JunkSettings,
    seed: int,
    limits: LeadLimits | None = None,
    progress: Progress | None = None,
    baselines: bool = False,
) -> EvaluatedModel | None:
    """Fit to the training part and evaluate on the test part; None if either has too few leads or wins.

    Parameters
    ----------
    known
        The history.
    split
        Its training and test part.
    junk
        Guarantee and half-life of the junk labels.
    seed
        Seed of the fit, of samples and of the bootstrap.
    limits
        Numbers of leads above which samples are used; None for no limits.
    progress
        Called with the name of each step as it begins.
    baselines
        Whether the baselines are fitted and evaluated, too.
    """
    limits = limits or LeadLimits()
    split = replace(split, test=random_part(split.test, limits.check, seed))
    won = split.test["state"].eq("won")
    if len(split.test) < MINIMUM_HOLDOUT or not won.any() or not split.train["state"].eq("won").any():
        return None
    data = known.data
    fitted = fit_part(
        data,
        split.train,
        horizon_days=known.horizon_days,
        junk=junk,
        seed=seed,
        most=limits.fit,
        progress=progress,
    )
    evaluated = _evaluated(known, split, fitted, seed)
    if baselines:
        if progress:
            progress(f"evaluating {len(BASELINES)} baselines")
        part = random_part(split.train, limits.check, seed)
        trained = BaselineInput(data.cells.matrix(fitted.spec, data.rows(part.index)), fitted.spec, part, seed)
        matrix = data.cells.matrix(fitted.spec, data.rows(evaluated.leads.index))
        forecasts = Parallel()(delayed(_baseline_forecast)(baseline, trained, matrix) for baseline in BASELINES)
        for baseline, forecast in zip(BASELINES, forecasts, strict=True):
            evaluated.add(baseline.name, forecast, seed)
    return evaluated


def _evaluated(known: KnownHistory, split: TimeSplit, fitted: FittedModel, seed: int) -> EvaluatedModel:
    """Score the test part as users are served, and evaluate it."""
    bundle = fitted.evaluated_bundle(known.horizon_days)
    forecast = served_forecast(bundle, known.leads.loc[split.test.index])
    parity = Parity(len(split.test), float(forecast.value.sum()), math.nan)
    is_open = split.test["state"].eq("open").to_numpy(dtype=bool)
    used = ~is_open if split.as_they_stand else np.ones(len(is_open), dtype=bool)
    used_forecast = Forecast(forecast.probability[used], forecast.value[used])
    test = split.test.loc[used]
    leads = known.leads.loc[test.index]
    holdout = build_holdout(leads, test, known.labels)
    won = holdout.won.astype(np.float64)
    wins = level_of(used_forecast.probability * holdout.visible, won)
    money = level_of(used_forecast.value * holdout.visible_money, holdout.revenue, largest=holdout.largest)
    if split.as_they_stand:
        wins = bounded_level(float(forecast.probability.sum()), won, int(is_open.sum()))
        money = wins
    evaluated = EvaluatedModel(split, leads, holdout, fitted, wins, money, parity)
    evaluated.add(NAME, used_forecast, seed)
    return evaluated


def _scored(forward: EvaluatedModel | None) -> ScoredWindow | None:
    """Return the first leads of the forward evaluation as a window of the backtest."""
    if forward is None or forward.split.cut is None or forward.split.as_they_stand:
        return None
    start = forward.split.cut
    end = start + pd.Timedelta(days=WINDOW_DAYS)
    inside = (forward.leads["submitted_at"] <= end).to_numpy(dtype=bool)
    forecast = forward.forecasts[NAME]
    return ScoredWindow(
        start,
        end,
        forward.leads.index[inside],
        Forecast(forecast.probability[inside], forecast.value[inside]),
        float(forward.split.train["age_days"].max()),
    )


def _with_served(forward: EvaluatedModel, known: KnownHistory, settings: Settings) -> Parity:
    """Return the parity with the value of the same leads from the raw rows of the file."""
    ids = known.leads.loc[forward.split.test.index, "lead_id"]
    bundle = forward.fitted.evaluated_bundle(known.horizon_days)
    return replace(forward.parity, served=file_value(bundle, settings, ids))


def _sample_notes(known: KnownHistory, limits: LeadLimits) -> tuple[str, ...]:
    """Return a sentence on what was checked with a sample; none where all leads were used."""
    if limits.check is None or len(known.labels) <= limits.check:
        return ()
    return (
        f"the leakage audit, the baselines, the evaluation on later leads and the random split each use at most "
        f"{limits.check:,} leads, drawn at random",
    )


def _baseline_forecast(baseline: Baseline, data: BaselineInput, matrix: Matrix) -> Forecast:
    return baseline.fit(data)(matrix)
