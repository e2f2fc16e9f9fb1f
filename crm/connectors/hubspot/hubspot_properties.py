"""Properties of HubSpot's objects, and the properties of the scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.score_fields import ScoreField, ScoreKind
from leadworth.crm_records import CrmField

GROUP = "leadworth"
TYPES: Mapping[ScoreKind, tuple[str, str]] = {
    ScoreKind.NUMBER: ("number", "number"),
    ScoreKind.CHOICE: ("enumeration", "select"),
    ScoreKind.TEXT: ("string", "text"),
    ScoreKind.MOMENT: ("datetime", "date"),
}
"""Type and field type of a property."""


def field_of(item: Mapping[str, Any]) -> CrmField:
    """Return the field for a property as received.

    Examples
    --------
    >>> field_of({"name": "hs_is_closed", "label": "Closed", "type": "bool", "calculated": True}).writable
    False
    """
    rights = item.get("modificationMetadata") or {}
    calculated = bool(item.get("calculated"))
    return CrmField(
        str(item["name"]),
        str(item.get("label") or ""),
        str(item.get("type") or "string"),
        {str(option["value"]): str(option.get("label") or "") for option in item.get("options") or ()},
        calculated,
        not calculated and not rights.get("readOnlyValue", False),
        not (item.get("hubspotDefined") or rights.get("readOnlyDefinition") or str(item["name"]).startswith("hs_")),
    )


def score_property(field: ScoreField, currency: str) -> dict[str, Any]:
    """Return the request that creates the property of a score field.

    Examples
    --------
    >>> from crm.score_fields import SCORE_FIELDS
    >>> made = score_property(SCORE_FIELDS[1], "EUR")
    >>> made["label"], made["type"], made["fieldType"]
    ('leadworth expected revenue (EUR)', 'number', 'number')
    """
    kind, field_type = TYPES[field.kind]
    made = {
        "name": field.name,
        "label": field.label.format(currency=currency),
        "groupName": GROUP,
        "type": kind,
        "fieldType": field_type,
        "formField": False,
    }
    if field.kind is ScoreKind.NUMBER:
        made["numberDisplayHint"] = "unformatted"
    if field.options:
        made["options"] = [
            {"label": value, "value": value, "displayOrder": order, "hidden": False}
            for order, value in enumerate(field.options)
        ]
    return made
