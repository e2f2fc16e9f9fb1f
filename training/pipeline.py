"""Training pipeline: audit, split, fit, evaluate, and the bundle fitted to all leads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from crm.lead_history import LeadHistory
from features.feature_group import Kind
from features.feature_spec import FeatureSpec, fit_spec
from leadworth.arrays import Matrix
from leadworth.settings import JunkSettings, Settings
from models.bundle import Bundle, BundleMetadata
from models.drift_baseline import DriftBaseline
from models.input_baseline import input_baselines
from models.policy import Policy
from models.value_model import LeadValueModel
from training.baselines import BASELINES, Baseline, BaselineInput
from training.evaluation import Evaluation, evaluate
from training.fit import FitReport, fit_value_model
from training.forecast import Forecast
from training.holdout import Holdout, build_holdout
from training.junk_fit import GROUP
from training.leakage_audit import LeakageAudit, audit
from training.time_split import KnownHistory, TimeSplit, forward_split, known_history, random_split
from training.velocity_backfill import near_duplicates
from training.win_check import require_wins

NAME = "leadworth"
MINIMUM_HOLDOUT = 30
Progress = Callable[[str], None]


@dataclass(frozen=True)
class FittedModel:
    """A feature spec, the lead value model fitted to it, and the reference distribution of its features."""

    spec: FeatureSpec
    value_model: LeadValueModel
    report: FitReport
    reference: DriftBaseline


@dataclass
class EvaluatedModel:
    """A model fitted to the training part of a split, and the evaluations on the holdout.

    Attributes
    ----------
    split
        The split.
    leads
        Lead table of the holdout.
    holdout
        The same leads with their outcomes.
    fitted
        leadworth's model.
    evaluations, forecasts
        By name of the model, leadworth first.
    """

    split: TimeSplit
    leads: pd.DataFrame
    holdout: Holdout
    fitted: FittedModel
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    forecasts: dict[str, Forecast] = field(default_factory=dict)

    def add(self, name: str, forecast: Forecast, seed: int) -> None:
        """Evaluate one more model on the same holdout."""
        self.forecasts[name] = forecast
        self.evaluations[name] = evaluate(name, forecast, self.holdout, seed)


@dataclass(frozen=True)
class TrainingResult:
    """Result of a training: the bundle fitted to all leads, and the evaluations of models fitted to a part.

    `forward` and `random` are None where the holdout has too few leads or wins.
    """

    known: KnownHistory
    audit: LeakageAudit
    forward: EvaluatedModel | None
    random: Evaluation | None
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
    options, junk = settings.training, settings.junk
    known = known_history(
        history, as_of=as_of or options.as_of, not_before=options.not_before, horizon_days=settings.horizon_days
    )
    require_wins(history, known, settings.outcomes)
    progress("auditing the columns for leaks")
    leakage = audit(known.leads, known.labels, options.seed)
    leakage.stop(options.allow)
    progress("training on the earlier leads, evaluating on the later ones")
    split = forward_split(known, options.test_share, champion_as_of)
    forward = evaluate_split(known, split, junk=junk, seed=options.seed, progress=progress, baselines=True)
    progress("evaluating on a random split, for comparison")
    split = random_split(known, options.test_share, options.seed)
    random = evaluate_split(known, split, junk=junk, seed=options.seed, progress=progress)
    progress("training on all leads")
    fitted = fit(
        known.leads.loc[known.labels.index],
        known.extras,
        known.labels,
        horizon_days=known.horizon_days,
        junk=junk,
        seed=options.seed,
        progress=progress,
    )
    return TrainingResult(
        known=known,
        audit=leakage,
        forward=forward,
        random=random.evaluations[NAME] if random else None,
        bundle=_bundle(fitted, known, settings),
        report=fitted.report,
    )


def fit(
    leads: pd.DataFrame,
    extras: Mapping[str, Kind],
    labels: pd.DataFrame,
    *,
    horizon_days: int,
    junk: JunkSettings,
    seed: int,
    progress: Progress | None = None,
) -> FittedModel:
    """Fit the feature spec and the lead value model to labelled leads; see `fit_value_model`."""
    spec = fit_spec(leads, extras)
    labels = labels.assign(**{GROUP: near_duplicates(leads)})
    matrix = spec.matrix(leads)
    value_model, report = fit_value_model(
        matrix, spec, labels, horizon_days=horizon_days, junk=junk, seed=seed, progress=progress
    )
    engaged = labels["disposition"].eq("engaged").to_numpy(dtype=bool)
    return FittedModel(spec, value_model, report, DriftBaseline.of(spec.names, matrix, engaged))


def evaluate_split(
    known: KnownHistory,
    split: TimeSplit,
    *,
    junk: JunkSettings,
    seed: int,
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
        Seed of the fit and of the bootstrap.
    progress
        Called with the name of each step as it begins.
    baselines
        Whether the baselines are fitted and evaluated, too.
    """
    won = split.test["state"].eq("won")
    if len(split.test) < MINIMUM_HOLDOUT or not won.any() or not split.train["state"].eq("won").any():
        return None
    train_leads, test_leads = known.leads.loc[split.train.index], known.leads.loc[split.test.index]
    fitted = fit(
        train_leads,
        known.extras,
        split.train,
        horizon_days=known.horizon_days,
        junk=junk,
        seed=seed,
        progress=progress,
    )
    evaluated = EvaluatedModel(split, test_leads, build_holdout(test_leads, split.test, known.labels), fitted)
    matrix = fitted.spec.matrix(test_leads)
    evaluated.add(NAME, Forecast.of(fitted.value_model, matrix), seed)
    if baselines:
        if progress:
            progress(f"evaluating {len(BASELINES)} baselines")
        data = BaselineInput(fitted.spec.matrix(train_leads), fitted.spec, split.train, seed)
        # threads: LightGBM and numpy release the GIL
        forecasts = Parallel(n_jobs=2, prefer="threads")(
            delayed(_baseline_forecast)(baseline, data, matrix) for baseline in BASELINES
        )
        for baseline, forecast in zip(BASELINES, forecasts, strict=True):
            evaluated.add(baseline.name, forecast, seed)
    return evaluated


def fingerprint(known: KnownHistory) -> str:
    """Return the sha256 of the leads and labels that a model was trained on."""
    digest = hashlib.sha256()
    for table in (known.leads, known.labels):
        digest.update(",".join(map(str, table.columns)).encode())
        digest.update(pd.util.hash_pandas_object(table, index=False).to_numpy(dtype=np.uint64).tobytes())
    return digest.hexdigest()


def _baseline_forecast(baseline: Baseline, data: BaselineInput, matrix: Matrix) -> Forecast:
    return baseline.fit(data)(matrix)


def _bundle(fitted: FittedModel, known: KnownHistory, settings: Settings) -> Bundle:
    report = fitted.report
    meta = BundleMetadata(
        currency=settings.currency,
        horizon_days=settings.horizon_days,
        margin=settings.mql.margin,
        touch_cost=settings.mql.touch_cost,
        as_of=known.as_of,
        data_fingerprint=fingerprint(known),
        seed=settings.training.seed,
        counts={
            "leads": report.leads,
            "wins": report.wins,
            "dated_wins": report.dated_wins,
            "open": report.open_leads,
            "junk": report.junk_labels,
            "engaged": report.engaged_labels,
        },
    )
    leads = known.leads.loc[known.labels.index]
    inputs = input_baselines(fitted.spec, leads, fitted.spec.matrix(leads), meta.seed)
    return Bundle(fitted.spec, fitted.value_model, _policy(settings), meta, replace(fitted.reference, inputs=inputs))


def _policy(settings: Settings) -> Policy:
    file = settings.mql.policy
    return Policy.read(None if file is None else settings.resolve(file))
