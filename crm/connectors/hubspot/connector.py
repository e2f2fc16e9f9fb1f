"""Connection with a HubSpot account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from crm.connector import Connector, RecordPage, SyncWindow
from crm.connectors.hubspot.hubspot_api import HubSpotApi
from crm.connectors.hubspot.hubspot_associations import LINK_IDS, read_links
from crm.connectors.hubspot.hubspot_checks import HubSpotChecks
from crm.connectors.hubspot.hubspot_events import read_events, verify
from crm.connectors.hubspot.hubspot_owners import OWNERS, in_window, owner_pages
from crm.connectors.hubspot.hubspot_pipelines import lead_statuses, pipeline_stages
from crm.connectors.hubspot.hubspot_properties import GROUP, field_of, score_property
from crm.connectors.hubspot.hubspot_reading import HubSpotReader, Item
from crm.connectors.hubspot.hubspot_values import (
    CHANGED_BY,
    MERGED_CONTACTS,
    MERGED_IDS,
    absorbed_ids,
    changes_of,
    record_of,
)
from crm.connectors.hubspot.hubspot_writes import HubSpotScoreWriter
from crm.connectors.hubspot.settings import HubSpotSection
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_catalog import CrmInfo, CrmObject, ObjectRole, crms
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
)
from leadworth.errors import ConfigurationError, DeliveryError
from leadworth.health_findings import HealthFinding
from leadworth.http_client import HttpClient

CONTACTS, LEADS = "contacts", "leads"
MERGING = ("contacts", "companies", "deals")
"""Objects whose records people can merge."""


def connect(section: HubSpotSection, http: HttpClient, currency: str = "XXX") -> HubSpotConnector:
    """Return the connector of an account; no request is made.

    Parameters
    ----------
    section
        Settings.
    http
        HTTP client, which the connector closes.
    currency
        Currency of the scores.
    """
    return HubSpotConnector(section, http, currency)


class HubSpotConnector(Connector):
    """One account of HubSpot; see `connect`."""

    name: ClassVar[str] = "hubspot"
    write_rows: ClassVar[int] = 100
    linked_rows: ClassVar[int] = LINK_IDS

    def __init__(self, section: HubSpotSection, http: HttpClient, currency: str) -> None:
        self._section = section
        self._currency = currency
        self._api = HubSpotApi(http, section)
        self.http = self._api.http
        self._reader = HubSpotReader(self._api)
        self._info = info_for(section.lead_object)
        self._kinds: dict[str, dict[str, str]] = {}

    @property
    def info(self) -> CrmInfo:
        """Data of HubSpot for this lead object: of contacts and leads only one is scored."""
        return self._info

    @property
    def lead_object(self) -> str:
        """Object whose records are the leads: contacts, or the leads of Sales Hub."""
        return self._info.lead_objects[0]

    def fields(self, object_name: str) -> Sequence[CrmField]:
        """Return the present properties of an object."""
        if object_name == OWNERS:
            return [CrmField(name, name, "string", writable=False) for name in self._info.objects[OWNERS].fields]
        found = [field_of(item) for item in self._api.get(self._api.path("properties", object_name))["results"]]
        self._kinds[object_name] = {field.name: field.kind for field in found}
        return found

    def stages(self) -> Sequence[CrmStage]:
        """Return the stages of deals, and of leads or HubSpot's own lead statuses of contacts."""
        found: list[CrmStage] = []
        for name in [*self._info.with_role(ObjectRole.DEAL), *([LEADS] if self.lead_object == LEADS else [])]:
            found += pipeline_stages(name, self._api.get(self._api.path("pipelines", name))["results"])
        return [*found, *lead_statuses(CONTACTS, self.fields(CONTACTS))]

    def pages(
        self, object_name: str, fields: Sequence[str], window: SyncWindow | None, bookmark: str = ""
    ) -> Iterator[RecordPage]:
        """Yield the records that changed in a window, by search; or all, by list, with the history of fields.

        Archived records come from `removals`. A bookmark is an id in a window, and HubSpot's own text in a list.
        """
        if object_name == OWNERS:
            for page in owner_pages(self._api, self._reader, fields):
                yield RecordPage([record for record in page.records if in_window(record, window)])
            return
        data, asked = self._info.objects[object_name], self._asked(object_name, fields)
        if window is not None:
            found = self._reader.search(object_name, asked, window, data.modified, last=bookmark)
        else:
            found = self._reader.list_all(object_name, asked, data.history, bookmark)
        history = data.history if window is None else ()
        for items in found:
            records = [self._record(object_name, item, fields, history) for item in items.items]
            yield RecordPage(records, items.bookmark)

    def removals(self, object_name: str, window: SyncWindow) -> Iterator[RecordPage]:
        """Yield the records deleted or merged in a window; a restored one is modified and comes from `pages`.

        The recycle bin is read whole, because HubSpot cannot filter it by time.
        """
        if object_name == OWNERS:
            return
        fields, asked = (), self._asked(object_name, ())
        for page in self._reader.archived(object_name, asked):
            records = [self._record(object_name, item, fields) for item in page.items]
            yield RecordPage([record for record in records if in_window(record, window)])
        if object_name in MERGING:
            modified = self._info.objects[object_name].modified
            for page in self._reader.search(object_name, asked, window, modified, absorbing=True):
                yield RecordPage([gone for item in page.items for gone in _absorbed(object_name, item)])

    def ids(self, object_name: str) -> Iterator[Sequence[str]]:
        """Yield the ids of all records that are not archived; of owners, all."""
        if object_name == OWNERS:
            for owners in owner_pages(self._api, self._reader, ()):
                yield [record.record_id for record in owners.records]
            return
        for page in self._reader.list_all(object_name, ["hs_object_id"]):
            yield [str(item["id"]) for item in page.items]

    def count(self, object_name: str) -> int | None:
        """Return the number of records that are not archived, as the search index has it; None for owners."""
        return None if object_name == OWNERS else self._reader.total(object_name)

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[CrmRecord]:
        """Return records by id; those that are gone are looked up in the recycle bin, and then among merged ones."""
        if object_name == OWNERS:
            pages = owner_pages(self._api, self._reader, fields)
            owners = {record.record_id: record for page in pages for record in page.records}
            return [owners.get(key) or CrmRecord(OWNERS, key, state=RecordState.DELETED) for key in ids]
        asked = self._asked(object_name, fields)
        found = {str(item["id"]): item for item in self._reader.by_id(object_name, ids, asked)}
        gone = [key for key in ids if key not in found]
        if gone:
            bin_items = self._reader.by_id(object_name, gone, asked, archived=True)
            found |= {str(item["id"]): {**item, "archived": True} for item in bin_items}
        survivors = {old: key for key, item in found.items() for old in absorbed_ids(item.get("properties") or {}, key)}
        return [
            self._record(object_name, found[key], fields)
            if key in found
            else self._vanished(object_name, key, survivors.get(key, ""))
            for key in ids
        ]

    def links(self, object_name: str, ids: Sequence[str]) -> Mapping[str, tuple[RecordLink, ...]]:
        """Return the present associations of records; that with the primary company has the label `primary`."""
        found: dict[str, tuple[RecordLink, ...]] = dict.fromkeys(ids, ())
        for to_object in self._info.objects[object_name].links:
            for key, links in read_links(self._api, object_name, to_object, list(found)).items():
                found[key] += tuple(links)
        return found

    def changes(self, object_name: str, ids: Sequence[str]) -> Iterator[FieldChange]:
        """Yield the former and present values that HubSpot kept: some 20 to 45 for each field."""
        history = self._info.objects[object_name].history
        if history:
            kinds = self._types(object_name)
            for item in self._reader.by_id(object_name, ids, (), history):
                yield from changes_of(object_name, item, history, kinds)

    def check(self) -> list[HealthFinding]:
        """Check token, scopes, version, the order of searches and the properties of the scores; make no change."""
        try:
            fields = self.fields(self.lead_object)
        except DeliveryError:
            fields = None
        return list(HubSpotChecks(self._api, self._reader, self._section, self._info).findings(fields))

    def missing_score_fields(self, object_name: str) -> Sequence[str]:
        """Return the score fields that are no properties of an object."""
        present = {field.name for field in self.fields(object_name)}
        return [field.name for field in SCORE_FIELDS if field.name not in present]

    def create_score_fields(self, object_name: str) -> Sequence[str]:
        """Create the missing score fields as properties in the group `leadworth`, and return their names."""
        missing = self.missing_score_fields(object_name)
        created = []
        if missing:
            group = {"name": GROUP, "label": GROUP, "displayOrder": -1}
            self._create(self._api.path("properties", object_name, "groups"), group)
        for field in SCORE_FIELDS:
            made = score_property(field, self._currency)
            if field.name in missing and self._create(self._api.path("properties", object_name), made):
                created.append(field.name)
        self._kinds.pop(object_name, None)
        return created

    def write(self, object_name: str, rows: Sequence[ScoreRow]) -> Sequence[RecordWriteResult]:
        """Write scores; HubSpot has no switch for workflows, which run on any property that they watch."""
        return HubSpotScoreWriter(self._api, object_name).write(rows)

    def is_own_change(self, record: CrmRecord) -> bool | None:
        """Return whether the user of the settings made the last change; None where either is not known."""
        if not self._section.user or not record.modified_by:
            return None
        return record.modified_by == self._section.user

    def events(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Sequence[RecordEvent]:
        """Verify the signature of version 3 and return the records to read again, each event once."""
        verify(self._section.client_secret.get_secret_value(), method, url, headers, body, datetime.now(UTC))
        found = {event.event_id: event for event in read_events(body) if event.object in self._info.objects}
        return list(found.values())

    def _create(self, path: str, body: Mapping[str, Any]) -> bool:
        """Create a property or group; return False where it exists already, because another process was faster."""
        return self._api.send("POST", path, body=body, own=(409,)).get("status") != "error"

    def _record(self, object_name: str, item: Item, fields: Sequence[str], history: Sequence[str] = ()) -> CrmRecord:
        modified = self._info.objects[object_name].modified
        return record_of(object_name, item, fields, self._types(object_name), modified, history)

    def _vanished(self, object_name: str, record_id: str, survivor: str) -> CrmRecord:
        """Return a record that is neither live nor in the recycle bin: merged, or deleted for ever."""
        if not survivor and (item := self._reader.one(object_name, record_id, ["hs_object_id"])) is not None:
            survivor = str(item["id"])
        state = RecordState.MERGED if survivor else RecordState.DELETED
        return CrmRecord(object_name, record_id, state=state, merged_into=survivor)

    def _asked(self, object_name: str, fields: Sequence[str]) -> list[str]:
        """Return the properties to request: the fields, and those that say when, by whom and out of what."""
        merged = (MERGED_IDS, *([MERGED_CONTACTS] if object_name == CONTACTS else [])) if object_name in MERGING else ()
        return list(dict.fromkeys((*fields, self._info.objects[object_name].modified, CHANGED_BY, *merged)))

    def _types(self, object_name: str) -> Mapping[str, str]:
        if object_name not in self._kinds:
            self.fields(object_name)
        return self._kinds[object_name]


def info_for(lead_object: str) -> CrmInfo:
    """Return the data of HubSpot for a lead object: contacts are people where leads are scored.

    Raises
    ------
    ConfigurationError
        If the object is unknown.

    Examples
    --------
    >>> info = info_for("leads")
    >>> info.lead_objects, info.objects["contacts"].role, "leads" in info_for("").objects
    (('leads',), <ObjectRole.PERSON: 'person'>, False)
    """
    info = crms()["hubspot"]
    chosen = lead_object or info.lead_objects[0]
    if chosen not in info.lead_objects:
        raise ConfigurationError(
            f'lead_object = "{chosen}" in [crm.hubspot]',
            allowed=", ".join(info.lead_objects),
            do="correct it, or leave it out",
        )
    objects: dict[str, CrmObject] = dict(info.objects)
    columns = dict(info.columns)
    if chosen == LEADS:
        objects[CONTACTS] = objects[CONTACTS].model_copy(update={"role": ObjectRole.PERSON})
        columns["submitted_at"] = objects[LEADS].created
    else:
        del objects[LEADS]
    return info.model_copy(update={"objects": objects, "lead_objects": (chosen,), "columns": columns})


def _absorbed(object_name: str, item: Item) -> Iterator[CrmRecord]:
    survivor = str(item["id"])
    for old in absorbed_ids(item.get("properties") or {}, survivor):
        yield CrmRecord(object_name, old, state=RecordState.MERGED, merged_into=survivor)
