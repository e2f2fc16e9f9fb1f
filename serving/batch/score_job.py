"""Leads to score, with the model and the time of scoring; and the result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crm.cell_faults import CellFaults
from crm.lead_batches import LeadFile
from crm.rejects import Rejects, TableCounts
from crm.table_sources import leads_at
from features.collected_touches import LW_DATA
from features.velocity_keys import FIELDS
from leadworth.errors import InputError
from monitoring.input_skew import VectorSample
from monitoring.skew_finding import SkewFinding
from serving.batch.file_velocity import FileVelocity, count_file
from serving.batch.lead_statuses import CLOSED, StatusCounts, StatusReader, at_submit
from serving.batch.read_leads import ReadLeads
from serving.batch.score_summary import ScoreSummary
from serving.batch.scored_rows import RowLayout, ScoredBatch

if TYPE_CHECKING:
    from crm.closed_leads import ClosedLeads
    from features.velocity_table import VelocityCounts
    from leadworth.settings import Settings
    from models.bundle import Bundle

BATCH_ROWS = 20_000


@dataclass(frozen=True)
class ScoreJob:
    """File of leads to score, with the model and the time of scoring.

    Attributes
    ----------
    path
        File of leads, CSV or Parquet; or `crm:NAME`, the mirror of a CRM.
    bundle
        The model.
    settings
        Meaning of the columns, and source of outcomes.
    as_of
        Time of scoring; the age of open leads is counted to this time.
    at_submit
        Score every lead as at its submit, also if it is open or closed.
    include_closed
        Score closed leads too, as at their submit; else they are counted and left out.
    layout
        Columns, precision and order of the rows to write.
    only
        Ids of the leads to score from the mirror of a CRM; None: all.
    """

    path: Path
    bundle: Bundle
    settings: Settings
    as_of: datetime
    at_submit: bool = False
    include_closed: bool = False
    layout: RowLayout = field(default_factory=RowLayout)
    only: frozenset[str] | None = None

    def open(self, rejects: Rejects) -> LeadFile:
        """Open the file of leads."""
        leads = leads_at(self.settings, self.path, self.only)
        return LeadFile(leads, self.settings.leads, self.settings.zone, self.bundle.spec.extras, rejects)

    def count(self, *, write: bool) -> FileVelocity:
        """Read the file once for the velocity counts of its leads; with `write`, add the leads to the store."""
        return count_file(self.path, self.settings, self.bundle.spec, write=write, only=self.only)

    def lacking(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return a warning for each need of the model or of the outcomes that the file does not meet."""
        warnings = []
        if "collector" in self.bundle.spec.needs and self.settings.leads.columns.get(LW_DATA) not in columns:
            warnings.append(
                f"The model needs the collector's data, which this file does not have: no column is {LW_DATA}."
            )
        key = self.settings.outcomes.key
        if key is not None and key not in columns and not self.at_submit:
            warnings.append(
                f"The file has no column {key!r}, by which [outcomes] finds the leads, so all are scored as at submit."
            )
        return tuple(warnings)

    def read(
        self,
        file: LeadFile,
        counts: StatusCounts,
        rows: int = BATCH_ROWS,
        *,
        closed: ClosedLeads | None = None,
    ) -> Iterator[tuple[pd.DataFrame, ReadLeads | None]]:
        """Yield the leads of at most `rows` rows at a time, and those to be scored with their features.

        Parameters
        ----------
        file
            The open file.
        counts
            Counts all leads by status.
        rows
            Most rows of a batch.
        closed
            Statuses by the table of outcomes, where it was read before.

        Yields
        ------
        Lead table of all leads, and the leads to score; None where all are closed.
        """
        reader = None
        if not self.at_submit:
            reader = StatusReader(
                self.settings,
                file.columns,
                self.as_of,
                self.horizon_days,
                self.only,
                closed,
                file.dates,
                self.bundle.meta.checkboxes,
            )
        begin = 0
        for raw, leads in file.batches(rows):
            statuses, ages = reader.of(raw, leads) if reader else at_submit(len(leads))
            counts.add(statuses, leads["submitted_at"], self.as_of)
            keep = np.logical_or(self.include_closed, ~np.isin(statuses, CLOSED))
            positions = begin + np.flatnonzero(keep)
            begin += len(leads)
            if not len(positions):
                yield leads, None
                continue
            kept = leads[keep].reset_index(drop=True)
            uncounted = tuple(name for name in FIELDS if name not in leads)
            features = self.bundle.features(kept)
            yield leads, ReadLeads(raw.where(keep), kept, statuses[keep], ages[keep], features, positions, uncounted)

    def score(self, batch: ReadLeads, velocity: VelocityCounts | None, sample: VectorSample) -> ScoredBatch:
        """Score leads that were read.

        Parameters
        ----------
        batch
            The leads; velocity is filled in.
        velocity
            Counts of all leads that were read; None where there are none.
        sample
            Gets the features.
        """
        if velocity:
            counts = {name: velocity.column(name, batch.positions) for name in batch.uncounted}
            self.bundle.fill_velocity(batch.features, pd.DataFrame(counts))
        sample.add(batch.features.matrix, batch.age_days)
        scores = self.bundle.score_table(
            batch.leads,
            scored_at=self.as_of,
            age_days=batch.age_days,
            features=batch.features,
            reasons=self.layout.reasons,
        )
        return ScoredBatch(batch.raw, batch.leads, batch.statuses, scores)

    def scored(
        self,
        file: LeadFile,
        velocity: FileVelocity,
        counts: StatusCounts,
        sample: VectorSample,
        rows: int = BATCH_ROWS,
    ) -> Iterator[ScoredBatch]:
        """Yield scored leads in the order of the file; see `read` and `score`."""
        for _, batch in self.read(file, counts, rows):
            if batch is not None:
                yield self.score(batch, velocity.counts, sample)

    @property
    def horizon_days(self) -> int:
        """Horizon of the model."""
        return self.bundle.meta.horizon_days


@dataclass(frozen=True)
class ScoreResult:
    """Result of a job."""

    counts: TableCounts
    statuses: StatusCounts
    summary: ScoreSummary
    """Of the leads that are not closed"""
    absent: tuple[str, ...]
    """Columns that the model reads and the file does not have; their values counted as missing"""
    cells: CellFaults
    """Unreadable cells of the columns that the model reads; they counted as missing"""
    skew: list[SkewFinding]
    """Inputs that differ from training and change the predicted value"""
    warnings: tuple[str, ...] = ()


def require_balance(job: ScoreJob, counts: TableCounts, statuses: StatusCounts, written: int, rejected: str) -> None:
    """Check that each row that was read is written, left out or rejected, and that some are written.

    Parameters
    ----------
    written
        Rows of the output.
    rejected
        Sentence about the rejected rows.

    Raises
    ------
    InputError
        If rows were lost, or no lead is scored.
    """
    left_out = 0 if job.include_closed else sum(statuses.closed.values())
    if written != counts.rows_kept - left_out:
        raise InputError(
            f"{counts.rows_kept} rows were read, {left_out} left out, {written} written",
            do="report this as a defect",
        )
    if left_out and not written:
        raise InputError(
            f"all {left_out:,} leads of {job.path} are closed",
            do="export open leads too, or score closed ones with --include-closed or --at-submit",
        )
    if not written:
        raise InputError(
            f"no lead of {job.path} was scored: {rejected or 'the file has no rows'}",
            do="export the leads again, or correct the settings; the output was not changed",
        )
