"""Evaluation of the champion on the same holdout as its challenger."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from features.feature_group import Kind
from leadworth.arrays import Flags
from leadworth.console import errors
from leadworth.errors import BundleError
from leadworth.settings import Settings
from models.bundle import Bundle
from models.model_registry import CHAMPION, ModelRegistry
from training.forecast import Forecast
from training.pipeline import NAME, TrainingResult
from training.promotion_gate import GateDecision, decide, without_evidence
from training.registration import champion_of


def fetch_champion(settings: Settings) -> Bundle | None:
    """Fetch the champion; None if there is none, or none that this version of leadworth can read."""
    registry = ModelRegistry.of(settings)
    version = champion_of(registry)
    if version is None:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        try:
            return Bundle.load(registry.fetch(version, Path(scratch)))
        except BundleError as error:
            errors.print(
                f"The champion (version {version}) cannot be read, so it is not compared: {error}", markup=False
            )
            return None


def challenge(training: TrainingResult, champion: Bundle | None, seed: int) -> GateDecision:
    """Decide by the promotion gate between a training and the champion.

    The champion is compared only on leads submitted after its own snapshot. Its evaluation is added to those
    of the training.
    """
    evaluated = training.forward
    if evaluated is None:
        return without_evidence(has_champion=champion is not None)
    baselines = {name: forecast for name, forecast in evaluated.forecasts.items() if name != NAME}
    unseen = None
    if champion is not None:
        unseen = _unseen(evaluated.leads, champion)
        matrix = champion.spec.matrix(_with_extras(evaluated.leads, champion.spec.extras))
        evaluated.add(CHAMPION, Forecast.of(champion.value_model, matrix), seed)
    return decide(
        evaluated.holdout,
        evaluated.forecasts[NAME],
        baselines,
        evaluated.forecasts.get(CHAMPION),
        unseen=unseen,
        seed=seed,
    )


def _unseen(leads: pd.DataFrame, champion: Bundle) -> Flags:
    """Return which leads were submitted after the champion's snapshot."""
    if champion.meta.as_of is None:
        return np.zeros(len(leads), dtype=bool)
    after: Flags = (leads["submitted_at"] > pd.Timestamp(champion.meta.as_of)).to_numpy(dtype=bool)
    return after


def _with_extras(leads: pd.DataFrame, extras: dict[str, Kind]) -> pd.DataFrame:
    """Add the extra columns of the champion that this history does not have, as missing values."""
    absent = {f"extras.{name}": kind for name, kind in extras.items() if f"extras.{name}" not in leads}
    columns = {
        name: pd.Series(np.nan, index=leads.index, dtype="float64" if kind == "numeric" else "str")
        for name, kind in absent.items()
    }
    return leads.assign(**columns)
