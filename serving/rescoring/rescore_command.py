"""`leadworth rescore`: score the open leads of the CRM again and write the scores back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.console import console, errors, progress, table
from leadworth.errors import DeliveryError, RegistryError
from leadworth.settings import FILE_NAME, load_settings

if TYPE_CHECKING:
    from leadworth.settings import LeadsSource, Settings
    from models.bundle import Bundle
    from serving.rescoring.nightly_run import NightlyResult

_SHOWN = 20


def rescore(
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file")] = Path(FILE_NAME),
    bundle: Annotated[Path | None, typer.Option(help="Folder of a bundle, instead of the champion")] = None,
    sync: Annotated[bool, typer.Option(help="Read the changes of the CRM first")] = True,
    write_back: Annotated[bool, typer.Option(help="Write the scores to the CRM")] = True,
    export: Annotated[bool, typer.Option(help="Plan the exports to the ad platforms that are set up")] = True,
    retry_refused: Annotated[bool, typer.Option(help="Write rows again that the CRM refused before")] = False,
    dry_run: Annotated[bool, typer.Option(help="Show what would be written; store and write nothing")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Work off webhooks of the CRM until interrupted")] = False,
) -> None:
    """Synchronise with the CRM, score each open lead given its age and stage, write back what changed, plan exports.

    Run it every night, by a timer. It is safe to run twice and to kill at any point: a second run writes nothing.
    With --watch, a process that runs always, leads are scored some seconds after their records changed.
    The exit code is 8 where anything was left undone, and the last line says what.
    """
    if watch:
        _watch(config, bundle)
        return
    _nightly(config, bundle, sync, write_back, export, retry_refused, dry_run)


def _watch(config: Path, bundle: Path | None) -> None:
    """Work off webhooks."""
    from conversions.export_context import open_export
    from crm.crm_connection import naming_crm, open_connector
    from serving.rescoring.event_worker import EventWorker, WorkedBatch
    from serving.rescoring.event_worker import watch as work_off
    from serving.rescoring.nightly_run import crm_of

    def report(batch: WorkedBatch) -> None:
        if not batch.idle:
            console.print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {batch.line()}", soft_wrap=True, markup=False)
        for sentence in batch.failures:
            errors.print(f"Warning: {sentence}", soft_wrap=True, markup=False)

    with open_export(config) as opened:
        name = crm_of(opened.settings)
        with open_connector(opened.settings, name) as connector, _model(opened.settings, bundle) as model:
            worker = EventWorker(opened, connector, model)
            console.print(f"Waiting for webhooks of {connector.info.title}; Ctrl+C ends it", markup=False)
            with naming_crm(name):
                work_off(worker, report, threading.Event())


@contextmanager
def _model(settings: Settings, folder: Path | None) -> Iterator[Callable[[], Bundle]]:
    """Return what gives the model in use: that of a folder, or the champion, which is followed."""
    from models.bundle import Bundle
    from serving.app import registered_champion

    if folder is not None:
        given = Bundle.load(folder)
        yield lambda: given
        return
    champion = registered_champion(settings)
    champion.start()

    def current() -> Bundle:
        if champion.current is None:
            raise RegistryError(f"no champion could be loaded: {champion.away}", do="see `leadworth models list`")
        return champion.current.bundle

    try:
        current()
        yield current
    finally:
        champion.stop()


def _nightly(
    config: Path,
    bundle: Path | None,
    sync: bool,
    write_back: bool,
    export: bool,
    retry_refused: bool,
    dry_run: bool,
) -> None:
    """Run once for all leads."""
    from crm.crm_connection import naming_crm
    from crm.mirror_reads import mirror_reads
    from models.bundle_loading import load_bundle
    from serving.rescoring.nightly_run import crm_of, run_nightly
    from store.engine import open_store

    settings = load_settings(config)
    model = load_bundle(settings, bundle)
    if sync and not dry_run:
        with naming_crm(crm_of(settings)):
            _erase(config)
    with mirror_reads(settings):  # scores, exports and report read the same leads
        with naming_crm(crm_of(settings)), open_store(settings, migrate=True) as engine:
            result = run_nightly(
                settings,
                model,
                engine,
                synchronise=sync,
                write_back=write_back,
                retry_refused=retry_refused,
                dry_run=dry_run,
            )
        if dry_run or not write_back:
            _show_changes(result)
        planned = "" if dry_run or not export else _plan(config, settings, model)
        if not dry_run:
            _refresh_report(settings, model, result)
    _report(result, model, settings.leads, planned, dry_run=dry_run)
    if undone := result.undone:
        raise DeliveryError("; ".join(undone), do=result.remedy)


def _refresh_report(settings: Settings, model: Bundle, result: NightlyResult) -> None:
    """Bring the facts of the report up to date with the scores of this run."""
    from serving.report.fact_refresh import ReportJob
    from serving.report.lead_scores import scores_of
    from store.engine import open_store

    scores = scores_of(result.scores.table, "account_value")
    with open_store(settings) as engine, progress("Refreshing the report") as advance:
        counts = ReportJob(engine, settings, model, datetime.now(UTC), advance).run(open_scores=scores)
    console.print(f"Report: {counts.line()}", soft_wrap=True, markup=False)


def _erase(config: Path) -> None:
    """Erase the persons whom the CRM erased for privacy, as its webhooks said."""
    from conversions.export_context import open_export
    from crm.crm_connection import open_connector
    from serving.personal_data.record_erasure import erase_records
    from serving.rescoring.nightly_run import crm_of

    with open_export(config) as opened, open_connector(opened.settings, crm_of(opened.settings)) as connector:
        erased = erase_records(opened, connector, datetime.now(UTC), lambda: datetime.now(UTC))
    for sentence in erased.failures:
        errors.print(f"Warning: {sentence}", soft_wrap=True, markup=False)
    if erased.events:
        console.print(f"{erased.events:,} erasures of the CRM done", soft_wrap=True)


def _plan(config: Path, settings: Settings, bundle: Bundle) -> str:
    """Plan the exports, and return what was added in words."""
    from conversions.export_context import open_export
    from conversions.plan_inputs import read_plan_inputs
    from conversions.planner import plan
    from conversions.platform_factory import configured

    if not configured(settings):
        return ""
    with open_export(config) as context:
        inputs = read_plan_inputs(settings, bundle, context.engine)
        with progress("Planning exports") as advance:
            added = plan(settings, inputs, context.writer, context.engine, advance).added
    return f"; {added.total():,} export events planned"


def _show_changes(result: NightlyResult) -> None:
    """Print the rows that would be written, with what the CRM holds now."""
    rows = []
    for row, known in result.changes[:_SHOWN]:
        before = (known.written if known else None) or {}
        rows.append([row.record_id, *(_change(before.get(name), row.values.get(name)) for name in _COLUMNS)])
    if rows:
        console.print(table(("record", *_COLUMNS.values()), rows))
    if len(result.changes) > len(rows):
        console.print(f"and {len(result.changes) - len(rows):,} more")


_COLUMNS = {
    "lw_band": "band",
    "lw_win_probability": "win probability",
    "lw_predicted_value": "predicted value",
    "lw_verdict": "verdict",
}


def _change(before: object, after: object) -> str:
    return str(after) if before in (None, after) else f"{before} -> {after}"


def _report(result: NightlyResult, bundle: Bundle, leads: LeadsSource, planned: str, *, dry_run: bool) -> None:
    """Print warnings and the summary line."""
    from crm.cell_faults import describe_fault, effect_on_leads
    from crm.score_writer import reasons_of
    from serving.rescoring.nightly_run import RETRY_REFUSED

    for sentence in result.sync.warnings if result.sync else ():
        errors.print(f"Warning: {sentence}", soft_wrap=True, markup=False)
    for name, fault in result.scores.cells.items():
        effect = effect_on_leads(name, leads)
        errors.print(f"Warning: {describe_fault(name, fault)}; {effect}", soft_wrap=True, markup=False)
    for finding in result.scores.skew:
        text = f"Warning: {finding.sentence('leads')}. What to do: {finding.remedy}"
        errors.print(text, soft_wrap=True, markup=False)
    writes = result.writes
    if writes.refused_before:
        text = f"Warning: not sent again: {reasons_of(writes.refused_before)}. {RETRY_REFUSED}"
        errors.print(text, soft_wrap=True, markup=False)
    read = f"{result.sync.written:,} changes read, " if result.sync else ""
    changed = f"{len(result.changes):,} would be written" if dry_run else f"{writes.written:,} written"
    console.print(
        f"{read}{len(result.scores.table):,} open leads of {result.scores.units:,} accounts scored by model "
        f"{bundle.version}: {changed}, {writes.unchanged:,} unchanged, "
        f"{writes.refused.total() + writes.refused_before.total():,} refused, "
        f"{writes.waiting + writes.postponed.total():,} waiting{planned}",
        soft_wrap=True,
    )
