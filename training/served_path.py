"""Forecasts by the code that scores leads for users, and their parity with the forecasts that are evaluated.

A model is evaluated on the leads as scoring reads them, which are not those of the training table: what training
derives from the whole history, a fresh installation does not have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from crm.database import is_url
from crm.lead_batches import LeadFile
from crm.rejects import Rejects
from features.feature_group import Kind
from leadworth.settings import Settings
from models.bundle import Bundle
from training.forecast import Forecast

LIMIT = 0.01


@dataclass(frozen=True)
class Parity:
    """Sum of the predicted values of the same leads, computed in three ways.

    Attributes
    ----------
    evaluated
        As in the evaluation.
    served
        From the raw rows of the file of leads, as `leadworth score` reads them; nan for leads of a database.
    trained
        From the leads of the training table, with the inputs that only training has.
    """

    leads: int
    evaluated: float
    served: float
    trained: float

    @property
    def served_difference(self) -> float:
        """Relative difference of `served` from `evaluated`; 0 where no file was read."""
        return 0.0 if math.isnan(self.served) else _relative(self.served, self.evaluated)

    @property
    def trained_difference(self) -> float:
        """Relative difference of `trained` from `evaluated`."""
        return _relative(self.trained, self.evaluated)


def served_forecast(bundle: Bundle, leads: pd.DataFrame) -> Forecast:
    """Score leads as at their submit.

    Parameters
    ----------
    bundle
        The model.
    leads
        Lead table as read, without the columns that training adds.
    """
    scores = bundle.score_table(with_extras(leads, bundle.spec.extras), scored_at=datetime.now(UTC))
    return Forecast(
        scores["win_probability"].to_numpy(dtype=np.float64), scores["predicted_value"].to_numpy(dtype=np.float64)
    )


def file_value(bundle: Bundle, settings: Settings, lead_ids: pd.Series) -> float:
    """Return the predicted value of some leads from the raw rows of the file; nan where the leads are no file."""
    source = settings.leads
    if not source.path or is_url(source.path):
        return math.nan
    file = LeadFile(settings.resolve(source.path), source, settings.zone, bundle.spec.extras, Rejects(None))
    wanted, total = set(lead_ids), 0.0
    for _, leads in file.batches():
        new = leads["lead_id"].isin(wanted) & ~leads["lead_id"].duplicated()
        wanted -= set(leads.loc[new, "lead_id"])
        total += float(served_forecast(bundle, leads.loc[new]).value.sum())
    return total


def with_extras(leads: pd.DataFrame, extras: dict[str, Kind]) -> pd.DataFrame:
    """Add the extra columns of a model that a lead table does not have, as missing values."""
    absent = {f"extras.{name}": kind for name, kind in extras.items() if f"extras.{name}" not in leads}
    columns = {
        name: pd.Series(np.nan, index=leads.index, dtype="float64" if kind == "numeric" else "str")
        for name, kind in absent.items()
    }
    return leads.assign(**columns) if columns else leads


def _relative(value: float, reference: float) -> float:
    return value / reference - 1.0 if reference > 0 else 0.0
