"""Transactions of jobs, whose statements may take longer than those of a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

LONGEST_SECONDS = 3_600.0
"""Longest wait of a job for an answer of PostgreSQL."""


@contextmanager
def long_transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction without the server's limit of a statement, and with a long one of this process."""
    with engine.begin() as connection:
        if engine.dialect.name != "postgresql":
            yield connection
            return
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        driver: Any = connection.connection.driver_connection
        usual = driver.answer_seconds
        driver.answer_seconds = LONGEST_SECONDS
        try:
            yield connection
        finally:
            driver.answer_seconds = usual
