"""The part of the demo with a CRM: a local HubSpot account is read, and gets the scores of its open leads."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from crm.score_fields import SCORE_FIELDS
from leadworth.settings import load_settings
from simulation.demo_processes import fetch, run_step

NAME = "hubspot"
LEADS = 400
"""Leads of the account: further ones of the same business."""
FOLDER = "hubspot"
_SHOWN = ("email", "company", *(field.name for field in SCORE_FIELDS))


def crm_options(seed: int) -> tuple[str, ...]:
    """Return the options of `leadworth crm sandbox` for an account of the business with a seed."""
    return NAME, "--leads", str(LEADS), "--seed", str(seed)


def score_in_crm(folder: Path, crm: Mapping[str, str]) -> Panel:
    """Connect a local HubSpot account, score its open leads with the model of the demo, and show the fields of one.

    Parameters
    ----------
    folder
        Folder of the demo; the settings for the CRM and its mirror are in `hubspot` below it.
    crm
        Environment variables that point to the account.
    """
    settings = load_settings(folder / "leadworth.toml")
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    config = ["--config", str(place / "leadworth.toml")]
    variables = {**crm, "LEADWORTH_REGISTRY__URI": settings.database(settings.registry.uri)}

    def step(title: str, *arguments: str) -> str:
        return run_step(folder, title, *arguments, *config, variables=variables)

    step("Connecting a HubSpot account", "crm", "connect", NAME, "--currency", settings.currency, "--create-fields")
    step("Reading its contacts and deals", "crm", "sync")
    said = step("Scoring its open leads and writing back", "rescore")
    best = max(scored_contacts(crm), key=lambda fields: float(fields["lw_predicted_value"]))
    return contact_panel(best, said.strip().splitlines()[-1])


def scored_contacts(crm: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the fields of the contacts that have a score, read from HubSpot's interface.

    Parameters
    ----------
    crm
        Variables of the local account.
    """
    prefix = f"LEADWORTH_CRM__{NAME.upper()}__"
    headers = {"Authorization": f"Bearer {crm[f'{prefix}TOKEN']}"}
    query = {"limit": "100", "properties": ",".join(_SHOWN)}
    after: str | None = ""
    while after is not None:
        page = urllib.parse.urlencode(query | ({"after": after} if after else {}))
        url = f"{crm[f'{prefix}ENDPOINT']}/crm/objects/2026-09/contacts?{page}"
        answer = json.loads(fetch(urllib.request.Request(url, headers=headers)))
        yield from (item["properties"] for item in answer["results"] if item["properties"].get("lw_scored_at"))
        after = answer.get("paging", {}).get("next", {}).get("after")


def contact_panel(fields: Mapping[str, Any], said: str) -> Panel:
    """Return a view of a contact's fields in the CRM.

    Parameters
    ----------
    said
        Last line of the rescoring.
    """
    grid = Table.grid(padding=(0, 2))
    for name in _SHOWN:
        if fields.get(name):
            grid.add_row(Text(name, style="bold"), Text(str(fields[name])))
    grid.add_row("", "")
    view = Table.grid()
    view.add_row(grid)
    view.add_row(Text(said))
    return Panel(view, title="The open lead of the highest value, in HubSpot", title_align="left")
