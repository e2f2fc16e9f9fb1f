"""`leadworth models`: list, show, promote and roll back registered models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markdown import Markdown

from leadworth.console import console, table
from leadworth.errors import RegistryError
from leadworth.settings import FILE_NAME, load_settings
from models.registry import CHAMPION, Registry, Version
from training.registration import FAILED, GATE, GATE_CHAMPION, GATE_LINES, PASSED, champion_of

app = typer.Typer(add_completion=False, no_args_is_help=True)

Config = Annotated[Path, typer.Option("--config", "-c", help="Settings file.")]
Named = Annotated[str, typer.Argument(help="Version number, or an alias such as champion.")]

_FIGURES = {"AUC": "auc", "log loss": "log_loss", "top 20 %": "top20", "money": "money_ratio"}


@app.command("list")
def list_models(config: Config = Path(FILE_NAME)) -> None:
    """List the registered versions, the newest first."""
    registry = _registry(config)
    versions = registry.versions()
    columns = ["version", "alias", "trained", "as of", *_FIGURES, "status"]
    console.print(table(columns, map(_row, versions), title=f"{registry.model} at {registry.location}", right=_FIGURES))


@app.command()
def show(version: Named, config: Config = Path(FILE_NAME)) -> None:
    """Show one version: figures, what the gate said, and its model card."""
    registry = _registry(config)
    found = _find(registry, version)
    console.print(table(["", ""], _facts(found), title=f"{registry.model} version {found.version}"))
    _say_gate(found)
    console.print(Markdown(registry.card(found.version)))


@app.command()
def promote(
    version: Named,
    force: Annotated[bool, typer.Option("--force", help="Promote though the gate has not let it pass.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why, with --force; kept with the version.")] = "",
    config: Config = Path(FILE_NAME),
) -> None:
    """Make a version the champion.

    Without --force only a version that passed the gate against the present champion is promoted.
    """
    registry = _registry(config)
    found, champion = _find(registry, version), champion_of(registry)
    if found.version == champion:
        console.print(f"Version {found.version} is the champion already; nothing changed.")
        return
    if force and not reason.strip():
        raise typer.BadParameter("--force needs --reason TEXT, which is kept with the version")
    _say_gate(found)
    hindrance = _hindrance(found, champion)
    if hindrance and not force:
        raise RegistryError(
            f"version {found.version} was not promoted: {hindrance}",
            do=f'train again, or `leadworth models promote {found.version} --force --reason "..."`',
        )
    before = registry.promote(found.version, f"forced: {reason.strip()}" if force else "passed the gate")
    console.print(f"Version {found.version} is champion now; before: {before or 'none'}.")
    console.print("Servers follow within seconds. To undo: leadworth models rollback")


@app.command()
def rollback(config: Config = Path(FILE_NAME)) -> None:
    """Make the champion before the present one champion again."""
    left, back = _registry(config).rollback()
    console.print(f"Version {back} is champion again; version {left} stays registered.")
    console.print(f"Servers follow within seconds. To undo: leadworth models promote {left} --force --reason ...")


def _registry(config: Path) -> Registry:
    return Registry.of(load_settings(config))


def _find(registry: Registry, named: str) -> Version:
    versions = registry.versions()
    for version in versions:
        if named == version.version or named.removeprefix("@") in version.aliases:
            return version
    known = ", ".join([*(v.version for v in versions), *(f"@{a}" for v in versions for a in v.aliases)])
    raise RegistryError(
        f"{registry.model} has no version {named!r}", allowed=known or "none yet", do="run `leadworth train`"
    )


def _hindrance(version: Version, champion: str | None) -> str:
    """Say why a version may not be promoted; empty where it may."""
    if version.tags.get(GATE) != PASSED:
        return "the gate did not let it pass" if GATE in version.tags else "the gate has not judged it"
    judged_against = version.tags.get(GATE_CHAMPION, "")
    if judged_against != (champion or ""):
        return f"it was compared with version {judged_against or 'none'}, but version {champion} is champion now"
    return ""


def _say_gate(version: Version) -> None:
    lines = version.tags.get(GATE_LINES, "")
    console.print("The gate said:" if lines else "The gate has not judged this version.")
    if lines:
        console.print(lines, markup=False, soft_wrap=True)


def _row(version: Version) -> list[str]:
    figures = [_figure(version, name) for name in _FIGURES.values()]
    aliases = ", ".join(f"@{alias}" for alias in version.aliases)
    trained, as_of = f"{version.registered_at:%Y-%m-%d}", version.tags.get("as_of", "")[:10]
    return [version.version, aliases, trained, as_of, *figures, _status(version)]


def _figure(version: Version, name: str) -> str:
    return f"{version.metrics[name]:.4g}" if name in version.metrics else "-"


def _status(version: Version) -> str:
    promoted = version.tags.get("promoted", "")
    if CHAMPION in version.aliases:
        return f"champion, {promoted}" if promoted else "champion"
    if "rolled_back" in version.tags:
        return "rolled back"
    if promoted:
        return "was champion"
    return {PASSED: "passed the gate", FAILED: "stopped by the gate"}.get(version.tags.get(GATE, ""), "registered")


def _facts(version: Version) -> list[tuple[str, str]]:
    hidden = {GATE_LINES}
    facts = {
        "aliases": ", ".join(f"@{alias}" for alias in version.aliases) or "none",
        "trained": f"{version.registered_at:%Y-%m-%d %H:%M} UTC",
        "status": _status(version),
        **{name: value for name, value in sorted(version.tags.items()) if name not in hidden and value},
        **{name: f"{value:.6g}" for name, value in sorted(version.metrics.items())},
        **dict(sorted(version.params.items())),
    }
    return list(facts.items())
