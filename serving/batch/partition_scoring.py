"""Tasks on one partition of leads, which run in worker processes: velocity keys, and scores."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from crm.cell_faults import CellFault
from crm.lead_batches import LeadFile
from crm.lead_partitions import LeadPartition
from crm.rejects import Rejects
from features.velocity_table import LeadKeys, lead_keys
from leadworth.atomic_files import unfinished_path, write_json
from monitoring.input_skew import VectorSample
from serving.batch.atomic_writer import TableWriter
from serving.batch.file_velocity import FileVelocity, key_columns
from serving.batch.lead_statuses import CLOSED, StatusCounts
from serving.batch.score_summary import ScoreSummary
from serving.batch.scored_rows import sort_keys
from serving.batch.scoring_context import ScoringContext, save_arrays


@dataclass(frozen=True)
class PartitionResult:
    """Counts of a scored partition.

    Attributes
    ----------
    number
        Of the partition.
    rows_in, rows_kept, rows_written
        Rows that were read, could be read, and were written.
    rejected
        Reason -> rows.
    statuses, last_submit
        Leads by status, and the last submit as ISO 8601 text; empty without one.
    channels
        Sums by channel (`serving.batch.score_summary`).
    cells
        Unreadable cells by column.
    absent, warnings
        As in `serving.batch.score_file.ScoreResult`.
    """

    number: int
    rows_in: int
    rows_kept: int
    rows_written: int
    rejected: Mapping[str, int]
    statuses: Mapping[str, int]
    last_submit: str
    channels: Mapping[str, Sequence[float]]
    cells: Mapping[str, CellFault]
    absent: Sequence[str]
    warnings: Sequence[str]

    def save(self, path: Path) -> None:
        """Write the result; the file is complete once it has its name."""
        write_json(path, asdict(self))

    @classmethod
    def load(cls, path: Path) -> PartitionResult:
        """Read a result that `save` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        content["cells"] = {name: CellFault(**fault) for name, fault in content["cells"].items()}
        return cls(**content)


def write_velocity_keys(context: ScoringContext, partition: LeadPartition) -> int:
    """Write the velocity keys of the leads of a partition; return the rows of the partition."""
    path = context.keys_path(partition)
    if not path.exists():
        settings = context.settings
        source = key_columns(settings.leads)
        table = partition.open({source.id, source.submitted_at or "", *source.columns.values()})
        file = LeadFile(table, source, settings.zone, {}, Rejects(None), context.dates())
        parts = [lead_keys(leads, context.velocity_secret) for _, leads in file.batches()]
        keys = [np.concatenate(columns) for columns in zip(*parts, strict=True)] if parts else []
        save_arrays(path, **dict(zip(LeadKeys._fields, keys, strict=bool(keys))))
    return partition.rows


def read_velocity_keys(path: Path) -> LeadKeys | None:
    """Read the keys that `write_velocity_keys` wrote; None where the partition has no leads."""
    with np.load(path, allow_pickle=False) as arrays:
        return LeadKeys(*(arrays[name] for name in LeadKeys._fields)) if arrays.files else None


def score_partition(context: ScoringContext, partition: LeadPartition) -> int:
    """Score a partition and write its rows and counts; return the rows of the partition.

    A partition that is complete already is left as it is.
    """
    done = context.result_path(partition)
    if done.exists():
        return partition.rows
    job = context.job(partition)
    layout, id_name = job.layout, context.settings.leads.id
    summary, statuses, sample = ScoreSummary(), StatusCounts(), VectorSample(partition.number)
    order: list[np.ndarray] = []
    velocity = FileVelocity(context.velocity(partition))
    rejected = context.rejected_path(partition)
    with Rejects(unfinished_path(rejected)) as rejects, TableWriter(context.scored_path(partition)) as writer:
        file = LeadFile(
            partition.open(),
            context.settings.leads,
            context.settings.zone,
            job.bundle.spec.extras,
            rejects,
            context.dates(),
        )
        for batch in job.scored(file, velocity, statuses, sample=sample, closed=context.closed()):
            can_win = ~np.isin(batch.statuses, CLOSED)
            summary.add(batch.leads[can_win], batch.scores[can_win])
            writer.write(layout.rows(id_name, batch, as_csv=context.as_csv))
            if layout.sort != "file":
                order.append(sort_keys(layout.sort, batch))
        counts = file.counts
    if rejects.count and rejects.path is not None:
        rejects.path.replace(rejected)
    save_arrays(
        context.sample_path(partition),
        keys=sample.keys,
        matrix=sample.matrix,
        age_days=sample.age_days,
        order=np.concatenate(order) if order else np.zeros((0, 2)),
    )
    last = statuses.last_submit
    PartitionResult(
        partition.number,
        counts.rows_in,
        counts.rows_kept,
        writer.rows,
        dict(counts.reasons),
        dict(statuses.leads),
        "" if last is None or pd.isna(last) else last.isoformat(),
        dict(summary.channels),
        file.cells.columns(),
        file.absent,
        (*file.warnings, *job.lacking(file.columns)),
    ).save(done)
    return partition.rows
