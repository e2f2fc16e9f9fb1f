"""Group commit: one thread writes what all requests of a moment decided in one transaction."""

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

from store import decision_log, idempotency_records, outbox, store_metrics
from store.migrate import upgrade
from store.spool import Spool, StoreEntry

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = structlog.get_logger()

PATIENCE_SECONDS = 1.0
RETRY_SECONDS = 2.0
TIDY_SECONDS = 3600.0
MOST_WAITING = 100_000
MOST_AT_ONCE = 1_000


class WriteResult(Enum):
    """What became of an entry."""

    COMMITTED = "committed"
    WAITING = "waiting"
    """The store is away or slow; the entry waits in memory or in the spool."""
    REPEATED = "repeated"
    """Another process answered this Idempotency-Key first; nothing was written."""
    LOST = "lost"
    """Neither the store nor the spool took it; counted and logged."""


Pending = tuple[StoreEntry, asyncio.AbstractEventLoop, "asyncio.Future[WriteResult]"]


class GroupCommitWriter:
    """Commit entries in groups, on a thread of its own.

    While the store is away, entries go to the spool; they are written as soon as it is back. Every
    row has an id of its own, so writing one twice does no harm.

    Parameters
    ----------
    engine
        The store's database.
    spool
        Where entries wait while it is away.
    answer_hours
        How long answers are kept.
    """

    def __init__(self, engine: Engine, spool: Spool, answer_hours: float) -> None:
        self._engine, self._spool, self._answer_hours = engine, spool, answer_hours
        self._queue: deque[Pending] = deque()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._stopping = False
        self._retry_at = self._tidy_at = 0.0
        self.away: str | None = "not connected yet"

    def start(self) -> None:
        """Migrate the database and write what an earlier process left; go on without it if it is away."""
        self._recover()
        self._thread.start()

    def stop(self) -> None:
        """Write all that waits, and end the thread."""
        self._stopping = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._spool.release()

    @property
    def waiting(self) -> int:
        """Entries in memory."""
        return len(self._queue)

    async def keep(self, entry: StoreEntry) -> WriteResult:
        """Write an entry; return as soon as it is committed, or after a second at the latest.

        Raises nothing: what could not be committed is `WriteResult.WAITING` or `WriteResult.LOST`.
        """
        if len(self._queue) >= MOST_WAITING:
            _lost(entry, "too many rows wait")
            return WriteResult.LOST
        loop = asyncio.get_running_loop()
        future: asyncio.Future[WriteResult] = loop.create_future()
        self._queue.append((entry, loop, future))
        if len(self._queue) == 1:  # after the other requests of this moment, so that one commit takes them all
            loop.call_soon(self._wake.set)
        if self.away is not None:
            return WriteResult.WAITING
        impatient = loop.call_later(PATIENCE_SECONDS, _settle, future, WriteResult.WAITING)
        try:
            return await future
        finally:
            impatient.cancel()

    def _run(self) -> None:
        while not (self._stopping and not self._queue):
            self._wake.wait(RETRY_SECONDS)
            self._wake.clear()
            if self.away is not None and time.monotonic() >= self._retry_at:
                self._recover()
            while self._queue:
                taken = [self._queue.popleft() for _ in range(min(len(self._queue), MOST_AT_ONCE))]
                self._write(taken)
            store_metrics.WAITING.set(0)
            if self.away is None and time.monotonic() >= self._tidy_at:
                self._tidy()

    def _write(self, taken: Sequence[Pending]) -> None:
        store_metrics.WAITING.set(len(taken) + len(self._queue))
        entries = [entry for entry, _, _ in taken]
        try:
            kept = self._commit(entries) if self.away is None else self._aside(entries)
        except (DataError, IntegrityError):
            kept = [self._commit_alone(entry) for entry in entries]
        except Exception as error:  # whatever it was, the rows must not be lost and the thread must live
            self._went_away(error)
            kept = self._aside(entries)
        _answer(taken, kept)

    def _commit(self, entries: Sequence[StoreEntry]) -> list[WriteResult]:
        kept: list[WriteResult] = []
        rows: list[decision_log.Row] = []
        told: dict[str, list[outbox.Row]] = {}
        with self._engine.begin() as connection:
            for entry in entries:
                first = entry.answer is None or idempotency_records.keep(connection, entry.answer, self._answer_hours)
                kept.append(WriteResult.COMMITTED if first else WriteResult.REPEATED)
                if first:
                    rows.extend(entry.rows)
                    for name, listed in entry.told.items():
                        told.setdefault(name, []).extend(listed)
            if rows:
                decision_log.insert(connection, rows)
            if told:
                outbox.add(connection, told)
        store_metrics.ROWS.labels("committed").inc(len(rows))
        return kept

    def _commit_alone(self, entry: StoreEntry) -> WriteResult:
        """Write one entry of a group in which the database refused a value."""
        try:
            return self._commit([entry])[0]
        except (DataError, IntegrityError) as error:
            _lost(entry, type(error).__name__)
            return WriteResult.LOST

    def _aside(self, entries: Sequence[StoreEntry]) -> list[WriteResult]:
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
            flushed = self._spool.drain(self._commit_or_pick)
        except Exception as error:  # the next attempt follows; until then the spool takes the rows
            self._went_away(error)
            return
        if flushed:
            log.info("store is back", flushed=flushed)
        self.away = None
        store_metrics.DEGRADED.labels("store").set(0)

    def _commit_or_pick(self, entries: Sequence[StoreEntry]) -> None:
        try:
            self._commit(entries)
        except (DataError, IntegrityError):
            for entry in entries:
                self._commit_alone(entry)

    def _went_away(self, error: Exception) -> None:
        if self.away is None or self._retry_at == 0.0:
            log.error("store is away", error=type(error).__name__)
        self.away = type(error).__name__
        self._retry_at = time.monotonic() + RETRY_SECONDS
        store_metrics.DEGRADED.labels("store").set(1)

    def _tidy(self) -> None:
        self._tidy_at = time.monotonic() + TIDY_SECONDS
        try:
            with self._engine.begin() as connection:
                idempotency_records.forget(connection, self._answer_hours)
        except Exception as error:  # the next request finds out whether the store is away
            log.warning("old answers not deleted", error=type(error).__name__)


def _settle(future: asyncio.Future[WriteResult], kept: WriteResult) -> None:
    if not future.done():
        future.set_result(kept)


def _settle_all(pairs: Sequence[tuple[asyncio.Future[WriteResult], WriteResult]]) -> None:
    for future, kept in pairs:
        _settle(future, kept)


def _answer(taken: Sequence[Pending], kept: Sequence[WriteResult]) -> None:
    """Tell each event loop, in one call, what became of its entries."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[WriteResult], WriteResult]]] = {}
    for (_, loop, future), state in zip(taken, kept, strict=True):
        by_loop.setdefault(loop, []).append((future, state))
    for loop, pairs in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle_all, pairs)


def _lost(entry: StoreEntry, why: str) -> None:
    store_metrics.ROWS.labels("lost").inc(len(entry.rows))
    log.error("decision rows lost", rows=[row["decision_id"] for row in entry.rows[:10]], why=why)
