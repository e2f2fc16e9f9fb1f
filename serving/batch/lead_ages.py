"""Age of the open leads of a file, on which their scores are conditioned."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm.closed_leads import closed_rows, has_outcome_columns, read_closed
from crm.outcome_table import OutcomeReader, has_own_table, outcomes_source
from crm.raw_table import RawBatch
from leadworth.settings import Settings

_DAY_SECONDS = 86_400.0


class Ages:
    """Ages of leads that are open according to an outcome source.

    The source is the file itself, if it has the columns that [outcomes] names, or the table of outcomes of the
    settings; a lead without a row in this table is open. Without a source no lead has an age, and all are scored
    as at submit.

    Parameters
    ----------
    settings
        Name the outcome source.
    columns
        Columns of the file.
    as_of
        Time of scoring; later outcomes are ignored.

    Raises
    ------
    InputError
        If the table of outcomes cannot be read.
    """

    def __init__(self, settings: Settings, columns: tuple[str, ...], as_of: datetime) -> None:
        self._settings = settings
        self._as_of = as_of
        self._source = outcomes_source(settings)
        self._own_table = has_own_table(self._source, settings.leads)
        self._closed = read_closed(settings, as_of) if self._own_table else None
        self.known = self._own_table or has_outcome_columns(self._source, columns)
        self._reader: OutcomeReader | None = None

    def of(self, raw: RawBatch, leads: pd.DataFrame) -> NDArray[np.float64] | None:
        """Return days since submit, nan for closed leads and those without a date; None without a source."""
        if not self.known:
            return None
        closed = self._closed.among(leads["lead_id"]) if self._closed else self._closed_in_file(raw)
        elapsed = pd.Timestamp(self._as_of) - leads["submitted_at"]
        ages = elapsed.dt.total_seconds().to_numpy(dtype=np.float64, na_value=np.nan) / _DAY_SECONDS
        return np.where(closed | ~(ages >= 0), np.nan, ages)

    def _closed_in_file(self, raw: RawBatch) -> NDArray[np.bool_]:
        if self._reader is None:
            settings = self._settings
            self._reader = OutcomeReader.from_sample(
                self._source, settings.zone, settings.leads.missing, "the file", raw
            )
        return closed_rows(self._reader.read(raw), self._as_of)
