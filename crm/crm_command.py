"""`leadworth crm`: connect a CRM, synchronise its mirror, and show its state."""

from __future__ import annotations

import shlex
import sys
import threading
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import available_timezones

import typer

from leadworth.atomic_files import replacing
from leadworth.console import console, errors, table
from leadworth.crm_catalog import crms
from leadworth.errors import ConfigurationError, LeadworthError
from leadworth.settings import FILE_NAME, NO_CURRENCY, LeadsSource, Settings, load_settings, settings_of

if TYPE_CHECKING:
    from crm.connector import Connector
    from crm.crm_proposal import CrmProposal
    from crm.mirror_sync import SyncReport

app = typer.Typer(add_completion=False, no_args_is_help=True)

Config = Annotated[Path, typer.Option("--config", "-c", help="Settings file.")]
Name = Annotated[str, typer.Argument(help="Name of the CRM, such as hubspot.")]
Names = Annotated[list[str] | None, typer.Argument(help="Names of CRMs; left out: all with credentials.")]
UNFINISHED = 9
"""Exit code of a run that the quota or another run ended: run it again."""
DIFFERENT = 1
"""Exit code where the CRM counts another number of records."""
_MOST_SHOWN = 20


@app.command()
def connect(
    name: Name,
    config: Config = Path(FILE_NAME),
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code of all money, for a new file.")] = None,
    timezone: Annotated[str, typer.Option(help="IANA name of the time zone, for a new file.")] = "UTC",
    create_fields: Annotated[
        bool | None,
        typer.Option("--create-fields/--no-create-fields", help="Create the score fields; left out: ask."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace [leads] and [outcomes] of the file.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the sections, write nothing.")] = False,
) -> None:
    """Connect with a CRM: check the credentials, propose the mapping and write it to leadworth.toml.

    Credentials come from [crm.NAME] or LEADWORTH_CRM__NAME__*; what is missing is asked for at a terminal. The
    score fields lw_* are created in the CRM only with --create-fields, or if you agree.
    """
    from crm.crm_connection import open_connector, require_crm
    from crm.crm_proposal import propose_mapping
    from crm.mirror_fields import fields_read

    require_crm(name)
    settings = _settings(config, currency, timezone)
    asked = _missing_secrets(settings, name)
    if asked:
        given = settings.crm.section(name).model_dump() | asked
        crm = settings.crm.model_copy(update={name: type(settings.crm.section(name)).model_validate(given)})
        settings = settings.model_copy(update={"crm": crm})
    with open_connector(settings, name) as connector:
        _check(connector, creates=not dry_run)
        present = connector.fields(connector.lead_object)
        bare = settings.model_copy(update={"leads": LeadsSource()})
        section = settings.crm.section(name).model_copy(update={"fields": ()})
        read = fields_read(bare, section, connector, connector.lead_object, present).names
        proposal = propose_mapping(connector, present, read, connector.stages())
        _show_objects(connector, proposal, len(present))
        _write(config, proposal, asked, settings, force=force, dry_run=dry_run)
        if not dry_run:
            _create_fields(connector, create_fields, settings)
    console.print(f"Next: leadworth crm sync {name}, then leadworth train and leadworth rescore", markup=False)


@app.command()
def doctor(names: Names = None, config: Config = Path(FILE_NAME)) -> None:
    """Check credentials, rights, versions, mapped fields and the score fields; change nothing."""
    from crm.crm_connection import open_connector
    from crm.mirror_fields import fields_read
    from crm.mirror_sync import clock_warning
    from leadworth.health_findings import HealthFinding, Severity, show

    settings = load_settings(config)
    worst = Severity.OK
    for name in _chosen(settings, names):
        with open_connector(settings, name) as connector:
            findings = list(connector.check())
            if warning := clock_warning(connector):
                findings.append(HealthFinding(Severity.WARN, "clock", warning))
            if all(finding.level is not Severity.FAIL for finding in findings):
                lead, section = connector.lead_object, settings.crm.section(name)
                read = fields_read(settings, section, connector, lead, connector.fields(lead))
                findings += [
                    HealthFinding(Severity.FAIL, lead, f"the CRM has no field {field}", "correct leadworth.toml")
                    for field in read.absent
                ]
        for finding in findings:
            show(finding)
            worst = max(worst, finding.level, key=list(Severity).index)
    if worst is Severity.FAIL:
        raise typer.Exit(1)


@app.command()
def sync(
    names: Names = None,
    config: Config = Path(FILE_NAME),
    full: Annotated[bool, typer.Option("--full", help="Read everything again.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count, store nothing.")] = False,
) -> None:
    """Read what changed in the CRMs since the last run into the mirror.

    A run that is stopped or killed goes on where it was. The exit code is 9 if the share of the daily quota is used up
    or another run reads the CRM (run it again later), and 1 if the CRM counts another number of records than the
    mirror.
    """
    from crm.crm_connection import naming_crm, open_connector
    from crm.mirror_sync import MirrorSync, sync_job
    from store.crm_runs import RunResult
    from store.engine import open_store
    from store.store_lease import store_lease

    settings = load_settings(config)
    codes = {RunResult.UNFINISHED: UNFINISHED, RunResult.DIFFERENT: DIFFERENT}
    worst = 0
    with open_store(settings, migrate=True) as engine:
        for name in _chosen(settings, names):
            with store_lease(engine, sync_job(name)) as held:
                if not held and not dry_run:
                    text = f"{name}: another run of leadworth reads this CRM; nothing was done. Run it again later"
                    errors.print(text, markup=False, soft_wrap=True)
                    worst = max(worst, UNFINISHED)
                    continue
                with naming_crm(name), open_connector(settings, name) as connector:
                    report = MirrorSync(engine, connector, settings, dry=dry_run, full=full).run()
            _show_report(name, report, dry_run=dry_run)
            worst = max(worst, codes.get(report.result, 0))
    if worst:
        raise typer.Exit(worst)


@app.command()
def status(names: Names = None, config: Config = Path(FILE_NAME)) -> None:
    """Show the mirror: rows by object, age of the cursors, requests, count check, fields that vanished."""
    from crm.mirror_status import status_lines, status_rows
    from crm.mirror_sync import utc_now
    from store.engine import open_store

    settings = load_settings(config)
    with open_store(settings, migrate=True) as engine:
        for name in _chosen(settings, names):
            columns = ("object", "live", "archived", "deleted", "merged", "in the CRM", "read ago")
            rows = status_rows(engine, settings, name, utc_now())
            console.print(table(columns, rows, title=name, right=columns[1:6]))
            for line in status_lines(engine, name):
                console.print(line, markup=False, soft_wrap=True)


@app.command()
def sandbox(
    name: Annotated[str, typer.Argument(help="Name of a CRM, or all.")] = "all",
    port: Annotated[int, typer.Option(min=0, max=65535, help="First port; each CRM has one. 0: free ones.")] = 8920,
    leads: Annotated[int, typer.Option(min=0, help="Leads of a simulated business in each CRM. 0: none.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another business.")] = 7,
) -> None:
    """Run a local sandbox of a CRM, with its rules and limits, until stopped; nothing leaves the machine.

    With --leads the account has the leads, companies and deals of a simulated business of two years that ends today.
    """
    from crm.crm_connection import require_crm
    from crm.sandbox.crm_sandbox import fill, peer_of, serve_sandbox

    chosen = list(crms()) if name == "all" else [name]
    for one in chosen:
        require_crm(one)
    peers = [peer_of(one) for one in chosen]
    if leads:
        fill(peers, leads, seed)
    with serve_sandbox(peers, port=port) as variables:
        console.print("Local sandbox running. In another terminal:\n", soft_wrap=True)
        for variable, value in variables.items():
            console.print(f"export {variable}={shlex.quote(value)}", markup=False, soft_wrap=True)
        console.print("\nStop with Ctrl+C")
        threading.Event().wait()


def _settings(config: Path, currency: str | None, timezone: str) -> Settings:
    """Return the settings of the file, or those of a new one."""
    if config.exists():
        return load_settings(config)
    from leadworth.money import is_currency

    if currency is not None and not is_currency(currency):
        raise ConfigurationError(f"currency {currency!r} is not an ISO 4217 code", allowed="such as EUR, USD, JPY")
    if timezone not in available_timezones():
        raise ConfigurationError(f"timezone {timezone!r} does not exist", allowed="IANA names such as Europe/Rome")
    return settings_of({"currency": currency or NO_CURRENCY, "timezone": timezone, "leads": {}}, config)


def _missing_secrets(settings: Settings, name: str) -> dict[str, str]:
    """Ask for the secrets that the settings do not have; nothing where there is no terminal."""
    missing = settings.crm.section(name).missing_secrets()
    if not missing or not sys.stdin.isatty():
        return {}
    return {secret: typer.prompt(f"{secret} of {crms()[name].title}", hide_input=True) for secret in missing}


def _check(connector: Connector, *, creates: bool) -> None:
    """Show the findings of the connection, and stop where it cannot work.

    Missing score fields are left out where the command goes on to create them, or to say that it did not.
    """
    from crm.score_fields import MissingScoreFields
    from leadworth.health_findings import Severity, show

    findings = [finding for finding in connector.check() if not (creates and isinstance(finding, MissingScoreFields))]
    for finding in findings:
        show(finding)
    failed = [finding for finding in findings if finding.level is Severity.FAIL]
    if failed:
        raise ConfigurationError(f"{connector.info.title} was not connected: {failed[0].what}", do=failed[0].do)


def _show_objects(connector: Connector, proposal: CrmProposal, fields: int) -> None:
    from crm.mirror_fields import objects_read

    info = connector.info
    rows = []
    for name in objects_read(info, connector.lead_object):
        count = connector.count(name)
        rows.append((name, info.objects[name].role.value, "" if count is None else f"{count:,}"))
    console.print(table(("object", "read as", "records"), rows, right=("records",)))
    console.print(f"{connector.lead_object}: {fields} fields, of which {len(proposal.columns)} are mapped")
    if proposal.custom:
        text = f"Fields of your account that are mapped: {', '.join(proposal.custom)}"
        console.print(text, markup=False, soft_wrap=True)
    if proposal.features:
        text = f"Further fields of your account, which training tries as features: {', '.join(proposal.features)}"
        console.print(text, markup=False, soft_wrap=True)
    for kind, status in (("Junk", proposal.junk), ("Talked to sales", proposal.engaged)):
        if status is not None:
            console.print(f"{kind}: {status[0]} is {' or '.join(status[1])}", markup=False, soft_wrap=True)
    if proposal.others:
        shown = ", ".join(field.name for field in proposal.others[:_MOST_SHOWN])
        more = f" and {len(proposal.others) - _MOST_SHOWN} more" if len(proposal.others) > _MOST_SHOWN else ""
        console.print(
            f"Not used: {shown}{more}. Those that are known at submit can be added to `fields` of [crm.{proposal.crm}] "
            "and to [leads.features]",
            markup=False,
            soft_wrap=True,
        )


def _write(
    config: Path, proposal: CrmProposal, asked: dict[str, str], settings: Settings, *, force: bool, dry_run: bool
) -> None:
    """Write the proposed sections to the settings file, or print them."""
    from crm.crm_proposal import new_settings, with_sections

    if config.exists():
        text = config.read_text(encoding="utf-8-sig")
        present = tomllib.loads(text).get("crm", {}).get(proposal.crm, {})
        sections = proposal.sections(asked, present)
        if settings.leads.path and not force:
            sections = {name: body for name, body in sections.items() if name.startswith("crm.")}
            console.print(f"[leads] and [outcomes] of {config} stay as they are; --force replaces them", markup=False)
        text = with_sections(text, sections)
    else:
        text = new_settings(proposal.sections(asked, {}), settings.currency, settings.timezone)
    settings_of(tomllib.loads(text), config)
    if dry_run:
        console.print(text, markup=False, soft_wrap=True)
        return
    with replacing(config) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    console.print(f"Wrote {config}", markup=False)


def _create_fields(connector: Connector, wanted: bool | None, settings: Settings) -> None:
    """Create the score fields if the person agrees."""
    objects = [name for name in (connector.lead_object, connector.deal_of_converted) if name]
    missing = {name: names for name in objects if (names := connector.missing_score_fields(name))}
    if not missing:
        return
    for name, names in missing.items():
        console.print(f"Score fields that {name} do not have: {', '.join(names)}", markup=False, soft_wrap=True)
    if wanted is None:
        wanted = sys.stdin.isatty() and typer.confirm("Create them?")
    if not wanted:
        console.print("They were not created; --create-fields does it")
        return
    for name in missing:
        try:
            made = connector.create_score_fields(name)
        except LeadworthError as error:
            errors.print(f"They could not be created: {error}", markup=False, soft_wrap=True)
            return
        console.print(f"Created for {name}: {', '.join(made)}", markup=False, soft_wrap=True)
    _write_scores_again(connector, settings)


def _write_scores_again(connector: Connector, settings: Settings) -> None:
    """Let the next run write all scores: fields that were removed and created again are empty."""
    from store import crm_scores
    from store.engine import is_new, open_engine, open_store, store_url
    from store.store_errors import store_errors

    unopened = open_engine(store_url(settings))
    with store_errors():
        empty = is_new(unopened)
    unopened.dispose()
    if empty:
        return
    with open_store(settings, migrate=True) as engine, engine.begin() as connection:
        crm_scores.forget_written(connection, connector.name, connector.lead_object)


def _chosen(settings: Settings, names: list[str] | None) -> list[str]:
    """Return the CRMs that are named, or all that have credentials."""
    from crm.crm_connection import require_crm

    for name in names or ():
        require_crm(name)
    chosen = names or [name for name in crms() if settings.crm.section(name).in_use()]
    if not chosen:
        raise ConfigurationError("no CRM has credentials", do="run `leadworth crm connect NAME`")
    return chosen


def _show_report(name: str, report: SyncReport, *, dry_run: bool) -> None:
    """Print what a run did."""
    columns = ("object", "read", "new", "changed", "touched", "associations", "field changes")
    rows = [
        (item, *(f"{value:,}" for value in (r.read, r.new, r.changed, r.touched, r.links, r.changes)))
        for item, r in report.rows.items()
    ]
    console.print(table(columns, rows, title=name, right=columns[1:]))
    for warning in report.warnings:
        errors.print(f"Warning: {warning}", markup=False, soft_wrap=True)
    if report.message:
        errors.print(f"{report.result.value.capitalize()}: {report.message}", markup=False, soft_wrap=True)
    stored = "nothing was stored" if dry_run else f"{report.written:,} rows stored"
    console.print(f"{name}: {report.result.value}, {stored}, {report.requests:,} requests", markup=False)
