"""One training, from a history to a judged bundle; what the train command does, without printing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from crm.lead_history import LeadHistory
from features.base import Kind
from features.spec import FeatureSpec, fit_spec
from leadworth.arrays import Matrix
from leadworth.settings import Settings
from models.bundle import Bundle, Meta
from models.policy import Policy
from models.reference import Reference
from models.worth import Worth
from training.baselines import BASELINES, Baseline, BaselineInput
from training.evaluation import Evaluation, Figure, Forecast, evaluate, loss_difference
from training.fit import FitReport, learn
from training.holdout import Holdout, build_holdout
from training.junk_fit import GROUP
from training.leakage_audit import LeakageAudit, audit
from training.time_split import KnownHistory, TimeSplit, forward_split, known_history, random_split
from training.velocity_backfill import near_duplicates
from training.win_check import require_wins

NAME = "leadworth"
MINIMUM_JUDGES = 30
Progress = Callable[[str], None]


@dataclass(frozen=True)
class FittedModel:
    """A feature spec, the models learned on it, and what the leads were like."""

    spec: FeatureSpec
    worth: Worth
    report: FitReport
    reference: Reference

    def forecast(self, leads: pd.DataFrame) -> Forecast:
        """Predict leads at submit."""
        return _forecast(self.worth, self.spec.matrix(leads))


@dataclass(frozen=True)
class EvaluatedModel:
    """Everything that was judged on one split.

    Attributes
    ----------
    evaluations
        By name of the model, leadworth first.
    differences
        By name of the model: log loss of leadworth less that of the model, lead by lead.
    forecasts
        By name of the model.
    """

    split: TimeSplit
    leads: pd.DataFrame
    later: Holdout
    learned: FittedModel
    evaluations: dict[str, Evaluation]
    differences: dict[str, Figure]
    forecasts: dict[str, Forecast]

    def add(self, name: str, forecast: Forecast, seed: int) -> None:
        """Judge one more model on the same later leads."""
        self.forecasts[name] = forecast
        self.evaluations[name] = evaluate(name, forecast, self.later, seed)
        if name != NAME:
            self.differences[name] = loss_difference(self.forecasts[NAME], forecast, self.later, seed)


@dataclass(frozen=True)
class TrainingResult:
    """The result: a bundle learned on all leads, and how its twin did forward in time.

    `forward` is None where too few leads or wins are there to judge.
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
    """Audit, judge and learn.

    Parameters
    ----------
    settings
        Settings of the business.
    history
        Leads and outcomes.
    as_of
        The snapshot; None for that of the settings, or the end of the data.
    progress
        Called with a sentence as each step begins.
    champion_as_of
        Snapshot of the champion that this training challenges.

    Raises
    ------
    LeakageError
        Where a column tells the outcome in advance and nobody vouched for it.
    TrainingError
        Where the history cannot carry a model, such as one without a win.
    """
    options = settings.training
    known = known_history(
        history, as_of=as_of or options.as_of, not_before=options.not_before, horizon_days=settings.horizon_days
    )
    require_wins(history, known, settings)
    progress("auditing the columns for leaks")
    found = audit(known.leads, known.labels, options.seed)
    found.stop(options.allow)
    progress("learning from the earlier leads, judging on the later ones")
    split = forward_split(known, options.test_share, champion_as_of)
    forward = judge(known, split, settings, progress, baselines=True)
    progress("judging on leads at random, to compare")
    chance = judge(known, random_split(known, options.test_share, options.seed), settings, progress)
    progress("learning from all leads")
    learned = fit(known.leads.loc[known.labels.index], known.extras, known.labels, settings, progress)
    return TrainingResult(
        known=known,
        audit=found,
        forward=forward,
        random=chance.evaluations[NAME] if chance else None,
        bundle=_bundle(learned, known, settings),
        report=learned.report,
    )


def fit(
    leads: pd.DataFrame, extras: Mapping[str, Kind], labels: pd.DataFrame, settings: Settings, progress: Progress
) -> FittedModel:
    """Fit the features and the models to labelled leads."""
    spec = fit_spec(leads, extras)
    labels = labels.assign(**{GROUP: near_duplicates(leads)})
    matrix = spec.matrix(leads)
    worth, report = learn(matrix, spec, labels, settings, settings.training.seed, progress)
    engaged = labels["disposition"].eq("engaged").to_numpy(dtype=bool)
    return FittedModel(spec, worth, report, Reference.of(spec.names, matrix, engaged))


def judge(
    known: KnownHistory, split: TimeSplit, settings: Settings, progress: Progress, *, baselines: bool = False
) -> EvaluatedModel | None:
    """Learn from one part and judge on the other; None where there is too little to learn from or to judge.

    Parameters
    ----------
    known
        The history.
    split
        The two parts.
    settings
        Settings of the business.
    progress
        Called with a sentence as each step begins.
    baselines
        Judge what must be beaten, too.
    """
    won = split.test["state"].eq("won")
    if len(split.test) < MINIMUM_JUDGES or not won.any() or not split.train["state"].eq("won").any():
        return None
    seed = settings.training.seed
    train_leads, test_leads = known.leads.loc[split.train.index], known.leads.loc[split.test.index]
    learned = fit(train_leads, known.extras, split.train, settings, progress)
    later = build_holdout(test_leads, split.test, known.labels)
    judged = EvaluatedModel(split, test_leads, later, learned, {}, {}, {})
    matrix = learned.spec.matrix(test_leads)
    judged.add(NAME, _forecast(learned.worth, matrix), seed)
    if baselines:
        lesson = BaselineInput(learned.spec.matrix(train_leads), learned.spec, split.train, seed)
        progress(f"judging {len(BASELINES)} baselines")
        # threads: LightGBM and numpy leave the interpreter while they work
        forecasts = Parallel(n_jobs=2, prefer="threads")(
            delayed(_baseline)(baseline, lesson, matrix) for baseline in BASELINES
        )
        for baseline, said in zip(BASELINES, forecasts, strict=True):
            judged.add(baseline.name, said, seed)
    return judged


def fingerprint(known: KnownHistory) -> str:
    """Return the sha256 of the leads and labels that a model was trained on."""
    digest = hashlib.sha256()
    for table in (known.leads, known.labels):
        digest.update(",".join(map(str, table.columns)).encode())
        digest.update(pd.util.hash_pandas_object(table, index=False).to_numpy(dtype=np.uint64).tobytes())
    return digest.hexdigest()


def _baseline(baseline: Baseline, lesson: BaselineInput, matrix: Matrix) -> Forecast:
    return baseline.fit(lesson)(matrix)


def _forecast(worth: Worth, matrix: Matrix) -> Forecast:
    said = worth.predict(matrix)
    return Forecast(said.win_probability, said.win_probability * said.expected_revenue)


def _bundle(learned: FittedModel, known: KnownHistory, settings: Settings) -> Bundle:
    report = learned.report
    meta = Meta(
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
    return Bundle(learned.spec, learned.worth, _policy(settings), meta, learned.reference)


def _policy(settings: Settings) -> Policy:
    own = settings.mql.policy
    return Policy.read(None if own is None else settings.resolve(own))
