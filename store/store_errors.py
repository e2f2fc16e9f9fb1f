"""Translate database errors to `StoreError`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from leadworth.database_faults import database_fault
from leadworth.errors import StoreError

DO = "check [serving] store; the first `leadworth serve` creates the tables"


@contextmanager
def store_errors(do: str | None = None) -> Iterator[None]:
    """Raise `StoreError` for every database error of the block.

    Parameters
    ----------
    do
        What the reader should do; left out: what mends the fault.

    Raises
    ------
    StoreError
        The message names the kind of fault only: a database error may repeat values of the statement.
    """
    try:
        yield
    except SQLAlchemyError as error:
        fault = database_fault(error)
        if fault is None:
            raise StoreError(f"the store did not answer ({type(error).__name__})", do=do or DO) from error
        raise StoreError(f"the store did not answer: {fault.what}", do=do or fault.do) from error
