"""`leadworth score`: score a file of leads."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from leadworth.console import console, errors, progress, table
from leadworth.errors import InputError
from leadworth.garbage_collection import collect_rarely
from leadworth.readers.moment_reader import read_as_of
from leadworth.records import ReasonStyle
from leadworth.settings import FILE_NAME, load_settings
from leadworth.value_unit import amount_text, value_unit

if TYPE_CHECKING:
    from crm.cell_faults import CellFaults
    from leadworth.settings import LeadsSource
    from serving.batch.engines.partition_engine import OpenEngine
    from serving.batch.lead_statuses import StatusCounts
    from serving.batch.score_job import ScoreJob, ScoreResult

_DRY_ROWS = 20


def score(  # noqa: PLR0913, PLR0917 - options of a command
    file: Annotated[
        Path,
        typer.Argument(
            help="Leads: CSV (.gz), Parquet or a folder of Parquet files, with the columns of leadworth.toml"
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where the scores go: .csv, .csv.gz, .parquet, or a new folder of Parquet"),
    ] = None,
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file")] = Path(FILE_NAME),
    bundle: Annotated[Path | None, typer.Option(help="Folder of a bundle, instead of the champion")] = None,
    as_of: Annotated[str | None, typer.Option(help="Moment of scoring (ISO 8601); left out: now")] = None,
    at_submit: Annotated[bool, typer.Option(help="Score every lead as at its submit, independent of its age")] = False,
    include_closed: Annotated[
        bool, typer.Option(help="Keep closed leads, scored as at their submit, instead of leaving them out")
    ] = False,
    keep: Annotated[
        str, typer.Option(help="Columns of FILE to copy into the output, such as Email,Company", metavar="COLUMNS")
    ] = "",
    reasons: Annotated[
        ReasonStyle | None,
        typer.Option(help="Reasons in plain words, as JSON, or none; left out: text in CSV, json in Parquet"),
    ] = None,
    sort: Annotated[
        Literal["file", "value", "probability"],
        typer.Option(help="Order of the rows; by value or probability, closed leads come last"),
    ] = "file",
    full_precision: Annotated[bool, typer.Option(help="Write all digits to CSV, as Parquet has them")] = False,
    dry_run: Annotated[bool, typer.Option(help="Show the scores of the first rows and write nothing")] = False,
    engine: Annotated[
        Literal["local", "dask", "spark"], typer.Option(help="Where the work is done: this machine, or a cluster")
    ] = "local",
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes on this machine; left out: 1, for Dask and Spark one for each core"),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, such as tcp://scheduler:8786")
    ] = None,
    master: Annotated[str | None, typer.Option(help="Address of a Spark master, such as spark://master:7077")] = None,
) -> None:
    """Score a file, or a folder of Parquet files, with the champion.

    The output has the id column under its own name, the status and the columns of a score. Rows that cannot
    be read go to OUTPUT.rejected.csv. The output is published only when it is complete; after an interrupted
    run, run the same command again: within a day, it goes on where it was interrupted. An output without a
    suffix becomes a folder of Parquet files. If [outcomes] says which leads are open, these are scored given
    their age, and closed ones are counted and left out. Numbers in CSV are rounded to four digits.
    """
    settings = load_settings(config)
    moment = read_as_of(as_of, settings.zone) or datetime.now(UTC)
    if output is None and not dry_run:
        raise InputError("no --output is given", do="add -o scored.csv, or --dry-run to write nothing")
    from models.bundle_loading import load_bundle
    from serving.batch.atomic_writer import format_of
    from serving.batch.engines.engine_options import open_engine
    from serving.batch.run_publication import is_folder
    from serving.batch.score_job import ScoreJob
    from serving.batch.scored_rows import RowLayout

    for_people = output is not None and not is_folder(output) and format_of(output) != "parquet"
    layout = RowLayout(
        keep=tuple(name.strip() for name in keep.split(",") if name.strip()),
        reasons=reasons or ("text" if for_people else "json"),
        plain=for_people and not full_precision,
        sort=sort,
    )
    job = ScoreJob(file, load_bundle(settings, bundle), settings, moment, at_submit, include_closed, layout)
    if dry_run or output is None:
        _show_first(job)
        return
    opened = open_engine(engine, workers, scheduler, master)
    job = _resumed(job, output, same_time=as_of is not None)
    scored = _run(job, output, opened)
    latest = _last_submit(scored.statuses)
    if as_of is None and latest is not None:
        console.print(
            f"All open leads are past the horizon of {job.horizon_days} days, so they are scored as of the last submit "
            f"({latest:%Y-%m-%d}); --as-of sets another day, --at-submit scores each as at its own submit",
            soft_wrap=True,
        )
        job = replace(job, as_of=latest)
        if is_folder(output):
            shutil.rmtree(output)
        scored = _run(job, output, opened)
    _report(job, scored, output)


def _resumed(job: ScoreJob, output: Path, *, same_time: bool) -> ScoreJob:
    """Return the job with the time of an interrupted run of it that goes on."""
    from serving.batch.run_folder import find_unfinished

    unfinished = find_unfinished(job, output)
    if unfinished is None or (same_time and unfinished.as_of != job.as_of):
        return job
    console.print(
        f"Going on with the interrupted run as of {unfinished.as_of:%Y-%m-%d %H:%M} UTC, of which {unfinished.parts:,} "
        f"parts are scored; to begin anew, remove {unfinished.folder.parent}",
        soft_wrap=True,
    )
    return replace(job, as_of=unfinished.as_of)


def _run(job: ScoreJob, output: Path, opened: OpenEngine) -> ScoreResult:
    """Score partition by partition on an engine."""
    from serving.batch.partitioned_run import score_partitioned

    collect_rarely()
    with opened() as engine:
        return score_partitioned(job, output, engine, progress)


def _last_submit(counts: StatusCounts) -> datetime | None:
    """Return the time of the last submit if all leads that are not closed are past the horizon."""
    from serving.batch.lead_statuses import CLOSED, PAST_HORIZON

    open_statuses = {status for status, number in counts.leads.items() if number} - set(CLOSED)
    if open_statuses != {PAST_HORIZON} or counts.last_submit is None:
        return None
    return counts.last_submit.to_pydatetime()


def _unit(job: ScoreJob) -> str:
    """Return the unit of the predicted values."""
    return value_unit(job.bundle.meta.currency, has_revenue=not job.bundle.value_model.revenue.unit)


def _show_first(job: ScoreJob) -> None:
    """Print the scores of the first rows."""
    from crm.rejects import Rejects
    from monitoring.input_skew import VectorSample
    from serving.batch.lead_statuses import StatusCounts

    rejects = Rejects(None)
    lead_file = job.open(rejects)
    rows: list[list[object]] = []
    unit = _unit(job)
    velocity = job.count(write=False)
    for batch in job.scored(lead_file, velocity, StatusCounts(), VectorSample(), _DRY_ROWS):
        values_of = batch.scores["predicted_value"].tolist()
        for status, value, row in zip(batch.statuses, values_of, batch.scores.itertuples(index=False), strict=True):
            money = amount_text(value, unit, 2)
            mql = "yes" if row.mql else "no"
            why = str(row.mql_reason).partition(":")[0]
            rows.append([row.lead_id, status, f"{row.win_probability:.1%}", money, row.verdict, mql, why])
        if len(rows) >= _DRY_ROWS:
            break
    if not rows:
        reason = rejects.summary() or "all leads are closed, or the file has no rows"
        raise InputError(f"no lead of {job.path} was scored: {reason}", do="export open leads, with a header line")
    columns = ("lead", "status", "win", "value", "verdict", "MQL", "why")
    console.print(table(columns, rows[:_DRY_ROWS], right=("win", "value")))
    console.print(
        f"First {len(rows[:_DRY_ROWS])} scored leads of {job.path}; {rejects.count} rows set aside so far; "
        "nothing was written."
    )
    _warn(lead_file.absent, (*lead_file.warnings, *velocity.warnings, *job.lacking(lead_file.columns)))
    _show_faults(lead_file.cells, job.settings.leads)


def _report(job: ScoreJob, scored: ScoreResult, output: Path) -> None:
    """Print a summary of the scores and the files written."""
    from serving.batch.score_summary import value_text

    counts = scored.counts
    summary = scored.summary
    unit, intervals = _unit(job), job.bundle.meta.intervals
    if counts.rows_kept:
        console.print(summary.table(unit, intervals))
    console.print(
        f"{summary.total('leads'):,.0f} leads scored by model {job.bundle.version} as of {job.as_of:%Y-%m-%d %H:%M} "
        f"UTC: {summary.total('mql'):,.0f} MQL, {summary.total('review'):,.0f} to review, "
        f"{summary.total('reject'):,.0f} rejected; predicted value "
        f"{value_text(summary.total('value'), unit, intervals)}",
        soft_wrap=True,
    )
    console.print(_balance(scored), soft_wrap=True)
    _explain_statuses(job, scored.statuses)
    console.print(f"Scores: {output}", soft_wrap=True)
    if counts.rejected:
        console.print(f"Rows set aside, with line and reason: {counts.rejected}", soft_wrap=True)
    _warn(scored.absent, scored.warnings)
    _show_faults(scored.cells, job.settings.leads)
    for finding in scored.skew:
        text = f"Warning: {finding.sentence('rows')}. What to do: {finding.remedy}"
        errors.print(text, soft_wrap=True, markup=False, highlight=False)


def _balance(scored: ScoreResult) -> str:
    """Return rows in = leads by status + rows set aside."""
    from serving.batch.lead_statuses import AT_SUBMIT, OPEN, PAST_HORIZON

    counts = scored.counts
    leads = scored.statuses.leads
    names = {OPEN: "open", PAST_HORIZON: "past the horizon", AT_SUBMIT: "scored as at submit"}
    parts = [f"{leads[status]:,} {name}" for status, name in names.items() if leads[status]]
    closed = scored.statuses.closed
    if closed:
        listed = ", ".join(f"{number:,} {status}" for status, number in closed.items())
        parts.append(f"{sum(closed.values()):,} closed ({listed})")
    return f"{counts.rows_in:,} rows in = {' + '.join([*parts, f'{counts.rows_rejected:,} set aside'])}"


def _explain_statuses(job: ScoreJob, counts: StatusCounts) -> None:
    """Print how closed leads are treated, and what to do about leads past the horizon."""
    from serving.batch.lead_statuses import PAST_HORIZON

    closed = sum(counts.closed.values())
    if closed and job.include_closed:
        console.print("Closed leads are scored as at their submit, and not in the totals", soft_wrap=True)
    elif closed:
        console.print(
            "Closed leads are left out; --include-closed keeps them, scored as at their submit", soft_wrap=True
        )
    if counts.later and counts.last_submit is not None:
        noun = "lead has" if counts.later == 1 else "leads have"
        errors.print(
            f"Warning: {counts.later:,} {noun} a submit after the scoring, {job.as_of:%Y-%m-%d %H:%M} UTC (the "
            f"last {counts.last_submit:%Y-%m-%d}): scored as at submit. What to do: correct the dates, or set --as-of.",
            soft_wrap=True,
            markup=False,
        )
    late = counts.leads[PAST_HORIZON]
    if late and counts.last_submit is not None:
        errors.print(
            f"{late:,} leads were submitted more than {job.horizon_days} days (the horizon) before "
            f"{job.as_of:%Y-%m-%d}: too long ago for a win to count. To score them as at their submit, "
            f"add --at-submit; as of an earlier moment, --as-of (the last submit is of {counts.last_submit:%Y-%m-%d}).",
            soft_wrap=True,
            markup=False,
        )


def _show_faults(cells: CellFaults, source: LeadsSource) -> None:
    """Print the columns with cells that are written but cannot be read, and what becomes of them."""
    from crm.cell_faults import describe_fault, effect_on_leads

    for name, fault in cells.items():
        text = f"Warning: {describe_fault(name, fault)}; {effect_on_leads(name, source)}"
        errors.print(text, soft_wrap=True, markup=False)


def _warn(absent: tuple[str, ...], warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        errors.print(f"Warning: {warning}", soft_wrap=True, markup=False)
    if absent:
        errors.print(
            f"The file has no column {', '.join(absent)}; they count as missing.", soft_wrap=True, markup=False
        )
