"""Checks of `leadworth export doctor`: access, versions, and readiness of each platform for value bidding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from conversions.api_versions import endings
from conversions.bidding_readiness import Coverage, Readiness, coverage, readiness
from crm.consent_columns import describe_not_understood, read_consents_not_understood
from leadworth.errors import LeadworthError
from leadworth.health_findings import HealthFinding, Severity
from leadworth.platform_section import STAGES
from store.lead_identifiers import newest_submit
from store.outbox_totals import newest_stages
from store.platform_limits import CircuitState, open_circuits

if TYPE_CHECKING:
    from conversions.destination import Destination
    from conversions.export_context import ExportContext
    from leadworth.settings import Settings

MOST_CAMPAIGNS = 5
FEWEST_LEADS = 30
LOW_SHARE = 0.5
FEWEST_TO_RESTATE = 100
"""Leads of a platform in 30 days."""


def findings(export: ExportContext, now: datetime) -> Iterator[HealthFinding]:
    """Yield all findings, platform by platform."""
    export.select(None)
    yield from _settings(export, now)
    with export.engine.connect() as connection:
        circuits = open_circuits(connection, now)
        by_platform = readiness(connection, now)
        leads = coverage(connection, export.settings, export.cipher, now)
        newest = newest_stages(connection)
        newest_lead = newest_submit(connection)
    for name, destination in export.destinations.items():
        yield from _circuit(name, circuits.get(name))
        entries = by_platform.get(name, [])
        yield from _goal(name, entries) if entries else [_no_stage(destination, newest.get(name), newest_lead, now)]
        if entries and destination.limits.restate is not None and export.settings.export.restate_values:
            yield from _restatement(name, entries[0])
        yield from _identifiers(name, leads)
    yield from _repairs(leads)
    yield from _consent(leads)
    yield from _consent_columns(export.settings)


def _settings(export: ExportContext, now: datetime) -> Iterator[HealthFinding]:
    settings = export.settings
    if settings.secret is None:
        what = "not set: identifiers are encrypted with a key of this machine alone"
        yield HealthFinding(Severity.WARN, "secret", what, "set LEADWORTH_SECRET, and the same on all machines")
    for ending in endings(settings.export, now.date()):
        if ending.platform in export.destinations:
            do = f"raise [export.{ending.platform}] version, or upgrade leadworth"
            yield HealthFinding(Severity.WARN, "version", str(ending), do)
    if export.destinations.keys() >= {"google", "google_ads"}:
        what = "google and google_ads send the same stages to Google: in one account they can count twice"
        yield HealthFinding(Severity.WARN, "google_ads", what, "keep one of [export.google] and [export.google_ads]")
    for name in export.destinations:
        section = settings.export.platform(name)
        missing = section.missing_secrets()
        for key in missing:
            variable = f"LEADWORTH_EXPORT__{name.upper()}__{key.upper()}"
            yield HealthFinding(Severity.FAIL, name, f"{key} is not set", f"set {variable}")
        if "lead" not in section.actions.named():
            what = "no action for the stage `lead`: nothing is sent before sales qualifies the lead"
            yield HealthFinding(Severity.WARN, name, what, f"name one in [export.{name}] actions")
        if not missing:
            stages = ", ".join(section.actions.named())
            what = f"set up for {stages}; only one of them may be primary at the platform"
            yield HealthFinding(Severity.OK, name, what)


def _circuit(name: str, circuit: CircuitState | None) -> Iterator[HealthFinding]:
    if circuit is not None:
        what = f"all requests are refused ({circuit.code}); circuit breaker open until {circuit.open_until[:16]} UTC"
        yield HealthFinding(Severity.FAIL, name, what, "correct credentials or settings, then `leadworth export retry`")


def _no_stage(
    destination: Destination, newest: str | None, newest_lead: datetime | None, now: datetime
) -> HealthFinding:
    """Return the finding of a platform without a stage in 30 days, with the reason that is known."""
    what = "no stage in the last 30 days"
    do = "check that forms send leads, and that [leads] and [outcomes] name an export of today"
    limits = destination.limits
    if newest is not None:  # a plan has run: another one finds the same
        what += f"; the newest is of {newest[:10]}"
    elif newest_lead is not None and now - newest_lead >= limits.window:
        days = limits.window_days
        what += f": the newest lead is of {newest_lead:%Y-%m-%d}, and this platform takes events of {days} days"
    else:
        do = "run `leadworth export plan` every night"
    return HealthFinding(Severity.WARN, destination.name, what, do)


def _goal(name: str, entries: list[Readiness]) -> Iterator[HealthFinding]:
    total, *campaigns = entries
    counts = _counts(total)
    if total.goal is None:
        what = f"in 30 days: {counts}: no stage was reached {total.conversions_needed} times"
        yield HealthFinding(Severity.WARN, name, what, "bid on clicks or form fills until there are more")
    else:
        yield HealthFinding(Severity.OK, name, f"in 30 days: {counts}: `{total.goal}` is the best primary goal")
    if total.stages.total() and total.values < 2:
        yield HealthFinding(
            Severity.WARN, name, "all values are equal: value bidding cannot learn from them", "check the model"
        )
    for entry in campaigns[:MOST_CAMPAIGNS]:
        goal = f"`{entry.goal}`" if entry.goal else "no stage is frequent enough"
        yield HealthFinding(Severity.OK, name, f"campaign {entry.campaign}: {_counts(entry)}: {goal}")


def _restatement(name: str, total: Readiness) -> Iterator[HealthFinding]:
    """Advise against restatement where outcomes are few; figures in `docs/explanation/proof-of-values.md`."""
    leads = total.stages["lead"]
    if total.goal == "lead" and leads < FEWEST_TO_RESTATE:
        what = f"{leads} leads in 30 days: bids follow the luck of single deals where values end at the revenue"
        yield HealthFinding(Severity.WARN, name, what, "set restate_values = false in [export]")


def _counts(entry: Readiness) -> str:
    return ", ".join(f"{stage} {entry.stages[stage]:,}" for stage in STAGES if entry.stages[stage])


def _identifiers(name: str, leads: Coverage) -> Iterator[HealthFinding]:
    if leads.leads < FEWEST_LEADS:
        return
    shares = leads.shares(name)
    text = ", ".join(f"{identifier} {share:.0%}" for identifier, share in shares.items())
    best = max(shares.values())
    do = "" if best >= LOW_SHARE else f"send {', '.join(shares)} with your forms: docs/how-to/collector.md"
    yield HealthFinding(
        Severity.OK if best >= LOW_SHARE else Severity.WARN, name, f"of {leads.leads:,} leads: {text}", do
    )


def _repairs(leads: Coverage) -> Iterator[HealthFinding]:
    if leads.repairs:
        counts = ", ".join(f"{repair} {count:,}" for repair, count in leads.repairs.most_common())
        what = f"of {leads.leads:,} leads, optional fields are sent corrected or left out: {counts}"
        yield HealthFinding(
            Severity.WARN, "fields", what, "correct them where they are written; events are sent anyway"
        )


def _consent(leads: Coverage) -> Iterator[HealthFinding]:
    if not leads.leads:
        return
    data = leads.consents["ad_user_data"] / leads.leads
    personal = leads.consents["ad_personalization"] / leads.leads
    recorded = leads.recorded / leads.leads
    what = f"recorded for {recorded:.0%} of leads; granted for data {data:.0%}, for personalised ads {personal:.0%}"
    do = "" if data >= LOW_SHARE else "let your forms send consent_ad_user_data and consent_ad_personalization"
    yield HealthFinding(Severity.OK if data >= LOW_SHARE else Severity.WARN, "consent", what, do)


def _consent_columns(settings: Settings) -> Iterator[HealthFinding]:
    try:
        counts = read_consents_not_understood(settings)
    except LeadworthError as error:
        yield HealthFinding(Severity.WARN, "consent", f"the leads cannot be read: {error.given}", error.do)
        return
    if counts:
        do = "write granted or denied in [leads.columns] consent_ad_user_data and consent_ad_personalization"
        yield HealthFinding(Severity.WARN, "consent", describe_not_understood(counts).removeprefix("consent: "), do)
