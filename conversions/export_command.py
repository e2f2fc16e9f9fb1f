"""`leadworth export`: send the values of leads to the ad platforms."""

from __future__ import annotations

import getpass
import json
import shlex
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.clock import Clock, utc_now
from leadworth.console import console, errors, progress, table
from leadworth.errors import InputError
from leadworth.readers.moment_reader import read_as_of
from leadworth.settings import FILE_NAME

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from conversions.export_worker import ExportWorker

Retention = Callable[..., Counter[str]]
"""`store.retention.delete_expired` with the store and the settings."""

app = typer.Typer(add_completion=False, no_args_is_help=True)

Config = Annotated[Path, typer.Option("--config", "-c", help="Settings file.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="Replay: the time that counts as now (ISO 8601), for a local sandbox.")
]
Platform = Annotated[str | None, typer.Option("--to", help="One platform; default: all of the settings.")]


@app.command()
def plan(
    bundle: Annotated[Path | None, typer.Option(help="Folder of a bundle, instead of the champion.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be added; add nothing.")] = False,
    as_of: AsOf = None,
    config: Config = Path(FILE_NAME),
) -> None:
    """Add the events that follow from the CRM to the outbox: new leads, later stages, restatements, retractions.

    Run it every night. It reads the exports that leadworth.toml names. A second run adds nothing, unless events were
    sent in between: where a platform adds values up, a later stage of a lead waits until the one before is sent. Stages
    that wait, or are not added for another reason, are counted. With --as-of the exports must be those of that time:
    what happened later is not left out.
    """
    from conversions.export_context import open_export
    from conversions.plan_inputs import read_plan_inputs
    from conversions.plan_report import print_plan
    from conversions.planner import plan as add_planned
    from crm.consent_columns import describe_not_understood
    from models.bundle_loading import load_bundle
    from store.audit_log import AuditEntry

    with open_export(config) as export:
        clock, moment = export.clock(as_of)
        export.select(None)
        with console.status("Reading the CRM and scoring its leads"):
            champion = load_bundle(export.settings, bundle)
            inputs = read_plan_inputs(export.settings, champion, export.engine, as_of=moment)
        with progress("Planning") as advance:
            result = add_planned(
                export.settings, inputs, export.writer, export.engine, advance, dry_run=dry_run, clock=clock
            )
        if not dry_run:
            details = {"leads": result.leads, "events": result.added.total()}
            export.record(AuditEntry("export.plan", "outbox", details=details))
    print_plan(result, dry_run=dry_run)
    if inputs.consents_not_understood:
        errors.print(describe_not_understood(inputs.consents_not_understood), markup=False, soft_wrap=True)
    if (result.added or result.resumed) and not dry_run:
        console.print("Next: leadworth export run")


@app.command()
def run(
    to: Platform = None,
    follow: Annotated[bool, typer.Option("--follow", help="Run until stopped, as a service.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Prepare and serialise waiting events; send nothing.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="With --dry-run: write the events, redacted, to this file as JSON.")
    ] = None,
    as_of: AsOf = None,
    config: Config = Path(FILE_NAME),
) -> None:
    """Send due events, and ask the platforms for the status of events sent before.

    Several may run at once, on one machine or many. If a worker dies, another picks up its events when the
    lease expires. No event is sent twice.
    """
    from conversions.dry_run import dry_run as run_dry
    from conversions.export_context import open_export
    from conversions.export_worker import ExportWorker
    from store.audit_log import AuditEntry
    from store.retention import delete_expired

    with open_export(config) as export:
        platforms = export.select(to)
        clock, moment = export.clock(as_of)
        if moment is not None:
            export.require_local(platforms)
        workers = [
            ExportWorker(export.engine, platform, export.settings, export.cipher, clock) for platform in platforms
        ]
        if dry_run:
            result = run_dry(export.engine, workers)
            if report is not None:
                report.write_text(json.dumps(result.report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
                console.print(f"Events that would be sent, redacted: {report}", soft_wrap=True)
            _show_counts(result.counts, "waiting; nothing was sent")
            return
        retention = partial(
            delete_expired, export.engine, export.settings.retention, lead_digest=export.cipher.lead_digest
        )
        counts = _send(export.engine, workers, retention, clock, follow=follow)
        export.record(AuditEntry("export.run", "outbox", to, details={"events": counts.total()}))
    _show_counts(counts, "processed")


def _send(
    engine: Engine, workers: Sequence[ExportWorker], retention: Retention, clock: Clock, *, follow: bool
) -> Counter[tuple[str, str]]:
    """Send due events, with `follow` until interrupted; return the event counts by platform and state."""
    from conversions.worker_threads import follow as follow_outbox

    counts = Counter[tuple[str, str]]()
    lock = threading.Lock()
    with progress("Sending") as advance:

        def on_batch(name: str, states: Counter[str]) -> None:
            with lock:
                counts.update({(name, state): events for state, events in states.items()})
                advance(states.total())

        def each_minute(minute: int) -> None:
            _ask_for_status(engine, workers, clock())
            if minute % (24 * 60) == 0:
                retention(now=clock())

        if follow:
            follow_outbox(workers, each_minute, on_batch)
        for worker in workers:
            while states := worker.work():
                on_batch(worker.destination.name, states)
    _ask_for_status(engine, workers, clock())
    retention(now=clock())
    return counts


def _ask_for_status(engine: Engine, workers: Sequence[ExportWorker], now: datetime) -> None:
    """Ask the platforms for the status of due receipts."""
    from conversions.reconciliation import ask_for_status

    for worker in workers:
        ask_for_status(engine, worker.destination, now)


def _show_counts(counts: Counter[tuple[str, str]], what: str) -> None:
    rows = [(name, state, f"{events:,}") for (name, state), events in sorted(counts.items())]
    if rows:
        console.print(table(("platform", "state", "events"), rows, right=("events",)))
    console.print(f"{counts.total():,} events {what}")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_of: AsOf = None,
    config: Config = Path(FILE_NAME),
) -> None:
    """Show the outbox: accepted, waiting and rejected events, with reasons. Exits with 2 if there is an alarm.

    An alarm is raised if a platform, 72 hours later, has processed over 5 % fewer or more events than it
    accepted. After a replay, give it the --as-of of the last run.
    """
    from conversions.export_context import open_export
    from conversions.outbox_status import outbox_status
    from conversions.status_report import print_status, status_as_json

    with open_export(config) as export, export.engine.connect() as connection:
        clock, _ = export.clock(as_of)
        current = outbox_status(connection, clock())
    if as_json:
        console.print_json(json.dumps(status_as_json(current)))
    else:
        print_status(current, export.settings.currency, export.destinations)
    raise typer.Exit(2 if any(difference.alarming for difference in current.differences) else 0)


@app.command()
def retry(
    to: Platform = None,
    code: Annotated[str | None, typer.Option(help="Only events rejected with this code.")] = None,
    uncertain: Annotated[
        bool, typer.Option("--uncertain", help="Also uncertain events: a platform may then count them twice.")
    ] = False,
    config: Config = Path(FILE_NAME),
) -> None:
    """Requeue rejected events and reset open circuit breakers."""
    from conversions.circuit_breaker import CircuitBreaker
    from conversions.export_context import open_export
    from store.audit_log import AuditEntry
    from store.event_state import EventState
    from store.outbox import requeue

    states = [EventState.REJECTED, *([EventState.UNCERTAIN] if uncertain else [])]
    with open_export(config) as export:
        for platform in export.select(to):
            CircuitBreaker(export.engine, platform.name).close()
        with export.engine.begin() as connection:
            events = requeue(connection, states, to, code, datetime.now(UTC))
            export.audit(connection, AuditEntry("export.retry", "outbox", to, details={"events": events}))
    console.print(f"{events:,} events requeued; next: leadworth export run")


@app.command()
def explain(
    lead: Annotated[str, typer.Argument(help="Id of a lead.")],
    bundle: Annotated[Path | None, typer.Option(help="Folder of a bundle, instead of the champion.")] = None,
    crm: Annotated[
        bool, typer.Option(help="Read the CRM to say why stages have no event; takes as long as a plan.")
    ] = True,
    as_of: AsOf = None,
    config: Config = Path(FILE_NAME),
) -> None:
    """Show all events of a lead: what was sent to which platform, what was not, why, and by which consent.

    Stages without an event follow, with the reason that the plan has.
    """
    from conversions.export_context import open_export
    from conversions.lead_report import print_events, print_unplanned
    from conversions.outbox_status import timeline
    from conversions.unplanned_stages import read_unplanned
    from store.audit_log import AuditEntry

    with open_export(config) as export:
        with export.engine.begin() as connection:
            export.audit(connection, AuditEntry("lead.exports", "lead", export.audit_log.pseudonym(lead)))
            events = list(timeline(connection, lead))
        stages, unknown = None, "the CRM was not read (--no-crm)"
        if crm:
            with console.status("Reading the CRM"):
                stages, unknown = read_unplanned(export, lead, bundle, as_of)
    if not events and stages is None:
        raise InputError(f"the outbox has no event of lead {lead!r}, and {unknown}", do="check the id")
    if events:
        print_events(events)
    if stages is None:
        errors.print(f"why other stages have no event is not known: {unknown}", markup=False, soft_wrap=True)
    else:
        print_unplanned(stages)


@app.command()
def compare(
    platform: Annotated[str, typer.Argument(help="Name of the platform, as in the settings.")],
    report: Annotated[Path, typer.Argument(help="The platform's own report: CSV with day, conversions.")],
    config: Config = Path(FILE_NAME),
) -> None:
    """Compare a platform's own report with the events that it accepted, by day. Exits with 2 if they differ.

    The last 72 hours are left out, because platforms need that long.
    """
    from conversions.export_context import open_export
    from conversions.reconciliation import TOLERANCE, compare_report

    with open_export(config) as export, export.engine.connect() as connection:
        days = compare_report(connection, platform, report, datetime.now(UTC))
    rows = [(day.destination, f"{day.accepted:,}", f"{day.counted:,}", f"{day.share:.0%}") for day in days]
    headings = ("platform and day", "accepted", "shown", "differ")
    console.print(table(headings, rows, right=headings[1:]))
    accepted = sum(day.accepted for day in days)
    shown = sum(day.counted for day in days)
    share = abs(accepted - shown) / accepted if accepted else 0.0
    console.print(f"{accepted:,} accepted, {shown:,} shown: {share:.1%} differ")
    raise typer.Exit(2 if share > TOLERANCE else 0)


@app.command()
def approve(
    version: Annotated[str, typer.Argument(help="Version or alias of the model, as in `leadworth models list`.")],
    config: Config = Path(FILE_NAME),
) -> None:
    """Approve a model version: skip the 20 % per week ramp."""
    from conversions.export_context import open_export
    from conversions.model_approval import approvable_version
    from store import approvals
    from store.audit_log import AuditEntry

    with open_export(config) as export, export.engine.begin() as connection:
        version = approvable_version(connection, export.settings, version)
        approvals.approve(connection, version, getpass.getuser(), datetime.now(UTC))
        export.audit(connection, AuditEntry("export.approve", "model", version))
    console.print(f"Values of model {version} are sent without the ramp from now on", markup=False)


@app.command()
def consent(
    lead: Annotated[str, typer.Argument(help="Id of a lead.")],
    data: Annotated[bool | None, typer.Option("--data/--no-data", help="May the platforms receive its data.")] = None,
    personal: Annotated[
        bool | None, typer.Option("--personal/--no-personal", help="May they use it for personalised advertising.")
    ] = None,
    source: Annotated[str, typer.Option(help="Where the consent was given or withdrawn.")] = "command",
    config: Config = Path(FILE_NAME),
) -> None:
    """Record that a person granted or withdrew consent; it applies to all events that are not sent yet.

    A lead that is not known yet is recorded too, with a warning: its consent holds when it arrives.
    """
    from conversions.export_context import open_export
    from store import consents, decision_log, outbox_queries
    from store.audit_log import AuditEntry

    options = {"ad_user_data": data, "ad_personalization": personal}
    granted = {purpose: answer for purpose, answer in options.items() if answer is not None}
    if not granted:
        raise InputError("no purpose is given", allowed="--data, --no-data, --personal, --no-personal")
    with open_export(config) as export, export.engine.begin() as connection:
        consents.record(connection, lead, granted, source, datetime.now(UTC))
        pseudonym = export.audit_log.pseudonym(lead)
        export.audit(connection, AuditEntry("lead.consent", "lead", pseudonym, details=granted))
        known = outbox_queries.knows_lead(connection, lead) or decision_log.first_times(connection, [lead])
    console.print(f"Recorded: {', '.join(f'{name} {answer}' for name, answer in granted.items())}")
    if not known:
        errors.print(
            f"no lead {lead!r} was scored by the service or planned for export yet: the record holds when it arrives; "
            "what to do: compare the id with the column that [leads.columns] lead_id names, and record it again if it "
            "is another",
            markup=False,
            soft_wrap=True,
        )


@app.command()
def doctor(config: Config = Path(FILE_NAME)) -> None:
    """Check whether the platforms are ready for value bidding: access, versions, stages, identifiers, consent."""
    from conversions.export_context import open_export
    from conversions.export_doctor import findings
    from leadworth.health_findings import Severity, show

    worst = Severity.OK
    with open_export(config) as export:
        for finding in findings(export, datetime.now(UTC)):
            show(finding)
            worst = max(worst, finding.level, key=list(Severity).index)
    if worst is Severity.FAIL:
        raise typer.Exit(1)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port for HTTP; gRPC uses the next one.")] = 8900,
    fail: Annotated[float, typer.Option(min=0, max=1, help="Share of requests that fail.")] = 0.0,
    as_of: AsOf = None,
) -> None:
    """Run a local sandbox of all platforms, with their rules, until stopped; nothing leaves the machine."""
    from conversions.sandbox.peer_servers import Sandbox, variables
    from leadworth.fault_injection import Faults

    moment = read_as_of(as_of, UTC)
    clock = utc_now if moment is None else lambda: moment
    with Sandbox(Faults(fail), http_port=port, grpc_port=port + 1 if port else 0, clock=clock).run() as served:
        console.print("Local sandbox running. In another terminal:\n", soft_wrap=True)
        for name, value in variables(served).items():
            console.print(f"export {name}={shlex.quote(value)}", markup=False, soft_wrap=True)
        console.print(f"\nReceived events: http://127.0.0.1:{served.http_port}/_sandbox. Stop with Ctrl+C")
        threading.Event().wait()
