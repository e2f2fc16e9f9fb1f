"""Connector of Zoho CRM."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from crm.connector import Connector, RecordPage, SyncWindow
from crm.connectors.zoho.settings import ZohoSection
from crm.connectors.zoho.zoho_api import ZohoApi
from crm.connectors.zoho.zoho_checks import account_findings
from crm.connectors.zoho.zoho_notifications import order_notifications, read_notification
from crm.connectors.zoho.zoho_reading import Row, ZohoReader
from crm.connectors.zoho.zoho_scores import DEALS, WRITE_ROWS, ZohoScores
from crm.connectors.zoho.zoho_stages import read_stages
from crm.connectors.zoho.zoho_timeline import stage_changes
from crm.connectors.zoho.zoho_users import USERS, current_user, user_records
from crm.connectors.zoho.zoho_values import LOOKUPS, lookup_links, read_time, record_of
from crm.crm_http import CrmRefusedError
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_catalog import CrmInfo, ObjectRole, crms
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
from leadworth.errors import ConfigurationError, TerminalError
from leadworth.health_findings import HealthFinding
from leadworth.http_client import HttpClient


class ZohoConnector(Connector):
    """Connection with one account.

    Parameters
    ----------
    section
        Section `[crm.zoho]`.
    http
        HTTP client, which the connector closes.
    currency
        Currency of the scores.
    """

    name: ClassVar[str] = "zoho"
    write_rows: ClassVar[int] = WRITE_ROWS
    deal_of_converted: ClassVar[str] = DEALS

    def __init__(self, section: ZohoSection, http: HttpClient, currency: str) -> None:
        self._section = section
        self._info = info_without(section.ignored_modules)
        self._currency = currency
        self._api = ZohoApi(http, section)
        self.http = self._api.http
        self._reader = ZohoReader(self._api, section.query_columns)
        self._closed: frozenset[str] | None = None
        self._own_currency = ""
        self._user: str | None = None

    @property
    def info(self) -> CrmInfo:
        """Data of Zoho, without the modules that the account does not have."""
        return self._info

    @property
    def lead_object(self) -> str:
        """Module whose records are the leads."""
        return self._section.lead_object or self.info.lead_objects[0]

    def check(self) -> list[HealthFinding]:
        """Check credentials, modules, stages and score fields; make no change."""
        return list(account_findings(self._api, self._reader, self._section, self.info, self.lead_object))

    def renew_events(self) -> None:
        """Order notifications for the next days."""
        order_notifications(self._api, self._section, [self.lead_object, *self.info.with_role(ObjectRole.DEAL)])

    def fields(self, object_name: str) -> Sequence[CrmField]:
        """Return the present fields of a module; of deals also the currency of an account with only one."""
        if object_name == USERS:
            return [CrmField(name, name, "text", writable=False) for name in self.info.objects[USERS].fields]
        present = self._reader.fields(object_name, again=True)
        found = list(present.values())
        currency = self.info.deal.currency
        if self._is_deal(object_name) and currency not in present:
            found.append(CrmField(currency, "Currency of the account", "text", calculated=True, writable=False))
        return found

    def stages(self) -> Sequence[CrmStage]:
        """Return the stages of deals, with their meaning by forecast type, and the statuses of leads."""
        return read_stages(self._api)

    def pages(
        self, object_name: str, fields: Sequence[str], window: SyncWindow | None, bookmark: str = ""
    ) -> Iterator[RecordPage]:
        """Yield the records that changed in a window, or all; see `Connector.pages` and `ZohoReader.pages`."""
        if object_name == USERS:
            for records in user_records(self._api, fields, window):
                yield RecordPage(records)
            return
        for rows, then in self._reader.pages(object_name, fields, window, bookmark):
            yield RecordPage([self._record(object_name, row, fields) for row in rows], then)

    def removals(self, object_name: str, window: SyncWindow) -> Iterator[RecordPage]:
        """Yield the records deleted in a window; of a merge Zoho names the loser only, as deleted."""
        if object_name == USERS:
            return
        for rows in self._reader.deleted(object_name, window.start):
            yield RecordPage(
                [
                    CrmRecord(
                        object_name,
                        str(row["id"]),
                        modified_at=read_time(row.get("deleted_time")),
                        state=RecordState.DELETED,
                    )
                    for row in rows
                ]
            )

    def ids(self, object_name: str) -> Iterator[Sequence[str]]:
        """Yield the ids of all records that are not deleted; an id may come twice."""
        if object_name == USERS:
            for records in user_records(self._api, ()):
                yield [record.record_id for record in records]
            return
        for rows, _ in self._reader.pages(object_name, (), None):
            yield [str(row["id"]) for row in rows]

    def count(self, object_name: str) -> int | None:
        """Return the number of records; None of users, and where Zoho's count leaves hidden ones out."""
        return None if object_name == USERS else self._reader.count(object_name)

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[CrmRecord]:
        """Return records by id, as they are now; one that Zoho does not have is deleted."""
        if object_name == USERS:
            found = {record.record_id: record for page in user_records(self._api, fields) for record in page}
        else:
            rows = self._reader.by_ids(object_name, ids, fields)
            found = {key: self._record(object_name, row, fields) for key, row in rows.items()}
        return [found.get(key) or CrmRecord(object_name, key, state=RecordState.DELETED) for key in ids]

    def links(self, object_name: str, ids: Sequence[str]) -> Mapping[str, tuple[RecordLink, ...]]:
        """Return the present associations of records, which are lookup fields in Zoho."""
        lookups = list(LOOKUPS.get(object_name, ()))
        rows = self._reader.by_ids(object_name, ids, lookups) if lookups else {}
        found = {key: self._record(object_name, row, lookups).values for key, row in rows.items()}
        return {key: lookup_links(object_name, found.get(key, {})) for key in ids}

    def changes(self, object_name: str, ids: Sequence[str]) -> Iterator[FieldChange]:
        """Yield the stages of closed deals over time; a deal costs a request."""
        if not self._is_deal(object_name):
            return
        if self._closed is None:
            closed = [stage for stage in self.stages() if stage.meaning is not StageMeaning.OPEN]
            self._closed = frozenset(stage.value for stage in closed if stage.object == object_name)
        yield from stage_changes(self._api, self._reader, object_name, ids, self._closed, self._section.history_days)

    def missing_score_fields(self, object_name: str) -> Sequence[str]:
        """Return the score fields that a module does not have."""
        present = self._reader.fields(object_name, again=True)
        return [field.name for field in SCORE_FIELDS if field.name not in present]

    def create_score_fields(self, object_name: str) -> Sequence[str]:
        """Create the missing score fields and return their names.

        Raises
        ------
        TerminalError
            If Zoho gave one of them another API name.
        """
        missing = self.missing_score_fields(object_name)
        scores = ZohoScores(self._api)
        for field in SCORE_FIELDS:
            if field.name in missing:
                scores.create(object_name, field, self._currency)
        if other := self.missing_score_fields(object_name) if missing else ():
            raise TerminalError(
                f"{object_name} have no fields with the API names {', '.join(other)} after they were created",
                do="rename them in Setup, Developer Hub, APIs and SDKs, API names",
            )
        return missing

    def write(self, object_name: str, rows: Sequence[ScoreRow]) -> Sequence[RecordWriteResult]:
        """Write scores; workflows, approvals and blueprints do not run. Those of a converted lead go to its deal."""
        converted = any(row.deal_id for row in rows)
        to_deals = converted and all(field.name in self._reader.fields(DEALS) for field in SCORE_FIELDS)
        return ZohoScores(self._api).write(object_name, rows, to_deals=to_deals)

    def is_own_change(self, record: CrmRecord) -> bool | None:
        """Return whether our user made the last change of a record."""
        if not record.modified_by:
            return None
        if self._user is None:
            try:
                self._user = current_user(self._api)
            except CrmRefusedError:  # without the scope: `check` says so
                self._user = ""
        return record.modified_by == self._user if self._user else None

    def events(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Sequence[RecordEvent]:
        """Verify the token of a notification and return the records to read again."""
        del method, url, headers  # Zoho signs nothing
        return read_notification(self._section.event_token.get_secret_value(), body, self.info.objects)

    def _is_deal(self, object_name: str) -> bool:
        return self.info.objects[object_name].role is ObjectRole.DEAL

    def _record(self, object_name: str, row: Row, fields: Sequence[str]) -> CrmRecord:
        """Return a row as a record; the currency of an account with only one is added."""
        present = self._reader.fields(object_name)
        record = record_of(object_name, row, fields, present)
        currency = self.info.deal.currency
        if self._is_deal(object_name) and currency in fields and currency not in present:
            if not self._own_currency:
                organisation = self._api.get("org").get("org") or [{}]
                self._own_currency = str(organisation[0].get("iso_code") or "")
            return replace(record, values={**record.values, currency: self._own_currency or None})
        return record


def info_without(ignored: Collection[str]) -> CrmInfo:
    """Return the data of Zoho without some modules.

    Raises
    ------
    ConfigurationError
        If a module is unknown, or needed.

    Examples
    --------
    >>> info = info_without(["Campaigns"])
    >>> "Campaigns" in info.objects, info.objects["Deals"].links
    (False, ('Accounts', 'Contacts'))
    """
    info = crms()["zoho"]
    needed = (ObjectRole.LEAD, ObjectRole.DEAL, ObjectRole.COMPANY, ObjectRole.PERSON)
    allowed = [name for name, item in info.objects.items() if item.role not in needed]
    if wrong := sorted(set(ignored) - set(allowed)):
        raise ConfigurationError(
            f"ignored_modules names {', '.join(wrong)} in [crm.zoho]", allowed=", ".join(allowed), do="correct it"
        )
    objects = {
        name: item.model_copy(update={"links": tuple(link for link in item.links if link not in ignored)})
        for name, item in info.objects.items()
        if name not in ignored
    }
    return info.model_copy(update={"objects": objects})


def connect(section: ZohoSection, http: HttpClient, currency: str = "XXX") -> ZohoConnector:
    """Return a connection with an account; no request is made.

    Parameters
    ----------
    section
        Settings.
    http
        HTTP client, which the connector closes.
    currency
        Currency of the scores.
    """
    return ZohoConnector(section, http, currency)
