"""Connector of Salesforce."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from crm.connector import Connector, RecordPage, SyncWindow
from crm.connectors.salesforce.outbound_message import ACKNOWLEDGEMENT, read_message
from crm.connectors.salesforce.rows_ahead import Rows, RowsAhead
from crm.connectors.salesforce.salesforce_api import SalesforceApi
from crm.connectors.salesforce.salesforce_bulk import QueryJobs
from crm.connectors.salesforce.salesforce_checks import check_org
from crm.connectors.salesforce.salesforce_history import history_of
from crm.connectors.salesforce.salesforce_links import JOINING, LOOKUPS, all_links, lookup_links, sorted_links
from crm.connectors.salesforce.salesforce_reader import SalesforceReader
from crm.connectors.salesforce.salesforce_scores import DEAL, SCORE_NAMES, WRITE_ROWS, SalesforceScoreWriter
from crm.connectors.salesforce.settings import SalesforceSection
from crm.crm_http import CrmRefusedError
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
from leadworth.errors import ConfigurationError, TerminalError
from leadworth.health_findings import HealthFinding
from leadworth.http_client import HttpClient

PAGE_OF_FIELDS = "docs/how-to/crm-salesforce.md"


class SalesforceConnector(Connector):
    """Connection with one org.

    Parameters
    ----------
    section
        Section `[crm.salesforce]`.
    http
        HTTP client.
    """

    name = "salesforce"
    write_rows = WRITE_ROWS
    deal_of_converted = DEAL
    event_answer = ("text/xml; charset=utf-8", ACKNOWLEDGEMENT)

    def __init__(self, section: SalesforceSection, http: HttpClient) -> None:
        self._section = section
        self._api = SalesforceApi(section, http)
        self.http = self._api.http
        self._reader = SalesforceReader(self._api, QueryJobs(self._api))
        self._writer = SalesforceScoreWriter(self._api)
        self._org_currency = ""
        self._recent: Mapping[str, CrmRecord] = {}  # of the page that `pages` yielded last, while it waits
        self._in_order = False  # whether their ids are a range without gaps
        self._ahead: dict[tuple[str, str], RowsAhead] = {}  # of the joining objects and histories of these pages

    @property
    def lead_object(self) -> str:
        """Object whose records are the leads."""
        return self._section.lead_object or self.info.lead_objects[0]

    def check(self) -> list[HealthFinding]:
        """Check the sign-in, the version, the access to objects and fields, and the fields of the scores."""
        return check_org(self._api, self._reader, self.info, self._section, self.lead_object)

    def fields(self, object_name: str) -> Sequence[CrmField]:
        """Return the present fields of an object that can be read, and of deals always the currency."""
        present = self._reader.fields(object_name, again=True)
        currency = self.info.deal.currency
        if currency in present or not self._is_deal(object_name):
            return list(present.values())
        return [*present.values(), CrmField(currency, "Currency of the org", "string", writable=False)]

    def stages(self) -> Sequence[CrmStage]:
        """Return the stages of opportunities and the statuses of leads; no status means won or lost by itself."""
        stages = self._api.rows("SELECT ApiName, MasterLabel, IsClosed, IsWon, SortOrder FROM OpportunityStage")
        statuses = self._api.rows("SELECT ApiName, MasterLabel, SortOrder FROM LeadStatus")
        return [
            *(
                CrmStage(
                    "Opportunity",
                    row["ApiName"],
                    row["MasterLabel"],
                    StageMeaning.WON if row["IsWon"] else StageMeaning.LOST if row["IsClosed"] else StageMeaning.OPEN,
                    order=row["SortOrder"],
                )
                for row in stages
            ),
            *(
                CrmStage("Lead", row["ApiName"], row["MasterLabel"], StageMeaning.OPEN, order=row["SortOrder"])
                for row in statuses
            ),
        ]

    def pages(
        self, object_name: str, fields: Sequence[str], window: SyncWindow | None, bookmark: str = ""
    ) -> Iterator[RecordPage]:
        """Yield the records that changed in a window, or all records; see `Connector.pages`."""
        source = (
            self._reader.all(object_name, fields, bookmark)
            if window is None
            else self._reader.window(object_name, fields, window, bookmark)
        )
        try:
            for page in source:
                records = self._completed(object_name, fields, page.records)
                ids = [record.record_id for record in records]
                self._recent = dict(zip(ids, records, strict=True))
                self._in_order = window is None and ids == sorted(ids)
                yield replace(page, records=records)
        finally:
            self._recent, self._in_order, self._ahead = {}, False, {}

    def removals(self, object_name: str, window: SyncWindow) -> Iterator[RecordPage]:
        """Yield the records deleted or merged in a window; `pages` yields an undeleted one, whose stamp is new."""
        return self._reader.removals(object_name, window)

    def ids(self, object_name: str) -> Iterator[Sequence[str]]:
        """Yield the ids of all records that are not deleted."""
        for page in self._reader.all(object_name, ()):
            yield [record.record_id for record in page.records]

    def count(self, object_name: str) -> int | None:
        """Return the number of records that are not deleted."""
        return self._reader.count(object_name)

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[CrmRecord]:
        """Return records by id, as they are now."""
        return self._completed(object_name, fields, self._reader.by_ids(object_name, ids, fields))

    def links(self, object_name: str, ids: Sequence[str]) -> Mapping[str, tuple[RecordLink, ...]]:
        """Return the present associations of records: lookup fields, campaigns and contact roles."""
        return all_links(self._reader, object_name, ids, self._recent, self._joining)

    def changes(self, object_name: str, ids: Sequence[str]) -> Iterator[FieldChange]:
        """Yield the values of the catalog's `history` fields over time."""
        history = self.info.objects[object_name].history
        return history_of(self._reader, object_name, ids, history, self._recent, self._joining)

    def missing_score_fields(self, object_name: str) -> Sequence[str]:
        """Return the score fields that do not exist, or that our user may not edit."""
        present = self._reader.fields(object_name, again=True)
        return [name for name, api_name in SCORE_NAMES.items() if api_name not in present]

    def score_field(self, object_name: str, name: str) -> str:
        """Return the name of the custom field."""
        del object_name
        return SCORE_NAMES[name]

    def create_score_fields(self, object_name: str) -> Sequence[str]:
        """Return nothing where all fields exist; creating them needs an administrator.

        Raises
        ------
        TerminalError
            If a field is missing.
        """
        if missing := self.missing_score_fields(object_name):
            raise TerminalError(
                f"{object_name} has no fields {', '.join(SCORE_NAMES[name] for name in missing)}",
                do=f"an administrator creates them and gives our user access, as {PAGE_OF_FIELDS} shows",
            )
        return []

    def write(self, object_name: str, rows: Sequence[ScoreRow]) -> Sequence[RecordWriteResult]:
        """Write scores without assignment rules; those of a converted lead go to its opportunity."""
        return self._writer.write(object_name, rows)

    def is_own_change(self, record: CrmRecord) -> bool | None:
        """Return whether our user made the last change of a record."""
        self._api.sign_in()
        return record.modified_by == self._api.user if record.modified_by and self._api.user else None

    def events(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Sequence[RecordEvent]:
        """Verify an outbound message and return the records to read again."""
        del method, headers  # Salesforce signs nothing
        secret = self._section.event_secret.get_secret_value()
        return read_message(url, body, secret=secret, organization=self._signed_in_organization)

    def _completed(self, object_name: str, fields: Sequence[str], records: Sequence[CrmRecord]) -> Sequence[CrmRecord]:
        """Return records with the currency of an org that has only one, and with their links where all are lookups."""
        currency = self.info.deal.currency
        if currency in fields and currency not in self._reader.fields(object_name) and self._is_deal(object_name):
            own = self._currency()
            records = [replace(record, values={**record.values, currency: own}) for record in records]
        if object_name in LOOKUPS and object_name not in JOINING and set(LOOKUPS[object_name]) <= set(fields):
            records = [
                replace(record, links=sorted_links(lookup_links(object_name, record.values))) for record in records
            ]
        return records

    def _joining(self, joining: str, field: str, ids: Sequence[str], columns: Sequence[str]) -> Rows:
        """Return the rows of a joining object or a history; those of most records of a range are read ahead."""
        if self._in_order and 2 * len(ids) > len(self._recent) and self._recent.keys() >= set(ids):
            read = partial(self._reader.joining_from, joining, field, columns=columns)
            ahead = self._ahead.setdefault((joining, field), RowsAhead(field, read))
            return ahead.between(min(ids), max(ids))
        return self._reader.joining(joining, field, ids, columns)

    def _signed_in_organization(self) -> str:
        """Return the id of the org, after a sign-in where there was none."""
        self._api.sign_in()
        return self._api.organization

    def _is_deal(self, object_name: str) -> bool:
        return self.info.objects[object_name].role is ObjectRole.DEAL

    def _currency(self) -> str:
        """Return the currency of an org that has only one.

        Raises
        ------
        ConfigurationError
            If neither the org nor the settings state it.
        """
        if not self._org_currency:
            self._org_currency = self._section.currency or self._stated_currency()
        return self._org_currency

    def _stated_currency(self) -> str:
        try:
            rows = self._api.rows("SELECT DefaultCurrencyIsoCode FROM Organization")
        except CrmRefusedError as error:
            if error.code != "INVALID_FIELD":
                raise
            rows = []
        stated = str(rows[0]["DefaultCurrencyIsoCode"] or "") if rows else ""
        if not stated:
            raise ConfigurationError(
                "the org has one currency and does not state which",
                do='set it in [crm.salesforce], such as currency = "USD"',
            )
        return stated


def connect(section: SalesforceSection, http: HttpClient, currency: str) -> SalesforceConnector:
    """Return a connection with an org.

    Parameters
    ----------
    currency
        Currency of the scores; the labels of the fields are the administrator's.
    """
    del currency
    return SalesforceConnector(section, http)
