"""Rows of the local peer's objects, those that Salesforce derives included, for queries and describe answers."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crm.connectors.salesforce.salesforce_account import PERSON_ID, STAGES, STATUSES, SalesforceAccount
from crm.connectors.salesforce.salesforce_scores import SCORE_NAMES
from crm.connectors.salesforce.soql import full_id, parse_moment
from crm.connectors.salesforce.soql_parser import SoqlError
from crm.sandbox.peer_account import PeerRecord
from crm.score_fields import SCORE_FIELDS, ScoreKind
from leadworth.crm_records import FieldChange, RecordState

COMMON = {
    "Id": "id",
    "CreatedDate": "datetime",
    "CreatedById": "reference",
    "LastModifiedDate": "datetime",
    "LastModifiedById": "reference",
    "SystemModstamp": "datetime",
}
SCORED = ("Lead", "Contact", "Opportunity")
SCORE_KINDS = {
    ScoreKind.NUMBER: "double",
    ScoreKind.CHOICE: "picklist",
    ScoreKind.TEXT: "string",
    ScoreKind.MOMENT: "datetime",
}
TRACKED = {"Status", "OwnerId", "IsConverted"}
"""Fields of leads whose history the org keeps."""
Pins = Mapping[str, Collection[Any]]
Bounds = Mapping[str, tuple[str, str]]
_UNBOUNDED: Bounds = MappingProxyType({})


class SalesforceRows:
    """Objects of an org as queries see them.

    Parameters
    ----------
    account
        Records of the org.

    Attributes
    ----------
    kinds
        Object -> field -> type, as our user may see them.
    currency
        Currency of the org; empty: it has several, and records a CurrencyIsoCode.
    """

    def __init__(self, account: SalesforceAccount, currency: str) -> None:
        self.account = account
        self.currency = currency
        schema = tomllib.loads(Path(__file__).with_name("peer_schema.toml").read_text(encoding="utf-8"))
        self.derived = {name for name, item in schema.items() if item.get("derived")}
        self.kinds: dict[str, dict[str, str]] = {}
        for name, item in schema.items():
            kinds = {**COMMON, **item["fields"]}
            if not item.get("system") and not item.get("derived"):
                kinds["IsDeleted"] = "boolean"
            if item.get("merges"):
                kinds["MasterRecordId"] = "reference"
            if not currency and name in ("Lead", "Contact", "Account", "Opportunity"):
                kinds["CurrencyIsoCode"] = "picklist"
            if name in SCORED:
                kinds |= {SCORE_NAMES[field.name]: SCORE_KINDS[field.kind] for field in SCORE_FIELDS}
            if name == "LeadHistory":
                del kinds["SystemModstamp"]
            self.kinds[name] = kinds

    def kinds_of(self, object_name: str) -> Mapping[str, str]:
        """Return the fields of an object.

        Raises
        ------
        SoqlError
            If there is no such object.
        """
        if object_name not in self.kinds:
            raise SoqlError("INVALID_TYPE", f"sObject type '{object_name}' is not supported.")
        return self.kinds[object_name]

    def rows(
        self, object_name: str, *, everything: bool, pins: Pins, bounds: Bounds = _UNBOUNDED
    ) -> Iterator[dict[str, Any]]:
        """Yield the rows of an object.

        Parameters
        ----------
        everything
            With deleted and archived rows.
        pins
            Values that a field must have: other rows may be left out.
        bounds
            Least and greatest id of a field: other rows may be left out; an empty one is no bound.
        """
        if object_name in self.derived:
            yield from self._derived(object_name, pins, bounds)
            return
        records = self.account.of(object_name)
        keys = pins.get("Id")
        some = list(records.values()) if keys is None else [records[key] for key in keys if key in records]
        now = self.account.clock.now()
        for record in some:
            ended = record.state in (RecordState.DELETED, RecordState.MERGED)
            hidden = ended or record.values.get("IsArchived") is True
            if record.visible_at <= now and (everything or not hidden) and self.account.in_bin(record):
                yield self._row(object_name, record, ended=ended)

    def _row(self, object_name: str, record: PeerRecord, *, ended: bool) -> dict[str, Any]:
        kinds = self.kinds[object_name]
        row: dict[str, Any] = {name: _typed(record.values.get(name), kind) for name, kind in kinds.items()}
        if "Name" in kinds and "LastName" in kinds:
            row["Name"] = " ".join(
                str(record.values[name]) for name in ("FirstName", "LastName") if record.values.get(name)
            )
        return row | {
            "Id": record.record_id,
            "CreatedDate": record.created_at,
            "CreatedById": PERSON_ID,
            "LastModifiedDate": record.modified_at,
            "LastModifiedById": record.modified_by,
            "SystemModstamp": record.modified_at,
            "IsDeleted": ended,
            "MasterRecordId": record.merged_into or None,
        }

    def _derived(self, object_name: str, pins: Pins, bounds: Bounds) -> Iterator[dict[str, Any]]:
        if object_name == "CampaignMember":
            for holder in ("Lead", "Contact"):
                yield from self._joining(holder, f"{holder}Id", "Campaign", pins, bounds)
        elif object_name == "OpportunityContactRole":
            yield from self._joining("Opportunity", "OpportunityId", "Contact", pins, bounds)
        elif object_name == "LeadHistory":
            for record in self._of("Lead", pins.get("LeadId"), bounds.get("LeadId")):
                yield from _lead_history(record, self.account.marks[record.record_id][0])
        elif object_name == "OpportunityHistory":
            for record in self._of("Opportunity", pins.get("OpportunityId"), bounds.get("OpportunityId")):
                yield from _deal_history(record, self.account.marks[record.record_id])
        elif object_name == "OpportunityStage":
            for order, (name, (closed, won, _, _)) in enumerate(STAGES.items()):
                yield _named(name, order) | {"IsClosed": closed, "IsWon": won}
        elif object_name == "LeadStatus":
            for order, name in enumerate(STATUSES):
                yield _named(name, order) | {"IsConverted": name == STATUSES[-1]}
        else:
            yield {"Id": full_id("00D5e0000000ORG"), "DefaultCurrencyIsoCode": self.currency or "EUR"}

    def _of(
        self, object_name: str, keys: Collection[Any] | None, bounds: tuple[str, str] | None = None
    ) -> list[PeerRecord]:
        """Return the records of ids, or within bounds, that are not deleted."""
        records = self.account.of(object_name)
        some = list(records.values()) if keys is None else [records[key] for key in keys if key in records]
        if bounds is not None:
            least, greatest = bounds
            some = [
                record
                for record in some
                if least <= record.record_id and (not greatest or record.record_id <= greatest)
            ]
        return [record for record in some if record.state not in (RecordState.DELETED, RecordState.MERGED)]

    def _joining(self, holder: str, field: str, other: str, pins: Pins, bounds: Bounds) -> Iterator[dict[str, Any]]:
        """Yield the rows that join two objects, from the associations of one."""
        number = 0
        other_field = f"{other}Id"
        keys = pins.get(field)
        if keys is None and (other_keys := pins.get(other_field)) is not None:
            others = self._of(other, other_keys)
            keys = {link.to_id for record in others for link in record.links if link.to_object == holder}
        for record in self._of(holder, keys, bounds.get(field)):
            for link in sorted(record.links, key=lambda link: link.to_id):
                if link.to_object == other:
                    number += 1
                    yield {
                        "Id": full_id(f"00v5e0000{number:06d}"),
                        "CreatedDate": record.created_at,
                        "SystemModstamp": record.created_at,
                        field: record.record_id,
                        other_field: link.to_id,
                        "Role": None if link.label == "primary" else link.label or None,
                        "IsPrimary": link.label == "primary",
                    }


def _typed(value: Any, kind: str) -> Any:
    """Return a value of the account as a query sees it."""
    if kind == "boolean":
        return bool(value)
    if value is not None and kind == "datetime":
        return parse_moment(str(value))
    if value is not None and kind == "string":
        return str(value)
    return value


def _named(name: str, order: int) -> dict[str, Any]:
    return {"Id": full_id(f"01J5e0000{order:06d}"), "ApiName": name, "MasterLabel": name, "SortOrder": order + 1}


def _history_row(prefix: str, record: PeerRecord, place: int, at: datetime, author: str) -> dict[str, Any]:
    # The ids of the rows of one record are in the order of the changes.
    key = full_id(f"{prefix}5e0{record.record_id[9:15]}{place:03d}")
    return {"Id": key, "CreatedDate": at, "SystemModstamp": at, "CreatedById": author}


def _lead_history(record: PeerRecord, created: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of tracked fields after creation; a change of owner makes two, with names and with ids."""
    last: dict[str, Any] = {}
    for place, change in enumerate(record.history):
        old = last.get(change.field)
        last[change.field] = change.value
        if place < created or change.field not in TRACKED:
            continue
        for offset, (field, before, after) in enumerate(_lead_values(change, old)):
            row = _history_row("017", record, 2 * place + offset, change.valid_at, change.changed_by)
            held = {"LeadId": record.record_id, "Lead.CreatedDate": record.created_at}
            yield row | held | {"Field": field, "OldValue": before, "NewValue": after}


def _lead_values(change: FieldChange, old: Any) -> list[tuple[str, Any, Any]]:
    if change.field == "OwnerId":
        return [("Owner", "Name before", "Name after"), ("Owner", old, change.value)]
    if change.field == "IsConverted":
        return [("leadConverted", None, None)]
    return [(change.field, old, change.value)]


def _deal_history(record: PeerRecord, marks: list[int]) -> Iterator[dict[str, Any]]:
    """Yield a row for the creation and for each change, with all values after it."""
    values: dict[str, Any] = {}
    shown = ("StageName", "Amount", "CloseDate", "Probability", "ForecastCategory")
    for place, (begin, end) in enumerate(pairwise([0, *marks])):
        changes = [change for change in record.history[begin:end] if change.field in shown]
        if not changes:
            continue
        values |= {change.field: change.value for change in changes}
        row = _history_row("008", record, place, changes[-1].valid_at, changes[-1].changed_by)
        yield row | {"OpportunityId": record.record_id} | {name: values.get(name) for name in shown}
