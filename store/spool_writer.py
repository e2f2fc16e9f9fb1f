"""Thread that appends the entries of concurrent requests to the spool with one sync to the disk."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from store.spool import Spool, StoreEntry

GROUP_LIMIT = 1_000
_Waiting = tuple[StoreEntry, asyncio.AbstractEventLoop, "asyncio.Future[str | None]"]


class SpoolWriter:
    """Append entries to the spool in groups, on a thread of its own.

    Parameters
    ----------
    spool
        Spool of this process.
    """

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._queue: deque[_Waiting] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool-writer")

    async def append(self, entry: StoreEntry) -> str | None:
        """Return None when the entry is on the disk, or the kind of the error that prevented it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[str | None] = loop.create_future()
        self._queue.append((entry, loop, future))
        self._thread.submit(self._write_waiting)
        return await future

    def stop(self) -> None:
        """Write what waits, and end the thread."""
        self._thread.shutdown()

    def _write_waiting(self) -> None:
        group: list[_Waiting] = []
        while self._queue and len(group) < GROUP_LIMIT:
            group.append(self._queue.popleft())
        if not group:
            return
        errors = append_each(self._spool, [entry for entry, _, _ in group])
        for (_, loop, future), error in zip(group, errors, strict=True):
            if not loop.is_closed():
                loop.call_soon_threadsafe(_resolve, future, error)


def append_each(spool: Spool, entries: Sequence[StoreEntry]) -> list[str | None]:
    """Append entries with one sync, or, if that fails, one by one; return the kind of the error of each."""
    if not entries:
        return []
    try:
        spool.append(entries)
    except OSError as error:
        if len(entries) == 1:
            return [type(error).__name__]
        return [append_each(spool, [entry])[0] for entry in entries]
    return [None] * len(entries)


def _resolve(future: asyncio.Future[str | None], error: str | None) -> None:
    if not future.done():
        future.set_result(error)
