"""Feature spec and lead value model fitted together, and scoring with them as users are served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from features.feature_group import Kind
from features.feature_spec import FeatureSpec, fit_spec
from leadworth.settings import NO_CURRENCY, JunkSettings
from models.bundle import Bundle, BundleMetadata
from models.drift_baseline import DriftBaseline
from models.policy import Policy
from models.value_model import LeadValueModel
from training.fit import FitReport, fit_value_model
from training.junk_fit import GROUP
from training.velocity_backfill import near_duplicates

Progress = Callable[[str], None]
EVALUATED = "evaluated"


@dataclass(frozen=True)
class FittedModel:
    """A feature spec, the lead value model fitted to it, and the reference distribution of its features."""

    spec: FeatureSpec
    value_model: LeadValueModel
    report: FitReport
    reference: DriftBaseline

    def evaluated_bundle(self, horizon_days: int) -> Bundle:
        """Return a bundle to evaluate the model with; the policy and the economics do not change its forecasts."""
        meta = BundleMetadata(currency=NO_CURRENCY, horizon_days=horizon_days, margin=1.0, touch_cost=0.0, as_of=None)
        return Bundle(self.spec, self.value_model, Policy.read(None), meta, bundle_id=EVALUATED)


def fit(
    leads: pd.DataFrame,
    extras: Mapping[str, Kind],
    labels: pd.DataFrame,
    *,
    horizon_days: int,
    junk: JunkSettings,
    seed: int,
    ignored: frozenset[str] = frozenset(),
    progress: Progress | None = None,
) -> FittedModel:
    """Fit the feature spec and the lead value model to labelled leads; see `fit_value_model`.

    No feature is made of the fields in `ignored`.
    """
    spec = fit_spec(leads.drop(columns=sorted(ignored), errors="ignore"), extras)
    labels = labels.assign(**{GROUP: near_duplicates(leads)})
    matrix = spec.matrix(leads)
    value_model, report = fit_value_model(
        matrix, spec, labels, horizon_days=horizon_days, junk=junk, seed=seed, progress=progress
    )
    engaged = labels["disposition"].eq("engaged").to_numpy(dtype=bool)
    return FittedModel(spec, value_model, report, DriftBaseline.of(spec.names, matrix, engaged))
