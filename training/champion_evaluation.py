"""The champion, judged on the same later leads as its challenger."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from features.base import Kind
from leadworth.arrays import Flags
from leadworth.console import errors
from leadworth.errors import BundleError
from leadworth.settings import Settings
from models.bundle import Bundle
from models.registry import CHAMPION, Registry
from training.evaluation import Forecast
from training.pipeline import NAME, EvaluatedModel, TrainingResult
from training.promotion_gate import GateDecision, decide, without_evidence
from training.registration import champion_of


def fetch_champion(settings: Settings) -> Bundle | None:
    """Fetch the champion, if there is one that this version of leadworth can read."""
    registry = Registry.of(settings)
    version = champion_of(registry)
    if version is None:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        try:
            return Bundle.load(registry.fetch(version, Path(scratch)))
        except BundleError as error:
            errors.print(f"Champion (version {version}) cannot be read, so it is not compared: {error}", markup=False)
            return None


def challenge(training: TrainingResult, champion: Bundle | None, settings: Settings) -> GateDecision:
    """Let the gate decide between a training and the champion.

    The champion is judged only on later leads that came after its own snapshot.
    """
    judged = training.forward
    if judged is None:
        return without_evidence(has_champion=champion is not None)
    baselines = {name: forecast for name, forecast in judged.forecasts.items() if name != NAME}
    challenger, unseen = judged.forecasts[NAME], None
    if champion is not None:
        unseen = _unseen(judged, champion)
        judged.add(CHAMPION, _forecast(champion, judged.leads), settings.training.seed)
    return decide(
        judged.later, challenger, baselines, judged.forecasts.get(CHAMPION), unseen=unseen, seed=settings.training.seed
    )


def _unseen(judged: EvaluatedModel, champion: Bundle) -> Flags:
    """Return which later leads came after the champion's snapshot."""
    if champion.meta.as_of is None:
        return np.zeros(len(judged.leads), dtype=bool)
    after: Flags = (judged.leads["submitted_at"] > pd.Timestamp(champion.meta.as_of)).to_numpy(dtype=bool)
    return after


def _forecast(bundle: Bundle, leads: pd.DataFrame) -> Forecast:
    said = bundle.worth.predict(bundle.spec.matrix(_with_extras(leads, bundle.spec.extras)))
    return Forecast(said.win_probability, said.win_probability * said.expected_revenue)


def _with_extras(leads: pd.DataFrame, extras: dict[str, Kind]) -> pd.DataFrame:
    """Add the extra columns that an earlier model had and this history lacks, as missing."""
    absent = {f"extras.{name}": kind for name, kind in extras.items() if f"extras.{name}" not in leads}
    blank = {
        name: pd.Series(np.nan, index=leads.index, dtype="float64" if kind == "numeric" else "str")
        for name, kind in absent.items()
    }
    return leads.assign(**blank)
