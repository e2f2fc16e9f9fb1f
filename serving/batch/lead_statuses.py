"""Status of the leads of a file as of the time of scoring, and the age of open leads, on which scores depend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm.closed_leads import STATUSES, ClosedLeads, has_outcome_columns, read_closed, row_statuses
from crm.outcome_joins import id_texts
from crm.outcome_table import OutcomeReader, has_own_table, outcomes_source
from crm.raw_table import RawBatch
from leadworth.settings import Settings

STATUS = "status"
"""Column of a scored file."""
OPEN, *CLOSED = STATUSES
PAST_HORIZON = "past horizon"
"""Open, but submitted longer ago than the horizon, so that a win no longer counts."""
AT_SUBMIT = "at submit"
"""Scored as at its submit, because nothing says whether it is open, or it has no date before the time of scoring."""
_DAY_SECONDS = 86_400.0


class LeadStatus(NamedTuple):
    """Statuses of n leads and their ages in days, shape (n,); nan for leads that are scored as at submit."""

    statuses: NDArray[np.object_]
    age_days: NDArray[np.float64]


@dataclass
class StatusCounts:
    """Numbers of leads by status, the time of the last submit, and leads submitted after the time of scoring."""

    leads: Counter[str] = field(default_factory=Counter)
    last_submit: pd.Timestamp | None = None
    later: int = 0

    def add(self, statuses: NDArray[np.object_], submitted_at: pd.Series, as_of: datetime) -> None:
        """Count some leads; `as_of` is the time of scoring."""
        self.leads.update(statuses.tolist())
        self.later += int((submitted_at > pd.Timestamp(as_of)).sum())
        self._last(submitted_at.max())

    def merge(self, leads: Mapping[str, int], last_submit: pd.Timestamp | None, later: int) -> None:
        """Add the counts of other leads."""
        self.leads.update(leads)
        self.later += later
        self._last(last_submit)

    def _last(self, moment: pd.Timestamp | None) -> None:
        if not pd.isna(moment):
            self.last_submit = moment if self.last_submit is None else max(self.last_submit, moment)

    @property
    def closed(self) -> dict[str, int]:
        """Numbers of closed leads by status, without zeros."""
        return {status: self.leads[status] for status in reversed(CLOSED) if self.leads[status]}


class StatusReader:
    """Reader of the statuses of leads from an outcome source.

    The source is the file itself, if it has the columns that [outcomes] names, or the table of outcomes of the
    settings; a lead without a row in this table is open. Without a source, or without the `key` that the table of
    outcomes meets, all leads are scored as at submit.

    Parameters
    ----------
    settings
        Name the outcome source.
    columns
        Columns of the file.
    as_of
        Time of scoring; later outcomes are ignored.
    horizon_days
        Days after the submit within which a win counts.
    only
        Ids of the leads that are asked about, in the mirror of a CRM; None: all.
    closed
        Statuses by a table of outcomes, where it was read before.
    dates
        Dates and flags of the file from which it is inferred how they are written; None: those of the first batch.
    checkboxes
        As in `crm.outcome_table.OutcomeReader.from_sample`.

    Raises
    ------
    InputError
        If the table of outcomes cannot be read.
    """

    def __init__(
        self,
        settings: Settings,
        columns: tuple[str, ...],
        as_of: datetime,
        horizon_days: int,
        only: Collection[str] | None = None,
        closed: ClosedLeads | None = None,
        dates: RawBatch | None = None,
        checkboxes: Mapping[str, bool] | None = None,
    ) -> None:
        self._settings = settings
        self._as_of = as_of
        self._horizon_days = horizon_days
        self._source = outcomes_source(settings)
        self._own_table = has_own_table(self._source, settings.leads)
        self._closed = closed
        self._dates = dates
        self._checkboxes = checkboxes
        if self._own_table and closed is None:
            self._closed = read_closed(settings, as_of, only, checkboxes)
        self._known = self._own_table or has_outcome_columns(self._source, columns)
        if self._source.key is not None and self._source.key not in columns:
            self._known = False
        self._reader: OutcomeReader | None = None

    def of(self, raw: RawBatch, leads: pd.DataFrame) -> LeadStatus:
        """Return the statuses and ages of a batch."""
        if not self._known:
            return at_submit(len(leads))
        codes = self._in_table(raw, leads, self._closed) if self._closed else self._in_file(raw)
        statuses = np.array(STATUSES, dtype=object)[codes]
        elapsed = pd.Timestamp(self._as_of) - leads["submitted_at"]
        ages = elapsed.dt.total_seconds().to_numpy(dtype=np.float64, na_value=np.nan) / _DAY_SECONDS
        is_open = statuses == OPEN
        statuses[is_open & (ages >= self._horizon_days)] = PAST_HORIZON
        statuses[is_open & ~(ages >= 0)] = AT_SUBMIT
        return LeadStatus(statuses, np.where(is_open & (ages >= 0), ages, np.nan))

    def _in_table(self, raw: RawBatch, leads: pd.DataFrame, closed: ClosedLeads) -> NDArray[np.int8]:
        key = self._source.key
        return closed.among(leads["lead_id"] if key is None else id_texts(raw, key, self._settings.leads.missing))

    def _in_file(self, raw: RawBatch) -> NDArray[np.int8]:
        if self._reader is None:
            self._reader = OutcomeReader.from_sample(
                self._settings, self._source, "the file", self._dates or raw, self._checkboxes
            )
        return row_statuses(self._reader.read(raw), self._as_of)


def at_submit(rows: int) -> LeadStatus:
    """Return the statuses of leads that are scored as at submit.

    Examples
    --------
    >>> at_submit(2).statuses.tolist()
    ['at submit', 'at submit']
    """
    return LeadStatus(np.full(rows, AT_SUBMIT, dtype=object), np.full(rows, np.nan))
