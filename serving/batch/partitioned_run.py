"""Score leads partition by partition on an engine; resumable, in bounded memory, published when it is complete.

Each step leaves its results in the folder of the run (`serving.batch.run_folder`), so that the same command goes on
where a run was interrupted: (1) the leads are divided into partitions; (2) the workers write velocity keys and
features; (3) this process counts the keys, bucket by bucket in order of time; (4) the workers score; (5) the
scored rows are put together in the order of the leads and renamed to the output.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from crm.closed_leads import read_closed
from crm.lead_partitions import LeadPartition, parquet_files, partitions_in, source_name, write_partitions
from crm.outcome_table import SAMPLED, outcomes_source
from crm.raw_table import RawBatch, RawTable
from crm.rejects import Rejects, rejected_path
from crm.table_sources import leads_at, open_file, table_files
from features.velocity_keys import SECRET_PURPOSE
from leadworth.atomic_files import write_json
from leadworth.console import Advance
from leadworth.errors import InputError
from leadworth.key_derivation import key_for
from serving.batch.atomic_writer import format_of
from serving.batch.engines.partition_engine import PartitionEngine
from serving.batch.engines.worker_processes import InProcess
from serving.batch.file_velocity import exchange_events
from serving.batch.partition_scoring import read_partition, score_partition
from serving.batch.repeated_ids import repeated_ids
from serving.batch.run_folder import open_run, worker_settings
from serving.batch.run_publication import UNSPLIT, RunParts, is_folder, merged, publish
from serving.batch.score_job import ScoreJob, ScoreResult
from serving.batch.scoring_context import ScoringContext, has_closed, save_closed, save_dates
from serving.batch.velocity_files import VelocityFiles, bucket_count

Progress = Callable[[str, int | None], AbstractContextManager[Advance]]

_COUNTED = "counted.json"
_THIS_PROCESS = InProcess()


@contextmanager
def _silent(description: str, total: int | None) -> Iterator[Advance]:  # noqa: ARG001 - as `console.progress`
    yield lambda _: None


def score_partitioned(
    job: ScoreJob, out: Path, engine: PartitionEngine = _THIS_PROCESS, progress: Progress = _silent
) -> ScoreResult:
    """Score leads on an engine; the result does not depend on it.

    Rows that cannot be read go to `<out>.rejected.csv`; closed leads are left out unless the job includes them.

    Parameters
    ----------
    job
        Leads, model and time. The leads are a file, a folder of Parquet files, or the mirror of a CRM.
    out
        Target; its suffix chooses CSV, compressed CSV or Parquet. Without a suffix it becomes a folder of Parquet
        files, one per partition.
    engine
        Runs the tasks; its workers reach the folder of `out`, and the leads where they are Parquet files.
    progress
        Shows each step, with a description and its number of rows.

    Raises
    ------
    InputError
        If the leads cannot be read, the target cannot be written, no lead is scored, or rows were lost.
    """
    _require_target(job, out)
    with open_run(job, out) as folder:
        with progress(f"Reading {job.path.name}", None) as advance:
            parts = _parts(job, folder, advance)
        context = _context(job, folder, out, parts.partitions)
        counting = _count_velocity(context, job, parts, engine, progress)
        total = sum(partition.rows for partition in parts.partitions)
        with progress(f"Scoring {job.path.name} ({engine.name})", total) as advance:
            for rows in engine.map(partial(score_partition, context), parts.partitions):
                advance(rows)
        repeated = repeated_ids([context.ids_path(partition) for partition in parts.partitions], total)
        parts = replace(parts, warnings=(*parts.warnings, *counting, *repeated.warnings()))
        result = merged(job, context, parts, out)
        publish(job, context, parts, out)
    return result


def _require_target(job: ScoreJob, out: Path) -> None:
    """Check that the output neither exists as a folder, nor replaces a file that is read."""
    if is_folder(out):
        if out.exists():
            raise InputError(f"{out} exists", do="remove it, or choose another --output")
    else:
        format_of(out)
    read = {"leads": job.path} | {f"[{table}]": path for table, path in table_files(job.settings).items()}
    for written, name in ((out, str(out)), (rejected_path(out), f"{rejected_path(out)}, for rows that are set aside,")):
        for table, path in read.items():
            if path.is_file() and written.exists() and written.samefile(path):
                raise InputError(f"{name} is the file of {table} itself", do="choose another --output")
    if job.path.is_dir() and out.absolute().is_relative_to(job.path.absolute()):
        raise InputError(f"{out} is in the folder of leads {job.path}", do="choose an --output outside of it")


def _parts(job: ScoreJob, folder: Path, advance: Advance) -> RunParts:
    """Return the partitions of the leads.

    Rows that are not in Parquet files of fit size are written into the folder of the run.
    """
    listed = folder / "partitions.json"
    if listed.exists():
        content = json.loads(listed.read_text(encoding="utf-8"))
        rows = [row | {"path": Path(row["path"]), "row_groups": tuple(row["row_groups"])} for row in content["parts"]]
        return RunParts([LeadPartition(**row) for row in rows], content["unsplit"], tuple(content["warnings"]))
    files = parquet_files(job.path)
    whole = job.path if job.path.is_dir() else None
    partitions = partitions_in(files, whole) if files else None
    warnings: tuple[str, ...] = ()
    with Rejects(folder / UNSPLIT) as rejects:
        if partitions is None:
            partitions = []
            for table in _tables(job, rejects, files, whole):
                partitions += write_partitions(_counted(table, advance), folder, len(partitions))
                warnings += table.warnings
    rows = [{**asdict(part), "path": str(part.path.absolute())} for part in partitions]
    write_json(listed, {"parts": rows, "unsplit": rejects.reasons, "warnings": warnings})
    return _parts(job, folder, advance)


def _tables(job: ScoreJob, rejects: Rejects, files: Sequence[Path], folder: Path | None) -> Iterator[RawTable]:
    """Yield the tables of the leads: one for each file of a folder."""
    if folder is not None:
        for path in files:
            yield replace(open_file(path, job.settings.leads, rejects), name=source_name(path, folder))
        return
    leads = leads_at(job.settings, job.path, job.only)
    yield leads if isinstance(leads, RawTable) else open_file(leads, job.settings.leads, rejects)


def _counted(table: RawTable, advance: Advance) -> RawTable:
    """Return a table that shows the progress of reading it."""

    def batches() -> Iterator[RawBatch]:
        for batch in table.batches:
            yield batch
            advance(len(batch.lines))

    return replace(table, batches=batches())


def _context(job: ScoreJob, folder: Path, out: Path, partitions: Sequence[LeadPartition]) -> ScoringContext:
    if partitions:
        job.layout.check(job.settings.leads.id, partitions[0].open().columns)
        _save_dates(job, folder, partitions[0])
    if not job.at_submit and not has_closed(folder):
        closed = read_closed(job.settings, job.as_of, job.only, job.bundle.meta.checkboxes)
        if closed is not None:
            save_closed(closed, folder)
    uses_velocity = "velocity" in job.bundle.spec.needs
    return ScoringContext(
        folder=folder.absolute(),
        settings=worker_settings(job.settings),
        as_of=job.as_of,
        at_submit=job.at_submit,
        include_closed=job.include_closed,
        layout=job.layout,
        as_csv=not is_folder(out) and format_of(out) != "parquet",
        as_folder=is_folder(out),
        velocity_secret=key_for(job.settings, SECRET_PURPOSE) if uses_velocity else b"",
        velocity_buckets=bucket_count(sum(partition.rows for partition in partitions)),
    )


def _save_dates(job: ScoreJob, folder: Path, partition: LeadPartition) -> None:
    """Save the dates and flags of the first rows, from which all partitions infer how they are written."""
    source = outcomes_source(job.settings)
    named = {job.settings.leads.submitted_at, *(getattr(source, name) for name in SAMPLED)}
    table = partition.open()
    columns = [name for name in table.columns if name in named]
    first = next(table.batches, None)
    if first is not None and columns:
        save_dates(RawBatch(first.rows.select(columns), first.lines), folder)


def _count_velocity(
    context: ScoringContext, job: ScoreJob, parts: RunParts, engine: PartitionEngine, progress: Progress
) -> tuple[str, ...]:
    """Write the velocity counts of each partition; return warnings."""
    done = context.folder / _COUNTED
    if "velocity" not in job.bundle.spec.needs:
        return ()
    if not done.exists():
        total = sum(partition.rows for partition in parts.partitions)
        with progress(f"Features of {job.path.name} ({engine.name})", total) as advance:
            for rows in engine.map(partial(read_partition, context), parts.partitions):
                advance(rows)
        events = [context.events_path(partition) for partition in parts.partitions]
        velocity = VelocityFiles(events, context.velocity_buckets, context.folder)
        warnings = exchange_events(velocity, job.settings, write=True)
        if velocity.span() is not None:
            velocity.write_counts([context.counts_path(partition) for partition in parts.partitions])
        write_json(done, warnings)
    return tuple(json.loads(done.read_text(encoding="utf-8")))
