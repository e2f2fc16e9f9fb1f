"""Webhooks, version 2, of the local Pipedrive peer."""

from __future__ import annotations

from datetime import UTC
from itertools import count
from typing import Any
from uuid import uuid4

from crm.connectors.pipedrive.pipedrive_peer_account import CUSTOM_KEY, PRESENT_STATES, PipedriveAccount
from crm.connectors.pipedrive.pipedrive_peer_views import PeerViews
from crm.sandbox.peer_account import PeerRecord
from leadworth.crm_records import RecordState

ENTITIES = {"leads": "lead", "deals": "deal", "persons": "person", "organizations": "organization"}


class PipedrivePeerEvents:
    """What happened in an account since the last look.

    Parameters
    ----------
    account
        Records.
    views
        Shows the records.
    api_user
        User of the token.
    """

    def __init__(self, account: PipedriveAccount, views: PeerViews, api_user: str) -> None:
        self._account, self._views, self._api_user = account, views, api_user
        self._seen: dict[tuple[str, str], tuple[int, bool]] = {}
        self._numbers = count(1)

    def news(self) -> list[dict[str, Any]]:
        """Return the events since the last call; a record that was created has two, created and changed."""
        found: list[dict[str, Any]] = []
        for object_name in ENTITIES:
            for key, record in self._account.of(object_name).items():
                gone = record.state not in PRESENT_STATES or key in self._account.converted
                before = self._seen.get((object_name, key))
                known, was_gone = before or (0, False)
                changed = record.history[known:]
                if before is None and not gone:
                    found.append(self._event("create", object_name, record, None))
                if changed and not gone:
                    found.append(self._event("change", object_name, record, self._previous(record, known)))
                if gone and not was_gone and before is not None:
                    found.append(self._event("delete", object_name, record, None))
                self._seen[object_name, key] = (len(record.history), gone)
        return found

    def _previous(self, record: PeerRecord, known: int) -> dict[str, Any]:
        """Return the values before the changes, custom ones apart."""
        former = {change.field: change.value for change in record.history[:known]}
        names = {change.field for change in record.history[known:]}
        custom = {name: former.get(name) for name in names if CUSTOM_KEY.fullmatch(name)}
        own = {name: former.get(name) for name in names if name not in custom}
        return {**own, "update_time": None, **({"custom_fields": custom} if custom else {})}

    def _event(
        self, action: str, object_name: str, record: PeerRecord, previous: dict[str, Any] | None
    ) -> dict[str, Any]:
        by_api = record.modified_by == self._api_user
        moment = (record.state_at if action == "delete" else None) or record.modified_at
        meta = {
            "action": action,
            "entity": ENTITIES[object_name],
            "entity_id": record.record_id,
            "company_id": "1",
            "user_id": record.modified_by if by_api else "2",
            "change_source": "api" if by_api else "app",
            "correlation_id": str(uuid4()),
            "timestamp": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z",
            "attempt": 1,
            "id": str(next(self._numbers)),
            "version": "2.0",
        }
        if action == "delete" and record.state is RecordState.MERGED:
            meta["merged_to_id"] = record.merged_into
        data = None if action == "delete" else self._views.show(object_name, record)
        return {"meta": meta, "data": data, "previous": previous}
