"""`leadworth export`: tell the ad platforms what leads are worth."""

from __future__ import annotations

import getpass
import json
import shlex
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.console import console, errors, progress, table
from leadworth.errors import InputError
from leadworth.settings import FILE_NAME

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from conversions.export_worker import ExportWorker

app = typer.Typer(add_completion=False, no_args_is_help=True)

Config = Annotated[Path, typer.Option("--config", "-c", help="Settings file.")]
Platform = Annotated[str | None, typer.Option("--to", help="One platform; left out: all of the settings.")]


@app.command()
def plan(
    bundle: Annotated[Path | None, typer.Option(help="Folder of a bundle, instead of the champion.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be added, and add nothing.")] = False,
    config: Config = Path(FILE_NAME),
) -> None:
    """Add to the ledger what follows from the CRM: new leads, later stages, restated values, junk taken back.

    Run it every night. It reads the exports that leadworth.toml names; running it twice adds nothing twice.
    """
    from conversions import planner
    from conversions.export_context import opened
    from crm.consent_columns import describe_not_understood
    from models.bundle_loading import load_bundle

    with opened(config) as export:
        export.chosen(None)
        with console.status("Reading the CRM and scoring its leads"):
            known = planner.gather(export.settings, load_bundle(export.settings, bundle), export.engine)
        with progress("Planning") as advance:
            planned = planner.plan(
                export.settings, known, export.submit, export.engine, advance, dry_run=dry_run
            )  # fmt: skip
    rows = [(*key, f"{count:,}") for key, count in sorted(planned.added.items())]
    if rows:
        console.print(table(("platform", "stage", "what", "events"), rows, right=("events",)))
    console.print(
        f"{planned.leads:,} leads of the last {planner.LOOK_BACK.days} days: {planned.added.total():,} events "
        f"{'would be ' if dry_run else ''}added; {planned.erased:,} leads left out because the person was erased"
    )
    if known.consents_not_understood:
        errors.print(describe_not_understood(known.consents_not_understood), markup=False, soft_wrap=True)
    if rows and not dry_run:
        console.print("Next: leadworth export run")


@app.command()
def run(
    to: Platform = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until stopped, as a service.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Prepare and serialise what waits; send nothing.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="With --dry-run: where to write what would be sent, redacted, as JSON.")
    ] = None,
    config: Config = Path(FILE_NAME),
) -> None:
    """Send what is due, and ask the platforms about what was sent before.

    Several of these may run side by side, on one machine or many. What one that dies had taken is sent by the
    others when its lease ends. Nothing is told twice.
    """
    from conversions import dry_run as rehearsal
    from conversions.export_context import opened
    from conversions.export_worker import ExportWorker

    with opened(config) as export:
        workers = [ExportWorker(export.engine, one, export.settings, export.seal) for one in export.chosen(to)]
        if dry_run:
            found = rehearsal.rehearsal(export.engine, workers)
            if report is not None:
                report.write_text(json.dumps(found.report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
                console.print(f"What would be sent, redacted: {report}", soft_wrap=True)
            _show_counts(found.counts, "wait; nothing was sent")
            return
        _show_counts(_send(export.engine, workers, follow), "sent or set aside")


def _send(engine: Engine, workers: Sequence[ExportWorker], follow: bool) -> Counter[tuple[str, str]]:
    """Send what is due, or go on until interrupted; return how many events came to which state."""
    from conversions.reconciliation import ask
    from conversions.retention import tidy

    counts, lock = Counter[tuple[str, str]](), threading.Lock()
    with progress("Sending") as advance:

        def seen(name: str, states: Counter[str]) -> None:
            with lock:
                counts.update({(name, state): count for state, count in states.items()})
                advance(states.total())

        if follow:
            _follow(engine, workers, seen)
        for worker in workers:
            while states := worker.work():
                seen(worker.destination.name, states)
    for worker in workers:
        ask(engine, worker.destination, datetime.now(UTC))
    tidy(engine, datetime.now(UTC))
    return counts


def _follow(engine: Engine, workers: Sequence[ExportWorker], seen: Callable[[str, Counter[str]], None]) -> None:
    """Work until interrupted; ask about receipts once a minute, delete what is past its time once an hour."""
    from conversions.export_worker import run as run_workers
    from conversions.reconciliation import ask
    from conversions.retention import tidy

    stopping = threading.Event()
    thread = threading.Thread(target=run_workers, args=(workers, stopping, seen), name="export")
    thread.start()
    with suppress(KeyboardInterrupt):
        for minute in count():
            now = datetime.now(UTC)
            for worker in workers:
                ask(engine, worker.destination, now)
            if minute % 60 == 0:
                tidy(engine, now)
            time.sleep(60.0)
    stopping.set()
    thread.join()


def _show_counts(counts: Counter[tuple[str, str]], what: str) -> None:
    rows = [(name, state, f"{events:,}") for (name, state), events in sorted(counts.items())]
    if rows:
        console.print(table(("platform", "state", "events"), rows, right=("events",)))
    console.print(f"{counts.total():,} events {what}")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False, config: Config = Path(FILE_NAME)
) -> None:
    """Show the ledger: what was told, what waits, what was given up and why; ends with 2 where an alarm stands.

    An alarm stands where a platform, 72 hours after, processed over 5 % fewer or more than it took.
    """
    from conversions.export_context import opened
    from conversions.outbox_status import status as status_of
    from conversions.outbox_status import why

    with opened(config) as export, export.engine.connect() as connection:
        restating = [name for name, one in export.destinations.items() if one.limits.restate is not None]
        found, currency = status_of(connection, datetime.now(UTC), restating), export.settings.currency
    alarms = [one for one in found.differences if one.alarming]
    if as_json:
        reasons = [{"platform": a, "state": b, "code": c, "events": n} for (a, b, c), n in found.reasons.items()]
        plain = {
            "platforms": list(map(asdict, found.platforms)), "reasons": reasons,
            "alarms": list(map(asdict, alarms)),
        }  # fmt: skip
        console.print_json(json.dumps(plain))
        raise typer.Exit(2 if alarms else 0)
    rows = [
        (one.destination, *(f"{sum(one.states.get(state, 0) for state in group):,}" for group in _GROUPS.values()),
         f"{one.told:,.0f}")
        for one in found.platforms
    ]  # fmt: skip
    headings = ("platform", *_GROUPS, f"told, {currency}")
    console.print(table(headings, rows, right=headings[1:]))
    for one in found.platforms:
        if one.accepted:
            text = f"  {one.destination}: of {one.accepted:,} it was asked about, {one.processed:,} processed"
            console.print(text, markup=False, soft_wrap=True)
    for (name, state, code), events in sorted(found.reasons.items(), key=lambda one: -one[1]):
        console.print(f"  {name}: {events:,} {state}: {why(code)}", markup=False, soft_wrap=True)
    for one in found.platforms:
        if one.surplus:
            text = f"  {one.destination}: told {one.surplus:,.0f} {currency} more than leads turned out to be worth"
            console.print(text, markup=False, soft_wrap=True)
        if one.closed_until:
            text = f"{one.destination} lets no one in until {one.closed_until[:16]} UTC: {one.why}"
            errors.print(text, markup=False, soft_wrap=True)
    for alarm in alarms:
        errors.print(
            f"ALARM: {alarm.destination} {alarm.what} {alarm.found:,} of {alarm.told:,} events that it took over 72 "
            f"hours ago ({alarm.share:.0%} differ)", markup=False, soft_wrap=True,
        )  # fmt: skip
    raise typer.Exit(2 if alarms else 0)


_GROUPS = {
    "taken": ("accepted", "duplicate"), "waits": ("pending", "retry", "leased"), "refused": ("rejected", "expired"),
    "unsure": ("uncertain",), "not told": ("suppressed",),
}  # fmt: skip


@app.command()
def retry(
    to: Platform = None,
    code: Annotated[str | None, typer.Option(help="Only those given up with this code.")] = None,
    uncertain: Annotated[
        bool, typer.Option("--uncertain", help="Also what may have arrived: a platform may then count it twice.")
    ] = False,
    config: Config = Path(FILE_NAME),
) -> None:
    """Let events that were given up wait again, and try the platforms that let no one in."""
    from conversions.export_context import opened
    from conversions.outbox_status import put_back
    from conversions.rate_limiter import Gate
    from store.event_state import EventState

    states = [EventState.REJECTED, *([EventState.UNCERTAIN] if uncertain else [])]
    with opened(config) as export:
        for one in export.chosen(to):
            Gate(export.engine, one.name, 60).open()
        with export.engine.begin() as connection:
            events = put_back(connection, states, to, code, datetime.now(UTC))
    console.print(f"{events:,} events wait again; next: leadworth export run")


@app.command()
def explain(
    lead: Annotated[str, typer.Argument(help="Id of a lead.")], config: Config = Path(FILE_NAME)
) -> None:  # fmt: skip
    """Show everything that the platforms were told of a lead, or were not, and why."""
    from conversions.export_context import opened
    from conversions.outbox_status import story

    with opened(config) as export, export.engine.connect() as connection:
        rows = list(story(connection, lead))
    if not rows:
        raise InputError(f"the ledger holds nothing of lead {lead!r}", do="see `leadworth export plan --dry-run`")
    shown = [
        (row["created_at"][:16], row["destination"], row["stage"], row["version"], row["kind"], row["value"],
         row["told"] or "-", row["state"], row["why"])
        for row in rows
    ]  # fmt: skip
    headings = ("added (UTC)", "platform", "stage", "version", "what", "value", "told", "state", "why")
    console.print(table(headings, shown, right=("version", "value", "told")))
    console.print(f"Transactions: {', '.join(sorted({row['transaction_id'] for row in rows}))}", soft_wrap=True)


@app.command()
def compare(
    platform: Annotated[str, typer.Argument(help="Name of the platform, as in the settings.")],
    report: Annotated[Path, typer.Argument(help="The platform's own report: CSV with day, conversions.")],
    config: Config = Path(FILE_NAME),
) -> None:
    """Hold what a platform shows against what the ledger says it took, day by day; ends with 2 where they differ.

    Days of the last 72 hours are left out: platforms need that long.
    """
    from conversions.export_context import opened
    from conversions.reconciliation import DIFFERENCE, against_report

    with opened(config) as export, export.engine.connect() as connection:
        days = against_report(connection, platform, report, datetime.now(UTC))
    rows = [(day.destination, f"{day.told:,}", f"{day.found:,}", f"{day.share:.0%}") for day in days]
    console.print(table(("platform and day", "taken", "shown", "differ"), rows, right=("taken", "shown", "differ")))
    told, shown = sum(day.told for day in days), sum(day.found for day in days)
    share = abs(told - shown) / told if told else 0.0
    console.print(f"{told:,} taken, {shown:,} shown: {share:.1%} differ")
    raise typer.Exit(2 if share > DIFFERENCE else 0)


@app.command()
def approve(
    version: Annotated[str, typer.Argument(help="Version of the model, as in `leadworth models list`.")],
    config: Config = Path(FILE_NAME),
) -> None:
    """Let a new model move what the platforms are told by as much as it does, at once."""
    from conversions.export_context import opened
    from conversions.sent_values import approve as approve_version

    with opened(config) as export, export.engine.begin() as connection:
        approve_version(connection, version, getpass.getuser(), datetime.now(UTC))
    console.print(f"Values of model {version} are told as they are from now on", markup=False)


@app.command()
def consent(
    lead: Annotated[str, typer.Argument(help="Id of a lead.")],
    data: Annotated[bool | None, typer.Option("--data/--no-data", help="May the platforms get data of it.")] = None,
    personal: Annotated[
        bool | None, typer.Option("--personal/--no-personal", help="May they use them for personalised advertising.")
    ] = None,
    source: Annotated[str, typer.Option(help="Where the person said so.")] = "command",
    config: Config = Path(FILE_NAME),
) -> None:
    """Record that a person agreed, or no longer does; what waits is held against it when it is sent."""
    from conversions.export_context import opened
    from store import consents

    said = {"ad_user_data": data, "ad_personalization": personal}
    granted = {purpose: answer for purpose, answer in said.items() if answer is not None}
    if not granted:
        raise InputError("no purpose is given", allowed="--data, --no-data, --personal, --no-personal")
    with opened(config) as export, export.engine.begin() as connection:
        consents.record(connection, lead, granted, source, datetime.now(UTC))
    console.print(f"Recorded: {', '.join(f'{name} {answer}' for name, answer in granted.items())}")


@app.command()
def erase(
    lead: Annotated[str | None, typer.Option(help="Id of any lead of the person.")] = None,
    email: Annotated[str | None, typer.Option(help="The person's e-mail address.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, only say what would be done.")] = False,
    config: Config = Path(FILE_NAME),
) -> None:
    """Forget a person: withdraw what waits, take back what was told where that is possible, delete identifiers.

    Prints a receipt as JSON, which is kept too. The decision log holds no identifiers and stays.
    """
    from conversions import erasure
    from conversions.export_context import opened

    with opened(config) as export, export.engine.connect() as connection:
        leads = erasure.leads_of(connection, export.seal, lead, email)
        done = erasure.erase(connection, leads, export.destinations, export.seal, datetime.now(UTC))
        if yes:
            connection.commit()
    console.print_json(json.dumps({"done": yes, **asdict(done)}))
    if not yes:
        errors.print("Nothing was changed; with --yes this is done")
    elif done.retractions:
        errors.print("Next: leadworth export run, which takes back what was told")


@app.command()
def doctor(config: Config = Path(FILE_NAME)) -> None:
    """Check whether the platforms are ready to bid on value: access, versions, stages, identifiers, consent."""
    from conversions.export_context import opened
    from conversions.export_doctor import findings
    from leadworth.health_findings import Severity, show

    worst = Severity.OK
    with opened(config) as export:
        for finding in findings(export, datetime.now(UTC)):
            show(finding)
            worst = max(worst, finding.level, key=list(Severity).index)
    if worst is Severity.FAIL:
        raise typer.Exit(1)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port for HTTP; gRPC takes the next one.")] = 8900,
    fail: Annotated[float, typer.Option(min=0, max=1, help="Share of requests that fail.")] = 0.0,
) -> None:
    """Stand in for all platforms on this machine until stopped, with their rules; nothing leaves the machine."""
    from conversions.sandbox.fault_injection import Faults
    from conversions.sandbox.peer_servers import Sandbox, variables

    with Sandbox(Faults(fail), http_port=port, grpc_port=port + 1 if port else 0).run() as served:
        console.print("The platforms stand in for themselves. In another terminal:\n", soft_wrap=True)
        for name, value in variables(served).items():
            console.print(f"export {name}={shlex.quote(value)}", markup=False, soft_wrap=True)
        console.print(f"\nWhat they took: http://127.0.0.1:{served.http_port}/_sandbox. Stop with Ctrl+C")
        threading.Event().wait()
