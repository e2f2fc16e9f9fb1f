"""Asynchronous access to the store for the service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from leadworth.errors import StoreError
from leadworth.retention_settings import RetentionSettings
from store import idempotency_records
from store.engine import open_engine
from store.group_commit import PATIENCE_SECONDS, GroupCommitWriter, WriteResult
from store.idempotency_records import StoredAnswer
from store.spool import Spool, StoreEntry
from store.store_errors import store_errors

if TYPE_CHECKING:
    from sqlalchemy import Connection

Result = TypeVar("Result")
DEFAULT_RETENTION = RetentionSettings()
READERS = 8
"""Threads that read; `stop` waits for them, so that no connection is left open."""
LOCK_PATIENCE_MS = 50
"""How long a query on the event loop waits for a lock of SQLite."""


class DecisionStore:
    """Write decisions in groups, and read in threads, off the event loop.

    Parameters
    ----------
    url
        SQLAlchemy URL of SQLite or PostgreSQL.
    spool
        Folder for rows that wait while the database is unavailable.
    retention
        Section `[retention]`.
    """

    def __init__(self, url: str, *, spool: Path, retention: RetentionSettings = DEFAULT_RETENTION) -> None:
        self.engine = open_engine(url)
        self._hours = retention.answers_hours
        self._writer = GroupCommitWriter(self.engine, Spool(spool), retention)
        self._local = self.engine.dialect.name == "sqlite"
        self._reader: Connection | None = None
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    def start(self) -> None:
        """Migrate and connect; if the database is unavailable, go on and try again in the background."""
        self._writer.start()

    def stop(self) -> None:
        """Write the queue and close the database."""
        self._writer.stop()
        self._threads.shutdown()
        self._close_reader()
        self.engine.dispose()

    @property
    def away(self) -> str | None:
        """Kind of error that makes the database unavailable; None while it answers."""
        return self._writer.away

    @property
    def spool_error(self) -> str | None:
        """Kind of error with which the spool refused the last entry: neither database nor spool accepts decisions."""
        return self._writer.spool_error

    @property
    def spooled(self) -> bool:
        """Whether rows of this process wait on the disk."""
        return self._writer.spooled

    @property
    def waiting(self) -> int:
        """Number of requests whose rows wait in memory."""
        return self._writer.waiting

    @property
    def writer(self) -> int:
        """Number of this process in the velocity log."""
        return self._writer.writer

    async def keep(self, entry: StoreEntry) -> WriteResult:
        """Write the rows of a request; see `GroupCommitWriter.keep`."""
        return await self._writer.keep(entry)

    async def answer(self, key: str) -> StoredAnswer | None:
        """Return the stored response to an Idempotency-Key, or None.

        Raises
        ------
        StoreError
            If the database does not answer.
        """
        return await self.read_briefly(lambda connection: idempotency_records.find(connection, key, self._hours))

    async def read(self, query: Callable[[Connection], Result]) -> Result:
        """Run a query on a thread.

        Raises
        ------
        StoreError
            If the database does not answer.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, query)

    async def read_briefly(self, query: Callable[[Connection], Result]) -> Result:
        """Run a query of some microseconds: on SQLite at once, since a thread costs ten times as much.

        Raises
        ------
        StoreError
            If the database does not answer within a second; it counts as away then.
        """
        if not self._local:
            try:
                return await asyncio.wait_for(self.read(query), PATIENCE_SECONDS)
            except TimeoutError as error:
                self._writer.mark_slow()
                raise StoreError(
                    f"the store did not answer within {PATIENCE_SECONDS:g} s", do="try again; see `leadworth doctor`"
                ) from error
        try:
            with store_errors("try again; see `leadworth doctor`"):
                if self._reader is None:
                    self._reader = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                    self._reader.exec_driver_sql(f"PRAGMA busy_timeout = {LOCK_PATIENCE_MS}")
                return query(self._reader)
        except StoreError:
            self._close_reader()
            raise

    async def write(self, change: Callable[[Connection], Result]) -> Result:
        """Run a change in a transaction, on a thread.

        Raises
        ------
        StoreError
            If the database does not answer; nothing was changed then.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._write, change)

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.invalidate()
            self._reader.close()
            self._reader = None

    def _read(self, query: Callable[[Connection], Result]) -> Result:
        with store_errors("try again; see `leadworth doctor`"), self.engine.connect() as connection:
            return query(connection)

    def _write(self, change: Callable[[Connection], Result]) -> Result:
        with store_errors("try again; see `leadworth doctor`"), self.engine.begin() as connection:
            return change(connection)
