"""Time of the last use of API keys, written off the path of the requests."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from leadworth.errors import StoreError
from store import api_key_table

if TYPE_CHECKING:
    from store.decision_store import DecisionStore

log = structlog.get_logger()

_RESOLUTION_SECONDS = api_key_table.USE_RESOLUTION.total_seconds()


class KeyUsage:
    """Keys that were used since the last write, noted at most once an hour each.

    Parameters
    ----------
    store
        Store of the keys.
    """

    def __init__(self, store: DecisionStore) -> None:
        self._store = store
        self._noted_at: dict[str, float] = {}
        self._unwritten: set[str] = set()

    def note(self, key_id: str) -> None:
        """Note that a key was used."""
        now = time.monotonic()
        noted_at = self._noted_at.get(key_id)
        if noted_at is None or now - noted_at >= _RESOLUTION_SECONDS:
            self._noted_at[key_id] = now
            self._unwritten.add(key_id)

    async def write(self) -> None:
        """Write what was noted; what the store does not take is written by a later call."""
        if not self._unwritten or self._store.away is not None:
            return
        key_ids = sorted(self._unwritten)
        now = datetime.now(UTC)
        try:
            await self._store.write(lambda connection: api_key_table.mark_used(connection, key_ids, now))
        except StoreError as error:
            log.warning("last use of API keys not written", error=type(error).__name__)
        else:
            self._unwritten.difference_update(key_ids)
