"""Writes to the local peer of Dataverse: one row, or several that are rolled back together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.connectors.dynamics.dataverse_account import APPLICATION_ID, DataverseAccount
from crm.connectors.dynamics.dataverse_metadata import CHOICES
from crm.connectors.dynamics.dataverse_tables import READ_ONLY, DataverseTables
from crm.connectors.dynamics.odata_filter import ODataError
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import CrmValue, RecordState

LENGTHS = {field.name: field.length for field in SCORE_FIELDS if field.length}
MISSING = "0x80040217"


class DataverseWrites:
    """Updates of rows.

    Attributes
    ----------
    without_action
        Tables that do not have the action UpdateMultiple.
    locked
        Id -> how many more writes find the row locked.
    invalid
        Ids that a plug-in refuses, with the status of its answer.
    plugin_runs
        Rows for which the plug-ins of others ran.
    requests
        Write requests.
    """

    def __init__(self, account: DataverseAccount, tables: DataverseTables) -> None:
        self._account = account
        self._tables = tables
        self.without_action: set[str] = set()
        self.locked: dict[str, int] = {}
        self.invalid: dict[str, int] = {}
        self.plugin_runs: list[str] = []
        self.requests = 0

    def update_all(self, table: str, document: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[int, None]:
        """Update rows: one that fails rolls all of them back."""
        self.requests += 1
        if table in self.without_action:
            raise ODataError(404, "0x80060888", "Resource not found for the segment 'UpdateMultiple'.")
        key = self._tables.keys[table]
        changes = [
            (str(target[key]), {name: value for name, value in target.items() if name not in ("@odata.type", key)})
            for target in document["Targets"]
        ]
        for row, values in changes:
            self._check(table, row, values)
        for row, values in changes:
            self._write(table, row, values, headers)
        return 204, None

    def update_one(
        self, table: str, key: str, values: Mapping[str, Any], headers: Mapping[str, str]
    ) -> tuple[int, None]:
        """Update one row; without `If-Match` a row that is not there is created."""
        self.requests += 1
        if headers.get("if-match") != "*" and key not in self._account.of(table):
            self._account.create(table, {}, record_id=key, by=APPLICATION_ID)
        self._check(table, key, values)
        self._write(table, key, values, headers)
        return 204, None

    def _check(self, table: str, key: str, values: Mapping[str, Any]) -> None:
        """Raise where Dataverse refuses a row."""
        record = self._account.of(table).get(key)
        if record is None or record.state is RecordState.DELETED:
            raise ODataError(404, MISSING, f"{table} With Id = {key} Does Not Exist")
        kinds = self._tables.kinds[table]
        for name, value in values.items():
            if name not in kinds or name in READ_ONLY:
                raise ODataError(400, "0x80048d19", f"The property '{name}' does not exist on type '{table}'")
            numbers = {option[0] for option in self._tables.options[table].get(name, ())}
            if kinds[name] in CHOICES and value is not None and value not in numbers:
                raise ODataError(400, "0x80048408", f"The value {value} of '{name}' is outside the valid range")
            if len(str(value)) > LENGTHS.get(name, 2_000):
                raise ODataError(400, "0x80044331", f"'{name}' exceeds the maximum length")
        if key in self.invalid:
            raise ODataError(self.invalid[key], "0x80040265", "a plug-in refuses this")
        if self.locked.get(key, 0) > 0:
            self.locked[key] -= 1
            raise ODataError(400, "0x80044151", "SQL timeout expired")

    def _write(self, table: str, key: str, values: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        kinds = self._tables.kinds[table]
        held: dict[str, CrmValue] = {
            name: str(value) if kinds[name] in CHOICES and value is not None else value
            for name, value in values.items()
        }
        self._account.write(table, key, held, by=APPLICATION_ID)
        if "CustomSync" not in headers.get("mscrm.bypassbusinesslogicexecution", ""):
            self.plugin_runs.append(key)
