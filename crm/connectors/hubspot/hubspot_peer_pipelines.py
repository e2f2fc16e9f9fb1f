"""Pipelines that an account of the local HubSpot peer has from the start."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
SINCE = {"createdAt": "2024-01-01T00:00:00.000Z", "updatedAt": "2024-01-01T00:00:00.000Z", "archived": False}
DEAL_STAGES = {
    "appointmentscheduled": "0.2",
    "qualifiedtobuy": "0.4",
    "presentationscheduled": "0.6",
    "decisionmakerboughtin": "0.8",
    "contractsent": "0.9",
    "closedwon": "1.0",
    "closedlost": "0.0",
}
"""Stage -> probability."""
LEAD_STAGES = {
    "new-stage-id": "NEW",
    "attempting-stage-id": "IN_PROGRESS",
    "connected-stage-id": "IN_PROGRESS",
    "qualified-stage-id": "QUALIFIED",
    "unqualified-stage-id": "UNQUALIFIED",
}
"""Stage -> state of the lead."""


def deal_pipeline() -> Json:
    """Return the pipeline of deals."""
    metadata = {
        name: {"isClosed": str(name.startswith("closed")).lower(), "probability": chance}
        for name, chance in DEAL_STAGES.items()
    }
    return _pipeline("default", "Sales Pipeline", metadata)


def lead_pipeline() -> Json:
    """Return the pipeline of leads."""
    metadata = {name: {"leadState": state} for name, state in LEAD_STAGES.items()}
    return _pipeline("lead-pipeline-id", "Lead pipeline", metadata)


def _pipeline(name: str, label: str, metadata: dict[str, Json]) -> Json:
    stages = [
        {
            "id": stage,
            "label": stage,
            "displayOrder": order,
            "metadata": of,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }
        | SINCE
        for order, (stage, of) in enumerate(metadata.items())
    ]
    return {"id": name, "label": label, "displayOrder": 0, "stages": stages, **SINCE}
