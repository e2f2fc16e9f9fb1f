"""Feature spec and lead value model fitted together, and scoring with them as users are served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from features.feature_group import Kind
from features.feature_spec import FeatureSpec
from leadworth.settings import NO_CURRENCY, JunkSettings
from models.bundle import Bundle, BundleMetadata
from models.drift_baseline import DriftBaseline
from models.policy import Policy
from models.value_model import LeadValueModel
from training.fit import FitReport, fit_value_model
from training.fit_sample import TYPICAL, fit_sample
from training.junk_fit import GROUP
from training.lead_data import LeadData

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
    data = LeadData.of(leads, extras, ignored)
    return fit_part(
        data, labels.set_axis(leads.index), horizon_days=horizon_days, junk=junk, seed=seed, progress=progress
    )


def fit_part(
    data: LeadData,
    labels: pd.DataFrame,
    *,
    horizon_days: int,
    junk: JunkSettings,
    seed: int,
    most: int | None = None,
    progress: Progress | None = None,
) -> FittedModel:
    """Fit to a part of the leads of a history.

    Parameters
    ----------
    data
        Data of all leads.
    labels
        Labels of the part, indexed like the lead table.
    horizon_days, junk, seed, progress
        See `fit_value_model`.
    most
        See `fit_sample`; the categories are learned from the whole part.
    """
    spec = data.cells.fit_spec(data.rows(labels.index))
    sample = fit_sample(labels, most, seed)
    rows = data.rows(sample.index)
    sample = sample.assign(**{GROUP: data.groups(rows)})
    matrix = data.cells.matrix(spec, rows)
    value_model, report = fit_value_model(
        matrix, spec, sample, horizon_days=horizon_days, junk=junk, seed=seed, progress=progress
    )
    typical = sample[TYPICAL].to_numpy(dtype=bool) if TYPICAL in sample else None
    engaged = sample["disposition"].eq("engaged").to_numpy(dtype=bool)
    reference = DriftBaseline.of(spec.names, matrix, engaged, rows=typical)
    return FittedModel(spec, value_model, _of_all(report, labels, sample), reference)


def _of_all(report: FitReport, labels: pd.DataFrame, sample: pd.DataFrame) -> FitReport:
    """Return the report of a fit to a sample with the counts of all leads."""
    if len(sample) == len(labels):
        return report
    note = (
        f"the models are fitted to {len(sample):,} of {len(labels):,} leads: all won and junk leads and a random "
        "sample of the others, each of which represents several"
    )
    return replace(
        report,
        leads=len(labels),
        open_leads=int(labels["state"].eq("open").sum()),
        engaged_labels=int(labels["disposition"].eq("engaged").sum()),
        notes=(note, *report.notes),
    )
