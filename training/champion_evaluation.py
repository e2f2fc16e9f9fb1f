"""Comparison of a challenger with the champion, and evaluation of the champion on the challenger's holdout."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from leadworth.console import errors
from leadworth.errors import BundleError
from leadworth.settings import Settings
from models.bundle import Bundle
from models.model_registry import CHAMPION, ModelRegistry
from training.backtest import Backtest
from training.discrimination import auc
from training.few_wins import MINIMUM_WINS, promise
from training.forecast import Forecast
from training.gate_rules import IMPLAUSIBLE_AUC, GateDecision
from training.pipeline import NAME, EvaluatedModel, TrainingResult
from training.promotion_gate import GateEvidence, NewLeads, decide, without_evidence
from training.registration import champion_of
from training.served_path import served_forecast


def fetch_champion(settings: Settings) -> tuple[str | None, Bundle | None]:
    """Fetch the champion: its version, None if there is none; its bundle, None if this leadworth cannot read it."""
    registry = ModelRegistry.of(settings)
    version = champion_of(registry)
    if version is None:
        return None, None
    with tempfile.TemporaryDirectory() as scratch:
        try:
            return version, Bundle.load(registry.fetch(version, Path(scratch)))
        except BundleError as error:
            errors.print(
                f"The champion (version {version}) cannot be read, so it is not compared: {error}", markup=False
            )
            return version, None


def challenge(training: TrainingResult, champion: Bundle | None, settings: Settings) -> GateDecision:
    """Decide by the promotion gate between a training and the champion.

    The champion is compared on leads submitted after its snapshot, with models that were trained as the challenger is
    and as known before these leads came: those of the backtest, or that of the forward split without one. Its
    evaluation is added to those of the training.
    """
    evaluated, seed = training.forward, settings.training.seed
    if evaluated is None or evaluated.evaluations[NAME].wins < MINIMUM_WINS:
        sentence = _promise(training, settings.training.test_share)
        return without_evidence(sentence, "wait until more leads are won (the rules and the junk model need no wins)")
    baselines = {name: forecast for name, forecast in evaluated.forecasts.items() if name != NAME}
    new = None
    if champion is not None:
        new = _new_leads(training, evaluated, champion)
        evaluated.add(CHAMPION, served_forecast(champion, evaluated.leads), seed)
    return decide(evidence_of(training, evaluated, baselines), new, seed=seed)


def evidence_of(training: TrainingResult, evaluated: EvaluatedModel, baselines: Mapping[str, Forecast]) -> GateEvidence:
    """Return what the promotion gate decides by: the level of the backtest, or of the forward split without one."""
    level: Backtest | EvaluatedModel = training.backtest or evaluated
    basis = "later leads"
    if training.backtest is not None:
        basis = f"backtest of {len(training.backtest.windows)} periods"
    elif evaluated.split.as_they_stand:
        basis = "outcomes as they stand, open leads may be won or lost"
    return GateEvidence(
        holdout=evaluated.holdout,
        challenger=evaluated.forecasts[NAME],
        wins=level.wins,
        money=level.money,
        basis=basis,
        baselines=baselines,
        parity=evaluated.parity,
        backtest=training.backtest,
        revenue=training.known.labels["revenue"].dropna().to_numpy(dtype=np.float64),
        undated=evaluated.split.as_they_stand,
        strongest=_strongest(evaluated),
    )


def _strongest(evaluated: EvaluatedModel) -> str:
    """Return the feature whose contribution to the win probability varies most, where the AUC is implausible."""
    if auc(evaluated.holdout.won, evaluated.forecasts[NAME].probability) < IMPLAUSIBLE_AUC:
        return ""
    spec, value_model = evaluated.fitted.spec, evaluated.fitted.value_model
    _, contributions = value_model.explain(spec.matrix(evaluated.leads))
    strongest = int(contributions[:, : len(spec.names)].std(axis=0).argmax())
    return spec.label(spec.names[strongest])


def _promise(training: TrainingResult, share: float) -> str:
    """Return what can be promised with the wins there are."""
    labels = training.known.labels
    evaluated = training.forward.evaluations[NAME].wins if training.forward else 0
    return promise(
        int(labels["state"].eq("won").sum()),
        evaluated,
        share=share,
        days=float(labels["age_days"].max()),
        as_of=training.known.as_of,
    )


def _new_leads(training: TrainingResult, evaluated: EvaluatedModel, champion: Bundle) -> NewLeads:
    """Return the leads submitted after the champion's snapshot."""
    backtest = training.backtest
    if backtest is None:
        leads, holdout, forecast = evaluated.leads, evaluated.holdout, evaluated.forecasts[NAME]
    else:
        leads, holdout, forecast = training.known.leads.loc[backtest.leads], backtest.holdout, backtest.forecast
    after = np.zeros(len(leads), dtype=bool)
    if champion.meta.as_of is not None:
        after = (leads["submitted_at"] > pd.Timestamp(champion.meta.as_of)).to_numpy(dtype=bool)
    own = Forecast(forecast.probability[after], forecast.value[after])
    return NewLeads(holdout.part(after), own, served_forecast(champion, leads.loc[after]))
