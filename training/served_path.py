"""Forecasts by the code that scores leads for users, and their parity with the forecasts that are evaluated.

A model is evaluated on leads as scoring reads them, with the velocity counts that `leadworth score` gives them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from crm.database import is_url
from crm.lead_batches import LeadFile
from crm.mirror_fields import is_crm
from crm.rejects import Rejects
from crm.table_sources import leads_at
from features.feature_group import Kind
from features.velocity_table import VelocityTable, with_columns
from leadworth.arrays import Vector
from leadworth.settings import Settings
from models.bundle import Bundle
from training.forecast import Forecast

LIMIT = 0.01
_ROWS_AT_ONCE = 25_000


@dataclass(frozen=True)
class Parity:
    """Sum of the predicted values of the same leads, computed in two ways.

    Attributes
    ----------
    evaluated
        As in the evaluation.
    served
        From the raw rows of the file of leads, as `leadworth score` reads them; nan for leads of a database.
    """

    leads: int
    evaluated: float
    served: float

    @property
    def served_difference(self) -> float:
        """Relative difference of `served` from `evaluated`; 0 where no file was read."""
        if math.isnan(self.served) or not self.evaluated > 0:
            return 0.0
        return self.served / self.evaluated - 1.0


def served_forecast(bundle: Bundle, leads: pd.DataFrame) -> Forecast:
    """Score leads as at their submit.

    Parameters
    ----------
    bundle
        The model.
    leads
        Lead table with velocity counts.
    """
    columns: list[list[Vector]] = [[np.zeros(0)], [np.zeros(0)]]
    for begin in range(0, len(leads), _ROWS_AT_ONCE):
        part = with_extras(leads.iloc[begin : begin + _ROWS_AT_ONCE], bundle.spec.extras)
        scores = bundle.score_table(part, scored_at=datetime.now(UTC))
        for name, values in zip(("win_probability", "predicted_value"), columns, strict=True):
            values.append(scores[name].to_numpy(dtype=np.float64))
    return Forecast(*map(np.concatenate, columns))


def file_value(bundle: Bundle, settings: Settings, lead_ids: pd.Series) -> float:
    """Return the predicted value of some leads from the raw rows of the file; nan where the leads are no file.

    Of several rows of a lead the latest counts, as in `crm.lead_history`.
    """
    source = settings.leads
    if not source.path or is_url(source.path):
        return math.nan

    def batches() -> Iterator[pd.DataFrame]:
        path = Path(source.path) if is_crm(source.path) else settings.resolve(source.path)
        file = LeadFile(leads_at(settings, path), source, settings.zone, bundle.spec.extras, Rejects(None))
        return (leads for _, leads in file.batches())

    table = VelocityTable()
    for leads in batches():
        table.add(leads)
    counts = table.counts() if table.span() else None
    wanted, begin = set(lead_ids), 0
    parts: list[pd.DataFrame] = []
    for read in batches():
        leads = with_columns(read, counts.columns(begin, begin + len(read))) if counts else read
        begin += len(read)
        rows = leads.loc[leads["lead_id"].isin(wanted)]
        parts.append(rows[["lead_id", "submitted_at"]].assign(value=served_forecast(bundle, rows).value))
    scored = pd.concat(parts).sort_values("submitted_at", kind="stable", na_position="first") if parts else None
    return 0.0 if scored is None else float(scored.drop_duplicates("lead_id", keep="last")["value"].sum())


def with_extras(leads: pd.DataFrame, extras: dict[str, Kind]) -> pd.DataFrame:
    """Add the extra columns of a model that a lead table does not have, as missing values."""
    absent = {f"extras.{name}": kind for name, kind in extras.items() if f"extras.{name}" not in leads}
    columns = {
        name: pd.Series(np.nan, index=leads.index, dtype="float64" if kind == "numeric" else "str")
        for name, kind in absent.items()
    }
    return leads.assign(**columns) if columns else leads
