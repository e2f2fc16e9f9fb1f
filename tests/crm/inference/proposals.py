"""Write invented tables, propose settings for them and return the result."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

from crm.inference.proposal import propose
from crm.inference.toml_writer import render
from leadworth.settings import Settings

ROWS = 60
IDS = [f"lead-{number * 7:04d}" for number in range(ROWS)]
Table = tuple[str, list[list[Any]]]


def propose_settings(folder: Path, *tables: Table, **options: str) -> tuple[dict[str, Any], list[str]]:
    """Return the content of the proposed leadworth.toml and the problems of its warnings."""
    paths = []
    for name, rows in tables:
        paths.append(folder / name)
        with paths[-1].open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    proposal = propose(paths, **options)
    content = tomllib.loads(render(proposal, folder))
    Settings(**content)
    return content, [warning.problem for warning in proposal.findings.warnings]


def leads_table(columns: dict[str, list[Any]]) -> Table:
    return "leads.csv", [list(columns), *[list(row) for row in zip(*columns.values(), strict=True)]]
