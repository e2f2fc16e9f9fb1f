"""Stages of a deal over time, from its change log; of an open one only the present stage, which costs no request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crm.connectors.pipedrive.pipedrive_api import PipedriveApi
from crm.connectors.pipedrive.pipedrive_fields import DEALS, STAGE
from crm.connectors.pipedrive.pipedrive_reader import Item
from crm.connectors.pipedrive.pipedrive_values import read_moment
from leadworth.crm_records import FieldChange

CLOSED = ("won", "lost")


def stage_of(deal: Mapping[str, Any]) -> str | None:
    """Return `won` or `lost` for a closed deal, else the id of its stage.

    Examples
    --------
    >>> stage_of({"status": "won", "stage_id": 3}), stage_of({"status": "open", "stage_id": 3})
    ('won', '3')
    """
    if deal.get("status") in CLOSED:
        return str(deal["status"])
    return None if deal.get("stage_id") is None else str(deal["stage_id"])


def has_log(deal: Mapping[str, Any], now: datetime, days: int) -> bool:
    """Return whether the change log of a deal is read: it was closed within some days."""
    closed = closed_at(deal)
    return closed is not None and closed >= now - timedelta(days=days)


def closed_at(deal: Mapping[str, Any]) -> datetime | None:
    """Return when a closed deal was closed; None for an open one."""
    if deal.get("status") not in CLOSED:
        return None
    named = (deal.get(f"{deal['status']}_time"), deal.get("close_time"), deal.get("update_time"))
    return next((at for text in named if (at := read_moment(text)) is not None), None)


def known_changes(deal: Item) -> tuple[FieldChange, ...]:
    """Return the stages whose times the deal itself has: the last one of an open deal, and when it was closed."""
    found = []
    entered = read_moment(deal.get("stage_change_time")) or read_moment(deal.get("add_time"))
    if deal.get("stage_id") is not None and entered is not None:
        found.append(_change(deal, str(deal["stage_id"]), entered, ""))
    if (closed := closed_at(deal)) is not None:
        found.append(_change(deal, str(deal["status"]), max(closed, entered or closed), ""))
    return tuple(found)


def read_log(api: PipedriveApi, deal: Item) -> Iterator[FieldChange]:
    """Yield the stages of a deal in order of time, from its creation."""
    entries = [item for page, _ in api.listed(f"v1/deals/{deal['id']}/changelog", {}) for item in page]
    yield from stages_in(deal, list(reversed(entries)))


def stages_in(deal: Item, entries: Sequence[Mapping[str, Any]]) -> Iterator[FieldChange]:
    """Yield the stages of a deal.

    Parameters
    ----------
    deal
        The deal as it is now.
    entries
        Its changes of `stage_id` and `status`, the oldest first; others are left out.

    Examples
    --------
    >>> entry = {"field_key": "status", "old_value": "open", "new_value": "won", "time": "2026-01-09 08:00:00"}
    >>> deal = {"id": 1, "stage_id": 4, "status": "won", "add_time": "2026-01-02T08:00:00Z"}
    >>> [(change.value, str(change.valid_at)) for change in stages_in(deal, [entry])]
    [('4', '2026-01-02 08:00:00+00:00'), ('won', '2026-01-09 08:00:00+00:00')]
    """
    named = sorted(
        (entry for entry in entries if entry.get("field_key") in ("stage_id", "status")),
        key=lambda entry: str(entry.get("time", "")),
    )
    at_first: dict[str, Any] = {}
    for entry in named:
        if entry.get("old_value") not in (None, ""):
            at_first.setdefault(str(entry["field_key"]), entry["old_value"])
    state = {"status": "open", "stage_id": deal.get("stage_id"), **at_first}
    last = stage_of(state)
    created = read_moment(deal.get("add_time"))
    if last is not None and created is not None:
        yield _change(deal, last, created, "")
    for entry in named:
        state[str(entry["field_key"])] = entry.get("new_value")
        at, stage = read_moment(entry.get("time")), stage_of(state)
        if at is not None and stage is not None and stage != last:
            yield _change(deal, stage, at, str(entry.get("actor_user_id") or ""))
            last = stage
    present, closed = stage_of(deal), closed_at(deal)
    if present is not None and present != last and closed is not None:
        yield _change(deal, present, closed, "")  # created as closed, such as by an import


def _change(deal: Item, stage: str, at: datetime, by: str) -> FieldChange:
    return FieldChange(DEALS, str(deal["id"]), STAGE, stage, at, by)
