"""Writing of scores to Dataverse: many rows at once, and row by row where one of them is at fault."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm.connectors.dynamics.dataverse_api import DataverseApi
from crm.connectors.dynamics.dataverse_metadata import DataverseMetadata
from crm.crm_http import CrmRefusedError
from crm.score_fields import SCORE_FIELDS, ScoreKind
from leadworth.crm_records import CrmValue, RecordWriteResult, ScoreRow
from leadworth.errors import TerminalError
from leadworth.http_errors import UnansweredError

WRITE_ROWS = 200
BYPASS = {
    "MSCRM.BypassBusinessLogicExecution": "CustomSync,CustomAsync",
    "MSCRM.SuppressCallbackRegistrationExpanderJob": "true",
}
"""Skips plug-ins and workflows of others, and flows; only where the settings say so."""
ONLY_EXISTING = {"If-Match": "*"}
"""Without it a PATCH creates a row for an id that was deleted."""
TRANSIENT_CODES = frozenset({"0x80044150", "0x80044151", "0x80072321", "0x80072322", "0x80072326", "HTTP_500"})
"""Deadlocks and time-outs of the database, the limits of the service, and a fault without a code."""
FAULT = (500,)
"""Status of a fault, which may be that of a plug-in for one row: it must not end the run."""
NO_SUCH_ACTION = frozenset({"0x8006088a", "0x80060888", "HTTP_404"})
ATTEMPTS = 4
FIRST_WAIT_SECONDS = 0.5
MOST_FAULTS = 3
"""Rows that fail alone, for now, before any was written, after which Dataverse counts as away."""
CHOICES = frozenset(field.name for field in SCORE_FIELDS if field.kind is ScoreKind.CHOICE)


class DataverseScores:
    """Writes scores to one environment.

    Parameters
    ----------
    api
        Requests to the environment.
    metadata
        Its tables and columns.
    prefix
        Prefix of the publisher of the score columns.
    bypass
        Whether to skip plug-ins, workflows and flows.
    sleep
        Waits before a repetition.
    """

    def __init__(
        self,
        api: DataverseApi,
        metadata: DataverseMetadata,
        *,
        prefix: str,
        bypass: bool,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api = api
        self._metadata = metadata
        self._headers: Mapping[str, str] = BYPASS if bypass else {}
        self._sleep = sleep
        self._written = self._faults = 0
        self.names = {field.name: f"{prefix}_{field.name.removeprefix('lw_')}" for field in SCORE_FIELDS}

    def write(self, name: str, rows: Sequence[ScoreRow]) -> list[RecordWriteResult]:
        """Write rows and return one result per row, in their order.

        Dataverse rolls all of them back if one fails: the list is halved until the faulty rows are alone.

        Raises
        ------
        UnansweredError
            If it is away: it would take several seconds for each row to find that out.
        """
        if missing := sorted(
            {self.names[field] for row in rows for field in row.values} - self._metadata.fields(name).keys()
        ):
            raise TerminalError(
                f"{name} has no columns {', '.join(missing)}",
                do="an administrator creates them, see docs/how-to/crm-dynamics.md",
            )
        self._written = self._faults = 0
        return self._write(name, rows)

    def _write(self, name: str, rows: Sequence[ScoreRow]) -> list[RecordWriteResult]:
        if not rows:
            return []
        if len(rows) == 1:
            return [self._write_one(name, rows[0])]
        try:
            self._write_all(name, rows)
        except CrmRefusedError as error:
            if error.code in NO_SUCH_ACTION:  # not every table has the action
                return [self._write_one(name, row) for row in rows]
            middle = len(rows) // 2
            return self._write(name, rows[:middle]) + self._write(name, rows[middle:])
        self._written += len(rows)
        return [RecordWriteResult(row.record_id) for row in rows]

    def _write_all(self, name: str, rows: Sequence[ScoreRow]) -> None:
        """Write rows, all or none."""
        table = self._metadata.table(name)
        kind = f"Microsoft.Dynamics.CRM.{name}"
        targets = [
            {"@odata.type": kind, table.key: row.record_id, **self._translated(name, row.values)} for row in rows
        ]
        path = f"{table.path}/Microsoft.Dynamics.CRM.UpdateMultiple"
        self._api.send("POST", path, body={"Targets": targets}, headers=self._headers, own=FAULT)

    def _write_one(self, name: str, row: ScoreRow) -> RecordWriteResult:
        """Write one row of an existing record."""
        path = f"{self._metadata.table(name).path}({row.record_id})"
        body = self._translated(name, row.values)
        code = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                self._sleep(FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
            try:
                self._api.send("PATCH", path, body=body, headers={**self._headers, **ONLY_EXISTING}, own=FAULT)
            except CrmRefusedError as error:
                code = error.code
                if code in TRANSIENT_CODES:
                    continue
                return RecordWriteResult(row.record_id, code)
            self._written += 1
            return RecordWriteResult(row.record_id)
        self._faults += 1
        if self._faults == MOST_FAULTS and not self._written:
            raise UnansweredError(code)
        return RecordWriteResult(row.record_id, code, may_succeed_later=True)

    def _translated(self, name: str, values: Mapping[str, CrmValue]) -> dict[str, Any]:
        """Return values by column; a choice is the number of the option with that label."""
        present = self._metadata.fields(name)
        result: dict[str, Any] = {}
        for field, value in values.items():
            column = self.names[field]
            if field in CHOICES and value is not None:
                numbers = {label: number for number, label in present[column].options.items()}
                result[column] = int(numbers[str(value)]) if str(value) in numbers else value
            else:
                result[column] = value
        return result
