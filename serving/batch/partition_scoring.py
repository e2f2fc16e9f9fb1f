"""Tasks on one partition of leads, which run in worker processes: reading, and scoring once velocity is counted.

Reading takes all that does not depend on the other leads from a partition, so that it is read and parsed once.
"""

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
from features.velocity_table import LeadKeys, joined_keys, lead_keys
from leadworth.atomic_files import replacing, unfinished_path, write_json
from monitoring.input_skew import VectorSample
from serving.batch.atomic_writer import TableWriter
from serving.batch.lead_statuses import CLOSED, StatusCounts
from serving.batch.read_leads import append_leads, read_leads
from serving.batch.repeated_ids import write_ids
from serving.batch.score_summary import ScoreSummary
from serving.batch.scored_rows import sort_keys
from serving.batch.scoring_context import ScoringContext, save_arrays
from serving.batch.velocity_files import write_events


@dataclass(frozen=True)
class PartitionReading:
    """Counts of a partition that was read.

    Attributes
    ----------
    rows_in, rows_kept
        Rows that were read, and that could be read.
    rejected
        Reason -> rows.
    statuses, last_submit
        Leads by status, and the last submit as ISO 8601 text; empty without one.
    cells
        Unreadable cells by column.
    absent, warnings
        As in `serving.batch.score_job.ScoreResult`.
    later
        Leads that were submitted after the time of scoring.
    """

    rows_in: int
    rows_kept: int
    rejected: Mapping[str, int]
    statuses: Mapping[str, int]
    last_submit: str
    cells: Mapping[str, CellFault]
    absent: Sequence[str]
    warnings: Sequence[str]
    later: int = 0

    def save(self, path: Path) -> None:
        """Write the counts; the file is complete once it has its name."""
        write_json(path, asdict(self))

    @classmethod
    def load(cls, path: Path) -> PartitionReading:
        """Read the counts that `save` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        content["cells"] = {name: CellFault(**fault) for name, fault in content["cells"].items()}
        return cls(**content)


@dataclass(frozen=True)
class PartitionScores:
    """Counts of a partition that was scored: rows that were written, and sums by channel (`ScoreSummary`)."""

    rows_written: int
    channels: Mapping[str, Sequence[float]]

    def save(self, path: Path) -> None:
        """Write the counts; the file is complete once it has its name."""
        write_json(path, asdict(self))

    @classmethod
    def load(cls, path: Path) -> PartitionScores:
        """Read the counts that `save` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


def read_partition(context: ScoringContext, partition: LeadPartition) -> int:
    """Write the velocity events of all leads of a partition, and the features of those to score; return its rows.

    A partition that is read already is left as it is.
    """
    done = context.reading_path(partition)
    if done.exists():
        return partition.rows
    job = context.job(partition)
    settings, columns = context.settings, {context.settings.leads.id, *job.layout.keep}
    statuses, keys, ids = StatusCounts(), list[LeadKeys](), list[pd.Series]()
    rejected = context.rejected_path(partition)
    with (
        Rejects(unfinished_path(rejected)) as rejects,
        replacing(context.leads_path(partition)) as unfinished,
        unfinished.open("wb") as target,
    ):
        table = partition.open()
        file = LeadFile(table, settings.leads, settings.zone, job.bundle.spec.extras, rejects, context.dates())
        for leads, batch in job.read(file, statuses, closed=context.closed()):
            ids.append(leads["lead_id"])
            if context.velocity_secret:
                keys.append(lead_keys(leads, context.velocity_secret))
            if batch is not None:
                append_leads(target, batch, columns)
        counts = file.counts
    write_ids(context.ids_path(partition), ids)
    if rejects.count and rejects.path is not None:
        rejects.path.replace(rejected)
    if context.velocity_secret:
        write_events(context.events_path(partition), joined_keys(keys), context.velocity_buckets)
    last = statuses.last_submit
    PartitionReading(
        counts.rows_in,
        counts.rows_kept,
        dict(counts.reasons),
        dict(statuses.leads),
        "" if last is None or pd.isna(last) else last.isoformat(),
        file.cells.columns(),
        file.absent,
        (*file.warnings, *job.lacking(file.columns)),
        statuses.later,
    ).save(done)
    return partition.rows


def score_partition(context: ScoringContext, partition: LeadPartition) -> int:
    """Score a partition, reading it first if need be, and write its rows and counts; return its rows.

    A partition that is scored already is left as it is.
    """
    done = context.result_path(partition)
    if done.exists():
        return partition.rows
    read_partition(context, partition)
    job = context.job(partition)
    layout, id_name = job.layout, context.settings.leads.id
    summary, sample = ScoreSummary(), VectorSample(partition.number)
    order: list[np.ndarray] = []
    velocity = context.velocity(partition)
    with TableWriter(context.scored_path(partition), context.scored_format) as writer:
        for leads in read_leads(context.leads_path(partition)):
            batch = job.score(leads, velocity, sample)
            can_win = ~np.isin(batch.statuses, CLOSED)
            summary.add(batch.leads[can_win], batch.scores[can_win])
            writer.write(layout.rows(id_name, batch, as_csv=context.as_csv))
            if layout.sort != "file":
                order.append(sort_keys(layout.sort, batch))
    save_arrays(
        context.sample_path(partition),
        keys=sample.keys,
        matrix=sample.matrix,
        age_days=sample.age_days,
        order=np.concatenate(order) if order else np.zeros((0, 2)),
    )
    PartitionScores(writer.rows, dict(summary.channels)).save(done)
    return partition.rows
