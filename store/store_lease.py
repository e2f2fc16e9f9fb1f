"""A lease on the store: of all processes and machines on it, one at a time does a job."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from sqlalchemy import Engine

POLL_SECONDS = 0.2


@contextmanager
def awaited_lease(engine: Engine, job: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lease of a job for the block, once no other process has it; see `store_lease`.

    Parameters
    ----------
    waiting
        Called once if another process has it.
    """
    reported = False
    while True:
        with store_lease(engine, job) as held:
            if held:
                yield
                return
        if not reported:
            waiting()
            reported = True
        time.sleep(POLL_SECONDS)


@contextmanager
def store_lease(engine: Engine, job: str) -> Iterator[bool]:
    """Hold the lease of a job for the block; say whether it is held, or another process has it.

    A lease ends with its process: it is an advisory lock of PostgreSQL, or a lock on a file beside that of SQLite.

    Parameters
    ----------
    engine
        Of the store.
    job
        Name of the job, a few letters that a file name may have.
    """
    if engine.dialect.name != "sqlite":
        with engine.connect() as connection:
            key = crc32(f"leadworth {job}".encode())
            held = bool(connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one())
            connection.commit()  # the lock is the session's; no transaction stays open
            try:
                yield held
            finally:
                if held:
                    with suppress(DBAPIError):  # the lock ended with its connection
                        connection.execute(select(func.pg_advisory_unlock(key)))
        return
    database = engine.url.database
    if not database or database == ":memory:":
        yield True
        return
    with Path(f"{database}.{job}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
