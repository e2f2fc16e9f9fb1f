"""Former stages of deals, from their timelines: one request a deal, so only of closed ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from crm.connectors.zoho.zoho_api import ZohoApi
from crm.connectors.zoho.zoho_reading import ZohoReader
from crm.connectors.zoho.zoho_values import CREATED, MODIFIED, read_time, value_of
from leadworth.crm_records import FieldChange

STAGE = "Stage"


def stage_changes(
    api: ZohoApi, reader: ZohoReader, module: str, ids: Sequence[str], closed: Collection[str], days: float
) -> Iterator[FieldChange]:
    """Yield the stages of closed deals over time, from the one at creation to the present one.

    Of an open deal only the present stage is known until it is closed.

    Parameters
    ----------
    closed
        Stages that mean won or lost.
    days
        Deals that did not change for more days are left out.
    """
    since = datetime.now(UTC) - timedelta(days=days)
    for key, row in reader.by_ids(module, ids, [STAGE]).items():
        modified = read_time(row.get(MODIFIED))
        if row.get(STAGE) in closed and modified is not None and modified >= since:
            yield from _changes(module, key, row, list(_entries(api, module, key)))


def _entries(api: ZohoApi, module: str, key: str) -> Iterator[Mapping[str, Any]]:
    """Yield the entries of a record's timeline."""
    more: dict[str, str] = {}
    while True:
        answer = api.get(f"{module}/{key}/__timeline", {"per_page": "200", **more})
        yield from answer.get("__timeline") or ()
        info = answer.get("info") or {}
        if not (info.get("more_records") and info.get("next_page_token")):
            return
        more = {"page_token": str(info["next_page_token"])}


def _changes(
    module: str, key: str, row: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]
) -> Iterator[FieldChange]:
    """Yield the stages of one deal in order of time."""
    found = sorted(
        (
            (at, number, item.get("_value") or {}, str((entry.get("done_by") or {}).get("id") or ""))
            for number, entry in enumerate(reversed(entries))  # newest first; two may have the same time
            for item in entry.get("field_history") or ()
            if item.get("api_name") == STAGE and (at := read_time(entry.get("audited_time"))) is not None
        ),
        key=lambda change: change[:2],
    )
    created = read_time(row.get(CREATED))
    first = found[0][2].get("old") if found else row.get(STAGE)
    if created is not None and first:
        yield FieldChange(module, key, STAGE, value_of(first, "picklist"), created)
    for at, _, value, by in found:
        if value.get("new"):
            yield FieldChange(module, key, STAGE, value_of(value["new"], "picklist"), at, by)
