"""Webhooks of the local HubSpot peer: what happened to the records, signed as HubSpot signs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from crm.connectors.hubspot.hubspot_events import OBJECT_TYPES, OBJECTS, SIGNATURE, TIMESTAMP, sign
from crm.connectors.hubspot.hubspot_values import milliseconds
from crm.sandbox.peer_account import PERSON, PeerAccount, PeerRecord
from leadworth.crm_records import RecordLink, RecordState

SUBJECTS = {name: subject for subject, name in OBJECTS.items() if subject != "lead"}
TYPE_IDS = {name: number for number, name in OBJECT_TYPES.items()}
EVENTS_A_REQUEST = 100
APP = 54_321


@dataclass(frozen=True)
class ReportedState:
    """What was reported of a record."""

    changes: int
    state: RecordState
    links: frozenset[RecordLink]


class PeerEvents:
    """Finds what happened since it was last asked, as events of HubSpot.

    Parameters
    ----------
    account
        Records.
    """

    def __init__(self, account: PeerAccount) -> None:
        self._account = account
        self._reported: dict[tuple[str, str], ReportedState] = {}
        self._numbers = count(1)

    def news(self) -> list[dict[str, Any]]:
        """Return the events since the last call, in order of time."""
        found: list[dict[str, Any]] = []
        with self._account.lock:
            for name, records in self._account.records.items():
                if name in TYPE_IDS:
                    for record in records.values():
                        found += self._of(name, record)
            for name, key in [pair for pair in self._reported if pair[1] not in self._account.of(pair[0])]:
                del self._reported[name, key]
                found.append(self._event(name, key, "privacyDeletion", self._account.clock.now()))
        return sorted(found, key=lambda event: event["occurredAt"])

    def _of(self, name: str, record: PeerRecord) -> Iterator[dict[str, Any]]:
        key = (name, record.record_id)
        links = frozenset(record.links)
        known = self._reported.get(key)
        self._reported[key] = ReportedState(len(record.history), record.state, links)
        if known is None:
            yield self._event(name, record.record_id, "creation", record.created_at, changeFlag="NEW")
            known = ReportedState(0, RecordState.LIVE, frozenset())
        for change in record.history[known.changes :]:
            source = "CRM_UI" if change.changed_by == PERSON else "INTEGRATION"
            value = "" if change.value is None else str(change.value)
            more = {"propertyName": change.field, "propertyValue": value, "changeSource": source}
            yield self._event(name, record.record_id, "propertyChange", change.valid_at, **more)
        at = record.state_at or record.modified_at
        if record.state is not known.state:
            if record.state is RecordState.MERGED:
                merged = {"primaryObjectId": int(record.merged_into), "mergedObjectIds": [int(record.record_id)]}
                yield self._event(name, record.merged_into, "merge", at, **merged)
            else:
                yield self._event(
                    name, record.record_id, "restore" if record.state is RecordState.LIVE else "deletion", at
                )
        for link in links ^ known.links:
            kind = f"{SUBJECTS.get(name, name)}_to_{SUBJECTS.get(link.to_object, link.to_object)}".upper()
            ends = {"fromObjectId": int(record.record_id), "toObjectId": int(link.to_id), "associationType": kind}
            removed = {"associationRemoved": link not in links, "isPrimaryAssociation": link.label == "primary"}
            now = self._account.clock.now()
            yield self._event(name, record.record_id, "associationChange", now, **ends, **removed)

    def _event(self, name: str, key: str, kind: str, at: datetime, **more: Any) -> dict[str, Any]:
        subject = SUBJECTS.get(name, "object")
        about: dict[str, Any] = {} if kind == "associationChange" else {"objectId": int(key)}
        if subject == "object":
            about["objectTypeId"] = TYPE_IDS[name]
        return {
            "eventId": next(self._numbers),
            "subscriptionId": 12_345,
            "portalId": 62_515,
            "appId": APP,
            "occurredAt": int(milliseconds(at)),
            "subscriptionType": f"{subject}.{kind}",
            "attemptNumber": 0,
            "changeSource": "CRM_UI",
            **about,
            **more,
        }


def signed_headers(secret: str, url: str, body: bytes, at: datetime) -> Mapping[str, str]:
    """Return the headers of a request with events."""
    timestamp = milliseconds(at)
    return {
        "Content-Type": "application/json",
        SIGNATURE: sign(secret, "POST", url, body, timestamp),
        TIMESTAMP: timestamp,
    }
