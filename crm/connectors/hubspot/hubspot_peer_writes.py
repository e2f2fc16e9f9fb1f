"""Reading by id, writing, merging and erasing in the local HubSpot peer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.connectors.hubspot.hubspot_peer_faults import HubSpotPeerError, invalid
from crm.connectors.hubspot.hubspot_peer_objects import GONE, Json, PeerObjects, batch_answer
from crm.sandbox.peer_account import PeerAccount, PeerRecord
from leadworth.crm_records import RecordState

BATCH = 100
HISTORY_BATCH = 50


class PeerBatches:
    """Batches of requests for records.

    Parameters
    ----------
    account
        Records.
    objects
        The records as HubSpot shows them.

    Attributes
    ----------
    api_user
        User of the token, the author of its writes.
    strict
        A value that is not valid refuses the whole batch, not only its row.
    row_faults
        Id of a record -> categories with which its next writes fail.
    merge_makes_new_id
        The survivor of a merge gets a new id.
    erased
        Ids of contacts that were erased for privacy.
    """

    def __init__(self, account: PeerAccount, objects: PeerObjects) -> None:
        self._account, self._objects = account, objects
        self.api_user = "77"
        self.strict = True
        self.row_faults: dict[str, list[str]] = {}
        self.merge_makes_new_id = False
        self.erased: list[str] = []

    def read(self, object_name: str, body: Mapping[str, Any], *, archived: bool) -> Json:
        """Answer to a batch read; ids that are not found are errors in the body."""
        history = body.get("propertiesWithHistory") or []
        inputs = _inputs(body, HISTORY_BATCH if history else BATCH)
        states = GONE if archived else (RecordState.LIVE,)
        results, missing = [], []
        for item in inputs:
            record = self._account.of(object_name).get(str(item["id"]))
            if record is not None and record.state in states:
                results.append(self._objects.item(object_name, record, body.get("properties") or (), history))
            else:
                missing.append(str(item["id"]))
        errors = [_row_error("OBJECT_NOT_FOUND", "Could not get some objects", {"ids": missing})] if missing else []
        return batch_answer(results, errors)

    def update(self, object_name: str, body: Mapping[str, Any]) -> Json:
        """Answer to a batch update."""
        inputs = _inputs(body, BATCH)
        ids = [str(item["id"]) for item in inputs]
        if len(set(ids)) < len(ids):
            raise invalid("Duplicate IDs found in batch input")
        rules = self._objects.rules_of(object_name)
        faults = {str(item["id"]): rules.faults(item.get("properties") or {}) for item in inputs}
        if not self.strict:
            unknown = [item for found in faults.values() for item in found if item["code"] == "PROPERTY_DOESNT_EXIST"]
        else:
            unknown = [item for found in faults.values() for item in found]
        if unknown:
            raise invalid("Property values were not valid", errors=unknown)
        results, errors = [], []
        for item in inputs:
            key, trace = str(item["id"]), item.get("objectWriteTraceId")
            context = {"ids": [key], **({"objectWriteTraceId": [trace]} if trace else {})}
            record = self._account.of(object_name).get(key)
            if self.row_faults.get(key):
                category = self.row_faults[key].pop(0)
                errors.append(_row_error(category, category, context))
            elif record is None or record.state is not RecordState.LIVE:
                errors.append(_row_error("OBJECT_NOT_FOUND", "Could not find the object", context))
            elif faults[key]:
                errors.append({**_row_error("VALIDATION_ERROR", "not valid", context), "errors": faults[key]})
            else:
                values = {name: rules.stored(name, value) for name, value in item["properties"].items()}
                self._account.write(object_name, key, values, by=self.api_user)
                shown = self._objects.item(object_name, record, list(values))
                results.append({**shown, **({"objectWriteTraceId": trace} if trace else {})})
        return batch_answer(results, errors)

    def merge(self, object_name: str, body: Mapping[str, Any]) -> Json:
        """Answer to a merge; the survivor keeps its id, or gets a new one."""
        kept = self._live(object_name, str(body["primaryObjectId"]))
        lost = self._live(object_name, str(body["objectIdToMerge"]))
        survivor = kept.record_id
        if self.merge_makes_new_id:
            survivor = self._account.create(object_name, kept.values, at=kept.created_at)
            self._account.merge(object_name, survivor, kept.record_id)
        self._account.merge(object_name, survivor, lost.record_id)
        return self._objects.item(object_name, self._account.of(object_name)[survivor], ["hs_merged_object_ids"])

    def erase(self, object_name: str, body: Mapping[str, Any]) -> Json:
        """Erase a contact for privacy: nothing of it stays, not even in the recycle bin."""
        key = str(body["objectId"])
        with self._account.lock:
            self._live(object_name, key)
            del self._account.of(object_name)[key]
            self.erased.append(key)
        return {}

    def _live(self, object_name: str, key: str) -> PeerRecord:
        record = self._account.of(object_name).get(key)
        if record is None or record.state is not RecordState.LIVE:
            raise HubSpotPeerError(404, "OBJECT_NOT_FOUND", f"Object {key} not found")
        return record


def _inputs(body: Mapping[str, Any], most: int) -> list[Json]:
    inputs = list(body.get("inputs") or [])
    if not 0 < len(inputs) <= most:
        raise invalid(f"{len(inputs)} inputs; 1 to {most} are allowed")
    return inputs


def _row_error(category: str, message: str, context: Mapping[str, Any]) -> Json:
    error = {"status": "error", "category": category, "message": message, "context": dict(context)}
    return {**error, "errors": [], "links": {}}
