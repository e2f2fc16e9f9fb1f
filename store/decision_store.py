"""The decision store as the service sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from leadworth.errors import StoreError
from leadworth.records import Score
from store import decision_log, idempotency_records
from store.engine import open_engine
from store.group_commit import GroupCommitWriter, WriteResult
from store.idempotency_records import StoredAnswer
from store.spool import Spool, StoreEntry

if TYPE_CHECKING:
    from sqlalchemy import Connection

Result = TypeVar("Result")


class DecisionStore:
    """Decisions and answers, written in groups and read one by one.

    Parameters
    ----------
    url
        SQLAlchemy URL of SQLite or PostgreSQL.
    spool
        Folder for rows that wait while the database is away.
    answer_hours
        How long answers to an Idempotency-Key are kept.
    """

    def __init__(self, url: str, *, spool: Path, answer_hours: float = 24.0) -> None:
        self.engine = open_engine(url)
        self._hours = answer_hours
        self._writer = GroupCommitWriter(self.engine, Spool(spool), answer_hours)

    def start(self) -> None:
        """Migrate and connect; where the database is away, go on and try again in the background."""
        self._writer.start()

    def stop(self) -> None:
        """Write all that waits and close the database."""
        self._writer.stop()
        self.engine.dispose()

    @property
    def away(self) -> str | None:
        """Kind of the error for which the database is away; None where it is there."""
        return self._writer.away

    @property
    def waiting(self) -> int:
        """Requests whose rows wait in memory."""
        return self._writer.waiting

    async def keep(self, entry: StoreEntry) -> WriteResult:
        """Write what a request decided; see `GroupCommitWriter.keep`."""
        return await self._writer.keep(entry)

    async def latest(self, lead_id: str) -> Score | None:
        """Return the newest score of a lead, or None where it was never scored.

        Raises
        ------
        StoreError
            Where the database does not answer.
        """
        return await self.read(lambda connection: decision_log.latest(connection, lead_id))

    async def answer(self, key: str) -> StoredAnswer | None:
        """Return the answer that was given to a key, or None.

        Raises
        ------
        StoreError
            Where the database does not answer.
        """
        return await self.read(lambda connection: idempotency_records.find(connection, key, self._hours))

    async def read(self, query: Callable[[Connection], Result]) -> Result:
        """Run a query on a thread of its own.

        Raises
        ------
        StoreError
            Where the database does not answer.
        """
        return await asyncio.to_thread(self._query, query)

    async def write(self, change: Callable[[Connection], Result]) -> Result:
        """Run a change in a transaction, on a thread of its own.

        Raises
        ------
        StoreError
            Where the database does not answer; nothing was changed then.
        """

        def run() -> Result:
            try:
                with self.engine.begin() as connection:
                    return change(connection)
            except SQLAlchemyError as error:
                raise StoreError(f"the store did not answer ({type(error).__name__})", do="try again") from error

        return await asyncio.to_thread(run)

    def _query(self, query: Callable[[Connection], Result]) -> Result:
        try:
            with self.engine.connect() as connection:
                return query(connection)
        except SQLAlchemyError as error:
            raise StoreError(
                f"the store did not answer ({type(error).__name__})", do="try again; see `leadworth doctor`"
            ) from error
