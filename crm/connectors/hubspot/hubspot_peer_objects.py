"""Reading from the local HubSpot peer: records, lists, searches, associations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from crm.connectors.hubspot.hubspot_peer_faults import HubSpotLimits, invalid
from crm.connectors.hubspot.hubspot_peer_properties import PropertyRules, default_rules, show_time, shown
from crm.connectors.hubspot.hubspot_values import milliseconds, read_time
from crm.sandbox.peer_account import PERSON, PeerAccount, PeerRecord
from crm.sandbox.record_order import id_order
from leadworth.crm_records import RecordState

Json = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GONE = (RecordState.DELETED, RecordState.ARCHIVED)
ASSOCIATION_TYPES = {
    ("contacts", "companies"): (279, 1), ("companies", "contacts"): (280, 2),
    ("contacts", "deals"): (4, 4), ("deals", "contacts"): (3, 3),
    ("deals", "companies"): (341, 5), ("companies", "deals"): (342, 6),
}  # fmt: skip
"""Number of an association, and of the primary one."""


class PeerObjects:
    """Records of the account as HubSpot shows them.

    Parameters
    ----------
    account
        Records.
    limits
        Limits.

    Attributes
    ----------
    rules
        Object -> its properties.
    """

    def __init__(self, account: PeerAccount, limits: HubSpotLimits) -> None:
        self._account, self._limits = account, limits
        self.rules: dict[str, PropertyRules] = {}
        self._order = id_order(account)

    def rules_of(self, object_name: str) -> PropertyRules:
        """Return the properties of an object."""
        if object_name not in self.rules:
            self.rules[object_name] = default_rules(object_name)
        return self.rules[object_name]

    def item(
        self, object_name: str, record: PeerRecord, properties: Sequence[str], history: Sequence[str] = ()
    ) -> Json:
        """Return a record as in an answer; properties that do not exist are left out."""
        rules = self.rules_of(object_name)
        values = self.values(record)
        standard = ("hs_object_id", *(("createdate", "lastmodifieddate") if object_name == "contacts" else ()))
        rules.note(name for name in properties if name in record.values)
        names = [name for name in dict.fromkeys((*standard, *properties, *history)) if rules.exists(name)]
        found: Json = {
            "id": record.record_id,
            "properties": {name: shown(values.get(name), rules.kind(name)) for name in names},
            "createdAt": show_time(record.created_at),
            "updatedAt": show_time(record.modified_at),
            "archived": record.state in GONE,
        }
        if record.state in GONE and record.state_at is not None:
            found["archivedAt"] = show_time(record.state_at)
        if history:
            found["propertiesWithHistory"] = {
                name: self._versions(object_name, record, name) for name in history if rules.exists(name)
            }
        return found

    def values(self, record: PeerRecord) -> Json:
        """Return all values of a record, with those that HubSpot sets itself."""
        created, changed = show_time(record.created_at), show_time(record.modified_at)
        merged = ";".join(record.absorbed) or None
        return {
            **record.values,
            "hs_object_id": record.record_id,
            "createdate": created,
            "hs_createdate": created,
            "lastmodifieddate": changed,
            "hs_lastmodifieddate": changed,
            "hs_merged_object_ids": merged,
            "hs_updated_by_user_id": None if record.modified_by == PERSON else record.modified_by,
        }

    def get(self, object_name: str, record_id: str) -> PeerRecord | None:
        """Return a record by its id, or the survivor by the id of one that it absorbed."""
        record = self._account.of(object_name).get(record_id)
        while record is not None and record.state is RecordState.MERGED:
            record = self._account.of(object_name).get(record.merged_into)
        return record

    def page(self, object_name: str, query: Mapping[str, str]) -> Json:
        """Answer to a list."""
        properties, history = _names(query.get("properties")), _names(query.get("propertiesWithHistory"))
        limit, most = int(query.get("limit", "10")), 50 if history else 100
        if not 0 < limit <= most:
            raise invalid(f"Invalid limit: {limit}. The maximum is {most}" + (" with history" if history else ""))
        if not query.get("after", "0").isdecimal():
            raise invalid("The after parameter is not valid")
        states = GONE if query.get("archived", "").lower() == "true" else (RecordState.LIVE,)
        found: list[PeerRecord] = []
        more = False
        for record in self._order.after(object_name, int(query.get("after", "0"))):
            if record.state in states:
                more = len(found) == limit
                if more:
                    break
                found.append(record)
        answer: Json = {"results": [self.item(object_name, record, properties, history) for record in found]}
        if more:
            answer["paging"] = {"next": {"after": found[-1].record_id, "link": "https://api.hubapi.com"}}
        return answer

    def search(self, object_name: str, body: Mapping[str, Any]) -> Json:
        """Answer to a search, which does not see the last changes."""
        limit, after = int(body.get("limit", 10)), int(body.get("after") or 0)
        groups = body.get("filterGroups") or []
        sizes = [len(group.get("filters") or ()) for group in groups]
        if not 0 < limit <= 200:
            raise invalid(f"Invalid limit {limit}: the maximum is 200")
        if after + limit > self._limits.results:
            raise invalid(f"Paging beyond {self._limits.results} results is not supported")
        if len(groups) > 5 or any(size > 10 for size in sizes) or sum(sizes) > 25:
            raise invalid("Too many filters: 5 groups, 10 in a group and 25 in all are allowed")
        tests = [[self._filter(object_name, item) for item in group["filters"]] for group in groups]
        least = min((_least_id(group) for group in groups), default=0)
        now = self._account.clock.now()
        found = [
            record
            for record in self._order.after(object_name, least)
            if record.state is RecordState.LIVE
            and record.visible_at <= now
            and (not tests or any(all(test(record) for test in group) for group in tests))
        ]
        for sort in reversed(body.get("sorts") or []):
            self._sort(object_name, found, sort)
        page = found[after : after + limit]
        names = body.get("properties") or ()
        answer: Json = {"total": len(found), "results": [self.item(object_name, record, names) for record in page]}
        if after + limit < len(found):
            answer["paging"] = {"next": {"after": str(after + limit)}}
        return answer

    def associations(self, from_object: str, to_object: str, body: Mapping[str, Any]) -> Json:
        """Answer to a batch read of associations; records without any are absent."""
        inputs = body.get("inputs") or []
        if not 0 < len(inputs) <= 1_000:
            raise invalid(f"{len(inputs)} inputs; 1 to 1000 are allowed")
        results = []
        for item in inputs:
            record = self._account.of(from_object).get(str(item["id"]))
            targets = [] if record is None or record.state is not RecordState.LIVE else self._targets(record, to_object)
            start = int(item.get("after") or 0)
            shown_targets = targets[start : start + self._limits.targets]
            if not shown_targets:
                continue
            types = ASSOCIATION_TYPES.get((from_object, to_object), (0, 0))
            result: Json = {
                "from": {"id": str(item["id"])},
                "to": [{"toObjectId": key, "associationTypes": _types(labels, types)} for key, labels in shown_targets],
            }
            if start + self._limits.targets < len(targets):
                result["paging"] = {"next": {"after": str(start + self._limits.targets)}}
            results.append(result)
        return batch_answer(results, [])

    def _targets(self, record: PeerRecord, to_object: str) -> list[tuple[str, set[str]]]:
        labels: dict[str, set[str]] = {}
        for link in record.links:
            target = self._account.of(to_object).get(link.to_id)
            if link.to_object == to_object and target is not None and target.state is RecordState.LIVE:
                labels.setdefault(link.to_id, set()).add(link.label)
        return sorted(labels.items(), key=lambda pair: int(pair[0]))

    def _versions(self, object_name: str, record: PeerRecord, name: str) -> list[Json]:
        limits, kind = self._limits, self.rules_of(object_name).kind(name)
        kept = limits.contact_versions if object_name == "contacts" else limits.versions
        changes = sorted((change for change in record.history if change.field == name), key=lambda item: item.valid_at)
        return [
            {
                "value": shown(change.value, kind) or "",
                "timestamp": show_time(change.valid_at),
                "sourceType": "CRM_UI" if change.changed_by == PERSON else "INTEGRATION",
                "sourceId": change.changed_by,
            }
            for change in reversed(changes[-kept:])
        ]

    def _sort(self, object_name: str, found: list[PeerRecord], sort: Mapping[str, Any]) -> None:
        """Sort records, which are in order of id already."""
        name, down = str(sort["propertyName"]), sort.get("direction") == "DESCENDING"
        self._known(object_name, name)
        if name != "hs_object_id":
            found.sort(key=lambda record: str(self.values(record).get(name) or ""), reverse=down)
        elif down:
            found.reverse()

    def _known(self, object_name: str, name: str) -> None:
        if not self.rules_of(object_name).exists(name):
            raise invalid(f"There was a problem with the request: property {name} does not exist")

    def _filter(self, object_name: str, item: Mapping[str, Any]) -> Callable[[PeerRecord], bool]:
        name, operator = str(item["propertyName"]), str(item["operator"])
        self._known(object_name, name)
        # The fast way for the usual filters.
        if name in ("lastmodifieddate", "hs_lastmodifieddate") and operator in ("GTE", "LT"):
            return _modified(int(item["value"]), later=operator == "GTE")
        if name == "hs_object_id" and operator == "GT":
            least = int(item["value"])
            return lambda record: int(record.record_id) > least
        kind = self.rules_of(object_name).kind(name)

        def test(record: PeerRecord) -> bool:
            value = shown(self.values(record).get(name), kind)
            if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
                return (value is not None) == (operator == "HAS_PROPERTY")
            if operator in ("IN", "NOT_IN"):
                return (value in item["values"]) == (operator == "IN")
            if value is None:
                return operator == "NEQ"
            return COMPARISONS[operator](_ordered(value, kind), _ordered(str(item["value"]), kind))

        if operator not in (*COMPARISONS, "HAS_PROPERTY", "NOT_HAS_PROPERTY", "IN", "NOT_IN"):
            raise invalid(f"operator {operator} is not supported")
        return test


def _modified(bound: int, *, later: bool) -> Callable[[PeerRecord], bool]:
    """Return the test of a modified time against milliseconds: at or after them, or before."""
    moment = _EPOCH + timedelta(milliseconds=bound)

    def test(record: PeerRecord) -> bool:
        return (record.modified_at >= moment) is later

    return test


def batch_answer(results: list[Json], errors: list[Json]) -> Json:
    """Return the answer to a batch; errors are named only where there are any."""
    now = show_time(datetime.now(UTC))
    found: Json = {"status": "COMPLETE", "startedAt": now, "completedAt": now, "results": results}
    return {**found, "numErrors": len(errors), "errors": errors} if errors else found


COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda left, right: left == right,
    "NEQ": lambda left, right: left != right,
    "LT": lambda left, right: left < right,
    "LTE": lambda left, right: left <= right,
    "GT": lambda left, right: left > right,
    "GTE": lambda left, right: left >= right,
}


def _ordered(text: str, kind: str) -> Any:
    """Return a value in the order of its type; ids compare as numbers."""
    moment = read_time(text) if kind == "datetime" else None
    if moment is not None:
        return int(milliseconds(moment))
    return float(text) if text.lstrip("-").replace(".", "", 1).isdecimal() else text


def _least_id(group: Mapping[str, Any]) -> int:
    """Return the id above which all records of a group of filters are."""
    ids = [
        int(item["value"])
        for item in group["filters"]
        if item["propertyName"] == "hs_object_id" and item["operator"] == "GT"
    ]
    return max(ids, default=0)


def _names(text: str | None) -> list[str]:
    return [name for name in (text or "").split(",") if name]


def _types(labels: set[str], numbers: tuple[int, int]) -> list[Json]:
    found: list[Json] = [{"category": "HUBSPOT_DEFINED", "typeId": numbers[0], "label": None}]
    for label in sorted(labels - {""}):
        primary = label == "primary"
        number = numbers[1] if primary else 1_000 + sum(map(ord, label))
        category = "HUBSPOT_DEFINED" if primary else "USER_DEFINED"
        found.insert(0, {"category": category, "typeId": number, "label": "Primary" if primary else label})
    return found
