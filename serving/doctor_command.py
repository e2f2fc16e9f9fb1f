"""`leadworth doctor`: check everything that the service needs, and say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from leadworth.errors import LeadworthError
from leadworth.health_findings import HealthFinding, Severity, show
from leadworth.key_derivation import KEY_FILE
from leadworth.settings import FILE_NAME, Settings, load_settings
from serving import doctor_checks


def doctor(
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file.")] = Path(FILE_NAME),
) -> None:
    """Check versions, settings, registry, champion, store, clock, keys, Redis, inputs of the latest leads, and disk.

    The exit code is 1 where something fails, 0 otherwise.
    """
    worst = Severity.OK
    for finding in findings(config):
        show(finding)
        worst = max(worst, finding.level, key=list(Severity).index)
    if worst is Severity.FAIL:
        raise typer.Exit(1)


def findings(config: Path) -> Iterator[HealthFinding]:
    """Yield the findings of all checks."""
    yield from doctor_checks.versions()
    try:
        settings = load_settings(config)
    except LeadworthError as error:
        yield HealthFinding(Severity.FAIL, "settings", error.given, error.do)
        return
    yield HealthFinding(Severity.OK, "settings", str(config.absolute()))
    checks = doctor_checks
    for check in (checks.registry, checks.store, checks.history, checks.inputs, checks.lists, checks.disk):
        yield from _guarded(check.__name__, check(settings))
    yield from _secret(settings)


def _guarded(name: str, findings: Iterator[HealthFinding]) -> Iterator[HealthFinding]:
    """Turn an exception of a check into a finding."""
    try:
        yield from findings
    except Exception as error:  # the other checks go on
        yield HealthFinding(Severity.FAIL, name, f"the check failed: {error}", "report it with this line")


def _secret(settings: Settings) -> Iterator[HealthFinding]:
    if settings.secret is None:
        do = "set LEADWORTH_SECRET before the first lead is scored; later, copy that file to all machines"
        yield HealthFinding(Severity.WARN, "secret", f"not set: keys are derived from {KEY_FILE}", do)
    else:
        yield HealthFinding(Severity.OK, "secret", "set")
