"""Tables and columns of a Dataverse environment, from its metadata."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crm.connectors.dynamics.dataverse_api import DataverseApi
from leadworth.crm_records import CrmField

LOOKUPS = frozenset({"Lookup", "Customer", "Owner"})
CHOICES = frozenset({"Picklist", "State", "Status"})
MULTIPLE = "MultiSelectPicklistType"
UNREADABLE = frozenset({"Virtual", "EntityName", "ManagedProperty", "PartyList", "CalendarRules"})
"""Types without a value of their own in answers; several choices are of type Virtual too, and are read."""
DATE_ONLY, INDEPENDENT = "DateOnly", "TimeZoneIndependent"
"""Behaviours of a date column; the third one, UserLocal, is UTC in answers."""


@dataclass(frozen=True)
class DataverseTable:
    """A table.

    Attributes
    ----------
    path
        Name in addresses, such as `leads`.
    key
        Column with the id.
    tracked
        Whether change tracking is on, without which deletions cannot be asked for.
    """

    name: str
    path: str
    key: str
    tracked: bool


@dataclass(frozen=True)
class StatusOption:
    """Value of a status reason.

    Attributes
    ----------
    state
        State that it belongs to, such as 1 for won.
    """

    value: str
    label: str
    state: int


class DataverseMetadata:
    """Metadata of one environment, asked for once in a run.

    Parameters
    ----------
    api
        Requests to the environment.
    with_options
        Tables whose choices are read.
    """

    def __init__(self, api: DataverseApi, with_options: Collection[str]) -> None:
        self._api = api
        self._with_options = frozenset(with_options)
        self._tables: dict[str, DataverseTable] = {}
        self._fields: dict[str, dict[str, CrmField]] = {}

    def table(self, name: str) -> DataverseTable:
        """Return a table."""
        if name not in self._tables:
            path = f"EntityDefinitions(LogicalName='{name}')"
            answer = self._api.get(path, _select="EntitySetName,PrimaryIdAttribute,ChangeTrackingEnabled")
            self._tables[name] = DataverseTable(
                name, answer["EntitySetName"], answer["PrimaryIdAttribute"], bool(answer["ChangeTrackingEnabled"])
            )
        return self._tables[name]

    def fields(self, name: str, *, again: bool = False) -> Mapping[str, CrmField]:
        """Return the columns of a table that can be read, by their names in requests.

        Parameters
        ----------
        again
            Ask Dataverse even where the answer is known.
        """
        if again or name not in self._fields:
            path = f"EntityDefinitions(LogicalName='{name}')/Attributes"
            options = self._options(name) if name in self._with_options else {}
            fields = (_field(item, options) for item in self._api.get(path)["value"] if _is_readable(item))
            self._fields[name] = {field.name: field for field in fields}
        return self._fields[name]

    def statuses(self, name: str) -> list[StatusOption]:
        """Return the status reasons of a table, which an administrator may extend."""
        found = []
        for item in self._cast(name, "StatusAttributeMetadata"):
            for option in item["OptionSet"]["Options"]:
                found.append(StatusOption(str(option["Value"]), _label(option["Label"]), int(option["State"])))
        return found

    def _options(self, name: str) -> dict[str, dict[str, str]]:
        """Return column -> value -> label."""
        kinds = (
            "PicklistAttributeMetadata",
            "MultiSelectPicklistAttributeMetadata",
            "StateAttributeMetadata",
            "StatusAttributeMetadata",
        )
        return {
            item["LogicalName"]: {
                str(option["Value"]): _label(option["Label"]) for option in (item["OptionSet"] or {}).get("Options", ())
            }
            for kind in kinds
            for item in self._cast(name, kind)
        }

    def _cast(self, name: str, kind: str) -> Iterator[dict[str, Any]]:
        path = f"EntityDefinitions(LogicalName='{name}')/Attributes/Microsoft.Dynamics.CRM.{kind}"
        yield from self._api.get(path, _select="LogicalName", _expand="OptionSet($select=Options)")["value"]


def _is_multiple(item: Mapping[str, Any]) -> bool:
    return (item.get("AttributeTypeName") or {}).get("Value") == MULTIPLE


def _is_readable(item: Mapping[str, Any]) -> bool:
    """Return whether answers can hold a column: not the texts that accompany lookups and choices."""
    unreadable = item["AttributeType"] in UNREADABLE and not _is_multiple(item)
    return bool(item.get("IsValidForRead", True)) and not item.get("AttributeOf") and not unreadable


def _field(item: Mapping[str, Any], options: Mapping[str, Mapping[str, str]]) -> CrmField:
    name, kind = item["LogicalName"], item["AttributeType"]
    behaviour = (item.get("DateTimeBehavior") or {}).get("Value", "")
    shown = MULTIPLE if _is_multiple(item) else behaviour if behaviour in (DATE_ONLY, INDEPENDENT) else kind
    return CrmField(
        f"_{name}_value" if kind in LOOKUPS else name,
        _label(item.get("DisplayName") or {}) or name,
        shown,
        options.get(name, {}),
        item.get("SourceType") in (1, 2),  # calculated, roll-up
        bool(item.get("IsValidForUpdate")),
    )


def _label(item: Mapping[str, Any]) -> str:
    """Return a label in the language of our user."""
    return str((item.get("UserLocalizedLabel") or {}).get("Label") or "")
