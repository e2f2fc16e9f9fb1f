"""What no stream of changes shows: records that vanished, associations, and whether the counts agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from crm.connector import Connector
from crm.page_store import PageStore
from crm.stream_state import StreamState
from leadworth.crm_catalog import ObjectRole
from store.crm_cursors import StreamCursor
from store.mirror_scope import PRESENT

SWEEP, LINKS = "sweep", "links"
INTERVAL = timedelta(days=7)
_ROWS = 1_000
"""Records whose associations are read together: the most that one request takes."""
_LINKED_ROLES = (ObjectRole.LEAD, ObjectRole.DEAL, ObjectRole.PERSON, ObjectRole.COMPANY)


class MirrorSweeps:
    """Weekly sweeps of one CRM.

    Parameters
    ----------
    connector
        Connection with the CRM.
    state
        Cursors of the CRM.
    clock
        Returns the present time.
    """

    def __init__(self, connector: Connector, state: StreamState, clock: Callable[[], datetime]) -> None:
        self._connector = connector
        self._state = state
        self._clock = clock

    def skip(self, object_name: str, *, ids: bool) -> None:
        """Record that all associations of an object were just read, and with `ids` that all removals are known."""
        for stream in (SWEEP, LINKS) if ids else (LINKS,):
            cursor = self._state.of(object_name, stream)
            if cursor.at is None and cursor.window_end is None:
                self._state.save_now(StreamCursor(object_name, stream, self._clock()))

    def require(self, object_name: str) -> None:
        """Make the sweep of ids due, also for the next run if this one is killed."""
        self._state.save_now(replace(self._state.of(object_name, SWEEP), window_end=self._clock()))

    def sweep_ids(self, pages: PageStore, *, force: bool) -> bool:
        """Compare all ids with the mirror once a week; read those that are on one side only. Return whether it was due.

        Ids that the CRM does not list are read one by one before they count as gone.
        """
        name = pages.object
        if not (force or self._due(name, SWEEP)):
            return False
        started = self._clock()
        with pages.engine.connect() as connection:
            here = pages.mirror(connection).ids(name)
        unseen = set(here)
        for ids in self._connector.ids(name):
            unseen.difference_update(ids)
            unknown = [key for key in ids if key not in here]
            self._read_again(pages, unknown)
        self._read_again(pages, sorted(unseen))
        self._state.save_now(StreamCursor(name, SWEEP, started))
        return True

    def sweep_links(self, pages: PageStore, *, force: bool) -> None:
        """Read the associations of all records again once a week; a sweep that is killed goes on where it was."""
        name = pages.object
        item = self._connector.info.objects[name]
        cursor = self._state.of(name, LINKS)
        if not item.links or item.role not in _LINKED_ROLES:
            return
        if cursor.window_end is None:
            if not (force or self._due(name, LINKS)):
                return
            cursor = self._state.save_now(replace(cursor, window_end=self._clock(), bookmark=""))
        for ids in _after(pages, cursor.bookmark):
            pages.store_links(ids, self._clock(), partial(self._state.save, replace(cursor, bookmark=ids[-1])))
        self._state.save_now(StreamCursor(name, LINKS, cursor.window_end))

    def count(self, pages: PageStore) -> tuple[int, int] | None:
        """Return the number of records in the CRM and in the mirror; None where the CRM cannot count."""
        if pages.dry or (there := self._connector.count(pages.object)) is None:
            return None
        with pages.engine.connect() as connection:
            states = pages.mirror(connection).counts().get(pages.object, {})
        return there, sum(states.get(state, 0) for state in PRESENT)

    def _due(self, object_name: str, stream: str) -> bool:
        cursor = self._state.of(object_name, stream)
        return cursor.at is None or cursor.window_end is not None or self._clock() - cursor.at >= INTERVAL

    def _read_again(self, pages: PageStore, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), _ROWS):
            part = ids[start : start + _ROWS]
            records = self._connector.read(pages.object, part, pages.fields.asked)
            pages.store(records, self._clock(), lambda _: None)


def _after(pages: PageStore, bookmark: str) -> Iterator[list[str]]:
    """Yield the ids of the records after a bookmark, in order, in lists."""
    with pages.engine.connect() as connection:
        ids = sorted(key for key in pages.mirror(connection).ids(pages.object) if key > bookmark)
    for start in range(0, len(ids), _ROWS):
        yield ids[start : start + _ROWS]
