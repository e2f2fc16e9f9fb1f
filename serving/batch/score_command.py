"""`leadworth score`: score a file of leads."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth import values
from leadworth.console import console, errors, progress, table
from leadworth.errors import InputError
from leadworth.settings import FILE_NAME, Settings, load_settings

if TYPE_CHECKING:
    from serving.batch.score_file import ScoreJob, ScoreResult

_DRY_ROWS = 20


def score(
    file: Annotated[Path, typer.Argument(help="Leads: CSV (.gz) or Parquet, with the columns of leadworth.toml")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the scores go: .csv, .csv.gz or .parquet")
    ] = None,
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file")] = Path(FILE_NAME),
    bundle: Annotated[Path | None, typer.Option(help="Folder of a bundle, instead of the champion")] = None,
    as_of: Annotated[str | None, typer.Option(help="Moment of scoring (ISO 8601); left out: now")] = None,
    at_submit: Annotated[bool, typer.Option(help="Score every lead as at its submit, independent of its age")] = False,
    dry_run: Annotated[bool, typer.Option(help="Show the scores of the first rows and write nothing")] = False,
) -> None:
    """Score a file of leads with the champion.

    The output has the id column under its own name and the columns of a score. Rows that cannot be
    read go to OUTPUT.rejected.csv. The output is published only when it is complete; after an interrupted
    run, run the same command again. Scores of open leads are conditioned on their age.
    """
    settings = load_settings(config)
    moment = _moment(as_of, settings)
    if output is None and not dry_run:
        raise InputError("no --output is given", do="add -o scored.csv, or --dry-run to write nothing")
    from models.bundle_loading import load_bundle
    from serving.batch.score_file import ScoreJob, score_file

    job = ScoreJob(file, load_bundle(settings, bundle), settings, moment, at_submit)
    if dry_run or output is None:
        _show_first(job)
        return
    with progress(f"Scoring {file.name}") as advance:
        scored = score_file(job, output, advance)
    _report(job, scored, output)


def _moment(written: str | None, settings: Settings) -> datetime:
    if written is None:
        return datetime.now(UTC)
    moment = values.moment(written, settings.zone)
    if moment is None:
        raise InputError(f"--as-of {written!r} is no time", allowed="ISO 8601", do="write e.g. 2026-03-01T18:00")
    return moment


def _show_first(job: ScoreJob) -> None:
    """Print the scores of the first rows."""
    from crm.rejects import Rejects

    rejects = Rejects(None)
    lead_file = job.open(rejects)
    rows: list[list[object]] = []
    velocity = job.count(write=False)
    for _, _, scores in islice(job.scored(lead_file, velocity, _DRY_ROWS), 1):
        for row in scores.itertuples(index=False):
            money = f"{row.predicted_value:,.2f} {row.currency}"
            mql = "yes" if row.mql else "no"
            why = str(row.mql_reason).partition(":")[0]
            rows.append([row.lead_id, f"{row.win_probability:.1%}", money, row.verdict, mql, why])
    columns = ("lead", "win", "value", "verdict", "MQL", "why")
    console.print(table(columns, rows, right=("win", "value")))
    console.print(f"First {len(rows)} leads of {job.path}; {rejects.count} rows set aside so far; nothing was written.")
    _warn(lead_file.absent, (*velocity.warnings, *job.lacking(lead_file.columns)))


def _report(job: ScoreJob, scored: ScoreResult, output: Path) -> None:
    """Print a summary of the scores and the files written."""
    counts = scored.counts
    summary = scored.summary
    currency = job.bundle.meta.currency
    if counts.rows_kept:
        console.print(summary.table(currency))
    console.print(
        f"{counts.rows_kept:,} leads scored by model {job.bundle.version} as of {job.as_of:%Y-%m-%d %H:%M} UTC: "
        f"{summary.total('mql'):,.0f} MQL, {summary.total('review'):,.0f} to review, "
        f"{summary.total('reject'):,.0f} rejected; predicted value {summary.total('value'):,.0f} {currency}",
        soft_wrap=True,
    )
    console.print(f"{counts.rows_in:,} rows in = {counts.rows_kept:,} scored + {counts.rows_rejected:,} set aside")
    console.print(f"Scores: {output}", soft_wrap=True)
    if counts.rejected:
        console.print(f"Rows set aside, with line and reason: {counts.rejected}", soft_wrap=True)
    _warn(scored.absent, scored.warnings)


def _warn(absent: tuple[str, ...], warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        errors.print(f"Warning: {warning}", soft_wrap=True, markup=False)
    if absent:
        errors.print(
            f"The file has no column {', '.join(absent)}; they count as missing.", soft_wrap=True, markup=False
        )
