"""How far the streams of a CRM were read: in the store, or in memory for a dry run."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING

from store import crm_cursors
from store.crm_cursors import StreamCursor

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_FIELDS = "fields"


class StreamState:
    """Cursors of one CRM.

    Parameters
    ----------
    engine
        Migrated store.
    crm
        Name of the connector.
    clock
        Returns the present time.
    dry
        Keep all changes in memory.
    """

    def __init__(self, engine: Engine, crm: str, clock: Callable[[], datetime], *, dry: bool = False) -> None:
        self._engine = engine
        self._crm = crm
        self._clock = clock
        self._dry = dry
        with engine.connect() as connection:
            self._cursors = crm_cursors.read(connection, crm)

    def of(self, object_name: str, stream: str) -> StreamCursor:
        """Return the state of a stream."""
        return self._cursors.get((object_name, stream), StreamCursor(object_name, stream))

    def save(self, cursor: StreamCursor, connection: Connection) -> None:
        """Save the state of a stream within a transaction."""
        if not self._dry:
            crm_cursors.save(connection, self._crm, cursor, self._clock())
        self._cursors[cursor.object, cursor.stream] = cursor

    def save_now(self, cursor: StreamCursor) -> StreamCursor:
        """Save the state of a stream in a transaction of its own, and return it."""
        if not self._dry:
            with self._engine.begin() as connection:
                crm_cursors.save(connection, self._crm, cursor, self._clock())
        self._cursors[cursor.object, cursor.stream] = cursor
        return cursor

    def fields(self, object_name: str) -> set[str]:
        """Return the fields of an object that the last run read."""
        text = self.of(object_name, _FIELDS).bookmark
        return set(json.loads(text)) if text else set()

    def note_fields(self, object_name: str, names: Collection[str]) -> None:
        """Record the fields of an object that this run reads."""
        if set(names) != self.fields(object_name):
            self.save_now(StreamCursor(object_name, _FIELDS, bookmark=json.dumps(sorted(names))))
