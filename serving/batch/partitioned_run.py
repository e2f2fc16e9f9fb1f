"""Score leads partition by partition on an engine; resumable, in bounded memory, published when it is complete.

A run has a folder beside the output, `.OUTPUT.parts`. Each step leaves its results there, so that the same command
goes on where a run was interrupted: (1) the leads are divided into partitions; (2) the workers write velocity keys;
(3) this process counts them, in one pass over all leads in order of time; (4) the workers score; (5) the scored rows
are put together in the order of the leads and renamed to the output.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

import leadworth
from crm.cell_faults import CellFaults
from crm.closed_leads import read_closed
from crm.lead_partitions import LeadPartition, parquet_files, partitions_in, write_partitions
from crm.raw_table import RawBatch, RawTable
from crm.rejects import Rejects, TableCounts, rejected_path
from crm.table_sources import leads_at, open_file
from features.velocity_keys import SECRET_PURPOSE
from features.velocity_table import VelocityTable
from leadworth.crm_settings import CrmSettings
from leadworth.errors import InputError
from leadworth.export_settings import ExportSettings
from leadworth.key_derivation import key_for
from leadworth.serving_settings import ServingSettings
from monitoring.input_skew import VectorSample, input_skew
from serving.batch.atomic_writer import TableWriter, format_of
from serving.batch.engines.engine import PartitionEngine
from serving.batch.file_velocity import count_table
from serving.batch.lead_statuses import StatusCounts
from serving.batch.partition_scoring import (
    PartitionResult,
    read_velocity_keys,
    score_partition,
    write_velocity_keys,
)
from serving.batch.score_file import ScoreJob, ScoreResult, require_balance
from serving.batch.score_summary import ScoreSummary
from serving.batch.scored_rows import SortedRows
from serving.batch.scoring_context import ScoringContext, save_closed

if TYPE_CHECKING:
    from leadworth.settings import Settings

_MANIFEST = "run.json"
_COUNTED = "counted.json"


def is_folder(out: Path) -> bool:
    """Return whether an output is a folder of Parquet files: its name has no suffix."""
    return not out.suffix


def run_folder(out: Path) -> Path:
    """Return the folder of the run that writes an output.

    Examples
    --------
    >>> run_folder(Path("scored.parquet")).name
    '.scored.parquet.parts'
    """
    return out.with_name(f".{out.name}.parts")


def unfinished_as_of(job: ScoreJob, out: Path) -> datetime | None:
    """Return the time of scoring of an interrupted run of the same job; None where there is none."""
    manifest = run_folder(out) / _MANIFEST
    if not manifest.exists():
        return None
    content = json.loads(manifest.read_text(encoding="utf-8"))
    moment = datetime.fromisoformat(content["as_of"])
    return moment if content["job"] == _fingerprint(replace(job, as_of=moment)) else None


def score_partitioned(
    job: ScoreJob, out: Path, engine: PartitionEngine, advance: Callable[[int], None] = lambda _: None
) -> ScoreResult:
    """Score leads on an engine, with the same result as `serving.batch.score_file.score_file`.

    Parameters
    ----------
    job
        Leads, model and time. The leads are a file, a folder of Parquet files, or the mirror of a CRM.
    out
        Target; its suffix chooses CSV, compressed CSV or Parquet. Without a suffix it becomes a folder of Parquet
        files, one per partition.
    engine
        Runs the tasks; its workers reach the folder of `out`, and the leads where they are Parquet files.
    advance
        Called with the number of rows after each partition.

    Raises
    ------
    InputError
        If the leads cannot be read, the target cannot be written, no lead is scored, or rows were lost.
    """
    if is_folder(out) and out.exists():
        raise InputError(f"{out} exists", do="remove it, or choose another --output")
    folder = _open_run(job, out)
    partitions, faults, warnings = _partitions(job, folder)
    context = _context(job, folder, out, partitions)
    warnings += _count_velocity(context, job, partitions, engine)
    for rows in engine.map(partial(score_partition, context), partitions):
        advance(rows)
    results = [PartitionResult.load(context.result_path(partition)) for partition in partitions]
    merged = _merge(job, context, partitions, results, faults, warnings, out)
    _publish(job, context, partitions, results, out)
    shutil.rmtree(folder)
    return merged


def _open_run(job: ScoreJob, out: Path) -> Path:
    """Return the folder of the run, with the bundle in it; a folder of another job is emptied."""
    folder = run_folder(out)
    fingerprint = {"job": _fingerprint(job), "as_of": job.as_of.isoformat()}
    manifest = folder / _MANIFEST
    if manifest.exists() and json.loads(manifest.read_text(encoding="utf-8")) == fingerprint:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    try:
        (folder / "scored").mkdir(parents=True)
    except OSError as error:
        raise InputError(
            f"{out.parent.absolute()} cannot be written: {error.strerror}", do="make the folder, or change --output"
        ) from error
    job.bundle.save(folder / "bundle")
    manifest.write_text(json.dumps(fingerprint), encoding="utf-8")
    return folder


def _fingerprint(job: ScoreJob) -> str:
    """Return a digest of all that the scored rows depend on."""
    files = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in _inputs(job)]
    content = {
        "version": leadworth.__version__,
        "bundle": job.bundle.id,
        "files": files,
        "path": str(job.path),
        "settings": _without_secrets(job.settings).model_dump_json(),
        "as_of": job.as_of.isoformat(),
        "flags": [job.at_submit, job.include_closed],
        "layout": asdict(job.layout),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _inputs(job: ScoreJob) -> list[Path]:
    if job.path.is_dir():
        return parquet_files(job.path)
    return [job.path] if job.path.is_file() else []


def _without_secrets(settings: Settings) -> Settings:
    return settings.model_copy(
        update={"secret": None, "crm": CrmSettings(), "export": ExportSettings(), "serving": ServingSettings()}
    )


def _partitions(job: ScoreJob, folder: Path) -> tuple[list[LeadPartition], int, tuple[str, ...]]:
    """Return the partitions of the leads, rows that could not be split into columns, and warnings.

    Rows that are not in Parquet files of fit size are written into the folder of the run.
    """
    listed = folder / "partitions.json"
    if listed.exists():
        content = json.loads(listed.read_text(encoding="utf-8"))
        rows = [row | {"path": Path(row["path"]), "row_groups": tuple(row["row_groups"])} for row in content["parts"]]
        return [LeadPartition(**row) for row in rows], content["faults"], tuple(content["warnings"])
    files = parquet_files(job.path)
    partitions = partitions_in(files) if files else None
    faults = 0
    warnings: tuple[str, ...] = ()
    if partitions is None:
        with Rejects(folder / "rejected-unsplit.csv") as rejects:
            table = _table(job, rejects)
            partitions, faults = write_partitions(table, folder)
            warnings = table.warnings
    parts = [{**asdict(part), "path": str(part.path)} for part in partitions]
    unfinished = listed.with_suffix(".part")
    unfinished.write_text(json.dumps({"parts": parts, "faults": faults, "warnings": warnings}), encoding="utf-8")
    unfinished.replace(listed)
    return partitions, faults, warnings


def _table(job: ScoreJob, rejects: Rejects) -> RawTable:
    if job.path.is_dir():
        tables = [open_file(path, job.settings.leads, rejects) for path in parquet_files(job.path)]
        batches = (batch for table in tables for batch in table.batches)
        return RawTable(job.path.name, tables[0].columns, batches)
    leads = leads_at(job.settings, job.path, job.only)
    return leads if isinstance(leads, RawTable) else open_file(leads, job.settings.leads, rejects)


def _context(job: ScoreJob, folder: Path, out: Path, partitions: Sequence[LeadPartition]) -> ScoringContext:
    job.layout.check(job.settings.leads.id, partitions[0].open().columns if partitions else ())
    uses_velocity = "velocity" in job.bundle.spec.needs
    if not job.at_submit and not (folder / "closed.npz").exists():
        closed = read_closed(job.settings, job.as_of, job.only)
        if closed is not None:
            save_closed(closed, folder)
    return ScoringContext(
        folder=folder.absolute(),
        settings=_without_secrets(job.settings),
        as_of=job.as_of,
        at_submit=job.at_submit,
        include_closed=job.include_closed,
        layout=job.layout,
        as_csv=not is_folder(out) and format_of(out) != "parquet",
        sample=_sample(job, partitions),
        velocity_secret=key_for(job.settings, SECRET_PURPOSE) if uses_velocity else b"",
    )


def _sample(job: ScoreJob, partitions: Sequence[LeadPartition]) -> RawBatch | None:
    """Return the submit times of the first rows."""
    name = job.settings.leads.submitted_at
    first = next(partitions[0].open().batches, None) if partitions else None
    if first is None or name is None or name not in first.rows.column_names:
        return None
    return RawBatch(first.rows.select([name]), first.lines)


def _count_velocity(
    context: ScoringContext, job: ScoreJob, partitions: Sequence[LeadPartition], engine: PartitionEngine
) -> tuple[str, ...]:
    """Write the velocity counts of each partition; return warnings."""
    done = context.folder / _COUNTED
    if "velocity" not in job.bundle.spec.needs:
        return ()
    if not done.exists():
        for _ in engine.map(partial(write_velocity_keys, context), partitions):
            pass
        table = VelocityTable(context.velocity_secret)
        ends = [0]
        for partition in partitions:
            keys = read_velocity_keys(context.keys_path(partition))
            if keys is not None:
                table.add_keys(keys)
            ends.append(len(table))
        velocity = count_table(table, job.settings, write=True)
        if velocity.counts is not None:
            for partition, begin, end in zip(partitions, ends, ends[1:], strict=False):
                velocity.counts.part(begin, end).save(context.counts_path(partition))
        done.write_text(json.dumps(velocity.warnings), encoding="utf-8")
    return tuple(json.loads(done.read_text(encoding="utf-8")))


def _merge(
    job: ScoreJob,
    context: ScoringContext,
    partitions: Sequence[LeadPartition],
    results: Sequence[PartitionResult],
    faults: int,
    warnings: tuple[str, ...],
    out: Path,
) -> ScoreResult:
    """Return the result of the run from those of its partitions."""
    summary, statuses, sample, cells = ScoreSummary(), StatusCounts(), VectorSample(), CellFaults()
    rejected: Counter[str] = Counter()
    for partition, result in zip(partitions, results, strict=True):
        summary.merge(result.channels)
        statuses.merge(result.statuses, pd.Timestamp(result.last_submit) if result.last_submit else None)
        cells.merge(result.cells)
        rejected.update(result.rejected)
        with np.load(context.sample_path(partition), allow_pickle=False) as arrays:
            if len(arrays["keys"]):
                sample.merge(arrays["keys"], arrays["matrix"], arrays["age_days"])
    rows_in = sum(result.rows_in for result in results) + faults
    rows_kept = sum(result.rows_kept for result in results)
    if faults:
        rejected["rows that cannot be split into columns"] += faults
    name = job.path.name or str(job.path)
    target = rejected_path(out) if rejected else None
    counts = TableCounts(name, rows_in, rows_kept, rejected.total(), target, rejected).check()
    written = sum(result.rows_written for result in results)
    listed = ", ".join(f"{reason} ({number:,})" for reason, number in rejected.items())
    require_balance(job, counts, statuses, written, listed)
    skew = input_skew(job.bundle, sample.matrix, sample.age_days, limit=job.settings.skew_limit)
    every = tuple(dict.fromkeys((*warnings, *(text for result in results for text in result.warnings))))
    absent = tuple(results[0].absent)
    return ScoreResult(counts, statuses, summary, absent, cells, skew, every)


def _publish(
    job: ScoreJob,
    context: ScoringContext,
    partitions: Sequence[LeadPartition],
    results: Sequence[PartitionResult],
    out: Path,
) -> None:
    """Write the rejected rows, and rename the scored rows to the output."""
    written = [part for part, result in zip(partitions, results, strict=True) if result.rows_written]
    _publish_rejected(context, partitions, rejected_path(out))
    if is_folder(out):
        for partition, result in zip(partitions, results, strict=True):
            if not result.rows_written:
                context.scored_path(partition).unlink(missing_ok=True)
        (context.folder / "scored").replace(out)
        return
    with TableWriter(out) as writer:
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
    with parquet.ParquetFile(context.scored_path(partition), pre_buffer=False) as file:
        for batch in file.iter_batches():
            yield pa.Table.from_batches([batch])


def _publish_rejected(context: ScoringContext, partitions: Sequence[LeadPartition], path: Path) -> None:
    """Write the rejected rows of all partitions into one file, or remove that of an earlier run."""
    parts = [context.folder / "rejected-unsplit.csv", *map(context.rejected_path, partitions)]
    present = [part for part in parts if part.exists()]
    if not present:
        path.unlink(missing_ok=True)
        return
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as target:
        for number, part in enumerate(present):
            with part.open("rb") as source:
                header = source.readline()
                if number == 0:
                    target.write(header)
                shutil.copyfileobj(source, target)
        os.fsync(target.fileno())
    unfinished.replace(path)
