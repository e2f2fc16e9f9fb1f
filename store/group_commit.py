"""Group commit: one thread writes the entries of concurrent requests in one transaction."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import DataError, IntegrityError

from store import decision_log, idempotency_records, outbox, store_metrics, velocity_events
from store.migrate import upgrade
from store.spool import Spool, StoreEntry, joined

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = structlog.get_logger()

PATIENCE_SECONDS = 1.0
RETRY_SECONDS = 2.0
CLEANUP_SECONDS = 3600.0
QUEUE_LIMIT = 100_000
GROUP_LIMIT = 1_000


class WriteResult(Enum):
    """Result of writing an entry."""

    COMMITTED = "committed"
    WAITING = "waiting"
    """The database is unavailable or slow; the entry waits in memory or in the spool."""
    REPEATED = "repeated"
    """Another process has stored a response for this Idempotency-Key; nothing was written."""
    LOST = "lost"
    """Neither the database nor the spool accepted it; counted and logged."""


Pending = tuple[StoreEntry, asyncio.AbstractEventLoop, "asyncio.Future[WriteResult]"]


class GroupCommitWriter:
    """Commit entries in groups, on a separate thread.

    While the database is unavailable, entries go to the spool; they are written as soon as it answers
    again. Every row has a unique id, so writing one twice is safe.

    Parameters
    ----------
    engine
        Store engine.
    spool
        Where entries wait while the database is unavailable.
    answer_hours
        Retention time of idempotency records.
    """

    def __init__(self, engine: Engine, spool: Spool, answer_hours: float) -> None:
        self._engine = engine
        self._spool = spool
        self._answer_hours = answer_hours
        self._queue: deque[Pending] = deque()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._stopping = False
        self._retry_at = 0.0
        self._cleanup_at = 0.0
        self.away: str | None = "not connected yet"
        self.writer = velocity_events.new_writer()

    def start(self) -> None:
        """Migrate the database and write the spool of earlier processes; go on without it if it is unavailable."""
        self._recover()
        self._thread.start()

    def stop(self) -> None:
        """Write the queue, and end the thread."""
        self._stopping = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._spool.release()

    @property
    def waiting(self) -> int:
        """Entries in the queue."""
        return len(self._queue)

    async def keep(self, entry: StoreEntry) -> WriteResult:
        """Write an entry; return as soon as it is committed, or after a second at the latest.

        Raises nothing: an entry that is not committed is `WriteResult.WAITING` or `WriteResult.LOST`.
        """
        if len(self._queue) >= QUEUE_LIMIT:
            _lost(entry, "too many rows wait")
            return WriteResult.LOST
        loop = asyncio.get_running_loop()
        future: asyncio.Future[WriteResult] = loop.create_future()
        self._queue.append((entry, loop, future))
        if len(self._queue) == 1:  # after concurrent requests, so that one commit covers them all
            loop.call_soon(self._wake.set)
        if self.away is not None:
            return WriteResult.WAITING
        timeout = loop.call_later(PATIENCE_SECONDS, _set_result, future, WriteResult.WAITING)
        try:
            return await future
        finally:
            timeout.cancel()

    def _run(self) -> None:
        while not (self._stopping and not self._queue):
            self._wake.wait(RETRY_SECONDS)
            self._wake.clear()
            if self.away is not None and time.monotonic() >= self._retry_at:
                self._recover()
            while self._queue:
                self._write([self._queue.popleft() for _ in range(min(len(self._queue), GROUP_LIMIT))])
            store_metrics.WAITING.set(0)
            if self.away is None and time.monotonic() >= self._cleanup_at:
                self._clean_up()

    def _write(self, group: Sequence[Pending]) -> None:
        store_metrics.WAITING.set(len(group) + len(self._queue))
        entries = [entry for entry, _, _ in group]
        try:
            results = self._commit(entries, self.writer) if self.away is None else self._spool_entries(entries)
        except (DataError, IntegrityError):
            results = [self._commit_alone(entry, self.writer) for entry in entries]
        except Exception as error:  # of any kind: the rows must not be lost and the thread must go on
            self._mark_away(error)
            results = self._spool_entries(entries)
        _resolve(group, results)

    def _commit(self, entries: Sequence[StoreEntry], writer: int) -> list[WriteResult]:
        results: list[WriteResult] = []
        first: list[StoreEntry] = []
        with self._engine.begin() as connection:
            for entry in entries:
                if entry.answer is None or idempotency_records.keep(connection, entry.answer, self._answer_hours):
                    first.append(entry)
                    results.append(WriteResult.COMMITTED)
                else:
                    results.append(WriteResult.REPEATED)
            group = joined(first)
            if group.rows:
                decision_log.insert(connection, group.rows)
            outbox.add(connection, group.outbox)
            # Last, because the writers of other processes wait for the commit from here on.
            velocity_events.insert(connection, group.velocity, writer)
        store_metrics.ROWS.labels("committed").inc(len(group.rows))
        return results

    def _commit_alone(self, entry: StoreEntry, writer: int) -> WriteResult:
        """Commit one entry of a group in which the database refused a value."""
        try:
            return self._commit([entry], writer)[0]
        except (DataError, IntegrityError) as error:
            _lost(entry, type(error).__name__)
            return WriteResult.LOST

    def _spool_entries(self, entries: Sequence[StoreEntry]) -> list[WriteResult]:
        try:
            self._spool.append(entries)
        except OSError as error:
            for entry in entries:
                _lost(entry, type(error).__name__)
            return [WriteResult.LOST] * len(entries)
        store_metrics.ROWS.labels("spooled").inc(sum(len(entry.rows) for entry in entries))
        return [WriteResult.WAITING] * len(entries)

    def _recover(self) -> None:
        try:
            upgrade(self._engine)
            flushed = self._spool.drain(self._commit_each_if_refused)
        except Exception as error:  # tried again later; until then rows go to the spool
            self._mark_away(error)
            return
        if flushed:
            log.info("spool written to the store", entries=flushed)
        self.away = None
        store_metrics.DEGRADED.labels("store").set(0)

    def _commit_each_if_refused(self, entries: Sequence[StoreEntry]) -> None:
        try:
            self._commit(entries, velocity_events.NO_WRITER)
        except (DataError, IntegrityError):
            for entry in entries:
                self._commit_alone(entry, velocity_events.NO_WRITER)

    def _mark_away(self, error: Exception) -> None:
        if self.away is None or self._retry_at == 0.0:
            log.error("store is away", error=type(error).__name__)
        self.away = type(error).__name__
        self._retry_at = time.monotonic() + RETRY_SECONDS
        store_metrics.DEGRADED.labels("store").set(1)

    def _clean_up(self) -> None:
        self._cleanup_at = time.monotonic() + CLEANUP_SECONDS
        try:
            with self._engine.begin() as connection:
                idempotency_records.forget(connection, self._answer_hours)
                velocity_events.forget(connection)
        except Exception as error:  # the next write shows whether the database is unavailable
            log.warning("expired rows not deleted", error=type(error).__name__)


def _set_result(future: asyncio.Future[WriteResult], result: WriteResult) -> None:
    if not future.done():
        future.set_result(result)


def _set_results(pairs: Sequence[tuple[asyncio.Future[WriteResult], WriteResult]]) -> None:
    for future, result in pairs:
        _set_result(future, result)


def _resolve(group: Sequence[Pending], results: Sequence[WriteResult]) -> None:
    """Set the results of a group's futures, with one call per event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[WriteResult], WriteResult]]] = {}
    for (_, loop, future), result in zip(group, results, strict=True):
        by_loop.setdefault(loop, []).append((future, result))
    for loop, pairs in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(_set_results, pairs)


def _lost(entry: StoreEntry, why: str) -> None:
    store_metrics.ROWS.labels("lost").inc(len(entry.rows))
    log.error("decision rows lost", rows=[row["decision_id"] for row in entry.rows[:10]], why=why)
