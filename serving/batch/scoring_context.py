"""What workers need to score a partition of leads: picklable, and opened once in each process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from crm.closed_leads import ClosedLeads, DigestTable
from crm.raw_table import RawBatch
from features.velocity_table import VelocityCounts
from leadworth.atomic_files import replacing
from leadworth.settings import Settings
from serving.batch.atomic_writer import Format
from serving.batch.run_folder import SCORED
from serving.batch.score_job import ScoreJob
from serving.batch.scored_rows import RowLayout
from serving.batch.velocity_files import read_counts

if TYPE_CHECKING:
    from crm.lead_partitions import LeadPartition
    from models.bundle import Bundle

_CLOSED = "closed.npz"
_DATES = "dates.parquet"
_TABLES = ("exact", "canonical", "folded")


@dataclass(frozen=True)
class ScoringContext:
    """Job of a run without the model, which is in the run's folder.

    The folder is on a disk that all workers reach. It holds the bundle, the statuses of closed leads, and the
    results of each partition. Its name is random, so a process that serves many runs opens each bundle anew.

    Attributes
    ----------
    folder
        Folder of the run.
    settings
        Without secrets.
    as_of, at_submit, include_closed, layout
        As in `serving.batch.score_job.ScoreJob`.
    as_csv
        Whether the rows go to a CSV file.
    as_folder
        Whether the output is a folder of Parquet files, one for each partition.
    velocity_secret
        Key of the digests of velocity keys; empty where the model does not use them.
    velocity_buckets
        Number of buckets in which velocity is counted (`serving.batch.velocity_files`).
    """

    folder: Path
    settings: Settings
    as_of: datetime
    at_submit: bool
    include_closed: bool
    layout: RowLayout
    as_csv: bool
    as_folder: bool
    velocity_secret: bytes
    velocity_buckets: int

    def job(self, partition: LeadPartition) -> ScoreJob:
        """Return the job of one partition."""
        bundle = _bundle(self.folder / "bundle")
        return ScoreJob(
            partition.path, bundle, self.settings, self.as_of, self.at_submit, self.include_closed, self.layout
        )

    def closed(self) -> ClosedLeads | None:
        """Return the statuses by the table of outcomes; None where there is no such table."""
        return _closed(self.folder / _CLOSED)

    def dates(self) -> RawBatch | None:
        """Return the rows from which date formats are inferred; None without dates."""
        return _dates(self.folder / _DATES)

    def velocity(self, partition: LeadPartition) -> VelocityCounts | None:
        """Return the velocity counts of a partition; None where the model does not use them."""
        path = self.counts_path(partition)
        return read_counts(path) if path.exists() else None

    def events_path(self, partition: LeadPartition) -> Path:
        """Return the file of the velocity events of a partition."""
        return self.folder / f"velocity-{partition.number:06}.events"

    def leads_path(self, partition: LeadPartition) -> Path:
        """Return the file of the leads of a partition with their features (`serving.batch.read_leads`)."""
        return self.folder / f"features-{partition.number:06}.arrows"

    def ids_path(self, partition: LeadPartition) -> Path:
        """Return the file of the ids of a partition (`serving.batch.repeated_ids`)."""
        return self.folder / f"ids-{partition.number:06}.arrow"

    def reading_path(self, partition: LeadPartition) -> Path:
        """Return the file that says that a partition is read, with its counts."""
        return self.folder / f"reading-{partition.number:06}.json"

    def counts_path(self, partition: LeadPartition) -> Path:
        """Return the file of the velocity counts of a partition."""
        return self.folder / f"velocity-{partition.number:06}.counts"

    def scored_path(self, partition: LeadPartition) -> Path:
        """Return the file of the scored rows of a partition."""
        return self.folder / SCORED / f"part-{partition.number:06}.{self.scored_format}"

    @property
    def scored_format(self) -> Format:
        """Format of the scored rows of a partition: as in the output, or for putting them together."""
        return "parquet" if self.as_folder else "arrow"

    def result_path(self, partition: LeadPartition) -> Path:
        """Return the file that says that a partition is scored, with its counts."""
        return self.folder / f"result-{partition.number:06}.json"

    def sample_path(self, partition: LeadPartition) -> Path:
        """Return the file of the sampled features and sort keys of a partition."""
        return self.folder / f"sample-{partition.number:06}.npz"

    def rejected_path(self, partition: LeadPartition) -> Path:
        """Return the file of the rejected rows of a partition."""
        return self.folder / f"rejected-{partition.number:06}.csv"


def save_arrays(path: Path, **arrays: NDArray[Any]) -> None:
    """Write arrays into an `.npz` file, which replaces the one of that name."""
    with replacing(path) as unfinished, unfinished.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def save_closed(closed: ClosedLeads, folder: Path) -> None:
    """Write the statuses of closed leads into the folder of a run, unless they are there."""
    arrays: dict[str, NDArray[Any]] = {}
    for name in _TABLES:
        table: DigestTable = getattr(closed, name)
        arrays |= {f"{name}_digests": table.digests, f"{name}_statuses": table.statuses}
    save_arrays(folder / _CLOSED, **arrays)


def has_closed(folder: Path) -> bool:
    """Return whether the folder of a run has the statuses of closed leads."""
    return (folder / _CLOSED).exists()


def save_dates(dates: RawBatch, folder: Path) -> None:
    """Write the rows from which date formats are inferred into the folder of a run."""
    with replacing(folder / _DATES) as unfinished:
        parquet.write_table(dates.rows, unfinished)


@lru_cache(maxsize=2)
def _closed(path: Path) -> ClosedLeads | None:
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        tables = {name: DigestTable(arrays[f"{name}_digests"], arrays[f"{name}_statuses"]) for name in _TABLES}
    return ClosedLeads(**tables)


@lru_cache(maxsize=2)
def _dates(path: Path) -> RawBatch | None:
    if not path.exists():
        return None
    rows: pa.Table = parquet.ParquetFile(path).read()
    return RawBatch(rows, np.arange(1, len(rows) + 1))


@lru_cache(maxsize=2)
def _bundle(folder: Path) -> Bundle:
    from models.bundle import Bundle

    return Bundle.load(folder)
