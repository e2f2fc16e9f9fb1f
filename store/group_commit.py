"""Group commit: one thread writes the entries of concurrent requests in one transaction."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import DataError, IntegrityError

from leadworth.database_faults import database_fault
from store import decision_log, idempotency_records, outbox, store_metrics, velocity_events
from store.erased_entries import without_erased
from store.migrate import upgrade
from store.retention import delete_expired
from store.row_repair import storable, without_optional_text
from store.spool import Spool, StoreEntry, joined
from store.spool_writer import SpoolWriter

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from leadworth.retention_settings import RetentionSettings

log = structlog.get_logger()

PATIENCE_SECONDS = 1.0
RETRY_SECONDS = 2.0
CLEANUP_SECONDS = 86_400.0
QUEUE_LIMIT = 100_000
GROUP_LIMIT = 1_000
SLOW = "slow"
REFUSED_VALUES = (DataError, IntegrityError, UnicodeError, OverflowError)
"""Errors of a value, not of the database; drivers raise the last two for lone surrogates and huge integers."""


class WriteResult(Enum):
    """Result of writing an entry."""

    COMMITTED = "committed"
    SPOOLED = "spooled"
    """The database is unavailable or slow; the entry is in the spool, synced to the disk."""
    REPEATED = "repeated"
    """Another process has stored a response for this Idempotency-Key; nothing was written."""
    LOST = "lost"
    """Neither the database nor the spool accepted it; counted and logged."""


@dataclass(eq=False)
class PendingEntry:
    """An entry that waits for its commit; `withdrawn` once it went to the spool instead."""

    entry: StoreEntry
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[WriteResult]
    withdrawn: bool = False


class GroupCommitWriter:
    """Commit entries in groups, on a separate thread.

    An entry that is not committed within a second goes to the spool, as all later ones do until the database answers
    again and the spool is written. Every row has a unique id, so writing one twice is safe.

    Parameters
    ----------
    engine
        Store engine.
    spool
        Where entries wait while the database is unavailable.
    retention
        Section `[retention]`: what is older is deleted once a day.
    """

    def __init__(self, engine: Engine, spool: Spool, retention: RetentionSettings) -> None:
        self._engine = engine
        self._spool = spool
        self._retention = retention
        self._spool_writer = SpoolWriter(spool)
        self._queue: deque[PendingEntry] = deque()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._stopping = False
        self._retry_at = 0.0
        self._cleanup_at = 0.0
        self.away: str | None = "not connected yet"
        self.spool_error: str | None = None
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
        self._spool_writer.stop()
        self._spool.release()

    @property
    def spooled(self) -> bool:
        """Whether rows of this process wait on the disk."""
        return self._spool.holds_entries

    @property
    def waiting(self) -> int:
        """Entries in the queue."""
        return len(self._queue)

    async def keep(self, entry: StoreEntry) -> WriteResult:
        """Write an entry; return as soon as it is committed, or, after a second at the latest, spooled.

        Raises nothing: an entry that neither the database nor the spool accepts is `WriteResult.LOST`.
        """
        if self.away is not None or len(self._queue) >= QUEUE_LIMIT:
            return await self._to_spool(entry)
        loop = asyncio.get_running_loop()
        pending = PendingEntry(entry, loop, loop.create_future())
        self._queue.append(pending)
        if len(self._queue) == 1:  # after concurrent requests, so that one commit covers them all
            loop.call_soon(self._wake.set)
        timeout = loop.call_later(PATIENCE_SECONDS, _set_result, pending.future, WriteResult.SPOOLED)
        try:
            result = await pending.future
        finally:
            timeout.cancel()
        if result is not WriteResult.SPOOLED:
            return result
        pending.withdrawn = True
        self.mark_slow()
        return await self._to_spool(entry)

    def mark_slow(self) -> None:
        """Note that the database did not answer in time; from now on entries go to the spool until it does."""
        if self.away is None:
            log.error("store is away", error=SLOW)
            self.away = SLOW
            self._retry_at = time.monotonic() + RETRY_SECONDS
            store_metrics.DEGRADED.labels("store").set(1)

    async def _to_spool(self, entry: StoreEntry) -> WriteResult:
        self.spool_error = await self._spool_writer.append(entry)
        if self.spool_error is not None:
            _lost(entry, self.spool_error)
            return WriteResult.LOST
        store_metrics.ROWS.labels("spooled").inc(len(entry.rows))
        return WriteResult.SPOOLED

    def _run(self) -> None:
        while not (self._stopping and not self._queue):
            self._wake.wait(RETRY_SECONDS)
            self._wake.clear()
            # Entries can reach the spool while the last ones of it are written to the database.
            if (self.away is not None or self._spool.holds_entries) and time.monotonic() >= self._retry_at:
                self._recover()
            while self._queue:
                self._write([self._queue.popleft() for _ in range(min(len(self._queue), GROUP_LIMIT))])
            store_metrics.WAITING.set(0)
            if self.away is None and time.monotonic() >= self._cleanup_at:
                self._clean_up()

    def _write(self, queued: Sequence[PendingEntry]) -> None:
        """Commit entries; those that the database does not take are left to `keep`, which spools them."""
        group = [pending for pending in queued if not pending.withdrawn]
        store_metrics.WAITING.set(len(group) + len(self._queue))
        entries = [pending.entry for pending in group]
        results = [WriteResult.SPOOLED] * len(group)
        if self.away is None:
            try:
                results = self._commit(entries, self.writer)
            except REFUSED_VALUES:
                results = [self._commit_alone(entry, self.writer) for entry in entries]
            except Exception as error:  # of any kind: the rows must not be lost and the thread must go on
                self._mark_away(error)
        _resolve(group, results)

    def _commit(self, entries: Sequence[StoreEntry], writer: int) -> list[WriteResult]:
        results: list[WriteResult] = []
        first: list[StoreEntry] = []
        hours = self._retention.answers_hours
        with self._engine.begin() as connection:
            if writer == velocity_events.NO_WRITER:
                entries = without_erased(connection, entries)
            for entry in entries:
                if entry.answer is None or idempotency_records.keep(connection, entry.answer, hours):
                    first.append(entry)
                    results.append(WriteResult.COMMITTED)
                else:
                    results.append(WriteResult.REPEATED)
            group = joined(first)
            if group.rows:
                decision_log.insert(connection, group.rows)
            outbox.add(connection, group.outbox)
            for entry in first:
                if entry.corrects:
                    outbox.correct(connection, entry.outbox)
            # Last, because the writers of other processes wait for the commit from here on.
            velocity_events.insert(connection, group.velocity, writer)
        store_metrics.ROWS.labels("committed").inc(len(group.rows))
        return results

    def _commit_alone(self, entry: StoreEntry, writer: int) -> WriteResult:
        """Commit one entry of a group in which the database refused a value, if necessary without that value."""
        error: Exception | None = None
        for repair in (None, storable, without_optional_text):
            entry = repair(entry) if repair else entry
            try:
                results = self._commit([entry], writer)
                return results[0] if results else WriteResult.COMMITTED
            except REFUSED_VALUES as refusal:
                error = refusal
        _lost(entry, type(error).__name__)
        return WriteResult.LOST

    def recover(self) -> int:
        """Migrate the database, and write the spool of this and of ended processes; return how many entries.

        `away` says afterwards what prevented it.
        """
        try:
            upgrade(self._engine)
            flushed = self._spool.drain(self._commit_each_if_refused)
        except Exception as error:  # tried again later; until then rows go to the spool
            self._mark_away(error)
            self._probe_spool()
            return 0
        self.away = None
        self.spool_error = None
        store_metrics.DEGRADED.labels("store").set(0)
        return flushed

    def _recover(self) -> None:
        if flushed := self.recover():
            log.info("spool written to the store", entries=flushed)

    def _probe_spool(self) -> None:
        """Notice that the spool accepts entries again, also if no request comes to show it."""
        if self.spool_error is not None:
            with suppress(OSError):
                self._spool.probe()
                self.spool_error = None

    def _commit_each_if_refused(self, entries: Sequence[StoreEntry]) -> None:
        try:
            self._commit(entries, velocity_events.NO_WRITER)
        except REFUSED_VALUES:
            for entry in entries:
                self._commit_alone(entry, velocity_events.NO_WRITER)

    def _mark_away(self, error: Exception) -> None:
        if self.away is None or self._retry_at == 0.0:
            fault = database_fault(error)
            reason = {"reason": fault.what} if fault else {}
            log.error("store is away", error=type(error).__name__, **reason)
        self.away = type(error).__name__
        self._retry_at = time.monotonic() + RETRY_SECONDS
        store_metrics.DEGRADED.labels("store").set(1)

    def _clean_up(self) -> None:
        self._cleanup_at = time.monotonic() + CLEANUP_SECONDS
        try:
            deleted = delete_expired(self._engine, self._retention, datetime.now(UTC))
            if deleted.total():
                log.info("expired rows deleted", **{name: rows for name, rows in deleted.items() if rows})
        except Exception as error:  # the next write shows whether the database is unavailable
            log.warning("expired rows not deleted", error=type(error).__name__)


def _set_result(future: asyncio.Future[WriteResult], result: WriteResult) -> None:
    if not future.done():
        future.set_result(result)


def _set_results(pairs: Sequence[tuple[asyncio.Future[WriteResult], WriteResult]]) -> None:
    for future, result in pairs:
        _set_result(future, result)


def _resolve(group: Sequence[PendingEntry], results: Sequence[WriteResult]) -> None:
    """Set the results of a group's futures, with one call per event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[WriteResult], WriteResult]]] = {}
    for pending, result in zip(group, results, strict=True):
        by_loop.setdefault(pending.loop, []).append((pending.future, result))
    for loop, pairs in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(_set_results, pairs)


def _lost(entry: StoreEntry, why: str) -> None:
    store_metrics.ROWS.labels("lost").inc(len(entry.rows))
    log.error("decision rows lost", rows=[row["decision_id"] for row in entry.rows[:10]], why=why)
