"""`leadworth models`: list, show, promote and roll back registered models."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.markdown import Markdown

from leadworth.console import console, errors, table
from leadworth.errors import RegistryError
from leadworth.settings import FILE_NAME, Settings, load_settings
from models.gate_outcome import FAILED, GATE, GATE_CHAMPION, GATE_LINES, GATE_REMEDIES, PASSED, why_no_champion
from models.model_registry import CHAMPION, ModelRegistry, RegisteredVersion
from models.version_lookup import find_version
from store.audit_log import AuditEntry, AuditResult
from store.audit_spool import record_action
from training.evaluation_metrics import METRICS, Estimate, EvaluationMetric
from training.registration import champion_of

app = typer.Typer(add_completion=False, no_args_is_help=True)

Config = Annotated[Path, typer.Option("--config", "-c", help="Settings file.")]
Named = Annotated[str, typer.Argument(help="Version number, or an alias such as champion.")]


@app.command("list")
def list_models(config: Config = Path(FILE_NAME)) -> None:
    """List the registered versions, the newest first."""
    registry = _registry(config)
    versions = registry.versions()
    metrics = [metric for metric in METRICS.values() if metric.in_list]
    labels = [metric.label for metric in metrics]
    columns = ["version", "alias", "trained", "as of", *labels, "status"]
    rows = [_row(version, metrics) for version in versions]
    console.print(table(columns, rows, title=f"{registry.model} at {registry.location}", right=labels))
    if not versions:
        console.print("No version is registered.\nWhat to do: run `leadworth train`, or correct [registry] model")
    elif not any(CHAMPION in version.aliases for version in versions):
        newest = versions[0]
        given, do = why_no_champion(registry.model, newest.version, newest.registered_at, newest.tags)
        console.print(f"{given[0].upper()}{given[1:]}\nWhat to do: {do}", markup=False, soft_wrap=True)


@app.command()
def show(version: Named, config: Config = Path(FILE_NAME)) -> None:
    """Show one version: its metrics, the results of the promotion gate, and its model card."""
    registry = _registry(config)
    selected = find_version(registry, version)
    console.print(table(["", ""], _facts(selected), title=f"{registry.model} version {selected.version}"))
    _print_gate(selected)
    console.print(Markdown(registry.card(selected.version)))


@app.command()
def promote(
    version: Named,
    force: Annotated[
        bool, typer.Option("--force", help="Promote a version that did not pass the promotion gate.")
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Reason, required with --force; stored with the version.")
    ] = "",
    config: Config = Path(FILE_NAME),
) -> None:
    """Make a version the champion.

    Without --force only a version that passed the promotion gate against the current champion is promoted.
    """
    settings = load_settings(config)
    registry = ModelRegistry.of(settings)
    selected, champion = find_version(registry, version), champion_of(registry)
    if selected.version == champion:
        console.print(f"Version {selected.version} is the champion already; nothing changed.")
        return
    if force and not reason.strip():
        raise typer.BadParameter("--force needs --reason TEXT, which is stored with the version")
    _print_gate(selected)
    obstacle = _obstacle(selected, champion)
    if obstacle and not force:
        _record(settings, "model.promote", selected.version, "refused", {"why": obstacle})
        raise RegistryError(
            f"version {selected.version} was not promoted: {obstacle}",
            do=f'train again, or `leadworth models promote {selected.version} --force --reason "..."`',
        )
    registry.check_loads(selected.version)
    why = f"forced: {reason.strip()}" if force else "passed the gate"
    before = registry.promote(selected.version, why)
    _record(settings, "model.promote", selected.version, "done", {"why": why, "before": before})
    console.print(f"Version {selected.version} is champion now; before: {before or 'none'}.")
    console.print("Services load it within seconds. To undo: leadworth models rollback")


@app.command()
def rollback(config: Config = Path(FILE_NAME)) -> None:
    """Make the previous champion champion again."""
    settings = load_settings(config)
    replaced, restored = ModelRegistry.of(settings).rollback()
    _record(settings, "model.rollback", restored, "done", {"before": replaced})
    console.print(f"Version {restored} is champion again; version {replaced} stays registered.")
    console.print(f"Services load it within seconds. To undo: leadworth models promote {replaced} --force --reason ...")


def _record(settings: Settings, action: str, version: str, result: AuditResult, details: dict[str, str | None]) -> None:
    if not record_action(settings, AuditEntry(action, "model", version, result, details)):
        errors.print("The store is away: the entry of the audit log waits on this machine", soft_wrap=True)


def _registry(config: Path) -> ModelRegistry:
    return ModelRegistry.of(load_settings(config))


def _obstacle(version: RegisteredVersion, champion: str | None) -> str:
    """Return the reason why a version may not be promoted; empty if it may."""
    if GATE not in version.tags:
        return "the promotion gate has no result for it"
    if version.tags[GATE] != PASSED:
        return "it did not pass the promotion gate"
    compared = version.tags.get(GATE_CHAMPION, "")
    if champion not in {None, compared}:
        return f"it was compared with version {compared or 'none'}, but version {champion} is champion now"
    return ""


def _print_gate(version: RegisteredVersion) -> None:
    lines = version.tags.get(GATE_LINES, "")
    if not lines:
        console.print("The promotion gate has no result for this version.")
        return
    console.print("Promotion gate:")
    console.print(lines, markup=False, soft_wrap=True)


def _row(version: RegisteredVersion, metrics: Iterable[EvaluationMetric]) -> list[str]:
    values = [_metric(version, metric) for metric in metrics]
    aliases = ", ".join(f"@{alias}" for alias in version.aliases)
    as_of = version.tags.get("as_of", "")[:10]
    return [version.version, aliases, f"{version.registered_at:%Y-%m-%d}", as_of, *values, _status(version)]


def _metric(version: RegisteredVersion, metric: EvaluationMetric) -> str:
    return metric.text(Estimate(version.metrics[metric.name])) if metric.name in version.metrics else "-"


def _status(version: RegisteredVersion) -> str:
    promoted = version.tags.get("promoted", "")
    if CHAMPION in version.aliases:
        return f"champion, {promoted}" if promoted else "champion"
    if "rolled_back" in version.tags:
        return "rolled back"
    if promoted:
        return "was champion"
    return {PASSED: "passed the gate", FAILED: "failed the gate"}.get(version.tags.get(GATE, ""), "registered")


def _facts(version: RegisteredVersion) -> list[tuple[str, str]]:
    hidden = {GATE_LINES, GATE_REMEDIES}
    facts = {
        "aliases": ", ".join(f"@{alias}" for alias in version.aliases) or "none",
        "trained": f"{version.registered_at:%Y-%m-%d %H:%M} UTC",
        "status": _status(version),
        **{name: value for name, value in sorted(version.tags.items()) if name not in hidden and value},
        **{name: f"{value:.6g}" for name, value in sorted(version.metrics.items())},
        **dict(sorted(version.params.items())),
    }
    return list(facts.items())
