"""Connection with a Pipedrive account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from crm.connector import Connector, RecordPage, SyncWindow
from crm.connectors.pipedrive.pipedrive_api import PipedriveApi
from crm.connectors.pipedrive.pipedrive_checks import check_account
from crm.connectors.pipedrive.pipedrive_events import changes_only, read_event, verify_caller
from crm.connectors.pipedrive.pipedrive_fields import DEALS, LEADS, ORGANIZATIONS, PERSONS, STAGE, PipedriveFields
from crm.connectors.pipedrive.pipedrive_history import has_log, known_changes, read_log, stage_of
from crm.connectors.pipedrive.pipedrive_leads import JOINED, LeadAssembly, lead_of_deal
from crm.connectors.pipedrive.pipedrive_reader import USERS, Item, PipedriveReader
from crm.connectors.pipedrive.pipedrive_scores import PipedriveScores
from crm.connectors.pipedrive.pipedrive_values import id_text, read_moment
from crm.connectors.pipedrive.settings import PipedriveSection
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import (
    CONVERTED_LINK,
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
from leadworth.errors import ConfigurationError
from leadworth.health_findings import HealthFinding
from leadworth.http_client import HttpClient

LINKS = {
    LEADS: (
        ("organization_id", ORGANIZATIONS, "primary"),
        ("person_id", PERSONS, ""),
        ("deal_id", DEALS, CONVERTED_LINK),
    ),
    DEALS: (("org_id", ORGANIZATIONS, "primary"), ("person_id", PERSONS, "")),
    PERSONS: (("org_id", ORGANIZATIONS, "primary"),),
    "activities": (("lead_id", LEADS, ""), ("deal_id", DEALS, ""), ("person_id", PERSONS, "")),
}
"""Object -> its fields with the id of another record, the object of that, and the label of the association."""


def connect(section: PipedriveSection, http: HttpClient, currency: str = "XXX") -> PipedriveConnector:
    """Return the connector of an account; no request is made.

    Parameters
    ----------
    section
        Settings.
    http
        HTTP client, which the connector closes.
    currency
        Currency of the scores.

    Raises
    ------
    ConfigurationError
        If the settings name another object than leads.
    """
    return PipedriveConnector(section, http, currency)


class PipedriveConnector(Connector):
    """One account of Pipedrive; see `connect`."""

    name: ClassVar[str] = "pipedrive"
    write_rows: ClassVar[int] = 1
    """Pipedrive takes one record a request, so that what was written is noted after each."""
    stored_rows: ClassVar[int] = 50
    """The history of each closed deal is a request, and a run may end between them."""
    deal_of_converted: ClassVar[str] = DEALS

    def __init__(self, section: PipedriveSection, http: HttpClient, currency: str) -> None:
        chosen = section.lead_object or self.info.lead_objects[0]
        if chosen not in self.info.lead_objects:
            raise ConfigurationError(
                f'lead_object = "{chosen}" in [crm.pipedrive]',
                allowed=", ".join(self.info.lead_objects),
                do="correct it, or leave it out",
            )
        self._section = section
        self._api = PipedriveApi(http, section)
        self.http = self._api.http
        self._reader = PipedriveReader(self._api)
        self._leads = LeadAssembly(self._reader)
        self._fields = PipedriveFields(self._api, self.info.objects, currency)
        self._scores = PipedriveScores(self._api, self._fields, self._leads)
        self._user = section.user
        self._last_deals: dict[str, Item] = {}
        self._listed = False

    @property
    def lead_object(self) -> str:
        """Object whose records are the leads."""
        return LEADS

    def check(self) -> list[HealthFinding]:
        """Check token, rights, the fields of the scores, the budget and the webhooks; make no change."""
        return list(check_account(self._api, self._fields, self._section))

    def fields(self, object_name: str) -> Sequence[CrmField]:
        """Return the present fields of an object; those of a lead include some of its person and organization.

        Those of deals, which are read after the leads, are in the same list and not read again.
        """
        if object_name != DEALS or not self._listed:
            self._fields.read_again(object_name)
        self._listed = object_name == LEADS
        return self._fields.fields(object_name)

    def stages(self) -> Sequence[CrmStage]:
        """Return the stages of all pipelines, and `won` and `lost`, which deals have in addition to their stage."""
        pipelines = {item["id"]: str(item["name"]) for item in self._api.everything("v2/pipelines")}
        found = [
            CrmStage(
                DEALS,
                str(item["id"]),
                str(item["name"]),
                StageMeaning.OPEN,
                pipelines.get(item.get("pipeline_id"), ""),
                int(item.get("order_nr") or 0),
            )
            for item in self._api.everything("v2/stages")
        ]
        ended = (("won", StageMeaning.WON), ("lost", StageMeaning.LOST))
        return [*found, *(CrmStage(DEALS, value, value.capitalize(), meaning) for value, meaning in ended)]

    def pages(
        self, object_name: str, fields: Sequence[str], window: SyncWindow | None, bookmark: str = ""
    ) -> Iterator[RecordPage]:
        """Yield the records that changed in a window, or all; archived ones are in lists of their own.

        Converted leads are among the leads, as archived ones, out of their deals. What persons and organizations hold
        is read with all leads, not with those of a window.
        """
        if object_name == USERS:
            records = [self._record(USERS, item, fields) for item in self._reader.users()]
            yield RecordPage([record for record in records if window is None or _changed_in(record, window)])
            return
        for page in self._reader.pages(object_name, window, bookmark):
            if object_name == DEALS:
                self._last_deals = {str(item["id"]): item for item in page.items}
            items = self._as_leads(page.items) if page.part.converted else page.items
            archived, whole = page.part.archived, window is None
            yield RecordPage(self._records(object_name, items, fields, archived=archived, joined=whole), page.bookmark)

    def completed(self, object_name: str, records: Sequence[CrmRecord]) -> Sequence[CrmRecord]:
        """Return leads with what their persons and organizations hold."""
        items = self._leads.completed([_related(record) for record in records])
        values = [
            self._fields.values(object_name, item, list(record.unread))
            for item, record in zip(items, records, strict=True)
        ]
        return [
            replace(record, values={**record.values, **found}, unread=frozenset())
            for record, found in zip(records, values, strict=True)
        ]

    def removals(self, object_name: str, window: SyncWindow) -> Iterator[RecordPage]:
        """Yield the deals deleted in a window; of other objects the weekly comparison of ids and webhooks find them.

        Merged records are among the deleted ones: only the webhook names the survivor.
        """
        if object_name == DEALS:
            for items in self._reader.deleted_deals(window):
                yield RecordPage([_deleted(DEALS, str(item["id"]), item) for item in items])

    def ids(self, object_name: str) -> Iterator[Sequence[str]]:
        """Yield the ids of all records that are not deleted."""
        if object_name == USERS:
            yield [str(item["id"]) for item in self._reader.users()]
            return
        for page in self._reader.pages(object_name, None):
            key = "source_lead_id" if page.part.converted else "id"
            yield [str(item[key]) for item in page.items]

    def count(self, object_name: str) -> int | None:
        """Return None: Pipedrive counts by listing, which `ids` does."""
        del object_name
        return None

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[CrmRecord]:
        """Return records by id; a lead that is gone is looked up among the deals that were leads."""
        found = self._found(object_name, ids)
        if object_name == DEALS:
            self._last_deals = dict(found)
        archived = {key: bool(item.get("is_archived")) for key, item in found.items()}
        records = {
            record.record_id: record
            for state in (False, True)
            for record in self._records(
                object_name, [item for key, item in found.items() if archived[key] is state], fields, archived=state
            )
        }
        return [records.get(key) or _deleted(object_name, key, {}) for key in ids]

    def links(self, object_name: str, ids: Sequence[str]) -> Mapping[str, tuple[RecordLink, ...]]:
        """Return the present associations of records, which are fields of them."""
        found = self._found(object_name, ids)
        return {key: _links(object_name, found[key]) if key in found else () for key in ids}

    def changes(self, object_name: str, ids: Sequence[str]) -> Iterator[FieldChange]:
        """Yield the stages of deals: of those closed lately from their change log, of others the last one.

        Deals that were read last are not read again.
        """
        if object_name != DEALS:
            return
        last = {key: self._last_deals.pop(key) for key in ids if key in self._last_deals}
        deals = {**last, **self._reader.by_ids(DEALS, [key for key in ids if key not in last])}
        for key in ids:
            if key in deals and self._has_log(deals[key]):
                yield from read_log(self._api, deals[key])
            elif key in deals:
                yield from known_changes(deals[key])

    def missing_score_fields(self, object_name: str) -> Sequence[str]:
        """Return the score fields that no field of deals has the name of."""
        self._fields.read_again(object_name)
        present = self._fields.scores(object_name)
        return [score.name for score in SCORE_FIELDS if score.name not in present]

    def create_score_fields(self, object_name: str) -> Sequence[str]:
        """Create the missing score fields as fields of deals, which leads have too, and return their names."""
        return self._fields.create_scores(object_name)

    def write(self, object_name: str, rows: Sequence[ScoreRow]) -> Sequence[RecordWriteResult]:
        """Write scores; Pipedrive has no switch for automations, which run on any field that they watch."""
        return [self._scores.write(object_name, row) for row in rows]

    def is_own_change(self, record: CrmRecord) -> bool | None:
        """Return None: a record of Pipedrive does not say who changed it."""
        del record
        return None

    def events(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Sequence[RecordEvent]:
        """Verify user and password of a webhook and return the records to read again."""
        del method, url  # Pipedrive signs nothing
        section = self._section
        verify_caller(section.webhook_user, section.webhook_password.get_secret_value(), headers)
        return list(read_event(body, self._is_own_score))

    def _is_own_score(self, document: Mapping[str, Any]) -> bool:
        """Return whether an event is of a score that leadworth's user wrote."""
        meta = document["meta"]
        if meta.get("change_source") != "api" or str(meta.get("entity")) not in ("lead", "deal"):
            return False
        if not self._user:
            self._user = str(self._api.get("v1/users/me")["data"]["id"])
        keys = [field.code for field in self._fields.scores(DEALS).values()]
        return str(meta.get("user_id")) == self._user and changes_only(document, keys)

    def _found(self, object_name: str, ids: Sequence[str]) -> dict[str, Item]:
        """Return the records of ids that are not deleted."""
        if object_name == USERS:
            return {str(item["id"]): item for item in self._reader.users() if str(item["id"]) in set(ids)}
        if object_name != LEADS:
            return self._reader.by_ids(object_name, ids)
        found = {key: item for key in ids if (item := self._reader.lead(key)) is not None}
        gone = [key for key in ids if key not in found]
        if gone:
            deals = self._reader.by_ids(DEALS, list(self._leads.deals_of(gone).values()))
            found |= {str(item["id"]): item for item in self._as_leads(list(deals.values()))}
        return found

    def _as_leads(self, deals: Sequence[Item]) -> list[Item]:
        custom = [code for code, field in self._fields.known(LEADS).items() if field.custom]
        return [lead_of_deal(deal, custom) for deal in deals]

    def _records(
        self,
        object_name: str,
        items: Sequence[Item],
        fields: Sequence[str],
        *,
        archived: bool = False,
        joined: bool = True,
    ) -> list[CrmRecord]:
        unread: frozenset[str] = frozenset()
        if object_name == LEADS and items:
            items = self._leads.labelled(items)
            items = self._leads.completed(items) if joined else items
            unread = frozenset() if joined else JOINED.intersection(fields)
        own = [name for name in fields if name not in unread]
        records = [self._record(object_name, item, own, archived=archived) for item in items]
        return [replace(record, unread=unread) for record in records] if unread else records

    def _record(self, object_name: str, item: Item, fields: Sequence[str], *, archived: bool = False) -> CrmRecord:
        if object_name == DEALS:
            item = {**item, STAGE: stage_of(item)}
        data = self.info.objects[object_name]
        logged = object_name == DEALS and self._has_log(item)
        changes = None if logged else known_changes(item) if object_name == DEALS else ()
        return CrmRecord(
            object_name,
            str(item["id"]),
            self._fields.values(object_name, item, fields),
            read_moment(item.get(data.created)),
            read_moment(item.get(data.modified)) or read_moment(item.get(data.created)),
            state=RecordState.ARCHIVED if archived or item.get("is_archived") else RecordState.LIVE,
            links=_links(object_name, item),
            changes=changes,
        )

    def _has_log(self, deal: Item) -> bool:
        return has_log(deal, datetime.now(UTC), self._section.history_days)


def _links(object_name: str, item: Item) -> tuple[RecordLink, ...]:
    named = ((to, id_text(item.get(name)), label) for name, to, label in LINKS.get(object_name, ()))
    return tuple(RecordLink(to, key, label) for to, key, label in named if key)


def _related(lead: CrmRecord) -> Item:
    """Return the ids of the person and the organization of a lead, as they are in it."""
    names = {PERSONS: "person_id", ORGANIZATIONS: "organization_id"}
    return {names[link.to_object]: link.to_id for link in lead.links or () if link.to_object in names}


def _deleted(object_name: str, record_id: str, item: Item) -> CrmRecord:
    return CrmRecord(
        object_name, record_id, modified_at=read_moment(item.get("update_time")), state=RecordState.DELETED
    )


def _changed_in(record: CrmRecord, window: SyncWindow) -> bool:
    return record.modified_at is None or window.start.replace(microsecond=0) <= record.modified_at
