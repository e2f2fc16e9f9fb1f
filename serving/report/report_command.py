"""`leadworth report`: the page with leading and lagging indicators."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.console import console, errors, progress
from leadworth.errors import RegistryError
from leadworth.readers.moment_reader import read_as_of
from leadworth.settings import FILE_NAME, load_settings
from serving.report.check_command import check
from serving.report.mail_command import mail
from serving.report.page_command import AsOf, page

if TYPE_CHECKING:
    from leadworth.settings import Settings
    from models.bundle import Bundle

app = typer.Typer(no_args_is_help=True)


@app.callback()
def report() -> None:
    """Bring the facts of the page up to date, write it as a file, send it by mail, and check it."""


app.command()(page)
app.command()(mail)
app.command()(check)


@app.command()
def build(
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file")] = Path(FILE_NAME),
    bundle: Annotated[Path | None, typer.Option(help="Folder of a bundle, instead of the champion")] = None,
    full: Annotated[bool, typer.Option(help="Take all decisions and write all sums again")] = False,
    dry_run: Annotated[bool, typer.Option(help="Compute and count; write nothing")] = False,
    as_of: AsOf = None,
) -> None:
    """Bring the facts about leads up to date, and the sums that the page shows.

    `leadworth rescore` does it every night; run it after an import of spend, traffic or outcomes to see them at once.
    It is safe to run twice: a second run changes the values of open leads only, which depend on their age. With
    --as-of, leads and outcomes of files that came later are left out, to see what an earlier day knew; use a store
    of its own for that.
    """
    from reporting.views.page_snapshots import keep_figures
    from serving.report.fact_refresh import ReportJob, has_leads
    from store.engine import open_store

    settings = load_settings(config)
    model = _model(settings, bundle)
    if not has_leads(settings):
        errors.print(
            f"Warning: {settings.leads.path} is not here, so the facts hold what the service scored, without outcomes",
            soft_wrap=True,
            markup=False,
        )
    with open_store(settings, migrate=True) as engine, progress("Refreshing the report") as advance:
        now = read_as_of(as_of, settings.zone) or datetime.now(UTC)
        counts = ReportJob(engine, settings, model, now, advance).run(full=full, dry_run=dry_run)
        if not dry_run:
            keep_figures(engine, settings, now)
    prefix = "Dry run, nothing was written: " if dry_run else ""
    console.print(f"{prefix}{counts.line()}", soft_wrap=True, markup=False)


def _model(settings: Settings, folder: Path | None) -> Bundle | None:
    """Return the model in use; None, with a warning, before there is one."""
    from models.bundle_loading import load_bundle

    try:
        return load_bundle(settings, folder)
    except RegistryError as error:
        if folder is not None:
            raise
        text = f"Warning: leads get a junk probability by the rules only, and no value: {error}"
        errors.print(text, soft_wrap=True, markup=False)
        return None
