"""Put the results of partitions together: counts, rejected rows and the scored rows, which become the output."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from crm.cell_faults import CellFaults
from crm.lead_partitions import LeadPartition
from crm.rejects import HEADER, TableCounts, reject_summary, rejected_path
from monitoring.input_skew import VectorSample, input_skew
from serving.batch.atomic_writer import TableWriter
from serving.batch.lead_statuses import StatusCounts
from serving.batch.partition_scoring import PartitionReading, PartitionScores
from serving.batch.run_folder import SCORED
from serving.batch.score_job import ScoreJob, ScoreResult, require_balance
from serving.batch.score_summary import ScoreSummary
from serving.batch.scored_rows import SortedRows
from serving.batch.scoring_context import ScoringContext

UNSPLIT = "rejected-unsplit.csv"
"""Rows that could not be split into columns, in the folder of the run."""


@dataclass(frozen=True)
class RunParts:
    """Partitions of a run.

    Attributes
    ----------
    partitions
        In the order of the leads.
    unsplit
        Reason -> rows that could not be split into columns.
    warnings
        What is in doubt about the way in which the leads are read.
    """

    partitions: Sequence[LeadPartition]
    unsplit: Mapping[str, int]
    warnings: tuple[str, ...]


def is_folder(out: Path) -> bool:
    """Return whether an output is a folder of Parquet files: its name has no suffix."""
    return not out.suffix


def merged(job: ScoreJob, context: ScoringContext, parts: RunParts, out: Path) -> ScoreResult:
    """Return the result of a run from those of its partitions.

    Raises
    ------
    InputError
        If no lead is scored, or rows were lost.
    """
    summary, statuses, sample, cells = ScoreSummary(), StatusCounts(), VectorSample(), CellFaults()
    rejected = Counter(parts.unsplit)
    results = [PartitionReading.load(context.reading_path(partition)) for partition in parts.partitions]
    rows_written = 0
    for partition, result in zip(parts.partitions, results, strict=True):
        scores = PartitionScores.load(context.result_path(partition))
        rows_written += scores.rows_written
        summary.merge(scores.channels)
        last = pd.Timestamp(result.last_submit) if result.last_submit else None
        statuses.merge(result.statuses, last, result.later)
        cells.merge(result.cells)
        rejected.update(result.rejected)
        with np.load(context.sample_path(partition), allow_pickle=False) as arrays:
            if len(arrays["keys"]):
                sample.merge(arrays["keys"], arrays["matrix"], arrays["age_days"])
    rows_in = sum(result.rows_in for result in results) + sum(parts.unsplit.values())
    rows_kept = sum(result.rows_kept for result in results)
    target = rejected_path(out) if rejected else None
    name = job.path.name or str(job.path)
    counts = TableCounts(name, rows_in, rows_kept, rejected.total(), target, rejected).check()
    require_balance(job, counts, statuses, rows_written, reject_summary(rejected))
    absent = tuple(results[0].absent) if results else ()
    skew = input_skew(job.bundle, sample.matrix, sample.age_days, limit=job.settings.skew_limit)
    warnings = (*parts.warnings, *(text for result in results for text in result.warnings))
    return ScoreResult(counts, statuses, summary, absent, cells, skew, tuple(dict.fromkeys(warnings)))


def publish(job: ScoreJob, context: ScoringContext, parts: RunParts, out: Path) -> None:
    """Write the rejected rows, and rename the scored rows to the output.

    Unfinished files are in the folder of the run, so that a later run removes those of one that was killed.
    """
    written = [part for part in parts.partitions if PartitionScores.load(context.result_path(part)).rows_written]
    _publish_rejected(job, context, parts, rejected_path(out))
    if is_folder(out):
        complete = {context.scored_path(part) for part in written}
        for file in (context.folder / SCORED).iterdir():
            if file not in complete:  # of workers that were killed, or without rows
                file.unlink()
        (context.folder / SCORED).replace(out)
        return
    with TableWriter(out, scratch=context.folder) as writer:
        for rows in _rows(job, context, written):
            writer.write(rows)


def _rows(job: ScoreJob, context: ScoringContext, partitions: Sequence[LeadPartition]) -> Iterator[pa.Table]:
    """Yield the scored rows in the order of the output."""
    if job.layout.sort == "file":
        for partition in partitions:
            yield from _tables(context, partition)
        return
    ranked = SortedRows()
    for partition in partitions:
        with np.load(context.sample_path(partition), allow_pickle=False) as arrays:
            ranked.add(pa.concat_tables(_tables(context, partition)), arrays["order"])
    yield from ranked.tables()


def _tables(context: ScoringContext, partition: LeadPartition) -> Iterator[pa.Table]:
    with pa.OSFile(str(context.scored_path(partition))) as source, pa.ipc.open_file(source) as file:
        for number in range(file.num_record_batches):
            yield pa.Table.from_batches([file.get_batch(number)])


def _publish_rejected(job: ScoreJob, context: ScoringContext, parts: RunParts, path: Path) -> None:
    """Write the rejected rows of all partitions into one file, or remove that of an earlier run.

    Those of a folder have a column with the name of their file.
    """
    files = [(context.folder / UNSPLIT, job.path.name)]
    files += [(context.rejected_path(partition), partition.source) for partition in parts.partitions]
    present = [(file, source) for file, source in files if file.exists()]
    if not present:
        path.unlink(missing_ok=True)
        return
    named = job.path.is_dir()
    csv.field_size_limit(sys.maxsize)
    unfinished = context.folder / path.name
    with unfinished.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(("file", *HEADER) if named else HEADER)
        for file, source in present:
            with file.open(encoding="utf-8", newline="") as stream:
                rows = csv.reader(stream)
                next(rows)
                writer.writerows([source, *row] if named else row for row in rows)
    unfinished.replace(path)
