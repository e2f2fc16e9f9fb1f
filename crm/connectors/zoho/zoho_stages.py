"""Stages of deals, with their meaning by forecast type, and statuses of leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crm.connectors.zoho.zoho_api import ZohoApi
from leadworth.crm_records import CrmStage, StageMeaning

MEANINGS = {"open": StageMeaning.OPEN, "closed won": StageMeaning.WON, "closed lost": StageMeaning.LOST}
"""Forecast type of a stage, in lower case -> meaning. Labels and probabilities say nothing."""
LOST_STATUSES = frozenset({"Junk Lead", "Lost Lead", "Not Qualified"})
"""Zoho's own statuses; their values stay when an administrator renames the labels."""


def read_stages(api: ZohoApi) -> list[CrmStage]:
    """Return the stages of deals and the statuses of leads.

    Where the list of fields names no forecast type, the pipelines do. A stage without one is open.
    """
    items = _options(api, "Deals", "Stage")
    types = {str(item["actual_value"]): item.get("forecast_type") for item in items}
    pipelines: dict[str, str] = {}
    if not all(types.values()):
        for pipeline, item in _pipeline_stages(api):
            value = str(item.get("actual_value"))
            pipelines.setdefault(value, pipeline)
            types[value] = types.get(value) or item.get("forecast_type")
            if value not in {str(known["actual_value"]) for known in items}:
                items.append(item)
    stages = [
        CrmStage(
            "Deals",
            str(item["actual_value"]),
            str(item.get("display_value") or item["actual_value"]),
            MEANINGS.get(str(types[str(item["actual_value"])] or "").casefold(), StageMeaning.OPEN),
            pipelines.get(str(item["actual_value"]), ""),
            number,
        )
        for number, item in enumerate(items)
    ]
    statuses = [
        CrmStage(
            "Leads",
            str(item["actual_value"]),
            str(item.get("display_value") or item["actual_value"]),
            StageMeaning.LOST if item["actual_value"] in LOST_STATUSES else StageMeaning.OPEN,
            order=number,
        )
        for number, item in enumerate(_options(api, "Leads", "Lead_Status"))
    ]
    return [*stages, *statuses]


def _options(api: ZohoApi, module: str, name: str) -> list[Mapping[str, Any]]:
    """Return the options of a choice, without the empty one."""
    fields = api.get("settings/fields", {"module": module}).get("fields") or ()
    found: Mapping[str, Any] = next((item for item in fields if item.get("api_name") == name), {})
    return [
        item for item in found.get("pick_list_values") or () if item.get("actual_value") not in (None, "", "-None-")
    ]


def _pipeline_stages(api: ZohoApi) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for layout in api.get("settings/layouts", {"module": "Deals"}).get("layouts") or ():
        for pipeline in api.get("settings/pipeline", {"layout_id": str(layout["id"])}).get("pipeline") or ():
            for item in pipeline.get("maps") or ():
                yield str(pipeline.get("actual_value") or pipeline.get("display_value") or ""), item
