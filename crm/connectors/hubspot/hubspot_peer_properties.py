"""Properties of the local HubSpot peer: definitions, validation, and how values look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crm.connectors.hubspot.hubspot_peer_faults import HubSpotPeerError, invalid
from crm.connectors.hubspot.hubspot_values import read_time
from leadworth.crm_catalog import crms
from leadworth.crm_records import CrmValue

TIMES = frozenset(
    {
        "createdate", "hs_createdate", "lastmodifieddate", "hs_lastmodifieddate", "closedate", "hs_timestamp",
        "hubspot_owner_assigneddate", "first_conversion_date", "hs_sa_first_engagement_date", "notes_last_contacted",
        "hs_meeting_start_time",
    }
)  # fmt: skip
NUMBERS = frozenset({"amount", "amount_in_home_currency", "numemployees", "numberofemployees", "annualrevenue"})
CHOICES: Mapping[str, tuple[str, ...]] = {
    "hs_lead_status": (
        "NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED", "ATTEMPTED_TO_CONTACT", "CONNECTED", "BAD_TIMING",
        "JUNK",    # added by the account
    ),
    "lifecyclestage": (
        "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist",
    ),
}  # fmt: skip
SYSTEM = frozenset({"hs_object_id", "hs_merged_object_ids", "hs_calculated_merged_vids", "hs_updated_by_user_id"})


@dataclass
class PropertyRules:
    """Properties of one object.

    Attributes
    ----------
    defined
        Property -> definition as in an answer.
    removed
        Properties that an administrator removed, though records have values of them.
    groups
        Names of the groups.
    rules
        Property -> smallest and largest value that an administrator allows.
    """

    defined: dict[str, dict[str, Any]]
    removed: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    rules: dict[str, tuple[float, float]] = field(default_factory=dict)

    def exists(self, name: str) -> bool:
        """Return whether an object has a property."""
        return name in self.defined and name not in self.removed

    def note(self, names: Iterable[str]) -> None:
        """Define the properties of which records have values."""
        for name in names:
            if name not in self.defined:
                self.defined[name] = definition(name)

    def create(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Create a property.

        Raises
        ------
        HubSpotPeerError
            400 if something is missing, 409 if the name exists.
        """
        missing = [name for name in ("name", "label", "groupName", "type", "fieldType") if not wanted.get(name)]
        if missing:
            raise invalid(f"Some required fields were not set: {missing}")
        name = str(wanted["name"])
        if self.exists(name):
            raise HubSpotPeerError(409, "OBJECT_ALREADY_EXISTS", f"A property named '{name}' already exists.")
        if wanted["groupName"] not in self.groups:
            raise invalid(f"Property group '{wanted['groupName']}' does not exist")
        self.defined[name] = definition(name, **{key: value for key, value in wanted.items() if key != "name"})
        self.removed.discard(name)
        return self.defined[name]

    def create_group(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Create a group of properties.

        Raises
        ------
        HubSpotPeerError
            409 if the name exists.
        """
        name = str(wanted["name"])
        if name in self.groups:
            raise HubSpotPeerError(409, "OBJECT_ALREADY_EXISTS", f"A property group named '{name}' already exists.")
        self.groups.add(name)
        return {**wanted, "archived": False}

    def faults(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return an error for each value that its property does not allow."""
        found = []
        for name, value in values.items():
            if code := self._fault(name, value):
                message = f"{value} was not valid for {name}"
                found.append({"message": message, "code": code, "context": {"propertyName": [name]}})
        return found

    def stored(self, name: str, value: Any) -> CrmValue:
        """Return a value as the account holds it."""
        if value is None or value == "":
            return None
        moment = read_time(value) if self.kind(name) == "datetime" else None
        return moment.isoformat() if moment else str(value)

    def kind(self, name: str) -> str:
        """Return the type of a property."""
        return str(self.defined.get(name, {}).get("type", "string"))

    def _fault(self, name: str, value: Any) -> str:
        item = self.defined.get(name)
        if item is None or not self.exists(name):
            return "PROPERTY_DOESNT_EXIST"
        if item["modificationMetadata"]["readOnlyValue"]:
            return "READ_ONLY_VALUE"
        if value in (None, ""):
            return ""
        if item["type"] == "number":
            try:
                number = float(value)
            except ValueError:
                return "INVALID_NUMBER"
            low, high = self.rules.get(name, (float("-inf"), float("inf")))
            return "" if low <= number <= high else "INVALID_NUMBER_RANGE"
        if item["type"] == "datetime":
            return "" if read_time(value) else "INVALID_DATE"
        if item["type"] == "enumeration":
            return "" if value in {option["value"] for option in item["options"]} else "INVALID_OPTION"
        return ""


def definition(name: str, **given: Any) -> dict[str, Any]:
    """Return the definition of a property as in an answer."""
    kind = "datetime" if name in TIMES else "number" if name in NUMBERS else "string"
    options = [
        {"label": value, "value": value, "displayOrder": order, "hidden": False}
        for order, value in enumerate(CHOICES.get(name, ()))
    ]
    return {
        "name": name,
        "label": name,
        "description": "",
        "type": "enumeration" if options else kind,
        "fieldType": "select" if options else "text",
        "groupName": "information",
        "options": options,
        "calculated": False,
        "hidden": False,
        "formField": False,
        "hubspotDefined": False,
        "modificationMetadata": {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": name in SYSTEM},
        **given,
    }


def default_rules(object_name: str) -> PropertyRules:
    """Return the properties that an account has from the start: all that the catalog names."""
    data = crms()["hubspot"].objects.get(object_name)
    times = {"lastmodifieddate", "hs_lastmodifieddate", "createdate"}
    names = {*SYSTEM, *times, *(() if data is None else (data.created, data.modified, *data.fields, *data.late))}
    return PropertyRules({name: definition(name, hubspotDefined=True) for name in sorted(names)}, {"information"})


def shown(value: CrmValue, kind: str) -> str | None:
    """Return a value as an answer shows it: text or null.

    Examples
    --------
    >>> shown(True, "bool"), shown(0.00001, "number"), shown("2026-11-01T12:00:00+00:00", "datetime")
    ('true', '0.00001', '2026-11-01T12:00:00.000Z')
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".")
    moment = read_time(value) if kind == "datetime" else None
    return show_time(moment) if moment else str(value)


def show_time(moment: datetime) -> str:
    """Return a time as an answer shows it, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
