"""Export folders with the settings that a person would write for them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.inference.proposal import propose
from crm.inference.toml_writer import render

EXPORTS = Path(__file__).parent / "exports"
_SUBSETS = ("leads.features.categorical", "leads.features.ignore")
_UNCHECKED = ("delimiter", "encoding", "decimal", "missing", "path")


@dataclass(frozen=True)
class ExportCase:
    """Exports of one folder and the content of its expected.toml.

    Attributes
    ----------
    settings
        Setting with dots -> value.
    won_leads
        Leads that the settings read as won.
    known_misses
        Settings that inference does not find yet.
    """

    name: str
    files: list[Path]
    settings: dict[str, Any]
    won_leads: int
    known_misses: list[str]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Comparison:
    """Settings of a proposal compared with the expected ones."""

    wrong: list[str]
    missed: list[str]
    extra: list[str]


def export_cases() -> list[ExportCase]:
    return [_read_case(path) for path in sorted(EXPORTS.glob("*/expected.toml"))]


def _read_case(path: Path) -> ExportCase:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    won_leads = content.pop("won_leads")
    known_misses = content.pop("known_misses", [])
    return ExportCase(
        path.parent.name,
        sorted(file for file in path.parent.iterdir() if file != path),
        _flat(content),
        won_leads,
        known_misses,
    )


def compare(case: ExportCase, files: list[Path]) -> Comparison:
    """Propose settings for the files and compare them with the expected ones."""
    proposed = _flat(tomllib.loads(render(propose(files), files[0].parent)))
    comparison = Comparison([], [], [])
    for setting, value in case.settings.items():
        if setting in _SUBSETS:
            absent = [name for name in value if name not in proposed.get(setting, [])]
            comparison.missed.extend(f"{setting} {name}" for name in absent)
        elif setting not in proposed:
            comparison.missed.append(setting)
        elif proposed[setting] != value:
            comparison.wrong.append(f"{setting} = {proposed[setting]!r}")
    for setting in proposed.keys() - case.settings.keys():
        section, _, name = setting.rpartition(".")
        if (section in {"leads.columns", "outcomes"} and name not in _UNCHECKED) or name == "date_format":
            comparison.extra.append(f"{setting} = {proposed[setting]!r}")
    return comparison


def _flat(content: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in content.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and name not in {"outcomes.junk", "outcomes.engaged"}:
            flat |= _flat(value, f"{name}.")
        else:
            flat[name] = value
    return flat
