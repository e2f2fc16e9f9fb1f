"""What `leadworth export doctor` finds: access, versions, and whether each platform is ready to bid on value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from conversions.api_versions import endings
from conversions.bidding_readiness import Coverage, Readiness, by_platform, coverage, readiness
from conversions.rate_limiter import gates
from crm.consent_columns import describe_not_understood, read_consents_not_understood
from leadworth.errors import LeadworthError
from leadworth.health_findings import HealthFinding, Severity
from leadworth.platform_catalog import platforms
from leadworth.platform_section import STAGES
from store.idempotency_records import stamp

if TYPE_CHECKING:
    from conversions.export_context import ExportContext
    from leadworth.settings import Settings

MOST_CAMPAIGNS = 5
FEW_PEOPLE = 30
LOW = 0.5


def findings(export: ExportContext, now: datetime) -> Iterator[HealthFinding]:
    """Yield everything that was found, platform by platform."""
    export.chosen(None)
    yield from _settings(export, now)
    with export.engine.connect() as connection:
        doors = gates(connection)
        found = by_platform(readiness(connection, now))
        covered = coverage(connection, export.settings, export.seal, now)
    for name in export.destinations:
        yield from _door(name, doors.get(name, {}), now)
        yield from _goal(name, found.get(name, []))
        yield from _ids(name, covered)
    yield from _consent(covered)
    yield from _consent_columns(export.settings)


def _settings(export: ExportContext, now: datetime) -> Iterator[HealthFinding]:
    settings = export.settings
    if settings.secret is None:
        what = "not set: identifiers are sealed with a key of this machine alone"
        yield HealthFinding(Severity.WARN, "secret", what, "set LEADWORTH_SECRET, and the same on all machines")
    for one in endings(settings.export, now.date()):
        if one.platform in export.destinations:
            yield HealthFinding(
                Severity.WARN, "version", str(one), f"raise [export.{one.platform}] version, or leadworth"
            )
    for name in export.destinations:
        section = settings.export.platform(name)
        missing = section.missing_secrets()
        for key in missing:
            variable = f"LEADWORTH_EXPORT__{name.upper()}__{key.upper()}"
            yield HealthFinding(Severity.FAIL, name, f"{key} is not set", f"set {variable}")
        if "lead" not in section.actions.named():
            what = "no action for the stage `lead`: nothing is told before sales takes the lead up"
            yield HealthFinding(Severity.WARN, name, what, f"name one in [export.{name}] actions")
        if not missing:
            told = ", ".join(section.actions.named())
            yield HealthFinding(
                Severity.OK, name, f"set up for {told}; only one of them may be primary at the platform"
            )


def _door(name: str, door: Mapping[str, Any], now: datetime) -> Iterator[HealthFinding]:
    until = door.get("closed_until")
    if until is not None and until > stamp(now):
        what = f"the platform lets no one in ({door['why']}) until {until[:16]} UTC"
        yield HealthFinding(Severity.FAIL, name, what, "correct the access, then `leadworth export retry`")


def _goal(name: str, found: list[Readiness]) -> Iterator[HealthFinding]:
    if not found:
        yield HealthFinding(
            Severity.WARN, name, "no stage in the last 30 days", "run `leadworth export plan` every night"
        )
        return
    whole, fewest = found[0], platforms()[name].fewest_conversions
    counts = ", ".join(f"{stage} {whole.stages[stage]:,}" for stage in STAGES if whole.stages[stage])
    if whole.goal is None:
        what = f"in 30 days: {counts}: no stage comes {fewest} times"
        yield HealthFinding(Severity.WARN, name, what, "bid on clicks or form fills until there are more")
    else:
        yield HealthFinding(Severity.OK, name, f"in 30 days: {counts}: `{whole.goal}` can be the primary goal")
    if whole.stages.total() and whole.values < 2:
        yield HealthFinding(
            Severity.WARN, name, "all values are the same: value bidding has nothing to go by", "see the model"
        )
    for one in found[1 : MOST_CAMPAIGNS + 1]:
        text = ", ".join(f"{stage} {one.stages[stage]:,}" for stage in STAGES if one.stages[stage])
        goal = f"`{one.goal}`" if one.goal else "none is frequent enough"
        yield HealthFinding(Severity.OK, name, f"campaign {one.campaign}: {text}: {goal}")


def _ids(name: str, covered: Coverage) -> Iterator[HealthFinding]:
    if covered.people < FEW_PEOPLE:
        return
    shares = covered.of(name)
    text = ", ".join(f"{kind} {share:.0%}" for kind, share in shares.items())
    best = max(shares.values())
    do = "" if best >= LOW else f"let your forms pass {', '.join(shares)} on: docs/how-to/collector.md"
    yield HealthFinding(Severity.OK if best >= LOW else Severity.WARN, name, f"of {covered.people:,} leads: {text}", do)


def _consent(covered: Coverage) -> Iterator[HealthFinding]:
    if not covered.people:
        return
    data = covered.consents["ad_user_data"] / covered.people
    personal = covered.consents["ad_personalization"] / covered.people
    recorded = covered.recorded / covered.people
    what = (
        f"recorded for {recorded:.0%} of leads; data may be passed on of {data:.0%}, used personally of {personal:.0%}"
    )
    do = "" if data >= LOW else "let your forms send consent_ad_user_data and consent_ad_personalization"
    yield HealthFinding(Severity.OK if data >= LOW else Severity.WARN, "consent", what, do)


def _consent_columns(settings: Settings) -> Iterator[HealthFinding]:
    try:
        counts = read_consents_not_understood(settings)
    except LeadworthError as error:
        yield HealthFinding(Severity.WARN, "consent", f"the leads cannot be read: {error.given}", error.do)
        return
    if counts:
        do = "write granted or denied in [leads.columns] consent_ad_user_data and consent_ad_personalization"
        yield HealthFinding(Severity.WARN, "consent", describe_not_understood(counts).removeprefix("consent: "), do)
