"""Connection with an Odoo database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

from crm.connector import Connector, RecordPage, StaleCursorError, SyncWindow
from crm.connectors.odoo.odoo_api import OdooApi
from crm.connectors.odoo.odoo_checks import OdooChecks
from crm.connectors.odoo.odoo_events import read_webhook
from crm.connectors.odoo.odoo_history import PRESENT, OdooHistory
from crm.connectors.odoo.odoo_reader import OdooReader, Row
from crm.connectors.odoo.odoo_scores import SCORE_NAMES, WRITE_ROWS, OdooScores
from crm.connectors.odoo.odoo_values import LEAD, OUTCOME_STAGES, fields_of, record_of, value_of
from crm.connectors.odoo.settings import OdooSection
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_catalog import ObjectRole
from leadworth.crm_records import (
    CrmField,
    CrmRecord,
    CrmStage,
    FieldChange,
    RecordEvent,
    RecordLink,
    RecordState,
    RecordWriteResult,
    ScoreRow,
    StageMeaning,
)
from leadworth.health_findings import HealthFinding
from leadworth.http_client import HttpClient

PARTNERS = "res.partner"
SWEPT = (ObjectRole.LEAD, ObjectRole.COMPANY)
"""Roles whose vanished records are looked for in every run; of the others, once a week."""


def connect(section: OdooSection, http: HttpClient, currency: str = "XXX") -> OdooConnector:
    """Return the connector of a database; no request is made.

    Parameters
    ----------
    section
        Settings.
    http
        HTTP client, which the connector closes.
    currency
        Currency of the scores.
    """
    return OdooConnector(section, http, currency)


class OdooConnector(Connector):
    """One database of Odoo; see `connect`."""

    name: ClassVar[str] = "odoo"
    write_rows: ClassVar[int] = WRITE_ROWS

    def __init__(self, section: OdooSection, http: HttpClient, currency: str) -> None:
        self._section = section
        self._currency = currency
        self._api = OdooApi(http, section)
        self.http = self._api.http
        self._reader = OdooReader(self._api)
        self._history = OdooHistory(self._api, self._reader)
        self._last_leads: dict[str, Row] = {}

    @property
    def lead_object(self) -> str:
        """Object whose records are the leads; an opportunity is the same record."""
        return LEAD

    def check(self) -> list[HealthFinding]:
        """Check key, version, rights, tracking and the fields of the scores; make no change."""
        return list(OdooChecks(self._api, self._reader, self._history, self._section, self.info).findings())

    def fields(self, object_name: str) -> Sequence[CrmField]:
        """Return the fields that our user may see, with the names of references."""
        return fields_of(self._reader.described(object_name, again=True), with_outcome=object_name == LEAD)

    def stages(self) -> Sequence[CrmStage]:
        """Return the stages, and what a lead can be besides: lost, archived, won or undecided against its stage."""
        found = []
        for order, row in enumerate(self._reader.stage_rows()):
            meaning = StageMeaning.WON if row["is_won"] else StageMeaning.OPEN
            team = row.get("team_id")
            found.append(CrmStage(LEAD, str(row["id"]), str(row["name"]), meaning, str(team[1]) if team else "", order))
        return [*found, *OUTCOME_STAGES]

    def pages(
        self, object_name: str, fields: Sequence[str], window: SyncWindow | None, bookmark: str = ""
    ) -> Iterator[RecordPage]:
        """Yield the records written in a window, or all, by id; archived ones belong to both. A bookmark is an id.

        Where all leads are read, their former values come with them: one request less for each page.
        """
        with_history = window is None and object_name == LEAD
        asked = [*fields, *PRESENT] if with_history else fields
        for rows, last in self._reader.pages(object_name, asked, window, bookmark):
            records = self._records(object_name, rows, fields)
            if with_history:
                changes = self._history.of_rows(rows)
                records = [replace(record, changes=tuple(changes[record.record_id])) for record in records]
            yield RecordPage(records, last)

    def removals(self, object_name: str, window: SyncWindow) -> Iterator[RecordPage]:
        """Yield nothing: Odoo keeps no record of deletions, and a merge deletes.

        Raises
        ------
        StaleCursorError
            For leads and companies, so that their ids are compared in every run: 20,000 a request.
        """
        del window
        if self.info.objects[object_name].role in SWEPT:
            raise StaleCursorError("Odoo keeps no record of deletions", do="compare the ids")
        yield from ()

    def ids(self, object_name: str) -> Iterator[Sequence[str]]:
        """Yield the ids of all records, archived ones included."""
        yield from self._reader.ids(object_name)

    def count(self, object_name: str) -> int | None:
        """Return the number of records, archived ones included."""
        return self._reader.count(object_name)

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[CrmRecord]:
        """Return records by id; a vanished lead whose messages are on another lead was merged into that."""
        rows = self._reader.by_id(object_name, ids, fields)
        found = {record.record_id: record for record in self._records(object_name, list(rows.values()), fields)}
        gone = [key for key in ids if key not in found]
        survivors = self._reader.survivors(gone) if gone and object_name == LEAD else {}
        return [found[key] if key in found else _vanished(object_name, key, survivors.get(key, "")) for key in ids]

    def links(self, object_name: str, ids: Sequence[str]) -> Mapping[str, tuple[RecordLink, ...]]:
        """Return lead -> the company of its contact, as `primary`; leads that were read last are not read again."""
        found: dict[str, tuple[RecordLink, ...]] = dict.fromkeys(ids, ())
        if object_name == LEAD:
            last, self._last_leads = self._last_leads, {}
            rows = {key: last[key] for key in ids if key in last}
            if unread := [key for key in ids if key not in rows]:
                rows |= self._reader.by_id(LEAD, unread, ["partner_id"])
            found |= self._companies(list(rows.values()))
        return found

    def changes(self, object_name: str, ids: Sequence[str]) -> Iterator[FieldChange]:
        """Yield the former values of leads as tracked; the present ones where our user may not read the tracking."""
        if object_name == LEAD:
            yield from self._history.changes(ids)

    def missing_score_fields(self, object_name: str) -> Sequence[str]:
        """Return the score fields that the model does not have."""
        present = self._reader.described(object_name, again=True)
        return [name for name, there in SCORE_NAMES.items() if there not in present]

    def score_field(self, object_name: str, name: str) -> str:
        """Return the name of the manual field."""
        del object_name
        return SCORE_NAMES[name]

    def create_score_fields(self, object_name: str) -> Sequence[str]:
        """Create the missing score fields as manual fields of the model; only an administrator may."""
        missing = set(self.missing_score_fields(object_name))
        wanted = [field for field in SCORE_FIELDS if field.name in missing]
        return OdooScores(self._api).create_fields(object_name, wanted, self._currency)

    def write(self, object_name: str, rows: Sequence[ScoreRow]) -> Sequence[RecordWriteResult]:
        """Write scores without notes and notifications; automation rules run on the fields that they watch."""
        return OdooScores(self._api).write(object_name, rows)

    def is_own_change(self, record: CrmRecord) -> bool | None:
        """Return whether the user of the key made the last change."""
        return record.modified_by == str(self._api.user) if record.modified_by else None

    def events(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Sequence[RecordEvent]:
        """Verify the secret in the address of a webhook and return the record to read again."""
        del method, headers
        secret = self._section.event_secret.get_secret_value()
        return read_webhook(url, body, secret=secret, objects=self.info.objects, received=datetime.now(UTC))

    def _records(self, object_name: str, rows: Sequence[Row], fields: Sequence[str]) -> list[CrmRecord]:
        kinds = self._reader.kinds(object_name)
        won = self._reader.won_stages if object_name == LEAD else frozenset()
        records = [record_of(object_name, row, fields, kinds, won) for row in rows]
        if object_name != LEAD:
            return [replace(record, links=()) for record in records]
        self._last_leads = {str(row["id"]): row for row in rows}
        return records

    def _companies(self, rows: Sequence[Row]) -> dict[str, tuple[RecordLink, ...]]:
        """Return lead -> the association with its company; a contact has one that is no field of the lead."""
        contacts = {str(row["id"]): value_of(row["partner_id"], "many2one") for row in rows}
        companies = self._reader.companies([key for key in contacts.values() if isinstance(key, int)])
        result: dict[str, tuple[RecordLink, ...]] = {}
        for lead, contact in contacts.items():
            company = companies.get(contact) if isinstance(contact, int) else None
            result[lead] = () if company is None else (RecordLink(PARTNERS, str(company), "primary"),)
        return result


def _vanished(object_name: str, record_id: str, survivor: str) -> CrmRecord:
    state = RecordState.MERGED if survivor else RecordState.DELETED
    return CrmRecord(object_name, record_id, state=state, merged_into=survivor)
