"""Score a file of leads, batch by batch, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from crm.lead_batches import LeadFile
from crm.lead_table import column_of
from crm.raw_table import RawBatch
from crm.rejects import Rejects, TableCounts, rejected_path
from features.feature_spec import LW_DATA
from features.velocity_table import with_columns
from leadworth.errors import InputError
from leadworth.records import SCORE_COLUMNS
from serving.batch.atomic_writer import TableWriter
from serving.batch.file_velocity import FileVelocity, count_file
from serving.batch.lead_ages import Ages
from serving.batch.score_summary import ScoreSummary

if TYPE_CHECKING:
    from leadworth.settings import Settings
    from models.bundle import Bundle

BATCH_ROWS = 20_000


@dataclass(frozen=True)
class ScoreJob:
    """File of leads to score, with the model and the time of scoring.

    Attributes
    ----------
    path
        File of leads, CSV or Parquet.
    bundle
        The model.
    settings
        Meaning of the columns, and source of outcomes.
    as_of
        Time of scoring; the age of open leads is counted to this time.
    at_submit
        Score every lead as at its submit, also if it is open or closed.
    """

    path: Path
    bundle: Bundle
    settings: Settings
    as_of: datetime
    at_submit: bool = False

    def open(self, rejects: Rejects) -> LeadFile:
        """Open the file of leads."""
        source = self.settings.leads
        return LeadFile(self.path, source, self.settings.zone, self.bundle.spec.extras, rejects)

    def count(self, *, write: bool) -> FileVelocity:
        """Read the file once for the velocity counts of its leads; with `write`, add the leads to the store."""
        return count_file(self.path, self.settings, self.bundle.spec, write=write)

    def lacking(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return a warning if the model needs the collector's data, and the file does not have it."""
        column = self.settings.leads.columns.get(LW_DATA)
        if "collector" not in self.bundle.spec.needs or column in columns:
            return ()
        return (f"The model needs the collector's data, which this file does not have: no column is {LW_DATA}.",)

    def scored(
        self, file: LeadFile, velocity: FileVelocity, rows: int = BATCH_ROWS
    ) -> Iterator[tuple[RawBatch, pd.DataFrame, pd.DataFrame]]:
        """Yield raw rows, leads and scores, row by row alike, at most `rows` at a time."""
        ages = None if self.at_submit else Ages(self.settings, file.columns, self.as_of)
        begin = 0
        for raw, read in file.batches(rows):
            leads = read
            if velocity.counts:
                leads = with_columns(read, velocity.counts.columns(begin, begin + len(read)))
            begin += len(read)
            age_days = ages.of(raw, leads) if ages else None
            yield raw, leads, self.bundle.score_table(leads, scored_at=self.as_of, age_days=age_days)


@dataclass(frozen=True)
class ScoreResult:
    """Result of a job."""

    counts: TableCounts
    summary: ScoreSummary
    absent: tuple[str, ...]
    """Columns that the model reads and the file does not have; their values counted as missing"""
    warnings: tuple[str, ...] = ()


def score_file(job: ScoreJob, out: Path, advance: Callable[[int], None] = lambda _: None) -> ScoreResult:
    """Score a file into another one, which is published only when it is complete.

    Rejected rows go to `<out>.rejected.csv`. An interrupted run changes nothing: run it again.

    Parameters
    ----------
    job
        File, model and time.
    out
        Target; its suffix chooses CSV, compressed CSV or Parquet.
    advance
        Called with the number of rows after each batch.

    Raises
    ------
    InputError
        If the file cannot be read, the target cannot be written, or rows were lost.
    """
    if out.exists() and out.samefile(job.path):
        raise InputError(f"{out} is the file of leads itself", do="choose another --output")
    summary = ScoreSummary()
    velocity = job.count(write=True)
    with Rejects(rejected_path(out)) as rejects, TableWriter(out) as writer:
        file = job.open(rejects)
        name = job.settings.leads.id
        if name in SCORE_COLUMNS:
            raise InputError(f"the id column {name!r} has the name of a score", do="rename it in the file")
        for raw, leads, scores in job.scored(file, velocity):
            summary.add(leads, scores)
            writer.write(score_rows(name, raw, scores, text_times=writer.format != "parquet"))
            advance(len(scores))
        if not writer.rows:
            writer.write(_no_rows(name, text_times=writer.format != "parquet"))
        counts = file.counts
        if writer.rows != counts.rows_kept:
            raise InputError(f"{counts.rows_kept} rows were read, {writer.rows} written", do="report this as a defect")
    return ScoreResult(counts, summary, file.absent, (*velocity.warnings, *job.lacking(file.columns)))


def score_rows(id_name: str, raw: RawBatch, scores: pd.DataFrame, *, text_times: bool) -> pa.Table:
    """Return the rows to write: the id as the file has it, then the columns of a score."""
    untimed = [name for name in SCORE_COLUMNS if name != "scored_at"]
    columns = pa.Table.from_pandas(scores[untimed], preserve_index=False)
    moments = [moment.to_pydatetime() for moment in scores["scored_at"]]
    if text_times:
        times = pa.array([moment.isoformat() for moment in moments], pa.string())
    else:
        times = pa.array(moments, pa.timestamp("us", "UTC"))
    columns = columns.add_column(SCORE_COLUMNS.index("scored_at"), "scored_at", times)
    return columns.add_column(0, id_name, column_of(raw, id_name)).replace_schema_metadata()


def _no_rows(id_name: str, *, text_times: bool) -> pa.Table:
    texts = {"model_version", "currency", "verdict", "mql_reason", "reasons"} | ({"scored_at"} if text_times else set())
    special = {"mql": pa.bool_(), "scored_at": pa.timestamp("us", "UTC")}
    kinds = {name: pa.string() if name in texts else special.get(name, pa.float64()) for name in SCORE_COLUMNS}
    return pa.schema([(id_name, pa.string()), *kinds.items()]).empty_table()
