"""Connector of Dynamics 365 (Dataverse)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from crm.connector import Connector, RecordPage, SyncWindow
from crm.connectors.dynamics.dataverse_api import DataverseApi
from crm.connectors.dynamics.dataverse_checks import check_environment
from crm.connectors.dynamics.dataverse_events import read_events
from crm.connectors.dynamics.dataverse_metadata import DataverseMetadata
from crm.connectors.dynamics.dataverse_reader import DataverseReader
from crm.connectors.dynamics.dataverse_scores import WRITE_ROWS, DataverseScores
from crm.connectors.dynamics.settings import DynamicsSection
from leadworth.crm_catalog import ObjectRole
from leadworth.crm_records import (
    CrmField,
    CrmRecord,
    CrmStage,
    FieldChange,
    RecordEvent,
    RecordLink,
    RecordWriteResult,
    ScoreRow,
    StageMeaning,
)
from leadworth.errors import TerminalError
from leadworth.health_findings import HealthFinding
from leadworth.http_client import HttpClient

GUIDE = "docs/how-to/crm-dynamics.md"
CURRENCY_LOOKUP = "_transactioncurrencyid_value"
MEANINGS = {
    "opportunity": {0: StageMeaning.OPEN, 1: StageMeaning.WON, 2: StageMeaning.LOST},
    "lead": {0: StageMeaning.OPEN, 1: StageMeaning.OPEN, 2: StageMeaning.LOST},
}
"""Table -> state -> meaning: a qualified lead is open still, a disqualified one is lost."""


class DynamicsConnector(Connector):
    """Connection with one environment.

    Parameters
    ----------
    section
        Section `[crm.dynamics]`.
    http
        HTTP client.
    """

    name = "dynamics"
    write_rows = WRITE_ROWS

    def __init__(self, section: DynamicsSection, http: HttpClient) -> None:
        self._section = section
        self._api = DataverseApi(section, http)
        self.http = self._api.http
        self._metadata = DataverseMetadata(self._api, MEANINGS)
        self._reader = DataverseReader(self._api, self._metadata)
        self._scores = DataverseScores(
            self._api, self._metadata, prefix=section.prefix, bypass=section.bypass_custom_logic
        )
        self._currencies: dict[str, str] = {}

    @property
    def lead_object(self) -> str:
        """Table whose rows are the leads."""
        return self._section.lead_object or self.info.lead_objects[0]

    def check(self) -> list[HealthFinding]:
        """Check the sign-in, the access to tables, change tracking, and the columns of the scores."""
        return check_environment(self._api, self._metadata, self._reader, self._scores, self.info, self.lead_object)

    def fields(self, object_name: str) -> Sequence[CrmField]:
        """Return the present columns of a table that can be read, and of deals the code of the currency."""
        present = list(self._metadata.fields(object_name, again=True).values())
        if self._is_deal(object_name):
            present.append(CrmField(self.info.deal.currency, "Currency", "String", writable=False))
        return present

    def stages(self) -> Sequence[CrmStage]:
        """Return the status reasons of opportunities and leads, with the meaning of their state."""
        return [
            CrmStage(table, status.value, status.label, meanings.get(status.state, StageMeaning.OPEN), order=order)
            for table, meanings in MEANINGS.items()
            for order, status in enumerate(self._metadata.statuses(table))
        ]

    def pages(
        self, object_name: str, fields: Sequence[str], window: SyncWindow | None, bookmark: str = ""
    ) -> Iterator[RecordPage]:
        """Yield the records that changed in a window, merged ones too, or all records; see `Connector.pages`."""
        for page in self._reader.pages(object_name, self._asked(fields), window, bookmark):
            yield replace(page, records=self._completed(object_name, fields, page.records))

    def removals(self, object_name: str, window: SyncWindow) -> Iterator[RecordPage]:
        """Yield nothing: Dataverse knows deletions by a link only; see `removals_after`.

        Raises
        ------
        StaleCursorError
            Always: all ids have to be compared.
        """
        return self.removals_after(object_name, window, "")

    def removal_token(self, object_name: str) -> str:
        """Return a delta link as of now: deletions while all records are read are in it."""
        return self._reader.new_link(object_name)

    def removals_after(self, object_name: str, window: SyncWindow, token: str) -> Iterator[RecordPage]:
        """Yield the records deleted since a delta link; see `Connector.removals_after`."""
        del window
        return self._reader.removals(object_name, token)

    def ids(self, object_name: str) -> Iterator[Sequence[str]]:
        """Yield the ids of all records that are not deleted or merged."""
        yield from self._reader.ids(object_name)

    def count(self, object_name: str) -> int | None:
        """Return the number of records that are not deleted or merged."""
        return self._reader.count(object_name)

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[CrmRecord]:
        """Return records by id, as they are now."""
        records = self._reader.by_ids(object_name, ids, self._asked(fields))
        return self._completed(object_name, fields, records)

    def links(self, object_name: str, ids: Sequence[str]) -> Mapping[str, tuple[RecordLink, ...]]:
        """Return the present associations of records: their lookups."""
        return {record.record_id: record.links or () for record in self._reader.by_ids(object_name, ids, ())}

    def changes(self, object_name: str, ids: Sequence[str]) -> Iterator[FieldChange]:
        """Yield nothing: Dataverse keeps no former values unless auditing is on. What the sync sees is the history."""
        del object_name, ids
        return iter(())

    def missing_score_fields(self, object_name: str) -> Sequence[str]:
        """Return the score fields whose columns do not exist."""
        present = self._metadata.fields(object_name, again=True)
        return [name for name, column in self._scores.names.items() if column not in present]

    def score_field(self, object_name: str, name: str) -> str:
        """Return the column, with the prefix of the publisher."""
        del object_name
        return self._scores.names[name]

    def create_score_fields(self, object_name: str) -> Sequence[str]:
        """Return nothing where all columns exist; creating them needs an administrator.

        Raises
        ------
        TerminalError
            If a column is missing.
        """
        if missing := self.missing_score_fields(object_name):
            raise TerminalError(
                f"{object_name} has no columns {', '.join(self._scores.names[name] for name in missing)}",
                do=f"an administrator creates them in a solution, as {GUIDE} shows",
            )
        return []

    def write(self, object_name: str, rows: Sequence[ScoreRow]) -> Sequence[RecordWriteResult]:
        """Write scores to existing records."""
        return self._scores.write(object_name, rows)

    def is_own_change(self, record: CrmRecord) -> bool | None:
        """Return whether our application user made the last change of a record."""
        return record.modified_by == self._api.user() if record.modified_by else None

    def events(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Sequence[RecordEvent]:
        """Verify a webhook and return the record to read again; none for a change of ours."""
        del method
        secret = self._section.event_secret.get_secret_value()
        return read_events(url, headers, body, secret=secret, user=self._api.user() if secret else "")

    def _is_deal(self, object_name: str) -> bool:
        return self.info.objects[object_name].role is ObjectRole.DEAL

    def _asked(self, fields: Sequence[str]) -> Sequence[str]:
        """Return the columns to read: the currency of a deal is behind a lookup."""
        return [*fields, CURRENCY_LOOKUP] if self.info.deal.currency in fields else fields

    def _completed(self, object_name: str, fields: Sequence[str], records: Sequence[CrmRecord]) -> Sequence[CrmRecord]:
        """Return records with the code of their currency, and without columns that were not asked for."""
        currency = self.info.deal.currency
        if currency not in fields or not self._is_deal(object_name):
            return records
        return [
            replace(
                record,
                values={name: value for name, value in record.values.items() if name in fields}
                | {currency: self._code(str(record.values.get(CURRENCY_LOOKUP) or ""))},
            )
            if record.values
            else record
            for record in records
        ]

    def _code(self, currency: str) -> str | None:
        """Return the ISO code of a currency of the environment."""
        if currency and currency not in self._currencies:
            rows = self._api.get("transactioncurrencies", _select="transactioncurrencyid,isocurrencycode")["value"]
            self._currencies = {row["transactioncurrencyid"]: row["isocurrencycode"] for row in rows}
        return self._currencies.get(currency)


def connect(section: DynamicsSection, http: HttpClient, currency: str) -> DynamicsConnector:
    """Return a connection with an environment.

    Parameters
    ----------
    currency
        Currency of the scores; the labels of the columns are the administrator's.
    """
    del currency
    return DynamicsConnector(section, http)
