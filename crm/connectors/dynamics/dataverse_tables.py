"""Tables of the local peer of Dataverse: rows as answers hold them, and metadata."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crm.connectors.dynamics.dataverse_account import DataverseAccount
from crm.connectors.dynamics.dataverse_api import LOOKUP_TABLE
from crm.connectors.dynamics.dataverse_metadata import CHOICES, DATE_ONLY, INDEPENDENT, LOOKUPS
from crm.connectors.dynamics.dataverse_values import moment, parse_time
from crm.connectors.dynamics.odata_filter import ODataError
from crm.sandbox.peer_account import PeerRecord
from crm.score_fields import SCORE_FIELDS, ScoreKind
from leadworth.crm_records import RecordState

COMMON = {
    "createdon": "DateTime",
    "overriddencreatedon": "DateTime",
    "modifiedon": "DateTime",
    "modifiedby": "Lookup",
    "versionnumber": "BigInt",
}
SCORE_KINDS = {
    ScoreKind.NUMBER: "Decimal",
    ScoreKind.CHOICE: "Picklist",
    ScoreKind.TEXT: "String",
    ScoreKind.MOMENT: "DateTime",
}
FIRST_OPTION = 100_000_000
SCORED = ("lead", "opportunity")
READ_ONLY = frozenset({*COMMON, "merged", "masterid"})


class DataverseTables:
    """Tables of an environment.

    Parameters
    ----------
    account
        Rows of the environment.

    Attributes
    ----------
    kinds
        Table -> logical name of a column -> type, or behaviour of a date.
    options
        Table -> column -> entries of number, label and, of a status, state.
    tracked
        Tables with change tracking.
    """

    def __init__(self, account: DataverseAccount) -> None:
        self.account = account
        schema = tomllib.loads(Path(__file__).with_name("peer_tables.toml").read_text(encoding="utf-8"))
        self.kinds: dict[str, dict[str, str]] = {}
        self.options: dict[str, dict[str, list[list[Any]]]] = {}
        self.tracked = {name for name, item in schema.items() if item.get("tracked")}
        self.sets = {item["set"]: name for name, item in schema.items()}
        self.keys = {name: item.get("key", f"{name}id") for name, item in schema.items()}
        for name, item in schema.items():
            self.kinds[name] = {self.keys[name]: "Uniqueidentifier", **COMMON, **item["columns"]}
            self.options[name] = dict(item.get("options", {}))
        for name in SCORED:
            for field in SCORE_FIELDS:
                self.kinds[name][field.name] = SCORE_KINDS[field.kind]
                if field.options:
                    self.options[name][field.name] = [
                        [FIRST_OPTION + number, label] for number, label in enumerate(field.options)
                    ]

    def table(self, set_name: str) -> str:
        """Return the table of a name in addresses.

        Raises
        ------
        ODataError
            If there is none.
        """
        if set_name not in self.sets or self.sets[set_name] not in self.kinds:
            raise ODataError(404, "0x80060888", f"Resource not found for the segment '{set_name}'.")
        return self.sets[set_name]

    def columns(self, table: str) -> dict[str, str]:
        """Return the columns of a table by their names in requests, with their types."""
        return {f"_{name}_value" if kind in LOOKUPS else name: kind for name, kind in self.kinds[table].items()}

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table that queries see, with times as `datetime`."""
        columns = self.columns(table)
        for record in self.account.visible(table):
            if record.state is not RecordState.DELETED:
                yield self._row(table, columns, record)

    def wire(self, table: str, row: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
        """Return the chosen columns of a row as an answer holds them."""
        columns = self.columns(table)
        answer: dict[str, Any] = {"@odata.etag": f'W/"{row["versionnumber"]}"', self.keys[table]: row[self.keys[table]]}
        for name in names:
            value, kind = row[name], columns[name]
            answer[name] = moment(value) if kind == "DateTime" and value is not None else value
            if kind in LOOKUPS and value is not None:
                answer[f"{name}@{LOOKUP_TABLE}"] = self.account.table_of(str(value)) or "systemuser"
        return answer

    def definition(self, table: str) -> dict[str, Any]:
        """Return the metadata of a table."""
        set_name = next(name for name, item in self.sets.items() if item == table)
        return {
            "LogicalName": table,
            "EntitySetName": set_name,
            "PrimaryIdAttribute": self.keys[table],
            "ChangeTrackingEnabled": table in self.tracked,
        }

    def attributes(self, table: str) -> list[dict[str, Any]]:
        """Return the metadata of the columns of a table; lookups and choices have companions with their texts."""
        items = []
        for name, kind in self.kinds[table].items():
            behaviour = kind if kind in (DATE_ONLY, INDEPENDENT) else "UserLocal"
            is_date = kind in (DATE_ONLY, INDEPENDENT, "DateTime")
            items.append(
                {
                    "LogicalName": name,
                    "AttributeType": "DateTime" if is_date else kind,
                    "AttributeTypeName": {"Value": f"{'DateTime' if is_date else kind}Type"},
                    "AttributeOf": None,
                    "IsValidForRead": True,
                    "IsValidForUpdate": name not in READ_ONLY,
                    "SourceType": 0,
                    "DisplayName": {"UserLocalizedLabel": {"Label": name.replace("_", " ")}},
                }
                | ({"DateTimeBehavior": {"Value": behaviour}} if is_date else {})
            )
            if kind in LOOKUPS | CHOICES:
                items.append({"LogicalName": f"{name}name", "AttributeType": "Virtual", "AttributeOf": name})
        return items

    def choices(self, table: str, cast: str) -> list[dict[str, Any]]:
        """Return the metadata of the choices of one type, with their options."""
        kind = cast.removesuffix("AttributeMetadata")
        return [
            {
                "LogicalName": name,
                "OptionSet": {
                    "Options": [
                        {"Value": number, "Label": {"UserLocalizedLabel": {"Label": label}}}
                        | ({"State": state[0]} if state else {})
                        for number, label, *state in self._options(table, name)
                    ]
                },
            }
            for name, of in self.kinds[table].items()
            if of == kind
        ]

    def _options(self, table: str, name: str) -> list[list[Any]]:
        added = self.account.choices.get(name, {})
        return [*self.options[table].get(name, ()), *([int(number), label] for label, number in added.items())]

    def _row(self, table: str, columns: Mapping[str, str], record: PeerRecord) -> dict[str, Any]:
        row = {name: _typed(record.values.get(name), kind) for name, kind in columns.items()}
        return row | {
            self.keys[table]: record.record_id,
            "createdon": record.created_at,
            "modifiedon": record.modified_at,
            "_modifiedby_value": record.modified_by,
            "versionnumber": self.account.changed[table][record.record_id],
        }


def _typed(value: Any, kind: str) -> Any:
    """Return a value of the account as a query sees it: a choice is a number."""
    if value is None:
        return None
    if kind in CHOICES:
        return int(value)
    if kind == "DateTime":
        return parse_time(str(value))
    if kind == "String":
        return str(value)
    return value
