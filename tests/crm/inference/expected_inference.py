"""Compare a proposal with what a person would have written."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.inference.proposal import propose
from crm.inference.toml_writer import render

EXPORTS = Path(__file__).parent / "exports"
_LISTS = ("leads.features.categorical", "leads.features.ignore")
_CHECKED = ("delimiter", "encoding", "decimal", "missing", "path")


@dataclass(frozen=True)
class Rate:
    right: list[str]
    wrong: list[str]
    missed: list[str]
    extra: list[str]


def expected() -> dict[str, dict[str, Any]]:
    return tomllib.loads((EXPORTS / "expected.toml").read_text(encoding="utf-8"))


def compare(case: dict[str, Any]) -> Rate:
    """Return which settings are right, wrong, missed, and which were proposed without need."""
    paths = [EXPORTS / name for name in case["files"]]
    wanted = _flat({key: value for key, value in case.items() if key != "files"})
    got = _flat(tomllib.loads(render(propose(paths), EXPORTS)))
    rate = Rate([], [], [], [])
    for setting, value in wanted.items():
        if setting in _LISTS:
            absent = [name for name in value if name not in got.get(setting, [])]
            (rate.missed if absent else rate.right).append(f"{setting} {absent or ''}")
        elif setting not in got:
            rate.missed.append(setting)
        else:
            (rate.right if got[setting] == value else rate.wrong).append(f"{setting} = {got[setting]!r}")
    for setting in got.keys() - wanted.keys():
        section, _, name = setting.rpartition(".")
        if (section in {"leads.columns", "outcomes"} and name not in _CHECKED) or name == "date_format":
            rate.extra.append(f"{setting} = {got[setting]!r}")
    return rate


def _flat(content: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in content.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and name not in {"outcomes.junk", "outcomes.engaged"}:
            flat |= _flat(value, f"{name}.")
        else:
            flat[name] = value
    return flat
