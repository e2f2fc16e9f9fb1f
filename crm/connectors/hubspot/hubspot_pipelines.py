"""Stages of HubSpot's pipelines and statuses of its leads, with their meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leadworth.crm_records import CrmField, CrmStage, StageMeaning

LEAD_STATUS = "hs_lead_status"
LOST_STATUSES = frozenset({"UNQUALIFIED", "BAD_TIMING"})
OPEN_STATUSES = frozenset({"NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "ATTEMPTED_TO_CONTACT", "CONNECTED"})
"""HubSpot's own statuses; those that an account added have no meaning that the CRM knows."""


def pipeline_stages(object_name: str, pipelines: Sequence[Mapping[str, Any]]) -> Iterator[CrmStage]:
    """Yield the stages of pipelines as received.

    Examples
    --------
    >>> metadata = {"isClosed": "true", "probability": "1.0"}
    >>> stages = [{"id": "77", "label": "Signed", "displayOrder": 5, "metadata": metadata}]
    >>> stage, = pipeline_stages("deals", [{"id": "default", "stages": stages}])
    >>> stage.value, stage.meaning, stage.pipeline
    ('77', <StageMeaning.WON: 'won'>, 'default')
    """
    for pipeline in pipelines:
        for stage in pipeline.get("stages") or ():
            yield CrmStage(
                object_name,
                str(stage["id"]),
                str(stage.get("label") or ""),
                stage_meaning(stage.get("metadata") or {}),
                str(pipeline["id"]),
                int(stage.get("displayOrder") or 0),
            )


def stage_meaning(metadata: Mapping[str, Any]) -> StageMeaning:
    """Return the meaning of a stage: won is closed with the probability 1, lost is any other closed one.

    A stage of leads has the state `leadState`: an unqualified lead is lost, a qualified one goes on as a deal.

    Examples
    --------
    >>> stage_meaning({"isClosed": "true", "probability": "0.0"}), stage_meaning({"leadState": "QUALIFIED"})
    (<StageMeaning.LOST: 'lost'>, <StageMeaning.OPEN: 'open'>)
    """
    if state := str(metadata.get("leadState") or ""):
        return StageMeaning.LOST if state.upper() == "UNQUALIFIED" else StageMeaning.OPEN
    probability = float(metadata.get("probability") or 0.0)
    if str(metadata.get("isClosed", "")).lower() != "true":
        return StageMeaning.OPEN
    return StageMeaning.WON if probability >= 1.0 else StageMeaning.LOST


def lead_statuses(object_name: str, fields: Sequence[CrmField]) -> Iterator[CrmStage]:
    """Yield the lead statuses of an account that have a meaning."""
    for item in fields:
        if item.name == LEAD_STATUS:
            for order, (value, label) in enumerate(item.options.items()):
                if value in LOST_STATUSES | OPEN_STATUSES:
                    meaning = StageMeaning.LOST if value in LOST_STATUSES else StageMeaning.OPEN
                    yield CrmStage(object_name, value, label, meaning, LEAD_STATUS, order)
